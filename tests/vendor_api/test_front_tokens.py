"""Hybrid and implicit response types (OpenID Connect Core 3.2, 3.3), where the operator switched them on."""

import base64
import hashlib
import html
import json
import re
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import jwt
import pytest
from actors import VERIFIER, VendorActor
from carrying import GRANT_TYPES, ISSUER, CarryingVendor
from joserfc import jwe
from joserfc.jwk import ECKey
from journeys import sent_back
from storage import nothing_changes, on_sqlite_alone, rows

from vendor_api.errors import InvalidClientMetadata
from vendor_api.vendors import registry
from vendor_api.vendors.metadata import checked
from vendor_api.vendors.response_types import ALL
from wallet.app import create_app

TYPES = ["code id_token", "code id_token token", "code token", "id_token", "id_token token"]
WITH_ID_TOKEN = [one for one in TYPES if "id_token" in one]
WITH_TOKEN = [one for one in TYPES if "token" in one.split()]
WITH_CODE = [one for one in TYPES if "code" in one]


@pytest.fixture
def settings(settings):
    return replace(settings, front_channel_tokens="on")


@pytest.fixture
def house_without(house):
    """The same house, as it is where the operator set nothing."""
    return replace(house, settings=replace(house.settings, front_channel_tokens="off"))


def agrees(person, vendor, attributes=("email",), **changed):
    """The person allows what the vendor asks for, and the vendor finds what came."""
    return vendor.finds(person.allows(person.opens(vendor.link(attributes, **changed)), only=attributes))


def left_half(given, algorithm):
    digest = (hashlib.sha512 if algorithm == "EdDSA" else hashlib.sha256)(given.encode()).digest()
    return base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()


@pytest.mark.parametrize("response_type", TYPES)
def test_the_fragment_carries_what_the_type_names(app, house, person, response_type):
    vendor = CarryingVendor(app, house, response_type)

    first = agrees(person, vendor)
    again = vendor.finds(person.browser.get(vendor.link(["email"], prompt="none")))

    named = {"token": "access_token"}
    wanted = {"state", "iss", *(named.get(word, word) for word in response_type.split())}
    if "access_token" in wanted:
        wanted |= {"token_type", "expires_in", "scope"}
    for answer in (first, again):
        assert answer.keys() - {"session_state"} == wanted
        assert answer["iss"] == ISSUER
    assert again["state"] == vendor.state


@on_sqlite_alone
@pytest.mark.parametrize(
    ("response_type", "algorithm"),
    [
        *((one, "ES256") for one in WITH_ID_TOKEN),
        *(("code id_token token", algorithm) for algorithm in ("RS256", "PS256", "EdDSA")),
    ],
)
def test_the_id_token_holds_together_what_came_with_it(app, house, person, response_type, algorithm):
    vendor = CarryingVendor(app, house, response_type, id_token_signed_response_alg=algorithm)

    answer = agrees(person, vendor)

    claims = vendor.opens(answer["id_token"], algorithm)
    beside = {"c_hash": "code", "at_hash": "access_token"}
    hashes = {name: left_half(answer[what], algorithm) for name, what in beside.items() if what in answer}
    assert {name: value for name, value in claims.items() if name.endswith("_hash")} == hashes
    assert claims["nonce"] == vendor.nonce
    assert claims["aud"] == "shop"


@on_sqlite_alone
@pytest.mark.parametrize("response_type", WITH_CODE)
def test_the_code_beside_it_is_redeemed_as_ever(app, house, person, response_type):
    vendor = CarryingVendor(app, house, response_type)
    answer = agrees(person, vendor)

    tokens = vendor.redeems(answer["code"]).json

    assert vendor.reads(tokens["access_token"]).json["email"] == "ana@example.org"
    if "id_token" in answer:
        first, second = vendor.opens(answer["id_token"]), vendor.opens(tokens["id_token"])
        assert [first[name] for name in ("iss", "sub", "nonce")] == [second[name] for name in ("iss", "sub", "nonce")]


@on_sqlite_alone
@pytest.mark.parametrize("response_type", WITH_CODE)
def test_the_code_is_held_to_its_challenge(app, house, person, response_type):
    vendor = CarryingVendor(app, house, response_type, token_endpoint_auth_method="none")

    answer = agrees(person, vendor)
    without = vendor.finds(
        person.browser.get(vendor.link(["email"], without=["code_challenge", "code_challenge_method"]))
    )

    assert without["error"] == "invalid_request"
    assert vendor.redeems(answer["code"], code_verifier="w" * 43).json["error"] == "invalid_grant"
    assert vendor.redeems(answer["code"], code_verifier=VERIFIER).status_code == 200


@on_sqlite_alone
@pytest.mark.parametrize("response_type", WITH_TOKEN)
def test_the_access_token_reads_for_ten_minutes_and_nothing_renews_it(app, house, person, clock, response_type):
    vendor = CarryingVendor(app, house, response_type)

    answer = agrees(person, vendor)

    assert (answer["token_type"], answer["expires_in"], answer["scope"]) == ("Bearer", "600", "openid")
    assert {row["kind"] for row in rows(house, "tokens")} == {"access"}
    assert vendor.reads(answer["access_token"]).json["email"] == "ana@example.org"
    assert vendor.introspects(answer["access_token"])["exp"] == clock() + 600
    clock.now += 600
    assert vendor.reads(answer["access_token"]).status_code == 401


@on_sqlite_alone
def test_the_ledger_says_that_access_was_given_through_the_browser(app, house, person):
    vendor = CarryingVendor(app, house, "id_token token")

    agrees(person, vendor)

    assert person.log() == ["asked", "granted", "redeemed"]
    assert person.ledger()[-1].detail["via"] == "browser"
    assert "through your browser" in person.browser.get("/ledger").text


@on_sqlite_alone
def test_without_an_access_token_the_values_stand_in_the_id_token_and_the_ledger_says_so(app, house, person):
    vendor = CarryingVendor(app, house, "id_token")

    answer = agrees(person, vendor, ["given_name"], scope="openid email")
    page = person.opens(vendor.link(["given_name"], scope="openid email", prompt="consent"))
    both = vendor.opens(vendor.finds(person.allows(page, only=["email", "given_name"]))["id_token"])

    only = vendor.opens(answer["id_token"])
    assert only["given_name"] == "Ana"
    assert "email" not in only
    assert (both["given_name"], both["email"]) == ("Ana", "ana@example.org")
    assert person.ledger()[-1].action == "read"
    assert person.ledger()[-1].detail["attributes"] == ["email", "given_name"]


@on_sqlite_alone
@pytest.mark.parametrize("response_type", ["code id_token", "id_token token", "code id_token token"])
def test_where_userinfo_can_be_read_the_id_token_holds_only_what_was_asked_for_in_it(app, house, person, response_type):
    vendor = CarryingVendor(app, house, response_type)
    wanted = json.dumps({"id_token": {"given_name": None}})

    page = person.opens(vendor.link(scope="openid email", claims=wanted))
    answer = vendor.finds(person.allows(page, only=["email", "given_name"]))

    claims = vendor.opens(answer["id_token"])
    assert claims["given_name"] == "Ana"
    assert "email" not in claims


@on_sqlite_alone
def test_the_id_token_is_encrypted_for_a_vendor_that_wants_it_so(app, house, person):
    key = ECKey.generate_key("P-256", {"use": "enc", "kid": "e"})
    vendor = CarryingVendor(
        app,
        house,
        "id_token",
        jwks={"keys": [key.as_dict(private=False)]},
        id_token_encrypted_response_alg="ECDH-ES",
        id_token_encrypted_response_enc="A256GCM",
    )

    answer = agrees(person, vendor)

    opened = jwe.decrypt_compact(answer["id_token"], key, algorithms=["ECDH-ES", "A256GCM"])
    assert vendor.opens(opened.plaintext.decode())["email"] == "ana@example.org"


def test_a_code_used_twice_ends_what_came_beside_it(app, house, person):
    vendor = CarryingVendor(app, house, "code id_token token")
    answer = agrees(person, vendor)
    assert vendor.redeems(answer["code"]).status_code == 200
    assert vendor.reads(answer["access_token"]).status_code == 200

    assert vendor.redeems(answer["code"]).json["error"] == "invalid_grant"

    assert vendor.reads(answer["access_token"]).status_code == 401


def test_signing_out_ends_it(app, house, person):
    vendor = CarryingVendor(app, house, "id_token token", scope="openid offline_access")
    page = person.opens(vendor.link(["email"], scope="openid offline_access"))
    answer = vendor.finds(person.allows(page, only=["email"]))

    person.signs_out()

    assert "offline_access" not in page.text  # there is no code that could bring a refresh token
    assert answer["scope"] == "openid"
    assert vendor.reads(answer["access_token"]).status_code == 401


@on_sqlite_alone
@pytest.mark.parametrize("how", ["by the person", "by the vendor"])
def test_revoking_ends_it(app, house, person, how):
    vendor = CarryingVendor(app, house, "code token")
    answer = agrees(person, vendor)

    if how == "by the person":
        person.revokes(rows(house, "grants")[0]["grant_id"])
    else:
        vendor.post("/oauth/revoke", {"token": answer["access_token"]})

    assert vendor.reads(answer["access_token"]).status_code == 401


@on_sqlite_alone
def test_a_form_carries_it_too(app, house, person):
    vendor = CarryingVendor(app, house, "id_token token")
    agrees(person, vendor)

    page = person.browser.get(vendor.link(["email"], response_mode="form_post"))

    names = set(re.findall(r'<input type="hidden" name="([^"]+)"', page.text.split("data-send")[1]))
    assert names >= {"access_token", "id_token", "expires_in", "state", "iss"}
    assert f'action="{html.escape(vendor.redirect_uri)}"' in page.text


@on_sqlite_alone
@pytest.mark.parametrize("mode", ["jwt", "fragment.jwt"])
def test_a_signed_answer_travels_in_the_fragment(app, house, person, mode):
    vendor = CarryingVendor(app, house, "code id_token")
    agrees(person, vendor)

    answer = vendor.finds(person.browser.get(vendor.link(["email"], response_mode=mode)))

    assert answer.keys() == {"response"}
    claims = jwt.decode(answer["response"], options={"verify_signature": False})
    assert claims["aud"] == "shop"
    assert vendor.opens(claims["id_token"])["c_hash"] == left_half(claims["code"], "ES256")


@on_sqlite_alone
@pytest.mark.parametrize(
    ("response_type", "changed", "error"),
    [
        ("id_token", {"response_mode": "query"}, "invalid_request"),
        ("code token", {"response_mode": "query"}, "invalid_request"),
        ("code id_token", {"response_mode": "query.jwt"}, "invalid_request"),
        ("id_token", {"nonce": ""}, "invalid_request"),
        ("code id_token", {"nonce": ""}, "invalid_request"),
        ("id_token", {"scope": "email"}, "invalid_scope"),
        ("id_token token", {"prompt": "none", "max_age": "0"}, "login_required"),
    ],
)
def test_what_is_refused_leaves_nothing_behind(app, house, person, clock, response_type, changed, error):
    vendor = CarryingVendor(app, house, response_type)
    agrees(person, vendor)
    clock.now += 1

    with nothing_changes(house):
        response = person.browser.get(vendor.link(["email"], **changed))

    answer = vendor.finds(response)
    assert answer.keys() == {"error", "error_description", "state", "iss"}
    assert (answer["error"], answer["state"], answer["iss"]) == (error, vendor.state, ISSUER)


@on_sqlite_alone
@pytest.mark.parametrize(
    ("response_type", "asked", "error"),
    [
        ("id_token", "id_token token", "unauthorized_client"),
        ("id_token", "code", "unauthorized_client"),
        ("code id_token", "code", "unauthorized_client"),
        ("id_token token", "token", "unsupported_response_type"),
        ("id_token token", "token token", "unsupported_response_type"),
        ("id_token", " id_token", "unsupported_response_type"),
    ],
)
def test_a_type_the_vendor_did_not_register_is_refused(app, house, person, response_type, asked, error):
    vendor = CarryingVendor(app, house, response_type)
    agrees(person, vendor)

    with nothing_changes(house):
        answer = sent_back(person.browser.get(vendor.link(["email"], response_type=asked)), vendor)

    assert answer.keys() == {"error", "error_description", "state", "iss"}
    assert answer["error"] == error


@on_sqlite_alone
def test_a_refusal_by_the_person_stands_in_the_fragment(app, house, person):
    vendor = CarryingVendor(app, house, "id_token token")

    answer = vendor.finds(person.refuses(person.opens(vendor.link(["email"]))))

    assert (answer["error"], answer["state"], answer["iss"]) == ("access_denied", vendor.state, ISSUER)
    assert rows(house, "tokens") == []


def test_a_type_that_went_while_the_person_was_asked_gives_nothing(app, house, person):
    vendor = CarryingVendor(app, house, "code token")
    page = person.opens(vendor.link(["email"]))
    registered = house.database.read(registry.find, "shop")
    less = replace(registered, metadata={**registered.metadata, "response_types": ["code"]})
    house.database.write(registry.change, less)

    answer = vendor.finds(person.allows(page, only=["email"]))

    assert answer["error"] == "unauthorized_client"
    assert rows(house, "codes") == rows(house, "tokens") == []


@on_sqlite_alone
@pytest.mark.parametrize("response_type", TYPES)
@pytest.mark.parametrize("answer", ["allow", "refuse"])
def test_an_address_taken_from_the_vendor_while_the_person_was_asked_gets_no_token(
    app, house, person, response_type, answer
):
    addresses = ["https://shop.example/old", "https://shop.example/back"]
    vendor = CarryingVendor(app, house, response_type, redirect_uris=addresses)
    page = person.opens(vendor.link(["email"]))
    registered = house.database.read(registry.find, "shop")
    less = replace(registered, metadata={**registered.metadata, "redirect_uris": addresses[1:]})
    house.database.write(registry.change, less)

    response = person.answers(page, answer, only=["email"])

    assert (response.status_code, response.location) == (400, None)
    assert rows(house, "codes") == rows(house, "tokens") == []


@on_sqlite_alone
@pytest.mark.parametrize("response_type", WITH_CODE)
def test_a_code_beside_tokens_needs_the_same_proof(app, house, person, response_type):
    """Where a nonce has to be there anyway it stands in for the challenge, as ever; a challenge is S256 or nothing."""
    vendor, bare = CarryingVendor(app, house, response_type), ["nonce", "code_challenge", "code_challenge_method"]

    with nothing_changes(house):
        answers = [
            vendor.finds(person.browser.get(link))
            for link in (
                vendor.link(["email"], code_challenge_method="plain"),
                vendor.link(["email"], without=["code_challenge_method"]),
                vendor.link(["email"], without=bare),
            )
        ]

    assert [answer["error"] for answer in answers] == ["invalid_request"] * 3


@on_sqlite_alone
def test_the_words_of_a_type_may_come_in_any_order(app, house, person):
    vendor = CarryingVendor(app, house, "token code id_token")

    answer = agrees(person, vendor, response_type="id_token code token")

    assert answer.keys() >= {"code", "id_token", "access_token"}


@on_sqlite_alone
def test_a_pushed_request_is_held_to_the_same(app, house, person):
    vendor = CarryingVendor(app, house, "code id_token")
    agrees(person, vendor)
    parameters = dict(parse_qsl(urlsplit(vendor.link(["email"])).query))

    refused = vendor.post("/oauth/par", {name: value for name, value in parameters.items() if name != "nonce"})
    pushed = vendor.post("/oauth/par", parameters).json["request_uri"]
    answer = vendor.finds(person.browser.get(f"/oauth/authorize?client_id=shop&request_uri={pushed}"))

    assert refused.json["error"] == "invalid_request"
    assert answer.keys() >= {"code", "id_token"}


REGISTRABLE = {
    "redirect_uris": ["https://shop.example/back"],
    "response_types": ["id_token", "code"],
    "grant_types": GRANT_TYPES,
}


@on_sqlite_alone
@pytest.mark.parametrize(
    "changed",
    [
        {"grant_types": ["authorization_code"]},
        {"grant_types": ["implicit"]},
        {"response_types": ["token"]},
        {"response_types": ["code", "token"]},
        {"response_types": []},
        {"response_types": "id_token"},
        {"response_types": [["id_token"]]},
        {"redirect_uris": ["https://localhost/back"]},
        {"redirect_uris": ["https://127.0.0.1/back"]},
        {"redirect_uris": ["http://127.0.0.1/back"]},
        {"redirect_uris": ["http://127.0.0.1/back"], "application_type": "native"},
        {"redirect_uris": ["https://shop.example/back", "com.example.shop:/back"], "application_type": "native"},
        {"response_types": ["id_token token"], "dpop_bound_access_tokens": True},
    ],
)
def test_registration_refuses_what_would_not_be_safe(app, house, changed):
    open_house = replace(house, settings=replace(house.settings, registration="open"))
    client = create_app(open_house).test_client()

    with nothing_changes(house):
        answer = client.post("/oauth/register", json={**REGISTRABLE, **changed})

    assert answer.status_code == 400
    assert answer.json["error"] == "invalid_client_metadata"


def test_a_fapi_vendor_has_codes_alone():
    with pytest.raises(InvalidClientMetadata, match="response_types must be code alone"):
        checked({**REGISTRABLE, "fapi_profile": "fapi2_security_profile"}, offered=ALL)


@on_sqlite_alone
def test_a_vendor_that_registers_nothing_else_gets_codes_alone(app, house, person):
    vendor = VendorActor(app, house, "stadtwerke")

    response = person.browser.get(vendor.link(["email"], response_type="code id_token"))

    assert vendor.registered["response_types"] == ["code"]
    assert dict(parse_qsl(urlsplit(response.location).query))["error"] == "unauthorized_client"


@on_sqlite_alone
def test_a_vendor_registers_itself_and_manages_what_it_registered(house):
    client = create_app(replace(house, settings=replace(house.settings, registration="open"))).test_client()

    registered = client.post("/oauth/register", json=REGISTRABLE)
    token = {"Authorization": f"Bearer {registered.json['registration_access_token']}"}
    address = f"/oauth/register/{registered.json['client_id']}"
    changed = client.put(
        address,
        headers=token,
        json={**REGISTRABLE, "client_id": registered.json["client_id"], "response_types": ["id_token"]},
    )

    assert registered.status_code == 201
    assert changed.json["response_types"] == ["id_token"]


@on_sqlite_alone
def test_discovery_names_what_is_offered_and_only_that(app, house_without):
    there = app.test_client().get("/.well-known/openid-configuration").json
    elsewhere = create_app(house_without).test_client().get("/.well-known/openid-configuration").json

    assert there["response_types_supported"] == ["code", *TYPES]
    assert "implicit" in there["grant_types_supported"]
    assert elsewhere["response_types_supported"] == ["code"]
    assert "implicit" not in elsewhere["grant_types_supported"]


@on_sqlite_alone
@pytest.mark.parametrize("response_type", [*TYPES, "token"])
def test_where_the_operator_sets_nothing_there_are_codes_alone(house_without, app, house, person, response_type):
    """Also for a vendor that was registered while there was more."""
    client = create_app(
        replace(house_without, settings=replace(house_without.settings, registration="open"))
    ).test_client()
    vendor = CarryingVendor(app, house, "id_token token")

    with nothing_changes(house):
        registered = client.post("/oauth/register", json={**REGISTRABLE, "response_types": [response_type]})
        plain = client.post(
            "/oauth/register", json={"redirect_uris": ["https://a.example/"], "grant_types": GRANT_TYPES}
        )
        response = client.get(vendor.link(["email"], response_type=response_type))

    assert registered.json["error"] == plain.json["error"] == "invalid_client_metadata"
    assert "error=unsupported_response_type" in response.location
