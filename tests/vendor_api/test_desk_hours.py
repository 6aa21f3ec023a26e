"""Until when a vendor has to answer, in its hours of work; what happens when it does not; and when somebody is away."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from desking import JOE, PETRA, Desk
from hypothesis import given, settings
from hypothesis import strategies as st
from storage import on_sqlite_alone

from vendor_api.desk.directory import Absence
from vendor_api.desk.hours import Hours, after, is_open, next_open
from vendor_api.desk.routing import WAIT, Preference
from vendor_api.desk.service import ServiceLevel

BERLIN = "Europe/Berlin"
OFFICE = Hours(BERLIN, tuple((day, 9 * 60, 17 * 60) for day in range(5)), ("2027-01-01",))
ROUND_THE_CLOCK = Hours(BERLIN, tuple((day, 0, 24 * 60) for day in range(7)))


def at(wall, zone=BERLIN):
    return int(datetime.fromisoformat(wall).replace(tzinfo=ZoneInfo(zone)).timestamp())


@pytest.mark.parametrize(
    ("hours", "begun", "worked", "expected"),
    [
        (OFFICE, "2027-01-18T10:00", 4, "2027-01-18T14:00"),
        (OFFICE, "2027-01-18T16:00", 4, "2027-01-19T12:00"),
        (OFFICE, "2027-01-18T03:00", 8, "2027-01-18T17:00"),
        (OFFICE, "2027-01-15T16:00", 2, "2027-01-18T10:00"),  # over a weekend
        (OFFICE, "2026-12-31T16:00", 2, "2027-01-04T10:00"),  # and a holiday before it
        (ROUND_THE_CLOCK, "2027-03-27T12:00", 24, "2027-03-28T13:00"),  # a day of 23 hours
        (ROUND_THE_CLOCK, "2027-10-30T12:00", 24, "2027-10-31T11:00"),  # and one of 25
        (Hours(BERLIN, ((4, 22 * 60, 30 * 60),)), "2027-01-16T01:00", 2, "2027-01-16T03:00"),  # a shift over midnight
        (Hours(), "2027-01-16T01:00", 2, "2027-01-16T03:00"),
    ],
)
def test_hours_of_work_are_counted_on_the_clock_of_the_place(hours, begun, worked, expected):
    assert after(hours, at(begun), seconds=worked * 3600) == at(expected)


def test_a_shift_of_the_morning_has_its_hours_also_where_the_clock_leaps():
    shift = Hours(BERLIN, ((6, 60, 240),))  # Sundays from 1 to 4

    assert after(shift, at("2027-03-28T00:00"), seconds=2 * 3600) == at("2027-03-28T04:00")
    assert after(shift, at("2027-10-31T00:00"), seconds=4 * 3600) == at("2027-10-31T04:00")


def test_who_never_works_is_never_there():
    never = Hours("UTC", ((0, 600, 600),))

    assert next_open(never, at("2027-01-18T10:00")) is None
    assert after(never, at("2027-01-18T10:00"), seconds=1) > at("2028-01-18T10:00")


@settings(max_examples=100, deadline=None)
@given(st.integers(1_700_000_000, 1_900_000_000), st.integers(1, 100 * 3600), st.integers(1, 3600))
def test_what_takes_longer_is_due_later_and_always_while_somebody_works(begun, seconds, more):
    due = after(OFFICE, begun, seconds=seconds)

    assert begun + seconds <= due < after(OFFICE, begun, seconds=seconds + more)
    assert is_open(OFFICE, due - 1)


@pytest.fixture
def desk(house, clock):
    clock.now = at("2027-01-15T16:00")  # a Friday
    desk = Desk(house, staff=(PETRA, JOE))
    desk.promises(ServiceLevel("complaint", "*", 2, JOE.contact_person_id), ServiceLevel("*", "*", 16), hours=OFFICE)
    return desk


@on_sqlite_alone
def test_the_level_that_says_it_most_exactly_counts(desk):
    desk.promises(
        *(ServiceLevel("complaint", "outage", 1), ServiceLevel("complaint", "*", 2), ServiceLevel("*", "outage", 3)),
        hours=Hours(),
    )
    now = desk.house.clock()

    for kind, topic, hours in (
        ("complaint", "outage", 1),
        ("complaint", "x", 2),
        ("wish", "outage", 3),
        ("wish", None, 40),
    ):
        assert desk.receives(f"{kind}-{topic}", type=kind, topic=topic).due_at == now + hours * 3600


def test_what_is_late_goes_up_once_and_the_person_is_told(desk, clock):
    given = desk.receives(type="complaint")
    assert given.due_at == at("2027-01-18T10:00")

    clock.now = given.due_at - 1
    assert (desk.upkeep(), desk.thread()[0].is_late(clock())) == (0, False)
    clock.now += 1
    assert (desk.upkeep(), desk.upkeep()) == (1, 0)

    thread = desk.thread()[0]
    assert thread.assigned_to == JOE.contact_person_id
    assert [one.code for one in thread.reasons] == ["late", "escalates_to"]
    assert ("late", 30) in [(one.reason, one.weight) for one in thread.explanation]
    [(_, told)] = desk.host.told
    assert (told.state, told.is_late, told.name) == ("received", True, "Joe Miller")


@on_sqlite_alone
def test_what_was_answered_is_never_late(desk, clock):
    desk.receives(type="complaint")
    desk.does("read")
    desk.answers()
    clock.now += 30 * 24 * 3600

    assert desk.upkeep() == 0


@on_sqlite_alone
def test_who_writes_again_waits_from_then_on(desk, clock):
    desk.receives(type="complaint")
    clock.now = at("2027-01-18T10:00")
    desk.upkeep()

    again = desk.receives(type="complaint", message_id="again")

    assert (again.due_at, again.escalated_at) == (at("2027-01-18T12:00"), None)


@on_sqlite_alone
def test_what_waits_for_somebody_who_goes_away_is_given_on(desk, clock):
    desk.receives("t-1", preference=Preference(PETRA.contact_person_id))
    desk.receives("t-2", preference=Preference(PETRA.contact_person_id))
    now = clock()
    desk.employs(replace(PETRA, absences=(Absence(now + 60, now + 3600),)), JOE)

    assert desk.upkeep() == 0
    clock.now += 60
    assert desk.upkeep() == 2

    thread = desk.thread("t-2")[0]
    assert (thread.assigned_to, thread.reasons[0].code) == (JOE.contact_person_id, "absent")
    assert desk.host.told[0][1].name == "Joe Miller"


@on_sqlite_alone
def test_who_would_rather_wait_for_somebody_waits(desk, clock):
    away = replace(PETRA, absences=(Absence(clock(), clock() + 3600),))
    desk.employs(away, JOE)

    thread = desk.receives(preference=Preference(PETRA.contact_person_id, WAIT))

    assert (thread.assigned_to, desk.upkeep()) == (PETRA.contact_person_id, 0)


@on_sqlite_alone
def test_load_is_spread_over_who_is_there(desk):
    for number in range(6):
        desk.receives(f"t-{number}")

    given = [thread.assigned_to for thread in desk.threads().threads]
    assert sorted(given) == [JOE.contact_person_id] * 3 + [PETRA.contact_person_id] * 3
