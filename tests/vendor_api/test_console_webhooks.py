"""Staff see how their client hears of events, try it, pause it and let it go on."""

import pytest
from journeys import tokens_for
from listening import ListeningVendor, sends
from staffing import StaffActor
from storage import nothing_changes, on_sqlite_alone, rows

pytestmark = on_sqlite_alone
PAGE = "/console/webhooks"


@pytest.fixture
def receiver(site):
    site.status, site.body, site.headers = 202, b"", {}
    return site


@pytest.fixture
def shop(app, house, receiver):
    shop = ListeningVendor(app, house, "shop")
    shop.listens(receiver)
    return shop


@pytest.fixture
def kim(app, house, shop):
    actor = StaffActor(app, house, "shop")
    actor.signs_in()
    return actor


def verifies(kim):
    return kim.post(f"{PAGE}/shop/verify", form_at=PAGE)


def test_a_verification_goes_out_and_its_success_is_shown(kim, house, authority, clock):
    assert "none yet" in kim.get(PAGE).text

    assert verifies(kim).status_code == 303
    clock.now += 5
    assert sends(house, authority) == 1

    page = kim.get(PAGE).text
    assert "none yet" not in page
    assert "confirmed" in page
    assert "verification" in page


def test_what_fails_is_shown_with_its_reason_and_without_whom_it_is_about(
    kim, house, authority, receiver, person, shop
):
    grant_id = tokens_for(person, shop, ["email"])["grant_id"]
    receiver.status = 503
    person.revokes(grant_id)
    sends(house, authority)

    page = kim.get(PAGE).text
    assert "http_503" in page
    assert "failed, is tried again" in page
    assert "http_503" in kim.get("/console").text
    [row] = rows(house, "outbox")
    for secret in (row["person_id"], row["lane"], grant_id):
        assert secret not in page


def test_a_verification_is_not_asked_twice_in_a_minute(kim, house, clock):
    verifies(kim)

    with nothing_changes(house):
        assert verifies(kim).status_code == 429
    clock.now += 60
    assert verifies(kim).status_code == 303


def test_a_paused_stream_keeps_what_happens_and_tells_it_later(kim, house, authority, person, shop):
    kim.post(f"{PAGE}/shop/pause", form_at=PAGE)
    person.revokes(tokens_for(person, shop, ["email"])["grant_id"])
    assert sends(house, authority) == 0
    assert "paused" in kim.get(PAGE).text

    kim.post(f"{PAGE}/shop/resume", form_at=PAGE)
    assert sends(house, authority) == 1


def test_who_has_no_stream_is_told_how_to_get_one(app, house, vendor):
    kim = StaffActor(app, house, vendor.client_id)
    kim.signs_in()

    assert "POST /oauth/events/stream" in kim.get(PAGE).text
    with nothing_changes(house):
        for what in ("verify", "pause", "resume"):
            assert kim.post(f"{PAGE}/stadtwerke/{what}", form_at=PAGE).status_code == 404
