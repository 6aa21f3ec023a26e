"""Keys behind a vendor's jwks_uri: fetched when needed, kept for a while, chosen strictly."""

from dataclasses import replace

import jwt
import pytest
from actors import VendorActor
from asserting import TYPE, AssertingVendor, key, public
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc.jwk import OctKey
from journeys import refused, tokens_for
from sites import allowed
from sqlalchemy import event
from storage import nothing_changes, on_sqlite_alone

from keys.jwk import public_jwk
from vendor_api.outbound import client
from wallet.app import create_app

pytestmark = on_sqlite_alone


@pytest.fixture
def site(site):
    site.shows(public(key("ES256")))
    return site


@pytest.fixture
def settings(settings, authority):
    return replace(settings, **allowed(authority))


@pytest.fixture
def shop(app, house, site):
    return AssertingVendor(app, house, "shop", jwks_uri=site.url)


def proves_itself(vendor):
    """Whether its next assertion is taken; fails where a refusal is not clean."""
    form = {"token": "x", "client_assertion_type": TYPE, "client_assertion": vendor.assertion()}
    response = vendor.client.post("/oauth/introspect", data=form)
    return response.status_code == 200 or not refused(response, "invalid_client", status=401)


def test_nothing_is_fetched_until_a_vendor_proves_itself_and_then_once(shop, person, site):
    assert site.seen == []

    tokens = tokens_for(person, shop)
    shop.refreshes(tokens["refresh_token"])

    assert [(method, path) for method, path, *_ in site.seen] == [("GET", "/document")]


def test_nothing_is_fetched_inside_a_transaction(shop, house, monkeypatch):
    open_now, seen = [], []
    for name, note in {"begin": open_now.append, "commit": open_now.remove, "rollback": open_now.remove}.items():
        event.listen(house.database.engine, name, note)
    send = client.Outbound._send
    monkeypatch.setattr(client.Outbound, "_send", lambda *given: seen.append(list(open_now)) or send(*given))
    house.database.close()

    assert proves_itself(shop)

    assert seen == [[]]


def test_a_vendor_with_a_secret_causes_no_fetch(app, house, person, site):
    vendor = VendorActor(app, house, "basic", jwks_uri=site.url)

    tokens_for(person, vendor)

    assert site.seen == []


def test_a_new_key_is_found_by_its_kid_and_the_old_one_is_gone(shop, site, clock):
    assert proves_itself(shop)
    clock.now += 60
    site.shows(public(key("ES256", "second")))
    shop.signs_with = key("ES256", "second")

    assert proves_itself(shop)

    shop.signs_with = key("ES256")
    assert not proves_itself(shop)


def test_an_unknown_kid_is_looked_for_once_a_minute_and_the_copy_stays(shop, site, clock, house):
    assert proves_itself(shop)
    good, shop.signs_with = shop.signs_with, key("ES256", "unknown")

    with nothing_changes(house):
        for _ in range(5):
            assert not proves_itself(shop)
        assert len(site.seen) == 1
        clock.now += 60
        for _ in range(5):
            assert not proves_itself(shop)
        assert len(site.seen) == 2
        site.status = 500
        clock.now += 60
        for _ in range(5):
            assert not proves_itself(shop)
        assert len(site.seen) == 3

    shop.signs_with = good
    assert proves_itself(shop)
    assert len(site.seen) == 3


@pytest.mark.parametrize("wrong", ["status", "redirect", "html", "no json"])
def test_keys_that_can_not_be_fetched_are_a_clean_refusal_and_asked_for_again_soon(shop, site, clock, house, wrong):
    good = site.body
    if wrong == "status":
        site.status = 500
    if wrong == "redirect":
        site.status, site.headers = 302, {"Location": site.url}
    if wrong == "html":
        site.headers = {"Content-Type": "text/html"}
    if wrong == "no json":
        site.body = b"<html>"

    with nothing_changes(house):
        response = shop.post("/oauth/introspect", {"token": "x"})
        assert not proves_itself(shop)

    assert refused(response, "invalid_client", status=401)
    assert "jwks_uri" in response.json["error_description"]
    assert len(site.seen) == 1
    clock.now += 30
    site.status, site.body, site.headers = 200, good, {"Content-Type": "application/json"}
    assert proves_itself(shop)


def test_a_private_address_is_never_knocked_at(app, house, settings, site):
    shop = AssertingVendor(app, house, "shop", jwks_uri=site.url)
    careful = replace(house, settings=replace(settings, outbound_allow="none"))
    shop.client = create_app(careful).test_client()

    with nothing_changes(house):
        assert not proves_itself(shop)

    assert site.seen == []


@pytest.mark.parametrize("jwks", [[], {}, 7, None, "x", {"keys": {}}, {"keys": [7, None, []]}, {"keys": None}])
def test_a_document_that_is_no_key_set_has_no_keys(shop, site, house, jwks):
    site.shows(jwks)

    with nothing_changes(house):
        assert not proves_itself(shop)


@pytest.mark.parametrize(
    "changed",
    [
        {"use": "enc"},
        {"alg": "ES384"},
        {"alg": "HS256"},
        {"kty": "oct"},
        {"kty": "RSA"},
        {"kty": ["EC"]},
        {"crv": "P-384"},
        {"crv": None},
        {"key_ops": ["sign"]},
        {"key_ops": "verify"},
        {"key_ops": 7},
        {"kid": "other"},
        {"kid": 7},
        {"x": "AAAA"},
        {"x": 7},
        {"y": None},
        {"d": key("ES256").as_dict(private=True)["d"]},
        {"d": None},
        {"k": "c2VjcmV0"},
    ],
)
def test_a_key_that_does_not_fit_or_is_not_public_verifies_nothing(shop, site, house, changed):
    (good,) = public(key("ES256"))["keys"]
    site.shows({"keys": [{**good, **changed}]})

    with nothing_changes(house):
        assert not proves_itself(shop)


@pytest.mark.parametrize("more", [{"use": "sig"}, {"alg": "ES256"}, {"key_ops": ["verify"]}, {"x5t": "x", "more": [1]}])
def test_a_key_may_say_more_of_itself(shop, site, more):
    site.shows(public(key("ES256"), **more))

    assert proves_itself(shop)


def test_keys_we_do_not_know_stand_in_nobodys_way(shop, site):
    strange = [{"kty": "AKP", "kid": "first"}, {"kid": "first"}, 7, {"kty": "oct", "kid": "first", "k": "AAAA"}]
    site.shows({"keys": [*strange, *public(key("RS256"))["keys"], *public(key("ES256"))["keys"]]})

    assert proves_itself(shop)


def test_without_a_kid_the_one_key_that_fits_is_taken_and_of_two_none(shop, site, house, clock):
    shop.header = {"kid": None}
    site.shows({"keys": [*public(key("RS256"))["keys"], *public(key("ES256"))["keys"]]})
    assert proves_itself(shop)

    site.shows(public(key("ES256"), key("ES256", "second")))
    clock.now += 3600
    with nothing_changes(house):
        assert not proves_itself(shop)


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
def test_an_rsa_key_under_2048_bits_verifies_nothing(shop, site, house):
    weak = rsa.generate_private_key(65537, 1024)  # noqa: S505 - to be refused
    site.shows({"keys": [{**public_jwk(weak.public_key()), "kid": "weak"}]})
    said = {"iss": "shop", "sub": "shop", "aud": "http://localhost", "jti": "1", "exp": house.clock() + 60}
    signed = jwt.encode(said, weak, algorithm="RS256", headers={"kid": "weak"})

    with nothing_changes(house):
        response = shop.post("/oauth/introspect", {"token": "x", "client_assertion": signed})

    assert refused(response, "invalid_client", status=401)


def test_a_symmetric_key_behind_the_address_verifies_nothing(shop, site, house):
    """Whoever can read the document could sign."""
    secret = OctKey.import_key("x" * 32)
    site.shows({"keys": [{"kty": "oct", "k": secret.as_dict()["k"], "kid": "first"}, *public(key("ES256"))["keys"]]})
    shop.signs_with, shop.alg, shop.header = secret, "HS256", {"kid": "first"}

    with nothing_changes(house):
        assert not proves_itself(shop)
