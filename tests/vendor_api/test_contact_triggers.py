"""A vendor learns that a trigger fired by its stream or by coming for it, once, and reports what it may look after."""

import pytest
from actors import VendorActor
from listening import ListeningVendor, claims
from storage import nothing_changes, on_sqlite_alone, rows
from triggering import TOPICS, at, fired, has_meter, looks, makes, may_speak, reaches, used

from wallet.triggers.model import Change

KIND = "urn:hausrecht:event:trigger-fired"


@pytest.fixture
def vendor(app, house, clock):
    clock.now = at(2027, 1, 2)
    return ListeningVendor(app, house, "stadtwerke", **TOPICS)


@pytest.fixture
def grant_id(person, vendor):
    return may_speak(person, vendor)["grant_id"]


@pytest.fixture
def meter(house, person):
    return has_meter(house, person)


def fires(house, person, grant_id, meter, **other):
    trigger = makes(house, person, reaches(meter), grant_id, **other)
    used(house, meter, "2027-01-01", "3000")
    assert looks(house) == 1
    return trigger


def comes(vendor, **form):
    return vendor.post("/contact/triggers", {"client_id": vendor.client_id, **form})


def test_a_vendor_that_listens_gets_one_event_with_just_what_was_released(house, person, vendor, grant_id, meter):
    vendor.listens(events_requested=[KIND])
    fires(house, person, grant_id, meter, released=("email",))

    sets = vendor.polls()["sets"]

    ((jti, event),) = sets.items()
    said = claims(event)["events"][KIND]
    assert said["released"] == {"email": "ana@example.org"}
    assert (said["topic"], said["grant_id"]) == ("tariff", grant_id)
    assert said["opening_id"] == rows(house, "openings")[0]["opening_id"]
    assert "ana@example.org" not in str(rows(house, "outbox"))
    assert "3000" not in str(claims(event))
    vendor.polls(ack=[jti])
    assert comes(vendor).json["fired"] == []


@on_sqlite_alone
def test_a_vendor_without_a_stream_comes_for_it_and_confirms_it(house, person, vendor, grant_id, meter):
    trigger = fires(house, person, grant_id, meter)

    (waiting,) = comes(vendor).json["fired"]

    assert (waiting["trigger_id"], waiting["released"]) == (trigger.public_id, {})
    assert comes(vendor, acknowledged=waiting["firing_id"]).json["fired"] == []
    assert fired(house, trigger)[0].acknowledged_at is not None


@on_sqlite_alone
def test_what_was_taken_back_is_not_released_any_more(house, person, vendor, grant_id, meter):
    fires(house, person, grant_id, meter, released=("email",))
    page = f"/vendors/{grant_id}"
    person.browser.post(f"{page}/narrow", form_at=page, attribute="email")
    assert [one["released"] for one in comes(vendor).json["fired"]] == [{}]
    person.revokes(grant_id)
    assert comes(vendor).json["fired"] == []


@on_sqlite_alone
def test_another_vendor_learns_nothing_and_confirms_nothing(app, house, person, vendor, grant_id, meter):
    trigger = fires(house, person, grant_id, meter)
    firing_id = comes(vendor).json["fired"][0]["firing_id"]
    stranger = VendorActor(app, house, "stranger", **TOPICS)

    with nothing_changes(house):
        assert comes(stranger, acknowledged=firing_id).json == {"fired": [], "delegated": []}
        assert comes(stranger, trigger_id=trigger.public_id, period="2027").status_code == 404
    unproven = vendor.client.post("/contact/triggers", data={"client_id": vendor.client_id})
    assert unproven.status_code == 401


@on_sqlite_alone
def test_a_condition_is_told_only_where_the_vendor_is_to_look_itself(house, person, vendor, grant_id, meter):
    own = makes(house, person, reaches(meter), grant_id)
    assert comes(vendor).json["delegated"] == []
    assert comes(vendor, trigger_id=own.public_id, period="2027").status_code == 404

    makes(house, person, reaches(meter, "3000"), grant_id, mode="delegated")

    (one,) = comes(vendor).json["delegated"]
    assert (one["condition"]["amount"], one["condition"]["unit"]) == ("3000", "kWh")
    assert meter.data_set_id not in str(one)


def test_a_report_is_taken_once_a_period_and_opens_the_occasion(house, person, vendor, grant_id, meter):
    trigger = makes(house, person, reaches(meter, "3000"), grant_id, mode="delegated")
    used(house, meter, "2027-01-01", "9000")
    assert looks(house) == 0

    taken = comes(vendor, trigger_id=trigger.public_id, period="2027", observed="3000.5")

    assert taken.status_code == 200
    assert taken.json["reported"]["opening_id"] == rows(house, "openings")[0]["opening_id"]
    assert person.log()[-1] == "fired"
    with nothing_changes(house):
        again = comes(vendor, trigger_id=trigger.public_id, period="2027")
        assert (again.status_code, again.json["error"]) == (400, "invalid_request")


@on_sqlite_alone
@pytest.mark.parametrize(
    "said",
    [
        {"period": "2025"},
        {"period": "2028"},
        {"period": "2027-01"},
        {"period": "x"},
        {},
        {"period": "2027", "observed": "2999"},
    ],
)
def test_a_report_of_another_period_or_of_too_little_is_refused(house, person, vendor, grant_id, meter, said):
    trigger = makes(house, person, reaches(meter, "3000"), grant_id, mode="delegated")
    with nothing_changes(house):
        assert comes(vendor, trigger_id=trigger.public_id, **said).status_code == 400


@on_sqlite_alone
def test_where_there_are_no_periods_a_report_is_taken_once_for_today(house, person, vendor, grant_id):
    """Else each day that ever was would be an occasion to speak, and the same day once more in each of its names."""
    trigger = makes(house, person, Change("email"), grant_id, mode="delegated")
    with nothing_changes(house):
        for period in ("2020-01-01", "2027-01-01", "2027-01-03", "20270102", "2026-W53-6"):
            assert comes(vendor, trigger_id=trigger.public_id, period=period).status_code == 400, period

    assert comes(vendor, trigger_id=trigger.public_id, period="2027-01-02").status_code == 200
    assert comes(vendor, trigger_id=trigger.public_id, period="2027-01-02").status_code == 400
    assert len(rows(house, "openings")) == 1


@on_sqlite_alone
def test_nothing_is_reported_outside_the_grant(house, person, vendor, grant_id, meter):
    trigger = makes(house, person, reaches(meter, "3000"), grant_id, mode="delegated")
    page = f"/vendors/{grant_id}"
    person.browser.post(f"{page}/pause", form_at=page)
    with nothing_changes(house):
        assert comes(vendor, trigger_id=trigger.public_id, period="2027").status_code == 404
    assert comes(vendor).json["delegated"] == []
