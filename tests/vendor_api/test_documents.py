"""Vendors that need no registration: the address of their metadata is their client_id, and only what is safe counts."""

import json
import time
from dataclasses import replace

import pytest
from actors import VendorActor
from asserting import AssertingVendor, key, public
from journeys import tokens_for
from sites import allowed
from storage import nothing_changes, on_sqlite_alone, rows

from vendor_api.outbound import client
from vendor_api.vendors.model import HAS_DOCUMENT
from wallet.app import create_app

pytestmark = on_sqlite_alone


@pytest.fixture
def settings(settings, authority):
    return replace(settings, registration="open", **allowed(authority))


class Published(VendorActor):
    """A vendor without a secret that nobody registered: what `site` shows describes it."""

    def __init__(self, app, house, site, **metadata):
        self.client, self.house, self.site, self.seen = app.test_client(), house, site, []
        self.redirect_uri = "https://shop.example/back"
        self.client_id, self.registered = site.url, {"token_endpoint_auth_method": "none"}
        self.publishes(**metadata)

    def publishes(self, **metadata):
        given = {"client_id": self.client_id, "client_name": "A Shop", "redirect_uris": [self.redirect_uri], **metadata}
        self.site.shows({name: value for name, value in given.items() if value is not None})


@pytest.fixture
def shop(app, house, site):
    return Published(app, house, site)


def refused_at_the_door(person, vendor):
    answer = person.browser.get(vendor.link(["email"]))
    assert answer.status_code == 400, answer.location
    return "Nobody is registered here" in answer.text


def test_whoever_publishes_its_metadata_can_ask_redeem_and_read(person, shop, site):
    tokens = tokens_for(person, shop)

    assert shop.reads(tokens["access_token"]).json["email"] == "ana@example.org"
    assert "code" in shop.receives(person.browser.get(shop.link(["email"])))
    assert "refresh_token" in shop.refreshes(tokens["refresh_token"]).json
    assert [method for method, *_ in site.seen] == ["GET"]


def test_a_key_in_the_document_proves_the_vendor(app, house, person, site):
    keys = {"token_endpoint_auth_method": "private_key_jwt", "jwks": public(key("ES256"))}
    shop = Published(app, house, site, **keys)
    prover = AssertingVendor(app, house, "prover")
    prover.client_id, prover.redirect_uri = shop.client_id, shop.redirect_uri

    tokens = tokens_for(person, prover)

    assert prover.introspects(tokens["access_token"])["client_id"] == site.url


def test_what_changes_in_the_document_counts_once_it_is_read_again(person, shop, clock):
    tokens_for(person, shop)
    shop.publishes(client_name="Another Name")
    clock.now += 3601

    assert "Another Name" in person.opens(shop.link(["email"])).text


def test_a_document_that_is_gone_changes_nothing_for_a_while(person, shop, site, clock):
    tokens_for(person, shop)
    site.status = 500
    clock.now += 7200

    assert "code" in shop.receives(person.browser.get(shop.link(["email"])))


def test_a_vendor_can_not_move_to_another_host_and_learn_its_subjects(person, shop, clock):
    tokens_for(person, shop)
    shop.publishes(redirect_uris=["https://other.example/back"])
    shop.redirect_uri = "https://other.example/back"
    clock.now += 3601

    answer = person.browser.get(shop.link(["email"]))

    assert answer.status_code == 400
    assert "not registered for this vendor" in answer.text


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_id": "https://localhost/other"},
        {"client_id": None},
        {"client_secret": "x"},
        {"client_secret_expires_at": 0},
        {"token_endpoint_auth_method": "client_secret_basic"},
        {"token_endpoint_auth_method": "client_secret_jwt"},
        {"token_endpoint_auth_method": "private_key_jwt"},
        {"jwks": {"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "a", "d": "b"}]}},
        {"jwks": {"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}},
        {"jwks_uri": "http://10.0.0.1/keys"},
        {"redirect_uris": []},
        {"redirect_uris": ["javascript:alert(1)"]},
        {"redirect_uris": ["http://shop.example/back"]},
        {"logo_uri": "data:text/html,x"},
        {"require_pkce": False},
        {"id_token_signed_response_alg": "none"},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_document_that_is_not_good_makes_no_vendor(app, house, person, site, wrong):
    shop = Published(app, house, site, **wrong)

    with nothing_changes(house):
        assert refused_at_the_door(person, shop)


NOT_TO_BE_HAD = {
    "not there": {"status": 404},
    "elsewhere": {"status": 302, "headers": {"Location": "https://localhost/other"}},
    "another type": {"headers": {"Content-Type": "text/html"}},
    "not JSON": {"body": b"<html>"},
    "a list": {"body": b"[]"},
    "too large": {"body": b'{"client_name": "' + b"x" * 70_000 + b'"}'},
    "packed": {"headers": {"Content-Type": "application/json", "Content-Encoding": "gzip"}},
    "nested too deeply": {"body": b'{"jwks": ' + b"[" * 500 + b"]" * 500 + b"}"},
}


@pytest.mark.parametrize("broken", NOT_TO_BE_HAD.values(), ids=NOT_TO_BE_HAD)
def test_a_document_that_is_not_to_be_had_makes_no_vendor(house, person, shop, site, broken):
    vars(site).update(broken)

    with nothing_changes(house):
        assert refused_at_the_door(person, shop)


def test_a_document_that_drips_is_not_waited_for(house, person, shop, site, monkeypatch):
    monkeypatch.setattr(client, "SECONDS", 0.3)
    site.speaks = lambda _: time.sleep(1)

    with nothing_changes(house):
        assert refused_at_the_door(person, shop)


def test_a_document_that_spoils_later_changes_nothing_of_what_was_kept(house, person, shop, site, clock):
    tokens_for(person, shop)
    before = rows(house, "vendors")
    keys = {"keys": [{"kty": "EC", "kid": nested(500)}]}
    site.body = json.dumps({"client_id": site.url, "redirect_uris": [shop.redirect_uri], "jwks": keys}).encode()
    clock.now += 3601

    person.opens(shop.link(["email"]))

    assert rows(house, "vendors") == before


def nested(times):
    found = []
    for _ in range(times):
        found = [found]
    return found


@pytest.mark.parametrize(
    "spelling",
    ["{url}#x", "{url}/../document", "https://user@{rest}", "http://{rest}", "https://localhost", "{url}?\x00"],
)
def test_another_spelling_of_an_address_is_not_even_fetched(person, shop, house, site, spelling):
    rest = site.url.removeprefix("https://")
    shop.client_id = spelling.format(url=site.url, rest=rest)

    with nothing_changes(house):
        assert person.browser.get(shop.link(["email"])).status_code == 400

    assert site.seen == []


def test_an_address_in_a_private_network_is_not_fetched(app, house, person, shop, settings, site):
    strict = replace(house, settings=replace(settings, outbound_allow="none"))
    client = create_app(strict).test_client()

    assert client.get(shop.link(["email"])).status_code == 400
    assert site.seen == []


@pytest.mark.parametrize("guarded", ["closed", "token"])
def test_where_registration_is_guarded_nobody_comes_in_by_document(house, shop, settings, site, guarded):
    client = create_app(replace(house, settings=replace(settings, registration=guarded))).test_client()

    assert client.get(shop.link(["email"])).status_code == 400
    assert site.seen == []
    assert "client_id_metadata_document_supported" not in client.get("/.well-known/openid-configuration").json


def test_a_full_house_takes_no_more(person, shop, house, monkeypatch):
    monkeypatch.setattr("vendor_api.vendors.documents.MOST_VENDORS", 0)

    with nothing_changes(house):
        assert refused_at_the_door(person, shop)


def test_nobody_can_register_as_if_by_document(app, house, site):
    given = {"redirect_uris": ["https://shop.example/back"], HAS_DOCUMENT: True}

    made = app.test_client().post("/oauth/register", json=given).json

    assert HAS_DOCUMENT not in made
    assert not any(HAS_DOCUMENT in row["metadata"] for row in rows(house, "vendors"))
