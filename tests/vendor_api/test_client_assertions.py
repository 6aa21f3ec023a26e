"""private_key_jwt and client_secret_jwt: an assertion proves one vendor, to this wallet, once and soon."""

import base64
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import orjson
import pytest
from actors import SECRET, VERIFIER, VendorActor, basic
from asserting import TYPE, AssertingVendor, key, public
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc.jwk import OctKey
from journeys import code_for, refused, tokens_for
from storage import contents, nothing_changes, on_sqlite_alone, rows

from keys.jwk import public_jwk
from keys.sealing import unseal
from vendor_api.errors import InvalidClientMetadata
from vendor_api.oauth.framework import client_assertion
from vendor_api.oauth.registration import add_by_operator
from vendor_api.vendors.keys import SIGNING_ALGORITHMS
from wallet.app import create_app

ISSUER = "http://localhost"


@pytest.fixture
def shop(app, house):
    return AssertingVendor(app, house, "shop")


@pytest.fixture
def secretive(app, house):
    return AssertingVendor(app, house, "secretive", alg="HS256")


def redeems(vendor, code, **form):
    """With whatever credentials stand in the form."""
    given = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": vendor.redirect_uri,
        "code_verifier": VERIFIER,
        "client_assertion_type": TYPE,
        **form,
    }
    return vendor.client.post("/oauth/token", data={name: value for name, value in given.items() if value})


def unsigned(header, claims, signature=b""):
    parts = (orjson.dumps(header), orjson.dumps(claims), signature)
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


@pytest.mark.parametrize("alg", [*SIGNING_ALGORITHMS, "HS256"])
def test_a_vendor_does_its_whole_job_by_assertions_alone(app, house, person, alg):
    vendor = AssertingVendor(app, house, "shop", alg=alg)

    tokens = tokens_for(person, vendor)
    renewed = vendor.refreshes(tokens["refresh_token"]).json
    by_consent_token = vendor.asserts(renewed["consent_token"])

    assert vendor.reads(renewed["access_token"]).json["email"] == "ana@example.org"
    assert by_consent_token.status_code == 200
    assert vendor.introspects(renewed["access_token"])["active"]
    assert vendor.post("/oauth/revoke", {"token": renewed["access_token"]}).status_code == 200
    assert not vendor.introspects(renewed["access_token"])["active"]


@on_sqlite_alone
def test_only_a_vendor_that_signs_with_its_secret_has_it_kept_sealed(app, house, shop, secretive):
    VendorActor(app, house, "basic")
    stored = {row["client_id"]: row for row in rows(house, "vendors")}

    assert {name for name, row in stored.items() if row["secret_sealed"]} == {"secretive"}
    assert {name for name, row in stored.items() if row["secret_digest"]} == {"secretive", "basic"}
    assert SECRET.encode() not in stored["secretive"]["secret_sealed"]
    place = ("client_secret", "secretive")
    assert unseal(house.secrets.sealing, stored["secretive"]["secret_sealed"], *place) == SECRET.encode()
    assert "client_secret" not in shop.registered


@on_sqlite_alone
@pytest.mark.parametrize("typ", ["JWT", "jwt", "client-authentication+jwt", "application/client-authentication+jwt"])
def test_the_type_of_an_assertion_may_be_said(shop, person, typ):
    shop.header = {"typ": typ}

    assert tokens_for(person, shop)


@on_sqlite_alone
@pytest.mark.parametrize("typ", ["consent+jwt", "dpop+jwt", "at+jwt", "logout+jwt", "JOSE", 7, [], {}])
def test_another_kind_of_jwt_is_no_assertion(shop, person, house, typ):
    code = code_for(person, shop)
    shop.header = {"typ": typ} if isinstance(typ, str) else {}
    good = shop.assertion()
    assertion = good if shop.header else unsigned({"alg": "ES256", "typ": typ}, decoded(good), b"x" * 64)

    with nothing_changes(house):
        assert refused(redeems(shop, code, client_assertion=assertion), "invalid_client", status=401)


# --- claims ---------------------------------------------------------------------------------------------------------


@on_sqlite_alone
@pytest.mark.parametrize(
    "claims",
    [
        {"aud": [ISSUER]},
        {"aud": [ISSUER, "https://other.test"]},
        {"aud": f"{ISSUER}/oauth/token"},
        {"aud": f"{ISSUER}/"},
        {"aud": ISSUER.upper()},
        {"aud": "https://other.test"},
        {"aud": ""},
        {"aud": {}},
        {"aud": None},
        {"iss": None},
        {"iss": "other"},
        {"iss": ["shop"]},
        {"sub": "other"},
        {"sub": None},
        {"sub": ["shop"]},
        {"sub": ""},
        {"sub": "shop\x00"},
        {"sub": "x" * 10_000},
        {"iss": "other", "sub": "other"},
        {"jti": None},
        {"jti": ""},
        {"jti": 7},
        {"jti": ["a"]},
        {"jti": "x" * 501},
        {"exp": None},
        {"exp": 0},
        {"exp": -1},
        {"exp": "1800000060"},
        {"exp": True},
        {"exp": []},
        {"exp": 1_800_000_000 - 30},
        {"exp": 1_800_000_000 - 30.5},
        {"exp": 1_800_000_000 + 3631},
        {"exp": 1e300},
        {"exp": 2**63},
        {"iat": 1_800_000_031},
        {"iat": "now"},
        {"iat": 0},
        {"iat": -5},
        {"iat": True},
        {"nbf": 1_800_000_031},
        {"nbf": {}},
    ],
)
def test_a_claim_that_is_wrong_missing_or_absurd_is_refused(shop, person, house, claims):
    code = code_for(person, shop)

    with nothing_changes(house):
        response = redeems(shop, code, client_assertion=shop.assertion(**claims))

    assert refused(response, "invalid_client", status=401)
    assert shop.redeems(code).status_code == 200


@on_sqlite_alone
@pytest.mark.parametrize(
    "claims",
    [
        {"exp": 1_800_000_000 - 29},
        {"exp": 1_800_000_000 + 3630},
        {"exp": 1_800_000_010.5},
        {"iat": 1_800_000_030, "nbf": 1_800_000_030},
        {"iat": 1_700_000_000},
        {"jti": "x" * 500},
        {"more": ["of", "whatever"]},
    ],
)
def test_clocks_may_differ_by_half_a_minute_and_an_assertion_may_say_more(shop, person, claims):
    code = code_for(person, shop)

    assert redeems(shop, code, client_assertion=shop.assertion(**claims)).status_code == 200


def test_an_assertion_counts_once(shop, person, house):
    first = code_for(person, shop)
    second = shop.receives(person.opens(shop.link(["email"])))["code"]
    assertion = shop.assertion()
    assert redeems(shop, first, client_assertion=assertion).status_code == 200

    with nothing_changes(house):
        assert refused(redeems(shop, second, client_assertion=assertion), "invalid_client", status=401)
        for path in ("/oauth/introspect", "/oauth/revoke"):
            again = shop.post(path, {"token": "x", "client_assertion": assertion})
            assert refused(again, "invalid_client", status=401)


@on_sqlite_alone
@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/introspect", "/oauth/revoke", "/oauth/backchannel"])
def test_an_assertion_that_pushed_a_request_opens_no_other_door(shop, person, house, path):
    tokens, assertion = tokens_for(person, shop), shop.assertion()
    asked = dict(parse_qsl(urlsplit(shop.link(["email"])).query))
    assert shop.post("/oauth/par", {**asked, "client_assertion": assertion}).status_code == 201
    form = {"token": tokens["access_token"], "grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}

    with nothing_changes(house):
        answer = shop.post(path, {**form, "client_assertion": assertion})

    assert refused(answer, "invalid_client", status=401)


def test_an_assertion_is_spent_also_where_the_rest_of_its_request_is_refused(shop, house):
    assertion = shop.assertion()

    assert refused(redeems(shop, "no code", client_assertion=assertion), "invalid_grant")

    with nothing_changes(house):
        assert refused(redeems(shop, "no code", client_assertion=assertion), "invalid_client", status=401)


@on_sqlite_alone
def test_an_assertion_is_remembered_until_it_would_be_refused_anyway(shop, house, clock):
    assertion = shop.assertion(exp=house.clock() + 10.5)
    redeems(shop, "no code", client_assertion=assertion)

    (remembered,) = rows(house, "seen")

    clock.now = remembered["expires_at"]
    assert refused(redeems(shop, "no code", client_assertion=assertion), "invalid_client", status=401)
    house.database.write(lambda db: db.exec_driver_sql("delete from seen").rowcount)
    assert refused(redeems(shop, "no code", client_assertion=assertion), "invalid_client", status=401)


def test_of_many_at_once_one_counts(app, shop):
    assertion = shop.assertion()

    def send(_):
        form = {"token": "x", "client_assertion_type": TYPE, "client_assertion": assertion}
        return app.test_client().post("/oauth/introspect", data=form).status_code

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(send, range(6)))

    assert sorted(answers) == [200] + [401] * 5


@on_sqlite_alone
def test_two_vendors_may_use_the_same_jti(app, house, shop):
    other = AssertingVendor(app, house, "other")

    for vendor in (shop, other):
        form = {"token": "x", "client_assertion": vendor.assertion(jti="1")}
        assert vendor.post("/oauth/introspect", form).status_code == 200


# --- header and signature -------------------------------------------------------------------------------------------


@on_sqlite_alone
@pytest.mark.parametrize("method", ["private_key_jwt", "client_secret_jwt"])
@pytest.mark.parametrize(
    "alg", ["none", "None", "NONE", "", None, 7, ["ES256"], "HS512", "ES384", "ES256K", "RSA-OAEP"]
)
def test_an_assertion_without_a_signature_we_know_is_refused(shop, secretive, house, method, alg):
    vendor = shop if method == "private_key_jwt" else secretive
    claims = decoded(vendor.assertion())

    with nothing_changes(house):
        for signature in (b"", b"x" * 64):
            response = redeems(vendor, "x", client_assertion=unsigned({"alg": alg}, claims, signature))
            assert refused(response, "invalid_client", status=401)


@on_sqlite_alone
def test_a_public_key_is_no_secret(app, house):
    """RS->HS confusion: the vendor's public key, which everybody has, as the secret of an HMAC."""
    vendor = AssertingVendor(app, house, "shop", alg="RS256")
    jwk = key("RS256").as_dict(private=False)
    vendor.alg = "HS256"

    with nothing_changes(house):
        for secret in (orjson.dumps(jwk), jwk["n"].encode(), base64.urlsafe_b64decode(jwk["n"] + "==")):
            vendor.signs_with = OctKey.import_key(secret)
            response = redeems(vendor, "x", client_assertion=vendor.assertion())
            assert refused(response, "invalid_client", status=401)


@on_sqlite_alone
@pytest.mark.parametrize(
    "header",
    [
        {"jwk": public(key("ES256", "thief"))["keys"][0]},
        {"jku": "https://thief.test/jwks"},
        {"x5u": "https://thief.test/cert"},
        {"x5c": ["MII"]},
        {"crit": ["exp"], "exp": 1},
        {"crit": ["b64"], "b64": True},
        {"crit": []},
        {"b64": False},
    ],
)
def test_a_header_that_brings_a_key_or_wants_more_is_refused(shop, house, header):
    signed = decoded_header(shop.assertion())
    claims = decoded(shop.assertion())
    shop.signs_with = key("ES256", "thief")
    forged = unsigned({**signed, **header}, claims, b"x" * 64)

    with nothing_changes(house):
        response = redeems(shop, "x", client_assertion=forged)

    assert refused(response, "invalid_client", status=401)
    assert "header" in response.json["error_description"]


@on_sqlite_alone
@pytest.mark.parametrize(
    "kid",
    ["unknown", "../../../etc/passwd", "' or 1=1 --", "x" * 10_000, "\x00", "\U0001f511", "", 7, ["first"], {}, True],
)
def test_a_kid_that_is_not_ours_is_a_clean_refusal(shop, house, kid):
    forged = unsigned({"alg": "ES256", "kid": kid}, decoded(shop.assertion()), b"x" * 64)

    with nothing_changes(house):
        assert refused(redeems(shop, "x", client_assertion=forged), "invalid_client", status=401)


@on_sqlite_alone
def test_another_key_or_a_changed_letter_is_refused(shop, house):
    good = shop.assertion()
    header, claims, signature = good.split(".")
    shop.signs_with = key("ES256", "thief")
    shop.header = {"kid": "first"}
    changed = unsigned({}, {**decoded(good), "jti": "other"}).split(".")[1]

    with nothing_changes(house):
        for forged in (
            shop.assertion(),
            f"{header}.{changed}.{signature}",
            f"{header}.{claims}.",
            f"{header}.{claims}.{'A' * len(signature)}",
            f"{header}.{claims}.{signature}AAAA",
        ):
            assert refused(redeems(shop, "x", client_assertion=forged), "invalid_client", status=401)


@on_sqlite_alone
@pytest.mark.parametrize(
    "text", ["x", ".", "..", "a.b.c", "a.b.c.d.e", "e30.e30.", "e30.W10.e30", "W10.e30.e30", "é.é.é", "x" * 30_000, " "]
)
def test_what_is_no_jwt_is_a_clean_refusal(shop, house, text):
    with nothing_changes(house):
        assert refused(redeems(shop, "x", client_assertion=text), "invalid_client", status=401)


@on_sqlite_alone
def test_a_vendor_may_bind_itself_to_one_algorithm(app, house):
    vendor = AssertingVendor(app, house, "shop", alg="PS256", token_endpoint_auth_signing_alg="PS256")
    good = vendor.post("/oauth/introspect", {"token": "x"})
    vendor.alg = "RS256"

    with nothing_changes(house):
        assert refused(vendor.post("/oauth/introspect", {"token": "x"}), "invalid_client", status=401)
    assert good.status_code == 200


# --- methods --------------------------------------------------------------------------------------------------------


@on_sqlite_alone
@pytest.mark.parametrize(
    "method", ["client_secret_basic", "client_secret_post", "none", "client_secret_jwt"], ids=lambda name: name
)
def test_an_assertion_is_for_vendors_that_registered_for_it(app, house, method):
    vendor = AssertingVendor(app, house, "other")
    VendorActor(app, house, "shop", token_endpoint_auth_method=method, jwks=public(key("ES256")))
    vendor.client_id = "shop"

    with nothing_changes(house):
        for form in ({}, {"client_id": "shop"}):
            response = redeems(vendor, "x", client_assertion=vendor.assertion(), **form)
            assert refused(response, "invalid_client", status=401)


@on_sqlite_alone
def test_a_vendor_that_signs_is_not_let_in_by_a_secret_or_by_nothing(shop, secretive, house):
    with nothing_changes(house):
        for name in ("shop", "secretive"):
            for form, headers in (
                ({"client_id": name, "client_secret": SECRET}, {}),
                ({"client_id": name}, {}),
                ({}, {"Authorization": basic(name, SECRET)}),
            ):
                response = shop.client.post(
                    "/oauth/token", data={"grant_type": "authorization_code", "code": "x", **form}, headers=headers
                )
                assert refused(response, "invalid_client", status=401)


@on_sqlite_alone
def test_an_unknown_vendor_and_a_wrong_signature_get_the_same_answer(shop):
    shop.signs_with, shop.header = key("ES256", "thief"), {"kid": "first"}
    wrong = redeems(shop, "x", client_assertion=shop.assertion())
    shop.client_id = "nobody"
    unknown = redeems(shop, "x", client_assertion=shop.assertion())

    assert refused(wrong, "invalid_client", status=401)
    assert (wrong.text, dict(wrong.headers)) == (unknown.text, dict(unknown.headers))


@on_sqlite_alone
@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/introspect", "/oauth/revoke"])
@pytest.mark.parametrize(
    ("form", "headers"),
    [
        ({"client_secret": SECRET}, {}),
        ({}, {"Authorization": basic("shop", SECRET)}),
        ({}, {"Authorization": basic("other", "x")}),
        ({}, {"Authorization": "Bearer x"}),
    ],
)
def test_two_methods_at_once_are_refused_and_the_assertion_stays_good(shop, house, path, form, headers):
    assertion = shop.assertion()
    given = {"grant_type": "refresh_token", "refresh_token": "x", "token": "x", "client_assertion": assertion}

    with nothing_changes(house):
        response = shop.post(path, {**given, **form}, headers=headers)

    assert refused(response, "invalid_request")
    assert shop.post("/oauth/introspect", {"token": "x", "client_assertion": assertion}).status_code == 200


@on_sqlite_alone
@pytest.mark.parametrize(
    "form",
    [
        {"client_assertion_type": ""},
        {"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"},
        {"client_assertion_type": TYPE.upper()},
        {"client_assertion": ""},
        {"client_id": "other"},
        {"client_id": "SHOP"},
    ],
)
def test_an_assertion_comes_with_its_type_and_no_other_client_id(shop, house, form):
    with nothing_changes(house):
        response = redeems(shop, "x", **{"client_assertion": shop.assertion(), **form})

    assert refused(response, "invalid_client", status=401)


@on_sqlite_alone
def test_the_same_client_id_may_stand_beside(shop, person):
    code = code_for(person, shop)

    assert redeems(shop, code, client_assertion=shop.assertion(), client_id="shop").status_code == 200


@on_sqlite_alone
def test_an_assertion_in_the_url_is_refused(shop, house):
    with nothing_changes(house):
        response = shop.client.post(
            f"/oauth/introspect?client_assertion_type={TYPE}&client_assertion={shop.assertion()}", data={"token": "x"}
        )

    assert refused(response, "invalid_request")


@on_sqlite_alone
def test_a_code_of_another_vendor_stays_out_of_reach(app, house, person, shop, vendor):
    code = code_for(person, vendor)
    before = contents(house)

    assert refused(redeems(shop, code, client_assertion=shop.assertion()), "invalid_grant")

    assert {**contents(house), "seen": []} == {**before, "seen": []}


@on_sqlite_alone
def test_who_changes_its_keys_between_check_and_use_is_refused(shop, monkeypatch):
    first = client_assertion.proven
    monkeypatch.setattr(
        client_assertion,
        "proven",
        lambda *a, **k: replace(first(*a, **k), metadata={"token_endpoint_auth_method": "x"}),
    )
    assert refused(shop.post("/oauth/introspect", {"token": "x"}), "invalid_client", status=401)

    monkeypatch.setattr(
        client_assertion,
        "proven",
        lambda *a, **k: replace(found := first(*a, **k), metadata={**found.metadata, "jwks": {"keys": []}}),
    )
    assert refused(shop.post("/oauth/introspect", {"token": "x"}), "invalid_client", status=401)


# --- registration ---------------------------------------------------------------------------------------------------


WEAK = {"keys": [public_jwk(rsa.generate_private_key(65537, 1024).public_key())]}  # noqa: S505 - to be refused
GOOD = public(key("ES256"))


@on_sqlite_alone
@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"jwks": {"keys": []}},
        {"jwks": WEAK},
        {"jwks": {"keys": [{"kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA"}]}},
        {"jwks": {"keys": [{"kty": "EC", "crv": "secp256k1", "x": "AAAA", "y": "AAAA"}]}},
        {"jwks": {"keys": [{"kty": "RSA"}]}},
        {"jwks": {"keys": [{}]}},
        {"jwks": public(key("ES256"), use="enc")},
        {"jwks": public(key("ES256"), key_ops=["sign"])},
        {"jwks": public(key("ES256"), key_ops=7)},
        {"jwks": GOOD, "token_endpoint_auth_signing_alg": "EdDSA"},
        {"jwks": GOOD, "token_endpoint_auth_signing_alg": "HS256"},
        {"jwks": GOOD, "token_endpoint_auth_signing_alg": "none"},
        {"jwks": GOOD, "token_endpoint_auth_signing_alg": ["ES256"]},
        {"jwks": GOOD, "jwks_uri": "https://shop.example/jwks"},
        {"jwks": {"keys": [key("ES256").as_dict(private=True)]}},
        {"jwks": {"keys": [*GOOD["keys"], key("RS256").as_dict(private=True)]}},
        {"jwks": {"keys": [*GOOD["keys"], {"kty": "oct"}]}},
        {"jwks": {"keys": [*GOOD["keys"], {**GOOD["keys"][0], "dp": "x"}]}},
        {"jwks_uri": "http://shop.example/jwks"},
        {"jwks_uri": "http://127.0.0.1/jwks"},
        {"jwks_uri": "https://user@shop.example/jwks"},
        {"jwks_uri": "https://shop.example/jwks#x"},
        {"jwks_uri": "ftp://shop.example/jwks"},
        {"jwks_uri": "javascript:alert(1)"},
        {"jwks_uri": 7},
        {"jwks_uri": ""},
        {"token_endpoint_auth_method": "client_secret_jwt", "client_secret": "short"},
        {"token_endpoint_auth_method": "client_secret_jwt", "client_secret": "x" * 31},
        {"token_endpoint_auth_method": "client_secret_jwt", "token_endpoint_auth_signing_alg": "RS256"},
        {"token_endpoint_auth_method": "client_secret_jwt", "token_endpoint_auth_signing_alg": "HS512"},
        {"token_endpoint_auth_method": "client_secret_basic", "token_endpoint_auth_signing_alg": "none"},
    ],
)
def test_a_vendor_without_what_verifies_it_can_not_register(house, metadata):
    given = {
        "redirect_uris": ["https://shop.example/back"],
        "token_endpoint_auth_method": "private_key_jwt",
        **metadata,
    }

    with nothing_changes(house), pytest.raises(InvalidClientMetadata):
        house.database.write(add_by_operator, house.secrets, given, now=house.clock())


@pytest.fixture
def changing(app, house, settings):
    """A vendor that registered itself, and the request that changes its method."""
    client = create_app(replace(house, settings=replace(settings, registration="open"))).test_client()
    given = {"redirect_uris": ["https://shop.example/back"], "jwks": GOOD}
    answer = client.post("/oauth/register", json=given).json
    token = {"Authorization": f"Bearer {answer['registration_access_token']}"}
    path = answer["registration_client_uri"].removeprefix(ISSUER)

    def change(method):
        metadata = {**given, "client_id": answer["client_id"], "token_endpoint_auth_method": method}
        return client.put(path, json=metadata, headers=token)

    return change


def test_a_vendor_that_changes_its_method_has_just_the_secret_it_needs(changing, house):
    kept = []
    for method in ("client_secret_jwt", "client_secret_jwt", "client_secret_post", "private_key_jwt", "none"):
        answer = changing(method)
        assert answer.status_code == 200, answer.text
        (row,) = rows(house, "vendors")
        told = "client_secret" in answer.json
        kept.append((told, row["secret_digest"] is not None, row["secret_sealed"] is not None))

    assert kept == [
        (True, True, True),
        (False, True, True),
        (False, True, False),
        (False, False, False),
        (False, False, False),
    ]


def decoded(assertion):
    return orjson.loads(base64.urlsafe_b64decode(assertion.split(".")[1] + "=="))


def decoded_header(assertion):
    return orjson.loads(base64.urlsafe_b64decode(assertion.split(".")[0] + "=="))
