"""Tokens that are bound to a certificate (RFC 8705 section 3): of no use to whoever has not got its key."""

from dataclasses import replace

import pytest
from actors import VERIFIER
from asserting import TYPE, AssertingVendor
from certified import HEADER, CertifiedVendor, certify
from dpop import ProvingVendor, ath
from journeys import code_for, refused, tokens_for
from storage import nothing_changes, on_sqlite_alone, rows

from vendor_api.vendors import registry

MINE, OTHERS = certify("CN=shop"), certify("CN=thief")
BOUND = {"tls_client_certificate_bound_access_tokens": True}
SELF_SIGNED = {"token_endpoint_auth_method": "self_signed_tls_client_auth", "jwks": MINE.jwks}
METHODS = {
    "a_secret": {},
    "none": {"token_endpoint_auth_method": "none"},
    "the_certificate": SELF_SIGNED,
}
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"


@pytest.fixture
def settings(settings):
    return replace(settings, client_certificate_header=HEADER, trusted_proxies="127.0.0.1/32")


@pytest.fixture
def shop(app, house):
    return CertifiedVendor(app, house, "shop", MINE, **BOUND)


@pytest.fixture
def public(app, house):
    return CertifiedVendor(app, house, "public", MINE, **METHODS["none"], **BOUND)


def refused_at_userinfo(answer):
    assert refused(answer, "invalid_token", status=401)
    assert 'Bearer realm="wallet", error="invalid_token"' in answer.headers["WWW-Authenticate"]
    return True


@pytest.mark.parametrize("method", METHODS)
def test_a_bound_token_is_read_with_its_certificate_and_without_it_by_nobody(app, house, person, method):
    vendor = CertifiedVendor(app, house, "shop", MINE, **METHODS[method], **BOUND)
    tokens = tokens_for(person, vendor)

    assert tokens["token_type"] == "Bearer"
    assert vendor.reads(tokens["access_token"]).json["email"] == "ana@example.org"
    assert vendor.reads(tokens["access_token"], method="POST").json["email"] == "ana@example.org"
    for credential in (None, OTHERS, certify("CN=shop", key=MINE.key)):
        vendor.credential = credential
        with nothing_changes(house):
            assert refused_at_userinfo(vendor.reads(tokens["access_token"]))


def test_introspection_names_the_certificate(person, shop):
    tokens = tokens_for(person, shop)

    told = shop.introspects(tokens["access_token"])

    assert told["cnf"] == {"x5t#S256": MINE.thumbprint}
    assert told["token_type"] == "Bearer"
    assert "cnf" not in shop.introspects(tokens["refresh_token"])


def test_a_thief_who_writes_the_header_from_elsewhere_reads_nothing(person, shop, house, app):
    headers = {"Authorization": f"Bearer {tokens_for(person, shop)['access_token']}", **shop.by_proxy}

    with nothing_changes(house):
        answer = app.test_client().get(
            "/oauth/userinfo", headers=headers, environ_overrides={"REMOTE_ADDR": "203.0.113.5"}
        )

    assert refused_at_userinfo(answer)


def test_without_a_certificate_there_is_no_token_and_the_code_stays_good(person, shop, house):
    code, shop.credential = code_for(person, shop), None

    with nothing_changes(house):
        assert refused(shop.redeems(code), "invalid_request")

    shop.credential = MINE
    assert shop.redeems(code).status_code == 200


def test_a_public_vendors_refresh_token_is_bound_and_stays_good_for_its_owner(person, public, house):
    token = tokens_for(person, public)["refresh_token"]

    for credential in (None, OTHERS):
        public.credential = credential
        with nothing_changes(house):
            assert refused(public.refreshes(token), "invalid_grant")

    public.credential = MINE
    renewed = public.refreshes(token)
    assert public.reads(renewed.json["access_token"]).status_code == 200
    assert public.refreshes(renewed.json["refresh_token"]).status_code == 200


def test_a_vendor_with_a_secret_may_change_its_certificate_when_it_renews(person, shop):
    tokens = tokens_for(person, shop)
    shop.credential = OTHERS

    renewed = shop.refreshes(tokens["refresh_token"]).json

    assert shop.introspects(renewed["access_token"])["cnf"] == {"x5t#S256": OTHERS.thumbprint}
    assert refused_at_userinfo(shop.reads(tokens["access_token"]))


def test_what_was_bound_stays_bound_when_the_registration_changes(person, public, house):
    tokens = tokens_for(person, public)
    vendor = house.database.read(registry.find, "public")
    unbound = replace(vendor, metadata={**vendor.metadata, "tls_client_certificate_bound_access_tokens": False})
    house.database.write(registry.change, unbound)

    public.credential = None
    with nothing_changes(house):
        assert refused(public.refreshes(tokens["refresh_token"]), "invalid_grant")
        assert refused_at_userinfo(public.reads(tokens["access_token"]))
    public.credential = MINE
    renewed = public.refreshes(tokens["refresh_token"]).json
    public.credential = OTHERS
    assert refused_at_userinfo(public.reads(renewed["access_token"]))


@on_sqlite_alone
def test_a_certificate_binds_nothing_where_the_vendor_did_not_register_for_it(app, house, person):
    vendor = CertifiedVendor(app, house, "shop", MINE, **SELF_SIGNED)
    token = tokens_for(person, vendor)["access_token"]

    vendor.credential = None

    assert vendor.reads(token).status_code == 200


@on_sqlite_alone
def test_every_way_to_a_token_binds_it(app, house, person):
    shop = CertifiedVendor(app, house, "shop", MINE, **BOUND, grant_types=["authorization_code", JWT_BEARER, EXCHANGE])
    tokens = tokens_for(person, shop)
    exchange = {"grant_type": EXCHANGE, "subject_token": tokens["access_token"], "subject_token_type": ACCESS_TOKEN}

    exchanged, asserted = shop.post("/oauth/token", exchange).json, shop.asserts(tokens["consent_token"]).json

    for answer in (exchanged, asserted):
        assert answer["token_type"] == "Bearer"
        assert shop.introspects(answer["access_token"])["cnf"] == {"x5t#S256": MINE.thumbprint}
    shop.credential = OTHERS
    with nothing_changes(house):
        assert refused(shop.post("/oauth/token", exchange), "invalid_grant")
        assert refused_at_userinfo(shop.reads(exchanged["access_token"]))


@on_sqlite_alone
def test_the_grant_itself_is_looked_up_and_ended_with_the_certificate_alone(app, house, person):
    scope = "openid grant_management_query grant_management_revoke"
    shop = CertifiedVendor(app, house, "shop", MINE, scope=scope, **BOUND)
    tokens = tokens_for(person, shop, scope=scope)
    address, headers = f"/oauth/grants/{tokens['grant_id']}", {"Authorization": f"Bearer {tokens['access_token']}"}

    with nothing_changes(house):
        assert refused_at_userinfo(shop.client.get(address, headers=headers))
        assert refused_at_userinfo(shop.client.delete(address, headers=headers | {HEADER: OTHERS.in_bytes}))
        assert shop.client.get(address, headers=headers | shop.by_proxy).json["grant_id"] == tokens["grant_id"]
    assert shop.client.delete(address, headers=headers | shop.by_proxy).status_code == 204


@on_sqlite_alone
def test_a_token_is_bound_to_a_certificate_or_to_a_key_and_not_to_both(app, house, person, shop):
    code, key = code_for(person, shop), ProvingVendor(app, house, "key")
    proof = {"DPoP": key.proof(), **shop.credentials}

    with nothing_changes(house):
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": shop.redirect_uri}
        answer = shop.post("/oauth/token", {**form, "code_verifier": VERIFIER}, headers=proof)

    assert refused(answer, "invalid_dpop_proof")
    token = shop.redeems(code).json["access_token"]
    by_key = {"Authorization": f"DPoP {token}", "DPoP": key.proof("GET", "/oauth/userinfo", ath=ath(token))}
    with nothing_changes(house):
        assert refused(shop.client.get("/oauth/userinfo", headers=by_key | shop.by_proxy), "invalid_token", status=401)


@on_sqlite_alone
def test_a_token_bound_to_a_key_needs_no_certificate_and_is_not_disturbed_by_one(app, house, person):
    vendor = ProvingVendor(app, house, "key")
    token = tokens_for(person, vendor)["access_token"]
    headers = {"Authorization": f"DPoP {token}", "DPoP": vendor.proof("GET", "/oauth/userinfo", ath=ath(token))}

    assert vendor.client.get("/oauth/userinfo", headers={**headers, HEADER: MINE.in_bytes}).status_code == 200
    assert vendor.introspects(token)["token_type"] == "DPoP"


@on_sqlite_alone
def test_an_assertion_proves_the_vendor_and_the_certificate_binds_the_token(app, house, person):
    vendor = AssertingVendor(app, house, "shop", **BOUND)
    form = {"grant_type": "authorization_code", "redirect_uri": vendor.redirect_uri, "code_verifier": VERIFIER}
    code = code_for(person, vendor)

    def redeems(headers):
        proven = {"client_assertion_type": TYPE, "client_assertion": vendor.assertion(), **form}
        return vendor.client.post("/oauth/token", data={**proven, "code": code}, headers=headers)

    assert refused(redeems({}), "invalid_request")
    token = redeems({HEADER: MINE.in_bytes}).json["access_token"]
    assert vendor.introspects(token)["cnf"] == {"x5t#S256": MINE.thumbprint}


@on_sqlite_alone
def test_nothing_of_the_certificate_is_kept_but_its_thumbprint(person, shop, house):
    tokens_for(person, shop)

    kept = [row["request"]["cnf"] for row in rows(house, "tokens") if row["kind"] == "access"]

    assert kept == [{"x5t#S256": MINE.thumbprint}]
