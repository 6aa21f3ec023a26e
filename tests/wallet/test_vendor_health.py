"""The operator sees which vendors take their events and which do not, without any person in it."""

import json

import pytest
from click.testing import CliRunner
from delivering import sends as puts
from journeys import tokens_for
from listening import ListeningVendor, sends
from storage import on_sqlite_alone

from wallet.cli import main
from wallet.commands import vendors

pytestmark = on_sqlite_alone


@pytest.fixture
def health(house, monkeypatch):
    def health(*options):
        monkeypatch.setattr(vendors, "open_here", lambda: house)
        done = CliRunner().invoke(main, ["vendor", "health", *options])
        assert done.exit_code == 0, done.output
        return done.output

    return health


def test_the_operator_sees_what_waits_since_when_and_why(app, house, person, site, authority, health, clock):
    assert health() == ""
    shop = ListeningVendor(app, house, "shop")
    shop.listens(site)
    made = tokens_for(person, shop)
    at = f"/vendors/{made['grant_id']}"
    assert health() == "shop\tenabled\t0 waiting\tnever confirmed any\t\n"

    site.status = 503
    person.browser.post(f"{at}/pause", form_at=at)
    person.browser.post(f"{at}/resume", form_at=at)
    sends(house, authority)
    assert health() == "shop\tenabled\t2 waiting since 2027-01-15T08:00:00+00:00\tnever confirmed any\thttp_503\n"

    site.status, clock.now = 202, clock.now + 10
    sends(house, authority)
    [said] = json.loads(health("--json"))
    assert said == {
        "client_id": "shop",
        "method": "urn:ietf:rfc:8935",
        "status": "enabled",
        "waiting": 0,
        "since": None,
        "last_confirmed": clock.now,
        "last_error": None,
    }
    assert person.person.person_id not in health() + health("--json")


def test_the_counters_say_how_many_wait_and_for_how_long_and_name_nobody(app, house, person, clock):
    shop = ListeningVendor(app, house, "shop")
    shop.listens()
    person.revokes(tokens_for(person, shop)["grant_id"])
    clock.now += 90

    said = app.test_client().get("/metrics").text
    assert "hausrecht_events_waiting 1.0" in said
    assert "hausrecht_events_waiting_seconds 90.0" in said
    assert "shop" not in said


def test_the_counters_say_by_channel_what_should_have_reached_people(app, house, ana, clock):
    ids = {"person_id": ana.person_id, "persona_id": ana.persona_id}
    puts(house, ids, "inbox")
    puts(house, ids, "phone", not_before=clock.now + 3600)
    clock.now += 90

    said = app.test_client().get("/metrics").text

    assert 'hausrecht_deliveries_stuck{channel="inbox"} 1.0' in said
    assert 'hausrecht_deliveries_stuck_seconds{channel="inbox"} 90.0' in said
    assert 'hausrecht_deliveries_stuck{channel="phone"} 0.0' in said
