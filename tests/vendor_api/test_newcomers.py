"""Vendors that let themselves in: the unused go again, the used stay, and too many at once are put off."""

from dataclasses import replace

import pytest
from actors import VendorActor, basic
from devices import DeviceVendor, types
from journeys import refused, tokens_for
from sites import allowed, serving
from storage import nothing_changes, on_sqlite_alone, rows

from vendor_api.oauth.registration import mint_initial_token
from vendor_api.vendors import newcomers
from wallet.app import create_app
from wallet.upkeep import sweep

DAY = 24 * 3600
SHOP = {"redirect_uris": ["https://shop.example/back"]}


@pytest.fixture
def open_to():
    return "open"


@pytest.fixture
def settings(settings, open_to):
    return replace(settings, registration=open_to)


@pytest.fixture
def client(app):
    return app.test_client()


class Registered(VendorActor):
    """A vendor that registered itself."""

    def __init__(self, app, house, answer):
        self.client, self.house, self.registered = app.test_client(), house, answer
        self.client_id, self.redirect_uri, self.seen = answer["client_id"], answer["redirect_uris"][0], []

    @property
    def credentials(self):
        return {"Authorization": basic(self.client_id, self.registered["client_secret"])}


def register(client, **headers):
    return client.post("/oauth/register", json=SHOP, headers=headers)


def managed(client, registered, method="get", **more):
    headers = {"Authorization": f"Bearer {registered['registration_access_token']}"}
    path = registered["registration_client_uri"].removeprefix("http://localhost")
    return getattr(client, method)(path, headers=headers, **more)


def known(house):
    return {row["client_id"] for row in rows(house, "vendors")}


def passes(house, seconds):
    house.clock.now += seconds
    house.database.write(sweep, now=house.clock())


def test_who_asks_nobody_for_thirty_days_is_forgotten(client, house):
    registered = register(client).json

    passes(house, 30 * DAY - 1)
    assert known(house) == {registered["client_id"]}
    passes(house, 1)

    assert known(house) == set()
    assert managed(client, registered).status_code == 401


@pytest.mark.parametrize("open_to", ["token"])
def test_who_came_with_a_token_is_forgotten_alike(client, house):
    token = mint_initial_token(house.secrets, now=house.clock())
    assert register(client, Authorization=f"Bearer {token}").status_code == 201

    passes(house, 30 * DAY)

    assert known(house) == set()


def test_who_asked_once_stays_whatever_the_answer_was(app, house, client, person):
    vendor = Registered(app, house, register(client).json)
    person.refuses(person.opens(vendor.link(["email"])))

    passes(house, 400 * DAY)

    assert known(house) == {vendor.client_id}


def test_who_has_a_living_grant_goes_on_as_before(app, house, client, person):
    vendor = Registered(app, house, register(client).json)
    tokens = tokens_for(person, vendor)

    passes(house, 31 * DAY)

    assert vendor.reads(vendor.refreshes(tokens["refresh_token"]).json["access_token"]).status_code == 200


@on_sqlite_alone
def test_a_living_grant_alone_keeps_a_vendor(app, house, client, person):
    vendor = Registered(app, house, register(client).json)
    tokens_for(person, vendor)
    everybody = newcomers.update(newcomers.table)
    house.database.write(lambda db: db.execute(everybody.values(unused_until=house.clock() + DAY)))

    passes(house, 31 * DAY)
    assert known(house) == {vendor.client_id}
    passes(house, 400 * DAY)
    assert known(house) == set()


@on_sqlite_alone
def test_an_ask_by_a_device_is_a_use_too(app, house, person):
    vendor = DeviceVendor(app, house, "tv")
    everybody = newcomers.update(newcomers.table)
    house.database.write(lambda db: db.execute(everybody.values(unused_until=house.clock() + DAY)))
    person.signs_in()
    vendor.begins()
    types(person, vendor.shows)

    passes(house, 2 * DAY)

    assert known(house) == {"tv"}


@on_sqlite_alone
def test_a_request_that_no_person_saw_is_no_use(app, house, client, person):
    """A vendor can send requests to itself, to stay for ever and to make room for more of its kind."""
    vendor = Registered(app, house, register(client).json)
    asked = client.get(vendor.link(["email"]))
    client.get(asked.location)
    person.signs_in()
    person.browser.get(vendor.link(["email"]))

    passes(house, 30 * DAY)

    assert asked.location.startswith("/consent/")
    assert known(house) == set()


@on_sqlite_alone
def test_what_the_operator_added_stays(app, house):
    VendorActor(app, house, "stadtwerke")

    passes(house, 400 * DAY)

    assert known(house) == {"stadtwerke"}


@on_sqlite_alone
def test_looking_at_a_registration_or_changing_it_is_no_use(client, house):
    registered = register(client).json
    house.clock.now += 29 * DAY
    assert managed(client, registered).status_code == 200
    changed = {**SHOP, "client_id": registered["client_id"], "client_name": "New"}
    assert managed(client, registered, "put", json=changed).json["client_name"] == "New"

    passes(house, DAY)

    assert known(house) == set()


@on_sqlite_alone
def test_an_ask_that_never_began_is_no_use(app, house, client, person):
    vendor = Registered(app, house, register(client).json)
    with nothing_changes(house):
        person.browser.get(vendor.link(["email"], scope="nothing"))
        person.browser.get(vendor.link(["email"], prompt="none"))

    passes(house, 30 * DAY)

    assert known(house) == set()


def test_too_many_in_an_hour_have_to_wait_and_nothing_is_stored(client, house, monkeypatch):
    monkeypatch.setattr(newcomers, "MOST_IN_AN_HOUR", 2)
    first = register(client).json
    house.clock.now += 60
    assert register(client).status_code == 201

    with nothing_changes(house):
        answer = register(client)

    assert refused(answer, "temporarily_unavailable", status=429)
    assert answer.headers["Retry-After"] == "3600"
    assert managed(client, first).status_code == 200
    house.clock.now += 3600 - 60
    assert register(client).status_code == 201


@on_sqlite_alone
def test_too_many_that_nobody_uses_are_put_off_until_some_go(app, house, client, person, monkeypatch):
    monkeypatch.setattr(newcomers, "MOST_UNUSED", 1)
    vendor = Registered(app, house, register(client).json)

    with nothing_changes(house):
        assert refused(register(client), "temporarily_unavailable", status=429)

    person.opens(vendor.link(["email"]))
    assert register(client).status_code == 201
    assert register(client).status_code == 429
    passes(house, 30 * DAY)
    assert register(client).status_code == 201


@on_sqlite_alone
@pytest.mark.parametrize("open_to", ["token"])
def test_whom_the_operator_invited_does_not_wait(client, house, monkeypatch):
    monkeypatch.setattr(newcomers, "MOST_IN_AN_HOUR", 0)
    token = mint_initial_token(house.secrets, now=house.clock())

    assert register(client, Authorization=f"Bearer {token}").status_code == 201


@on_sqlite_alone
def test_a_vendor_by_document_is_held_to_the_same(house, person, authority, monkeypatch):
    elsewhere = replace(house, settings=replace(house.settings, **allowed(authority)))
    visitor = type(person)(create_app(elsewhere), elsewhere, person.person, password=person.password)
    with serving(authority) as site:
        site.shows({"client_id": site.url, **SHOP})
        asked = f"/oauth/authorize?client_id={site.url}&redirect_uri={SHOP['redirect_uris'][0]}&state=x"
        with monkeypatch.context() as crowded, nothing_changes(house):
            crowded.setattr(newcomers, "MOST_UNUSED", 0)
            assert visitor.browser.get(asked).status_code == 400

        visitor.browser.get(asked)
        assert known(house) == {site.url}
        passes(house, 30 * DAY)
        assert known(house) == set()
