"""A vendor that registered for pings hears that the person has answered: at its own address, until it confirms."""

import json
from collections.abc import Iterator

import pytest
from calling import CallingVendor, allows_call, looks
from journeys import refused
from sites import Site, serving
from storage import nothing_changes, on_sqlite_alone, rows

from vendor_api.oauth.ciba_pings import tell_all
from vendor_api.outbound.client import Outbound
from vendor_api.vendors import registry
from wallet.database import Database
from wallet.host import WalletHost
from wallet.house import House

TOKEN = "8d67dc78-7faa-4d41-aabd-67707b374255"


@pytest.fixture
def site(authority) -> Iterator[Site]:
    with serving(authority) as site:
        site.status, site.body = 204, b""
        yield site


@pytest.fixture
def vendor(app, house, person, site):
    vendor = CallingVendor(
        app,
        house,
        "stadtwerke",
        backchannel_token_delivery_mode="ping",
        backchannel_client_notification_endpoint=site.url,
    )
    vendor.meets(person)
    return vendor


def calls(vendor, **changed):
    return vendor.calls(**{"client_notification_token": TOKEN, **changed})


def tells(house, authority, *, allow="127.0.0.0/8"):
    post = Outbound(allow=allow, ca_file=str(authority)).post
    return tell_all(WalletHost(house, lambda _cookies: {}), post)


def telling(house):
    [found] = rows(house, "outbox")
    return found


@pytest.mark.parametrize("status", [200, 204])
def test_the_vendor_is_told_that_there_is_an_answer_and_fetches_it(person, vendor, house, authority, site, status):
    site.status = status
    begun = calls(vendor)
    assert tells(house, authority) == 0
    allows_call(person)

    assert tells(house, authority) == 1
    assert tells(house, authority) == 0

    [(method, path, headers, body)] = site.seen
    assert (method, path) == ("POST", "/document")
    assert headers["authorization"] == f"Bearer {TOKEN}"
    assert headers["content-type"] == "application/json"
    assert json.loads(body) == {"auth_req_id": begun.json["auth_req_id"]}
    assert vendor.polls().status_code == 200


@on_sqlite_alone
def test_a_refusal_is_told_alike(person, vendor, house, authority, site):
    calls(vendor)
    person.refuses(looks(person))

    assert tells(house, authority) == 1

    assert json.loads(site.seen[0][3]).keys() == {"auth_req_id"}
    assert refused(vendor.polls(), "access_denied")


@on_sqlite_alone
@pytest.mark.parametrize("status", [302, 307, 400, 500])
def test_what_is_not_confirmed_is_tried_again_and_redirects_lead_nowhere(
    person, vendor, house, authority, site, clock, status
):
    site.status, site.headers = status, {"Location": f"{site.url}/elsewhere"}
    calls(vendor)
    allows_call(person)

    assert tells(house, authority) == 0
    assert tells(house, authority) == 0
    assert [path for _, path, _, _ in site.seen] == ["/document"]
    clock.now += 10
    site.status = 204

    assert tells(house, authority) == 1


@on_sqlite_alone
def test_what_was_not_sent_survives_a_restart(person, vendor, house, authority, site, settings, clock):
    calls(vendor)
    allows_call(person)
    house.database.close()

    again = House(settings, Database(settings.database_url), house.secrets, clock)

    assert tells(again, authority) == 1
    again.database.close()


@on_sqlite_alone
def test_once_the_id_has_expired_nothing_is_sent(person, vendor, house, authority, site, clock):
    calls(vendor)
    allows_call(person)
    clock.now += 600

    assert tells(house, authority) == 0

    assert site.seen == []
    assert rows(house, "outbox") == []


@on_sqlite_alone
def test_a_vendor_that_went_away_is_told_nothing(person, vendor, house, authority, site):
    calls(vendor)
    allows_call(person)
    house.database.write(registry.remove, "stadtwerke")

    assert tells(house, authority) == 0
    assert site.seen == []


@on_sqlite_alone
def test_an_address_on_a_private_network_is_never_reached(person, vendor, house, authority, site):
    calls(vendor)
    allows_call(person)

    assert tells(house, authority, allow="none") == 0

    assert site.seen == []
    assert telling(house)["confirmed_at"] is None


def test_neither_token_nor_id_lies_open_in_the_database(person, vendor, house):
    begun = calls(vendor)
    allows_call(person)

    stored = str([rows(house, table) for table in ("backchannel_requests", "outbox", "codes", "asks")])

    assert TOKEN not in stored
    assert begun.json["auth_req_id"] not in stored


@on_sqlite_alone
def test_the_page_of_sign_ins_speaks_of_no_ping(person, vendor, house):
    calls(vendor)
    allows_call(person)

    assert person.browser.get("/sessions").status_code == 200


@on_sqlite_alone
@pytest.mark.parametrize("token", ["", "with space", "with,comma", "é", "x" * 1025, "=", "line\nbreak"])
def test_without_a_token_of_ones_own_nothing_is_asked(vendor, house, token):
    with nothing_changes(house):
        assert refused(calls(vendor, client_notification_token=token), "invalid_request")


@on_sqlite_alone
def test_who_only_polls_is_told_nothing(app, house, person):
    polling = CallingVendor(app, house, "radio")
    polling.meets(person)
    calls(polling)
    allows_call(person)

    assert rows(house, "outbox") == []
