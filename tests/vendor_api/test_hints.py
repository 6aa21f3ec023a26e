"""What a vendor may say of the person it expects: hints help, and never let anybody in (OpenID Connect Core 3.1.2)."""

import json
from urllib.parse import urlencode

import jwt
import pytest
from accounts import goes_on
from actors import PersonActor, VendorActor, path_of
from calling import CallingVendor
from forging import forgeries
from journeys import code_for, refused, sent_back, tokens_for
from storage import nothing_changes, on_sqlite_alone

from keys.signing import load_signing_keys, rotate


@pytest.fixture
def tokens(person, vendor):
    return tokens_for(person, vendor)


@pytest.fixture
def id_token(tokens):
    return tokens["id_token"]


@pytest.fixture
def somebody_else(app, house, moves_in, vendor):
    actor = PersonActor(app, house, moves_in("Ben"), password="correct horse battery")
    actor.has({"email": "ben@example.org"})
    code_for(actor, vendor)
    return actor


def claims_of(token):
    return jwt.decode(token, options={"verify_signature": False})


@on_sqlite_alone
def test_the_login_a_vendor_suggests_stands_in_the_form(person, vendor):
    page = person.browser.follow(path_of(vendor.link(["email"], login_hint='a"na')))

    assert "/sign-in" in page.request.path
    assert 'value="a&#34;na"' in page.text


@on_sqlite_alone
@pytest.mark.parametrize(
    ("suggested", "asked_for", "expected"),
    [("de", "en", "Anmelden"), ("fr de-AT en", "en", "Anmelden"), ("fr", "en", "Sign in"), ("en", "de", "Sign in")],
)
def test_the_language_a_vendor_suggests_counts_before_the_browsers(person, vendor, suggested, asked_for, expected):
    headers = {"Accept-Language": asked_for}
    location = person.browser.get(path_of(vendor.link(["email"], ui_locales=suggested)), headers=headers).location
    while (page := person.browser.get(location, headers=headers)).status_code != 200:
        location = page.location

    assert f"<h1>{expected}</h1>" in page.text


@on_sqlite_alone
def test_the_language_the_person_chose_counts_before_the_vendors(person, vendor):
    person.browser.post("/language", form_at="/sign-in", language="en")

    page = person.browser.follow(path_of(vendor.link(["email"], ui_locales="de")))

    assert "<h1>Sign in</h1>" in page.text


@on_sqlite_alone
def test_a_newcomer_is_led_to_the_sign_up_page_and_then_to_the_ask(person, vendor):
    page = person.browser.follow(path_of(vendor.link(["email"], prompt="create")))
    assert page.request.path == "/sign-up"

    password = "a new password of mine"
    fields = {"login": "newcomer", "password": password, "password_again": password}
    sent = person.browser.post(page.request.full_path, **fields)

    assert "/consent/" in sent.location


def test_the_person_a_hint_names_is_signed_on(person, vendor, id_token):
    answer = sent_back(person.browser.get(vendor.link(["email"], prompt="none", id_token_hint=id_token)), vendor)

    assert "code" in answer


def test_an_old_hint_still_names_the_person(person, vendor, id_token, clock):
    clock.now += 2 * 3600

    assert "code" in sent_back(person.browser.get(vendor.link(["email"], id_token_hint=id_token)), vendor)


def test_somebody_else_than_the_hint_names_is_not_signed_on_silently(house, vendor, id_token, somebody_else):
    with nothing_changes(house):
        silent = sent_back(
            somebody_else.browser.get(vendor.link(["email"], prompt="none", id_token_hint=id_token)), vendor
        )

    assert silent["error"] == "login_required"


def test_somebody_else_may_say_it_is_them_and_the_vendor_still_does_not_get_the_wrong_person(
    vendor, id_token, somebody_else, clock
):
    clock.now += 60
    page = somebody_else.browser.follow(path_of(vendor.link(["email"], id_token_hint=id_token)))
    assert page.request.path == "/accounts"
    page = goes_on(somebody_else.browser, somebody_else.person.login, at=page.request.full_path)
    answer = vendor.receives(somebody_else.allows(page, only=["email"]))

    assert answer["error"] == "login_required"
    assert "code" not in answer


def test_the_subject_a_vendor_names_in_its_claims_counts_like_a_hint(person, vendor, id_token, house):
    def wish(sub):
        return json.dumps({"userinfo": {"email": None}, "id_token": {"sub": {"value": sub}}})

    right = sent_back(person.browser.get(vendor.link(claims=wish(claims_of(id_token)["sub"]), prompt="none")), vendor)
    with nothing_changes(house):
        wrong = sent_back(person.browser.get(vendor.link(claims=wish("somebody"), prompt="none")), vendor)

    assert "code" in right
    assert wrong["error"] == "login_required"


def forged(token, **changed):
    return jwt.encode({**claims_of(token), **changed}, "a secret that is long enough for HS256", algorithm="HS256")


@pytest.mark.parametrize("spoil", ["unsigned", "altered", "forged", "foreign", "consent token", "nonsense"])
def test_a_hint_that_is_not_an_id_token_of_ours_for_this_vendor_is_refused(app, house, person, vendor, tokens, spoil):
    id_token = tokens["id_token"]
    head, body, signature = id_token.split(".")
    other = VendorActor(app, house, "nordsparkasse", redirect_uris=["https://nordsparkasse.example/back"])
    hint = {
        "unsigned": jwt.encode(claims_of(id_token), "", algorithm="none"),
        "altered": f"{head}.{body[:-2]}xx.{signature}",
        "forged": forged(id_token),
        "foreign": tokens_for(person, other)["id_token"],
        "consent token": tokens["consent_token"],
        "nonsense": "x.y.z",
    }[spoil]

    with nothing_changes(house):
        answer = sent_back(person.browser.get(vendor.link(["email"], id_token_hint=hint)), vendor)

    assert answer["error"] == "invalid_request"


def published_rsa_key(client):
    return next(jwk for jwk in client.get("/oauth/jwks").json["keys"] if jwk["alg"] == "RS256")


def never_so(house, id_token):
    """What the wallet never says of anybody, under its true signature."""
    claims = claims_of(id_token)
    for typ in ("at+jwt", "logout+jwt", "consent+jwt", "dpop+jwt", "token-introspection+jwt"):
        yield typ, ours_signs(house, claims, typ=typ)
    for name in ("iss", "aud", "sub", "iat"):
        yield f"no {name}", ours_signs(house, {each: claims[each] for each in claims if each != name}, typ="JWT")
    for name, value in {"iss": "https://evil.test", "aud": "somebody", "sub": 7}.items():
        yield f"another {name}", ours_signs(house, {**claims, name: value}, typ="JWT")


def ours_signs(house, claims, *, typ):
    keys = house.database.read(load_signing_keys, house.secrets, now=house.clock())
    return keys.active["ES256"].sign(claims, typ=typ)


@on_sqlite_alone
def test_no_forgery_names_anybody_at_any_door(app, house, person):
    vendor = CallingVendor(app, house, "stadtwerke")
    vendor.meets(person)

    with nothing_changes(house):
        rsa = published_rsa_key(vendor.client)
        for wrong, hint in (*forgeries(vendor.id_token, rsa), *never_so(house, vendor.id_token)):
            answer = sent_back(person.browser.get(vendor.link(["email"], prompt="none", id_token_hint=hint)), vendor)
            assert answer["error"] == "invalid_request", wrong
            assert refused(vendor.calls(login_hint="", id_token_hint=hint), "invalid_request"), wrong
            leaving = urlencode({"client_id": vendor.client_id, "id_token_hint": hint})
            assert person.browser.get(f"/oauth/end-session?{leaving}").location == "/sign-out", wrong


@on_sqlite_alone
def test_nothing_else_that_we_signed_is_an_id_token(app, house, person):
    """Signed userinfo, a signed introspection, a signed answer: each by our key and for this very vendor."""
    algorithms = ("userinfo_signed_response_alg", "introspection_signed_response_alg")
    names = (*algorithms, "authorization_signed_response_alg")
    vendor = VendorActor(app, house, "stadtwerke", **dict.fromkeys(names, "ES256"))
    tokens = tokens_for(person, vendor)
    answer = sent_back(person.browser.get(vendor.link(["email"], response_mode="jwt")), vendor)["response"]
    headers = {**vendor.credentials, "Accept": "application/token-introspection+jwt"}
    looked = vendor.post("/oauth/introspect", {"token": tokens["access_token"]}, headers=headers).text
    read = vendor.reads(tokens["access_token"]).text

    with nothing_changes(house):
        for signed in (answer, looked, read, tokens["access_token"], tokens["refresh_token"], tokens["grant_id"]):
            told = sent_back(person.browser.get(vendor.link(["email"], prompt="none", id_token_hint=signed)), vendor)
            assert told["error"] == "invalid_request"
            assert refused(vendor.asserts(signed), "invalid_grant")
            assert vendor.introspects(signed)["active"] == (signed in tokens.values() and signed != tokens["grant_id"])
        for signed in (answer, looked, read, tokens["id_token"]):
            assert refused(vendor.reads(signed), "invalid_token", status=401)
            assert refused(vendor.refreshes(signed), "invalid_grant")
            assert refused(vendor.redeems(signed), "invalid_grant")


def test_how_the_person_signed_in_is_told_to_who_asks_and_to_nobody_else(person, vendor):
    asked = {"id_token": {"acr": {"essential": True, "values": ["gold", "urn:hausrecht:acr:password"]}, "amr": None}}

    claims = json.dumps({"userinfo": {"email": None}, **asked})

    def told(**changed):
        answer = sent_back(person.browser.get(vendor.link(["email"], **changed)), vendor)
        return claims_of(vendor.redeems(answer["code"]).json["id_token"])

    plain = claims_of(tokens_for(person, vendor)["id_token"])
    by_values, by_claims = told(acr_values="gold urn:hausrecht:acr:password"), told(claims=claims)

    assert not plain.keys() & {"acr", "amr", "auth_time"}
    assert (by_values["acr"], by_values["amr"]) == ("urn:hausrecht:acr:password", ["pwd"])
    assert (by_claims["acr"], by_claims["amr"]) == ("urn:hausrecht:acr:password", ["pwd"])


@on_sqlite_alone
def test_a_hint_under_a_retired_key_is_good_until_that_key_is_gone(person, vendor, house, id_token, clock):
    kid = jwt.get_unverified_header(id_token)["kid"]
    house.database.write(rotate, house.secrets, now=clock.now)
    clock.now += 60
    answer = sent_back(person.browser.get(vendor.link(["email"], prompt="none", id_token_hint=id_token)), vendor)
    new = vendor.redeems(answer["code"]).json["id_token"]

    clock.now += 31 * 24 * 3600
    with nothing_changes(house):
        late = sent_back(person.browser.get(vendor.link(["email"], prompt="none", id_token_hint=id_token)), vendor)

    assert jwt.get_unverified_header(new)["kid"] != kid
    assert late["error"] == "invalid_request"
