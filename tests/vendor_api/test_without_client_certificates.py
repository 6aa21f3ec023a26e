"""A wallet with no proxy that hands certificates on: nothing of RFC 8705 is offered, and nothing is believed."""

from dataclasses import replace

import pytest
from certified import HEADER, CertifiedVendor, certify
from journeys import refused
from storage import nothing_changes, on_sqlite_alone

from wallet.app import create_app

pytestmark = on_sqlite_alone
MINE = certify("CN=shop")
SELF_SIGNED = {"token_endpoint_auth_method": "self_signed_tls_client_auth", "jwks": MINE.jwks}
BY_AUTHORITY = {"token_endpoint_auth_method": "tls_client_auth", "tls_client_auth_subject_dn": "CN=shop"}
BOUND = {"tls_client_certificate_bound_access_tokens": True}


def test_the_header_is_nothing_to_a_wallet_that_was_not_told_of_it(app, house):
    shop = CertifiedVendor(app, house, "shop", MINE, **SELF_SIGNED)

    with nothing_changes(house):
        assert refused(shop.post("/oauth/introspect", {"token": "x"}), "invalid_client", status=401)


def test_discovery_is_silent_about_it(app):
    document = app.test_client().get("/.well-known/openid-configuration").text

    assert "tls_client" not in document
    assert "tls_client" not in app.test_client().get("/.well-known/oauth-protected-resource").text


@pytest.mark.parametrize("metadata", [SELF_SIGNED, BY_AUTHORITY, BOUND], ids=["self_signed", "by_authority", "bound"])
def test_nobody_can_register_for_what_there_is_not(house, metadata):
    house = replace(house, settings=replace(house.settings, registration="open"))
    client = create_app(house).test_client()

    with nothing_changes(house):
        answer = client.post("/oauth/register", json={"redirect_uris": ["https://shop.example/back"], **metadata})

    assert refused(answer, "invalid_client_metadata")


@pytest.mark.parametrize("metadata", [SELF_SIGNED, BY_AUTHORITY, BOUND], ids=["self_signed", "by_authority", "bound"])
def test_nobody_can_change_to_what_there_is_not(house, metadata):
    house = replace(house, settings=replace(house.settings, registration="open"))
    client, said = create_app(house).test_client(), {"redirect_uris": ["https://shop.example/back"]}
    made = client.post("/oauth/register", json=said).json

    with nothing_changes(house):
        answer = client.put(
            f"/oauth/register/{made['client_id']}",
            json={**said, "client_id": made["client_id"], **metadata},
            headers={"Authorization": f"Bearer {made['registration_access_token']}"},
        )

    assert refused(answer, "invalid_client_metadata")


def test_without_authorities_only_registered_certificates_are_offered(house):
    settings = replace(house.settings, client_certificate_header=HEADER, trusted_proxies="127.0.0.1/32")
    house = replace(house, settings=replace(settings, registration="open"))
    app = create_app(house)

    methods = app.test_client().get("/.well-known/openid-configuration").json["token_endpoint_auth_methods_supported"]
    shop = CertifiedVendor(app, house, "shop", MINE, **BY_AUTHORITY)

    assert "self_signed_tls_client_auth" in methods
    assert "tls_client_auth" not in methods
    assert refused(shop.post("/oauth/introspect", {"token": "x"}), "invalid_client", status=401)
