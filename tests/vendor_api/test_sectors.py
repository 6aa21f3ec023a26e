"""Several hosts, one vendor: a document joins them to a sector, and nobody gets in that way but who is listed."""

import base64
import json
from dataclasses import replace

import jwt
import pytest
from actors import VendorActor
from click.testing import CliRunner
from journeys import refused, tokens_for
from sites import allowed, serving
from storage import nothing_changes, on_sqlite_alone, rows

from vendor_api.vendors.model import DEVICE_CODE
from wallet.app import create_app
from wallet.cli import main

ONE, TWO = "https://shop.example/back", "https://shop.test/back"


@pytest.fixture
def site(site):
    site.shows([ONE, TWO, "https://more.example/back"])
    return site


@pytest.fixture
def settings(settings, authority):
    return replace(settings, registration="open", **allowed(authority))


@pytest.fixture
def client(app):
    return app.test_client()


def register(client, site, *uris, **more):
    given = {"redirect_uris": list(uris or (ONE, TWO)), "sector_identifier_uri": site.url, **more}
    return client.post("/oauth/register", json={name: value for name, value in given.items() if value is not None})


def change(client, registered, **changed):
    kept = ("client_id", "redirect_uris", "sector_identifier_uri")
    given = {name: registered[name] for name in kept if name in registered} | changed
    headers = {"Authorization": f"Bearer {registered['registration_access_token']}"}
    place = registered["registration_client_uri"].removeprefix("http://localhost")
    return client.put(place, json={name: value for name, value in given.items() if value is not None}, headers=headers)


def sub_at(person, vendor):
    return jwt.decode(tokens_for(person, vendor)["id_token"], options={"verify_signature": False})["sub"]


def test_vendors_of_one_document_know_a_person_by_one_subject_and_others_by_another(app, house, person, site):
    address = site.url
    one = VendorActor(app, house, "one", redirect_uris=[ONE, TWO], sector_identifier_uri=address)
    two = VendorActor(app, house, "two", redirect_uris=[TWO], sector_identifier_uri=address)
    alone = VendorActor(app, house, "alone", redirect_uris=[TWO])

    assert sub_at(person, one) == sub_at(person, two) != sub_at(person, alone)


def test_two_hosts_are_registered_with_a_document_that_lists_them(client, house, site):
    answer = register(client, site)

    assert answer.status_code == 201
    assert answer.json["sector_identifier_uri"] == site.url
    assert [row["metadata"]["redirect_uris"] for row in rows(house, "vendors")] == [[ONE, TWO]]


@on_sqlite_alone
@pytest.mark.parametrize(
    "document", [[], [ONE], [ONE, f"{TWO}/"], {"redirect_uris": [ONE, TWO]}, ONE, [ONE, TWO, 7], None], ids=str
)
def test_a_document_that_does_not_list_every_address_joins_nothing(client, house, site, document):
    site.shows(document)

    with nothing_changes(house):
        assert refused(register(client, site), "invalid_client_metadata")


@on_sqlite_alone
@pytest.mark.parametrize("broken", [{"status": 404}, {"status": 302}, {"body": b"<html>"}, {"headers": {}}], ids=str)
def test_a_document_that_is_not_to_be_had_joins_nothing(client, house, site, broken):
    vars(site).update(broken)

    with nothing_changes(house):
        assert refused(register(client, site), "invalid_client_metadata")


@on_sqlite_alone
@pytest.mark.parametrize(
    "wrong",
    [
        {"sector_identifier_uri": "http://localhost/sector"},
        {"sector_identifier_uri": "https://shop.example/#x"},
        {"sector_identifier_uri": "https://user@shop.example/"},
        {"sector_identifier_uri": ["https://shop.example/"]},
        {"redirect_uris": ["http://localhost/back"]},
        {"redirect_uris": [ONE, "com.example.app:/back"]},
        {"grant_types": ["authorization_code", DEVICE_CODE]},
    ],
    ids=str,
)
def test_an_application_or_device_gets_into_no_sector_by_it(client, house, site, wrong):
    with nothing_changes(house):
        assert refused(register(client, site, **wrong), "invalid_client_metadata")

    assert site.seen == []


@on_sqlite_alone
def test_two_hosts_without_a_document_are_refused(client, house, site):
    with nothing_changes(house):
        assert refused(register(client, site, sector_identifier_uri=None), "invalid_redirect_uri")


@on_sqlite_alone
def test_a_vendor_may_change_within_its_sector_once_its_document_says_so(client, site, clock):
    registered = register(client, site).json
    longer = [*registered["redirect_uris"], "https://new.example/back"]

    assert refused(change(client, registered, redirect_uris=longer), "invalid_client_metadata")

    site.shows(longer)
    clock.now += 61
    assert change(client, registered, redirect_uris=longer).json["redirect_uris"] == longer


@on_sqlite_alone
@pytest.mark.parametrize(
    "changed",
    [
        {"sector_identifier_uri": "https://127.0.0.1:{port}/document"},
        {"sector_identifier_uri": None, "redirect_uris": [ONE]},
    ],
    ids=["another host", "none"],
)
def test_a_vendor_can_not_leave_its_sector(client, house, site, changed):
    registered = register(client, site).json
    address = changed["sector_identifier_uri"]
    changed = {**changed, "sector_identifier_uri": address and address.format(port=site.port)}

    with nothing_changes(house):
        assert refused(change(client, registered, **changed), "invalid_redirect_uri")


@on_sqlite_alone
def test_nothing_is_fetched_for_who_may_not_change_it(client, house, site):
    registered = register(client, site).json
    site.seen.clear()

    with nothing_changes(house):
        answer = change(client, {**registered, "registration_access_token": "x"}, sector_identifier_uri=f"{site.url}2")

    assert answer.status_code == 401
    assert site.seen == []


@on_sqlite_alone
def test_a_vendor_without_registration_is_held_to_it_too(client, house, person, site, authority):
    with serving(authority) as home:
        home.shows({"client_id": home.url, "redirect_uris": [ONE, TWO], "sector_identifier_uri": site.url})
        site.shows([ONE])
        link = f"/oauth/authorize?client_id={home.url}&redirect_uri={TWO}&response_type=code&scope=openid"

        with nothing_changes(house):
            assert person.browser.get(link).status_code == 400

        site.shows([ONE, TWO])
        house.clock.now += 61
        assert person.browser.get(link).status_code == 303


@on_sqlite_alone
def test_the_operator_is_held_to_it_too(house, site, tmp_path, authority):
    file = tmp_path / "vendors.json"
    given = [
        {"client_id": "first", "redirect_uris": ["https://first.example/back"]},
        {"client_id": "second", "redirect_uris": [ONE, TWO], "sector_identifier_uri": site.url},
    ]
    file.write_text(json.dumps(given))
    key = tmp_path / "master.key"
    key.write_bytes(base64.b64encode(b"m" * 32))
    key.chmod(0o600)
    environment = {
        "WALLET_HOME": str(tmp_path),
        "WALLET_DATABASE_URL": house.settings.database_url,
        "WALLET_OUTBOUND_ALLOW": "127.0.0.0/8,::1/128",
        "WALLET_OUTBOUND_CA_FILE": str(authority),
    }
    site.shows([ONE])

    with nothing_changes(house):
        failed = CliRunner().invoke(main, ["vendor", "add", str(file)], env=environment)

    assert failed.exit_code == 1
    assert "vendor 2: sector_identifier_uri must lead to" in failed.output
    site.shows([ONE, TWO])
    assert CliRunner().invoke(main, ["vendor", "add", str(file)], env=environment).exit_code == 0
    assert {row["client_id"] for row in rows(house, "vendors")} == {"first", "second"}


@on_sqlite_alone
@pytest.mark.parametrize(
    "host", ["127.0.0.1", "[::1]", "10.0.0.1", "[fd00::1]", "[::ffff:127.0.0.1]", "2130706433", "0"]
)
def test_a_document_in_a_private_network_is_not_knocked_at(house, settings, site, host):
    strict = create_app(replace(house, settings=replace(settings, outbound_allow="none"))).test_client()
    given = {"redirect_uris": [ONE, TWO], "sector_identifier_uri": f"https://{host}:{site.port}/sector"}

    with nothing_changes(house):
        answer = strict.post("/oauth/register", json=given)

    assert refused(answer, "invalid_client_metadata")
    assert site.seen == []
