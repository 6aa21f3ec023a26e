"""Signing out at a vendor's wish: the person is asked, ends what they choose, and goes where the vendor registered."""

import base64
import hmac
import json
import re
from urllib.parse import parse_qsl, urlencode, urlsplit

import jwt
import pytest
from accounts import choices
from actors import PersonActor, VendorActor
from journeys import tokens_for
from reading import controls, words
from storage import nothing_changes, on_sqlite_alone, rows

from keys.signing import load_signing_keys, rotate
from vendor_api.errors import InvalidClientMetadata

HOME = "https://shop.example/bye?from=wallet"


@pytest.fixture
def shop(app, house):
    return VendorActor(
        app,
        house,
        "shop",
        post_logout_redirect_uris=[HOME, "https://shop.example/other"],
        backchannel_logout_uri="https://shop.example/logout",
    )


@pytest.fixture
def other(app, house):
    return VendorActor(app, house, "other", backchannel_logout_uri="https://other.example/logout")


def link(**parameters):
    return f"/oauth/end-session?{urlencode(parameters)}"


def is_signed_in(person):
    return person.browser.get("/data").status_code == 200


def told(house):
    return sorted(telling["client_id"] for telling in rows(house, "outbox"))


def signed(house, claims, *, alg="ES256", typ="JWT"):
    keys = house.database.read(load_signing_keys, house.secrets, now=house.clock())
    return keys.active[alg].sign(claims, typ=typ)


def claims_of(id_token):
    return jwt.decode(id_token, options={"verify_signature": False})


def test_the_person_chooses_to_sign_out_everywhere_and_goes_back_to_the_vendor(person, shop, other, house):
    hint = tokens_for(person, shop)["id_token"]
    tokens_for(person, other)

    answer = person.leaves(link(id_token_hint=hint, post_logout_redirect_uri=HOME, state="a b&c"), "everywhere")

    assert answer.status_code == 303
    assert answer.location.startswith(f"{HOME}&")
    assert dict(parse_qsl(urlsplit(answer.location).query)) == {"from": "wallet", "state": "a b&c"}
    assert not is_signed_in(person)
    assert told(house) == ["other", "shop"]
    assert rows(house, "sign_ins") == []


def test_the_person_chooses_to_sign_out_at_this_vendor_alone(person, shop, other, house):
    hint = tokens_for(person, shop)["id_token"]
    tokens_for(person, other)

    answer = person.leaves(link(id_token_hint=hint, post_logout_redirect_uri=HOME), "vendor")

    assert answer.location == HOME
    assert is_signed_in(person)
    assert told(house) == ["shop"]
    assert [row["client_id"] for row in rows(house, "sign_ins")] == ["other"]


def test_the_vendor_may_come_with_a_form_and_without_an_address(person, shop, house):
    hint = tokens_for(person, shop)["id_token"]

    there = person.browser.client.post("/oauth/end-session", data={"id_token_hint": hint, "ui_locales": "de"})
    page = person.browser.get(there.location)

    assert there.status_code == 303
    assert "Shop sent you here to sign out." in words(page)
    assert person.browser.follow(person.leaves(there.location, "vendor").location).status_code == 200


def test_a_new_sign_in_after_signing_out_at_a_vendor_is_another_session_there(person, shop):
    first = tokens_for(person, shop)["id_token"]
    person.leaves(link(id_token_hint=first), "vendor")

    again = shop.redeems(shop.receives(person.opens(shop.link(["email"])))["code"]).json["id_token"]

    assert claims_of(again)["sid"] != claims_of(first)["sid"]


@pytest.mark.parametrize("method", ["get", "post"])
def test_nothing_ends_before_the_person_says_so(person, shop, house, method):
    hint = tokens_for(person, shop)["id_token"]
    said = {"id_token_hint": hint, "post_logout_redirect_uri": HOME}

    with nothing_changes(house):
        if method == "get":
            there = person.browser.get(link(**said))
        else:
            there = person.browser.client.post("/oauth/end-session", data=said)
        page = person.browser.get(there.location)

    assert page.status_code == 200
    assert is_signed_in(person)
    assert {button["value"] for button in controls(page, name="where")} == {"vendor", "everywhere"}


def test_a_forged_form_ends_nothing(person, shop, house):
    tokens_for(person, shop)

    with nothing_changes(house):
        forged = person.browser.client.post("/sign-out", data={"where": "everywhere", "client_id": "shop"})

    assert forged.status_code == 400
    assert is_signed_in(person)


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        "https://shop.example/bye",
        "https://shop.example/bye?from=wallet&x=1",
        "https://SHOP.example/bye?from=wallet",
        "https://shop.example/other/",
        "javascript:alert(1)",
        "https://shop.example/back",
    ],
)
def test_an_address_that_is_not_registered_letter_by_letter_is_never_gone_to(person, shop, address):
    hint = tokens_for(person, shop)["id_token"]

    asked = link(id_token_hint=hint, post_logout_redirect_uri=address)
    page = person.browser.follow(asked)
    answer = person.leaves(asked, "everywhere")

    assert address not in page.text
    assert answer.location == "/sign-in"
    assert person.browser.follow(asked).status_code == 200


def test_an_address_that_was_registered_is_not_when_the_form_is_tampered_with(person, shop):
    tokens_for(person, shop)
    page = person.browser.follow(link(client_id="shop", post_logout_redirect_uri=HOME))
    token = controls(page, name="csrf_token")[0]["value"]

    answer = person.browser.client.post(
        "/sign-out",
        data={
            "csrf_token": token,
            "client_id": "shop",
            "post_logout_redirect_uri": "https://evil.example/",
            "where": "everywhere",
        },
    )

    assert answer.location == "/sign-in"


def encoded(header):
    return base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode()


def bad_hints(house, vendor, good):
    claims = claims_of(good)
    header, body, signature = good.split(".")
    unsigned = encoded({"alg": "none", "typ": "JWT"})
    public = json.dumps(house.database.read(load_signing_keys, house.secrets, now=house.clock()).jwks())
    kid = jwt.get_unverified_header(good)["kid"]
    yield from ("x", "a.b.c", "A" * 20_000, "ü\u2028", f"{unsigned}.{body}.", f"{header}.{body}.")
    yield f"{header}.{body}.{signature[:-4]}AAAA"
    mixed_up = encoded({"alg": "HS256", "typ": "JWT", "kid": kid})
    mac = hmac.new(public.encode(), f"{mixed_up}.{body}".encode(), "sha256").digest()
    yield f"{mixed_up}.{body}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
    yield jwt.encode(claims, "k" * 32, algorithm="HS256", headers={"kid": "../../etc/passwd", "typ": "JWT"})
    yield signed(house, {**claims, "iss": "https://evil.example"})
    yield signed(house, {**claims, "aud": ["shop", "other"]})
    yield signed(house, {name: value for name, value in claims.items() if name != "sub"})
    yield signed(house, claims, typ="logout+jwt")
    yield signed(house, claims, typ="consent+jwt")
    yield vendor["access_token"]
    yield vendor["consent_token"]


def test_a_hint_that_is_not_an_id_token_of_ours_is_as_good_as_none_and_nobody_is_gone_to(person, shop, house):
    tokens = tokens_for(person, shop)

    for hint in bad_hints(house, tokens, tokens["id_token"]):
        with nothing_changes(house):
            page = person.browser.follow(link(id_token_hint=hint, client_id="shop", post_logout_redirect_uri=HOME))
        assert page.status_code == 200, hint
        assert "Shop" not in words(page), hint
        assert [button["value"] for button in controls(page, name="where")] == ["everywhere"], hint
    assert person.leaves(link(id_token_hint="x", post_logout_redirect_uri=HOME), "everywhere").location == "/sign-in"


def test_a_hint_of_another_vendor_does_not_speak_for_this_one(person, shop, other, house):
    tokens_for(person, shop)
    hint = tokens_for(person, other)["id_token"]

    with nothing_changes(house):
        page = person.browser.follow(link(id_token_hint=hint, client_id="shop", post_logout_redirect_uri=HOME))

    assert [button["value"] for button in controls(page, name="where")] == ["everywhere"]
    assert HOME.partition("?")[0] not in page.text


def test_the_hint_of_somebody_else_ends_nothing_of_theirs(app, house, person, shop, moves_in):
    hint = tokens_for(person, shop)["id_token"]
    ben = PersonActor(app, house, moves_in("Ben"), password=person.password)
    ben.has({"email": "ben@example.org"})
    tokens_for(ben, shop)

    ben.leaves(link(id_token_hint=hint), "everywhere")

    assert is_signed_in(person)
    assert [row["person_id"] for row in rows(house, "sign_ins")] == [person.person.person_id]


@pytest.mark.parametrize(("where", "stays"), [("vendor", {"Ana", "Ben"}), ("everywhere", {"Ana"})])
def test_of_several_at_one_browser_the_one_the_vendor_means_signs_out(app, house, person, shop, moves_in, where, stays):
    ben = PersonActor(app, house, moves_in("Ben"), password="correct horse battery")
    ben.browser = person.browser
    ben.signs_in()
    hint = tokens_for(ben, shop)["id_token"]
    person.signs_in()
    tokens_for(person, shop)

    page = person.browser.follow(link(id_token_hint=hint, post_logout_redirect_uri=HOME))
    person.leaves(link(id_token_hint=hint, post_logout_redirect_uri=HOME), where)

    assert "It means Ben" in words(page)
    assert [telling["detail"]["sub"] for telling in rows(house, "outbox")] == [claims_of(hint)["sub"]]
    assert choices(person.browser.get("/accounts")).keys() == stays
    assert is_signed_in(person)


def test_an_expired_hint_under_a_retired_key_is_still_good(person, shop, house, clock):
    hint = tokens_for(person, shop)["id_token"]
    house.database.write(rotate, house.secrets, now=clock.now)
    clock.now += 11 * 3600

    page = person.browser.follow(link(id_token_hint=hint, post_logout_redirect_uri=HOME))

    assert "Shop sent you here to sign out." in words(page)


@on_sqlite_alone
@pytest.mark.parametrize(
    "query",
    ["", "client_id=nobody", "client_id=shop&client_id=other", f"client_id=shop&state={'x' * 3000}", "id_token_hint="],
)
def test_whatever_is_said_the_person_gets_a_page_that_asks(person, shop, house, query):
    tokens_for(person, shop)

    with nothing_changes(house):
        page = person.browser.follow(f"/oauth/end-session?{query}")

    assert page.status_code == 200
    assert [button["value"] for button in controls(page, name="where")] == ["everywhere"]


def test_who_is_not_signed_in_goes_straight_back(person, shop):
    hint = tokens_for(person, shop)["id_token"]
    person.signs_out()

    there = person.browser.follow(link(id_token_hint=hint, post_logout_redirect_uri=HOME, state="s"))

    assert there.location == f"{HOME}&state=s"
    assert person.browser.get("/sign-out?post_logout_redirect_uri=https://evil.example/").location == "/sign-in"


def test_signing_out_ends_tokens_and_codes_of_this_sign_in_and_no_others(app, house, ana, person, shop):
    phone = PersonActor(app, house, ana, password=person.password)
    here, there = tokens_for(person, shop), tokens_for(phone, shop, prompt="consent")
    waiting = shop.receives(person.opens(shop.link(["email"])))["code"]

    person.leaves(link(id_token_hint=here["id_token"]), "vendor")

    assert shop.refreshes(here["refresh_token"]).json["error"] == "invalid_grant"
    assert shop.reads(here["access_token"]).status_code == 401
    assert shop.redeems(waiting).json["error"] == "invalid_grant"
    assert shop.reads(there["access_token"]).status_code == 200


def test_what_was_given_for_access_while_away_survives(app, house, person):
    shop = VendorActor(
        app, house, "shop", scope="openid offline_access", backchannel_logout_uri="https://shop.example/logout"
    )
    page = person.opens(shop.link(scope="openid offline_access"))
    tokens = shop.redeems(shop.receives(person.allows(page, only=["offline_access"]))["code"]).json
    narrow = shop.refreshes(tokens["refresh_token"], scope="openid").json

    person.signs_out()

    assert shop.reads(narrow["access_token"]).status_code == 200
    assert shop.refreshes(narrow["refresh_token"]).status_code == 200


def test_framed_addresses_are_told_and_nothing_else_may_be_framed(app, house, person, shop):
    framed = VendorActor(app, house, "framed", frontchannel_logout_uri="https://framed.example/out?a=1")
    tokens_for(person, shop)
    sid = claims_of(tokens_for(person, framed)["id_token"])["sid"]

    page = person.leaves(link(client_id="shop", post_logout_redirect_uri=HOME), "everywhere")

    assert page.status_code == 200
    query = urlencode({"iss": "http://localhost", "sid": sid}).replace("&", "&amp;")
    assert f'src="https://framed.example/out?a=1&amp;{query}"' in page.text
    assert page.text.count("<iframe") == 1
    policy = dict(part.strip().partition(" ")[::2] for part in page.headers["Content-Security-Policy"].split(";"))
    assert policy["frame-src"] == "https://framed.example"
    assert policy["default-src"] == policy["frame-ancestors"] == "'none'"
    assert page.headers["Refresh"] == f"4; url={HOME}"
    assert HOME in page.text
    assert not is_signed_in(person)


def test_a_frame_leads_nobody_away_from_the_page_it_stands_in(app, house, person, shop):
    framed = VendorActor(app, house, "framed", frontchannel_logout_uri="https://framed.example/out")
    tokens_for(person, framed)

    page = person.leaves(link(client_id="shop"), "everywhere")

    [allowed] = re.findall(r'<iframe[^>]* sandbox="([^"]*)"', page.text)
    assert allowed.split() == ["allow-scripts", "allow-same-origin", "allow-forms"]


def test_no_other_page_may_frame_anything(person, shop):
    tokens_for(person, shop)

    assert "frame-src" not in person.browser.get("/sign-out").headers["Content-Security-Policy"]


@on_sqlite_alone
@pytest.mark.parametrize(
    ("member", "wrong"),
    [
        ("post_logout_redirect_uris", "https://shop.example/bye"),
        ("post_logout_redirect_uris", ["http://shop.example/bye"]),
        ("post_logout_redirect_uris", ["javascript:alert(1)"]),
        ("post_logout_redirect_uris", ["https://shop.example/*"]),
        ("backchannel_logout_uri", "http://shop.example/logout"),
        ("backchannel_logout_uri", "https://shop.example/logout#x"),
        ("backchannel_logout_uri", ["https://shop.example/logout"]),
        ("backchannel_logout_session_required", "yes"),
        ("frontchannel_logout_uri", "https://elsewhere.example/logout"),
        ("frontchannel_logout_uri", "https://shop.example:8443/logout"),
        ("frontchannel_logout_uri", "https://u@shop.example/logout"),
        ("frontchannel_logout_session_required", 1),
    ],
)
def test_registration_refuses_addresses_nobody_should_be_sent_to(app, house, member, wrong):
    with nothing_changes(house), pytest.raises(InvalidClientMetadata, match=member):
        VendorActor(app, house, "shop", **{member: wrong})
