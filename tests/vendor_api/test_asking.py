"""What a vendor may want, in which words it says so, when the person is asked again, and what the ID token proves."""

import base64
import hashlib
import json
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import jwt
import pytest
from actors import PersonActor, VendorActor, path_of
from joserfc import jwt as jose
from joserfc.jwk import KeySet
from journeys import code_for, sent_back, tokens_for
from reading import controls, words
from storage import nothing_changes, on_sqlite_alone, rows

from vendor_api.vendors import registry

WHY = "To tell you when the power is back"
WARUM = "Damit wir sagen können, wann der Strom wieder da ist"


@pytest.fixture
def registers(app, house):
    """Registers a vendor."""
    return lambda name, **metadata: VendorActor(app, house, name, **metadata)


@pytest.fixture
def asked(house, person):
    """The items that the ask behind a link comes to, by attribute."""

    def asked(link):
        page = person.opens(link)
        assert page.request.path.startswith("/consent/"), page.request.url
        ask_id = page.request.path.rpartition("/")[2]
        [ask] = [row for row in rows(house, "asks") if row["ask_id"] == ask_id]
        return {item["attribute"]: (item["purpose"], item["required"]) for item in ask["items"]}

    return asked


def claims(userinfo=None, id_token=None):
    return json.dumps({"userinfo": userinfo or {}, "id_token": id_token or {}})


def unverified(token):
    return jwt.decode(token, options={"verify_signature": False})


# Three ways of asking


def test_scope_claims_and_registered_purposes_become_the_same_ask(registers, asked):
    by_scope = registers("one", purposes={"phone": WHY})
    by_attribute = registers("two", purposes={"phone_number": WHY})
    by_claim = registers("three")

    asks = [
        asked(by_scope.link(scope="openid phone")),
        asked(by_attribute.link(scope="openid phone")),
        asked(by_attribute.link(["phone_number"])),
        asked(by_claim.link(claims=claims({"phone_number": {"purpose": WHY}}))),
        asked(by_claim.link(claims=claims({"phone_number": {"essential": False, "purpose": WHY}}))),
        asked(by_claim.link(scope="openid phone", claims=claims({"phone_number": {"purpose": WHY}}))),
    ]

    assert asks == [{"phone_number": (WHY, False)}] * 6


@on_sqlite_alone
def test_who_gives_no_reason_is_shown_with_none(registers, person, asked):
    vendor = registers("silent")

    assert asked(vendor.link(["email"])) == {"email": (None, False)}
    assert "no reason given" in words(person.opens(vendor.link(["email"])))


@on_sqlite_alone
def test_the_reason_given_with_the_claim_counts_before_the_registered_one(registers, asked):
    vendor = registers("shop", purposes={"email": "To send offers", "phone": "To call"})

    assert asked(vendor.link(claims=claims({"email": {"purpose": WHY}}))) == {"email": (WHY, False)}
    assert asked(vendor.link(scope="openid email", claims=claims({"email": {"purpose": WHY, "essential": True}}))) == {
        "email": (WHY, True)
    }


@on_sqlite_alone
def test_the_reason_for_the_attribute_counts_before_the_one_for_its_scope(registers, asked):
    vendor = registers("shop", purposes={"phone_number": "For the driver", "phone": "To call"})

    assert asked(vendor.link(scope="openid phone")) == {"phone_number": ("For the driver", False)}


@on_sqlite_alone
def test_the_reason_is_shown_in_the_persons_language(registers, person, asked):
    vendor = registers("shop", **{"purposes": {"email": WHY, "phone_number": WHY}, "purposes#de": {"email": WARUM}})
    assert asked(vendor.link(["email", "phone_number"]))["email"] == (WHY, False)

    person.browser.post("/language", form_at="/data", language="de")

    assert asked(vendor.link(["email", "phone_number"])) == {"email": (WARUM, False), "phone_number": (WHY, False)}
    assert WARUM in words(person.opens(vendor.link(["email"])))


def test_a_change_of_language_asks_nobody_again(registers, person):
    german = {"purposes#de": {"email": "Für Ihre Rechnung"}}
    vendor = registers("shop", purposes={"email": "To send your bill"}, **german)
    tokens_for(person, vendor, ["email"])

    person.browser.post("/language", form_at="/data", language="de")
    answer = vendor.receives(person.browser.get(path_of(vendor.link(["email"]))))

    assert "code" in answer


@on_sqlite_alone
def test_a_reason_for_a_scope_holds_for_its_attributes_however_they_are_asked_for(registers, asked):
    vendor = registers("shop", purposes={"profile": "To know whom we talk to"})

    assert asked(vendor.link(["given_name"])) == {"given_name": ("To know whom we talk to", False)}


@on_sqlite_alone
def test_a_scope_the_vendor_did_not_register_asks_for_nothing(registers, asked):
    vendor = registers("modest", scope="openid email")

    assert asked(vendor.link(scope="openid email phone profile made_up")) == {"email": (None, False)}


@on_sqlite_alone
def test_an_essential_address_needs_what_a_letter_needs(registers, asked):
    vendor = registers("post")

    found = asked(vendor.link(claims=claims({"address": {"essential": True, "purpose": WHY}})))

    assert {name for name, (_, required) in found.items() if required} == {
        "address.street_address",
        "address.postal_code",
        "address.locality",
        "address.country",
    }
    assert {name for name, (_, required) in found.items() if not required} == {"address.formatted", "address.region"}
    assert {purpose for purpose, _ in found.values()} == {WHY}


def test_an_address_arrives_as_one_object(vendor, person):
    page = person.opens(vendor.link(needing=["address"]))
    tokens = vendor.redeems(vendor.receives(person.allows(page))["code"]).json

    assert vendor.reads(tokens["access_token"]).json["address"] == {
        "street_address": "Lindenweg 5",
        "postal_code": "10115",
        "locality": "Berlin",
        "country": "DE",
    }


@on_sqlite_alone
@pytest.mark.parametrize(
    ("claim", "attribute"), [("email", "email_verified"), ("phone_number", "phone_number_verified")]
)
def test_a_companion_comes_along_and_is_never_asked_for_itself(registers, person, asked, claim, attribute):
    vendor = registers("shop")
    assert asked(vendor.link([attribute])) == asked(vendor.link([claim, attribute])) == {claim: (None, False)}

    tokens = tokens_for(person, vendor, [claim])

    assert vendor.reads(tokens["access_token"]).json[attribute] is False


@on_sqlite_alone
def test_claims_that_mean_nothing_here_are_ignored(registers, asked):
    """OpenID Connect Core section 5.5: what is not understood is ignored; so are the protocol's own claims."""
    ignored = ["sub", "iss", "aud", "exp", "nonce", "auth_time", "acr", "amr", "at_hash", "updated_at", "sid", "cnf"]
    strange = ["Großer Hund", "a..b", "", "UPPER", "x" * 65, "a.b.c.d.e", "../../etc", "email ", "1st"]

    found = asked(registers("shop").link(claims=claims(dict.fromkeys([*ignored, *strange, "email"]), {"acr": None})))

    assert found == {"email": (None, False)}


@on_sqlite_alone
def test_values_and_unknown_members_of_a_claim_are_ignored(registers, asked):
    wish = {"value": "ana@example.org", "values": ["x"], "urn:example:other": {"a": 1}}

    assert asked(registers("shop").link(claims=json.dumps({"userinfo": {"email": wish}, "other": 1}))) == {
        "email": (None, False)
    }


@on_sqlite_alone
@pytest.mark.parametrize(
    "bad",
    [
        "no json",
        "[]",
        "1",
        '"x"',
        "null",
        '{"userinfo": [1]}',
        '{"userinfo": {"email": 1}}',
        '{"userinfo": {"email": true}}',
        '{"userinfo": {"email": {"essential": "yes"}}}',
        '{"userinfo": {"email": {"essential": 1}}}',
        '{"userinfo": {"email": {"purpose": 1}}}',
        '{"userinfo": {"email": {"purpose": ""}}}',
        json.dumps({"userinfo": {"email": {"purpose": "p" * 301}}}),
        json.dumps({"userinfo": {"email": {"purpose": "line\nbreak"}}}),
        json.dumps({"userinfo": {"email": {"purpose": "to pay\u202eyap ot"}}}),
        json.dumps({"userinfo": {f"a{number}": None for number in range(101)}}),
        "[" * 10_000,
        '{"userinfo": {"email": ' + "[" * 5000,
    ],
)
def test_a_claims_parameter_that_is_none_is_refused(house, person, vendor, bad):
    person.signs_in()

    with nothing_changes(house):
        answer = sent_back(person.browser.get(path_of(vendor.link(claims=bad))), vendor)

    assert answer["error"] == "invalid_request"


def test_what_a_person_does_not_have_can_be_asked_and_is_simply_not_there(person, vendor):
    page = person.opens(vendor.link(["pets.cat", "email"]))

    assert [box["value"] for box in controls(page, name="attribute")] == ["email"]
    assert "You have not entered this" in words(page)
    tokens = vendor.redeems(vendor.receives(person.allows(page, only=["email"]))["code"]).json
    assert vendor.reads(tokens["access_token"]).json.keys() == {"sub", "email", "email_verified"}


# In the ID token


def test_claims_asked_in_the_id_token_are_delivered_there_and_that_is_a_read(person, vendor):
    link = vendor.link(claims=claims({"birthdate": None}, {"email": {"essential": True}, "given_name": None}))
    page = person.opens(link)

    tokens = vendor.redeems(vendor.receives(person.allows(page, only=["birthdate"]))["code"]).json
    given = unverified(tokens["id_token"])

    assert (given["email"], given["email_verified"]) == ("ana@example.org", False)
    assert "given_name" not in given
    assert person.log() == ["asked", "granted", "redeemed", "read"]
    assert person.ledger()[-1].detail["attributes"] == ["email"]
    assert vendor.reads(tokens["access_token"]).json.keys() == {"sub", "birthdate"}


def test_without_such_claims_the_id_token_carries_no_value(person, vendor):
    tokens = tokens_for(person, vendor, ["email", "given_name"])

    given = unverified(tokens["id_token"])

    assert given.keys() <= {"iss", "sub", "aud", "iat", "exp", "at_hash", "nonce", "jti"}
    assert person.log() == ["asked", "granted", "redeemed"]


def test_a_renewed_id_token_carries_what_is_still_granted_and_each_time_is_a_read(person, vendor):
    link = vendor.link(claims=claims({}, {"email": None, "given_name": None}))
    code = vendor.receives(person.allows(person.opens(link), only=["email", "given_name"]))["code"]
    first = vendor.redeems(code).json
    person_narrows = person.opens(vendor.link(["email"], prompt="consent"))
    vendor.receives(person.allows(person_narrows))

    renewed = unverified(vendor.refreshes(first["refresh_token"]).json["id_token"])

    assert "email" not in renewed
    assert renewed["given_name"] == "Ana"
    assert person.ledger()[-1].detail["attributes"] == ["given_name"]


@on_sqlite_alone
@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
def test_any_library_can_verify_the_id_token_with_nothing_but_discovery(person, registers, clock, algorithm):
    vendor = registers("shop", id_token_signed_response_alg=algorithm)
    page = person.opens(vendor.link(["email"]))
    nonce = vendor.nonce
    clock.now += 5
    tokens = vendor.redeems(vendor.receives(person.allows(page))["code"]).json
    document = vendor.client.get("/.well-known/openid-configuration").json
    keys = vendor.client.get(path_of(document["jwks_uri"])).json

    header = jwt.get_unverified_header(tokens["id_token"])
    by_pyjwt = jwt.decode(
        tokens["id_token"],
        jwt.PyJWKSet.from_dict(keys)[header["kid"]],
        algorithms=[algorithm],
        audience="shop",
        issuer=document["issuer"],
        options={"verify_exp": False, "verify_iat": False, "require": ["iss", "sub", "aud", "exp", "iat"]},
    )
    by_joserfc = jose.decode(tokens["id_token"], KeySet.import_key_set(keys), algorithms=[algorithm]).claims

    assert header.keys() == {"alg", "typ", "kid"}
    assert by_pyjwt == by_joserfc
    assert by_pyjwt["nonce"] == nonce
    assert (by_pyjwt["iat"], by_pyjwt["exp"]) == (clock.now, clock.now + 3600)
    assert "auth_time" not in by_pyjwt
    assert by_pyjwt["sub"] == vendor.reads(tokens["access_token"]).json["sub"]
    assert by_pyjwt["at_hash"] == half_hash(tokens["access_token"], "sha512" if algorithm == "EdDSA" else "sha256")
    assert all(key.keys().isdisjoint({"d", "p", "q", "k"}) for key in keys["keys"])


@on_sqlite_alone
def test_an_altered_id_token_verifies_nowhere(person, vendor):
    tokens, keys = tokens_for(person, vendor), vendor.client.get("/oauth/jwks").json
    header, _, signature = tokens["id_token"].split(".")
    other = base64.urlsafe_b64encode(json.dumps(unverified(tokens["id_token"]) | {"aud": "evil"}).encode()).rstrip(b"=")

    key = jwt.PyJWKSet.from_dict(keys)[jwt.get_unverified_header(tokens["id_token"])["kid"]]
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(f"{header}.{other.decode()}.{signature}", key, algorithms=["ES256"], audience="evil")


def half_hash(token, name):
    hashed = hashlib.new(name, token.encode()).digest()
    return base64.urlsafe_b64encode(hashed[: len(hashed) // 2]).rstrip(b"=").decode()


# Without a page, and asked again


@pytest.fixture
def earlier(person, vendor):
    """A vendor that has its answer: the e-mail address, and not the date of birth."""
    page = person.opens(vendor.link(["email", "birthdate"], needing=["given_name"]))
    return vendor.redeems(vendor.receives(person.allows(page, only=["email"]))["code"]).json


@pytest.mark.parametrize("more", [{}, {"prompt": "none"}, {"max_age": "10"}])
def test_under_an_earlier_answer_the_person_is_signed_in_without_a_page(person, vendor, earlier, more):
    response = person.opens(vendor.link(["email", "birthdate"], needing=["given_name"], **more))

    tokens = vendor.redeems(vendor.receives(response)["code"]).json

    assert tokens["grant_id"] == earlier["grant_id"]
    assert unverified(tokens["id_token"])["nonce"] == vendor.nonce
    assert vendor.reads(tokens["access_token"]).json.keys() == {"sub", "given_name", "email", "email_verified"}
    assert person.log()[-3:] == ["signed_in", "redeemed", "read"]


def test_asking_for_less_than_was_granted_gives_less(person, vendor, earlier):
    tokens = vendor.redeems(vendor.receives(person.opens(vendor.link(["email"])))["code"]).json

    assert vendor.reads(tokens["access_token"]).json.keys() == {"sub", "email", "email_verified"}


def test_who_only_has_to_sign_in_again_is_not_asked_again(person, vendor, earlier):
    person.signs_out()

    response = person.opens(vendor.link(["email"]))

    assert "code" in vendor.receives(response)
    assert person.log()[-2:] == ["redeemed", "signed_in"]


@pytest.mark.parametrize(
    ("wishes", "more"),
    [
        (["email", "phone_number"], {}),
        ([], {"claims": claims({"email": {"purpose": "To send you advertisements"}})}),
        ([], {"claims": claims({"birthdate": {"essential": True}})}),
        ([], {"redirect_uri": "https://stadtwerke.example/elsewhere"}),
        (["email"], {"prompt": "consent"}),
        ([], {"scope": "openid phone"}),
    ],
    ids=["attribute", "purpose", "now essential", "redirect URI", "prompt=consent", "scope"],
)
@pytest.mark.usefixtures("earlier")
def test_what_is_new_is_asked(person, house, vendor, wishes, more):
    registered = house.database.read(registry.find, vendor.client_id)
    change(house, registered, redirect_uris=[vendor.redirect_uri, "https://stadtwerke.example/elsewhere"])
    link = vendor.link(wishes, **more)

    assert person.opens(link).request.path.startswith("/consent/")
    if "prompt" not in more:
        with nothing_changes(house):
            silent = person.browser.get(f"{path_of(link)}&prompt=none")
        assert dict(parse_qsl(urlsplit(silent.location).query))["error"] == "consent_required"


@pytest.mark.parametrize(
    "said",
    [
        {"client_name": "Stadtwerke New"},
        {"client_name#de": "Stadtwerke Neu"},
        {"policy_uri": "https://stadtwerke.example/policy/2"},
        {"tos_uri": "https://stadtwerke.example/terms/2"},
        {"recipients": ["An advertiser"]},
        {"data_retention": "For ever"},
        {"storage_location": "Elsewhere"},
        {"jurisdiction": "Elsewhere"},
        {"postal_address": "Elsewhere 1"},
        {"jwks": {"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "AAAA"}]}},
    ],
    ids=lambda said: next(iter(said)),
)
def test_a_vendor_that_says_something_else_of_itself_asks_again(person, house, vendor, earlier, said):
    assert "code" in vendor.receives(person.opens(vendor.link(["email"])))

    change(house, house.database.read(registry.find, vendor.client_id), **said)

    assert vendor.receives(person.opens(vendor.link(["email"], prompt="none")))["error"] == "consent_required"
    assert person.opens(vendor.link(["email"])).request.path.startswith("/consent/")


def test_an_answer_that_expired_is_asked_again(person, vendor, earlier, clock):
    clock.now += 367 * 24 * 3600
    person.signs_in()

    assert vendor.receives(person.opens(vendor.link(["email"], prompt="none")))["error"] == "consent_required"
    assert person.opens(vendor.link(["email"])).request.path.startswith("/consent/")


def test_one_persons_answer_answers_nothing_for_another(app, house, vendor, earlier, moves_in):
    ben = PersonActor(app, house, moves_in("Ben"), password="correct horse battery")
    ben.signs_in()

    assert vendor.receives(ben.opens(vendor.link(["email"], prompt="none")))["error"] == "consent_required"


def test_one_vendors_answer_answers_nothing_for_another(person, registers, earlier):
    other = registers("other")

    assert other.receives(person.opens(other.link(["email"], prompt="none")))["error"] == "consent_required"


# prompt and max_age


def test_prompt_none_without_a_session_is_login_required(house, person, vendor, earlier):
    person.signs_out()

    with nothing_changes(house):
        answer = vendor.receives(person.browser.get(path_of(vendor.link(["email"], prompt="none"))))

    assert answer["error"] == "login_required"


def test_prompt_none_in_a_browser_that_never_signed_in_is_login_required(house, vendor, person):
    with nothing_changes(house):
        answer = vendor.receives(person.browser.get(path_of(vendor.link(prompt="none"))))

    assert answer == {
        "error": "login_required",
        "error_description": "the person has to sign in",
        "state": vendor.state,
        "iss": "http://localhost",
    }


@on_sqlite_alone
@pytest.mark.parametrize("prompt", ["none login", "none consent", "nonsense", "login nonsense"])
def test_a_prompt_that_contradicts_itself_is_refused(house, person, vendor, earlier, prompt):
    with nothing_changes(house):
        answer = vendor.receives(person.browser.get(path_of(vendor.link(["email"], prompt=prompt))))

    assert answer["error"] == "invalid_request"


@pytest.mark.parametrize("more", [{"prompt": "login"}, {"max_age": "0"}, {"max_age": "50"}])
def test_who_wants_a_fresh_sign_in_gets_one(person, vendor, earlier, clock, more):
    clock.now += 60

    door = person.browser.follow(path_of(vendor.link(["email"], **more)))
    assert door.request.path == "/sign-in"
    response = person.opens(vendor.link(["email"], **more))
    response = person.allows(response, only=["email"]) if response.status_code == 200 else response

    tokens = vendor.redeems(vendor.receives(response)["code"]).json
    assert unverified(tokens["id_token"])["auth_time"] == clock.now


def test_the_time_of_the_sign_in_is_told_only_to_who_asks_for_it(person, vendor, clock):
    signed_in_at, asking_for_it = clock.now, claims({"email": None}, {"auth_time": {"essential": True}})

    told = vendor.redeems(vendor.receives(person.allows(person.opens(vendor.link(claims=asking_for_it))))["code"]).json
    clock.now += 60
    untold = vendor.redeems(vendor.receives(person.opens(vendor.link(["email"])))["code"]).json

    assert unverified(told["id_token"])["auth_time"] == signed_in_at
    assert "auth_time" not in unverified(untold["id_token"])


def test_walking_around_the_door_is_no_fresh_sign_in(house, person, vendor, earlier, clock):
    clock.now += 60
    asked = person.browser.get(path_of(vendor.link(["email"], prompt="login")))

    with nothing_changes(house):
        shown = person.browser.get(asked.location)
        token = controls(person.browser.get("/data"), name="csrf_token")[0]["value"]
        sent = person.browser.client.post(asked.location, data={"csrf_token": token, "answer": "allow"})
        resumed = person.browser.get(f"/oauth/resume?ask={asked.location.rpartition('/')[2]}")

    assert (shown.status_code, sent.status_code, resumed.status_code) == (303, 303, 404)
    assert "/sign-in" in shown.location
    assert "/sign-in" in sent.location


def test_max_age_with_prompt_none_is_login_required_once_it_is_over(person, vendor, earlier, clock):
    clock.now += 60

    assert "code" in vendor.receives(person.opens(vendor.link(["email"], prompt="none", max_age="60")))
    answer = vendor.receives(person.opens(vendor.link(["email"], prompt="none", max_age="59")))
    assert answer["error"] == "login_required"


@on_sqlite_alone
@pytest.mark.parametrize("max_age", ["-1", "1.5", "soon", "1e3", "٣", "9" * 10, " 5"])
def test_a_max_age_that_is_no_number_is_refused(house, person, vendor, earlier, max_age):
    with nothing_changes(house):
        answer = vendor.receives(person.browser.get(path_of(vendor.link(["email"], max_age=max_age))))

    assert answer["error"] == "invalid_request"


# Who nothing proves


@pytest.mark.parametrize(
    "redirect_uri", ["http://127.0.0.1:9999/back", "http://localhost/back", "com.example.app:/back"]
)
def test_a_vendor_that_nothing_proves_asks_each_time(registers, person, redirect_uri):
    app = registers("app", redirect_uris=[redirect_uri], application_type="native", token_endpoint_auth_method="none")
    tokens_for(person, app)

    assert app.receives(person.opens(app.link(["email"], prompt="none")))["error"] == "interaction_required"
    assert person.opens(app.link(["email"])).request.path.startswith("/consent/")
    person.signs_out()
    assert person.opens(app.link(["email"])).request.path.startswith("/consent/")


def test_a_vendor_with_a_host_of_its_own_need_not_ask_twice_even_without_a_secret(registers, person):
    page = registers("page", token_endpoint_auth_method="none")
    code_for(person, page)

    assert "code" in page.receives(person.opens(page.link(["email"], prompt="none")))


# A refused essential


def test_refusing_what_is_needed_signs_nobody_in(house, person, vendor):
    page = person.opens(vendor.link(["birthdate"], needing=["email"]))

    answer = vendor.receives(person.refuses(page))

    assert answer["error"] == "access_denied"
    assert rows(house, "grants") == rows(house, "codes") == rows(house, "tokens") == []


def change(house, registered, **metadata):
    changed = replace(registered, metadata={**registered.metadata, **metadata})
    assert house.database.write(registry.change, changed)
