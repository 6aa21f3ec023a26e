"""What fires while the person wants peace waits: it is told once when that ends, or the person reads why it was not."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from actors import VendorActor
from keeping import backup, restore
from reading import words
from speaking import wants
from storage import on_sqlite_alone, rows
from triggering import TOPICS, at, draft, fired, has_meter, looks, makes, may_speak, reaches, used

from wallet.backup import settling
from wallet.triggers import engine

DAY = 24 * 3600
FRIDAY = at(2027, 1, 8)


@pytest.fixture
def vendor(app, house):
    return VendorActor(app, house, "stadtwerke", **TOPICS)


@pytest.fixture
def grant_id(person, vendor, clock):
    clock.now = at(2027, 1, 2)
    return may_speak(person, vendor)["grant_id"]


@pytest.fixture
def meter(house, person):
    return has_meter(house, person)


@pytest.fixture
def trigger(house, person, grant_id, meter):
    return makes(house, person, reaches(meter), grant_id)


def only(house, trigger):
    (found,) = fired(house, trigger)
    return found


@pytest.mark.parametrize("said", [{"paused_until": FRIDAY}, {"not_before": FRIDAY}], ids=["pause", "not before"])
def test_what_fires_in_a_pause_is_told_once_when_that_ends_by_the_deadline_it_had(
    house, person, trigger, meter, clock, said
):
    wants(person, **said)
    used(house, meter, "2027-01-01", "3000")
    assert looks(house) == 1
    waiting = only(house, trigger)
    assert (waiting.state, waiting.opening_id) == ("waiting", None)
    used(house, meter, "2027-01-02", "1")
    clock.now = FRIDAY - 1
    assert looks(house) == 0
    assert rows(house, "openings") == []

    clock.now = FRIDAY
    with ThreadPoolExecutor(4) as pool:
        told = sum(task.result() for task in [pool.submit(looks, house) for _ in range(4)])

    assert told == 1
    found = only(house, trigger)
    assert (found.state, found.fired_at, found.until) == ("told", FRIDAY, waiting.until)
    assert [row["until"] for row in rows(house, "openings")] == [waiting.until]
    used(house, meter, "2027-01-03", "1")
    clock.now += 30 * DAY
    assert looks(house) == 0
    assert [one.action for one in person.ledger()].count("fired") == 1


@on_sqlite_alone
def test_a_pause_that_the_person_ends_themselves_lets_it_out_at_once(house, person, grant_id, trigger, meter, clock):
    page = f"/vendors/{grant_id}"
    person.browser.post(f"{page}/pause", form_at=page)
    used(house, meter, "2027-01-01", "3000")
    assert looks(house) == 1
    clock.now += 60
    assert looks(house) == 0
    assert "It waits: you have paused" in words(person.browser.get(f"/triggers/{trigger.trigger_id}"))

    person.browser.post(f"{page}/resume", form_at=page)

    assert looks(house) == 1
    shown = words(person.browser.get(f"/triggers/{trigger.trigger_id}"))
    assert "It had waited since" in shown
    assert "Stadtwerke was told." in shown


@on_sqlite_alone
def test_once_the_time_to_answer_is_over_it_is_not_told_and_the_person_reads_why(house, person, trigger, meter, clock):
    wants(person, paused_until=at(2028))
    used(house, meter, "2027-01-01", "3000")
    looks(house)
    until = only(house, trigger).until
    clock.now = until - 1
    assert looks(house) == 0
    assert only(house, trigger).state == "waiting"

    clock.now = until
    assert looks(house) == 0

    assert only(house, trigger).state == "held"
    assert rows(house, "openings") == []
    assert person.log()[-1] == "kept_back"
    person.signs_in()
    assert "you wanted peace until its time was over" in words(person.browser.get("/ledger"))
    page = f"/triggers/{trigger.trigger_id}"
    assert "It was not told: you wanted peace" in words(person.browser.get(page))
    clock.now = at(2028)
    assert looks(house) == 0
    person.signs_in()
    for _twice in range(2):
        person.browser.post(f"{page}/firings/{only(house, trigger).period}/tell", form_at=page)
    assert len(rows(house, "openings")) == 1


@on_sqlite_alone
def test_who_takes_the_topic_back_meanwhile_has_it_told_never(house, person, grant_id, trigger, meter, clock):
    wants(person, paused_until=FRIDAY)
    used(house, meter, "2027-01-01", "3000")
    looks(house)
    page = f"/vendors/{grant_id}"
    person.browser.post(f"{page}/narrow", form_at=page, attribute="contact:tariff")

    clock.now = FRIDAY
    assert looks(house) == 0

    assert (only(house, trigger).state, only(house, trigger).said["reason"]) == ("held", "no_topic")
    assert rows(house, "openings") == []


@on_sqlite_alone
def test_who_changes_the_condition_meanwhile_is_asked_about_nothing_else(house, person, trigger, meter, clock):
    wants(person, paused_until=FRIDAY)
    used(house, meter, "2027-01-01", "3000")
    looks(house)
    again = draft(replace(trigger.draft.condition, amount=4000))
    house.database.write(engine.change, trigger, again, expected_version=1)
    clock.now = FRIDAY
    assert looks(house) == 0
    assert fired(house, trigger) == []

    used(house, meter, "2027-01-02", "1000")
    assert looks(house) == 1


@on_sqlite_alone
def test_relevant_only_holds_nothing_back_for_a_trigger_is_an_occasion(house, person, trigger, meter):
    wants(person, relevant_only=True)
    used(house, meter, "2027-01-01", "3000")
    assert looks(house) == 1
    assert only(house, trigger).state == "told"


@on_sqlite_alone
def test_what_waited_when_the_backup_was_made_is_not_told_by_itself(house, person, trigger, meter, clock):
    wants(person, paused_until=FRIDAY)
    used(house, meter, "2027-01-01", "3000")
    looks(house)
    kept = backup(house)
    clock.now = FRIDAY
    restore(house, kept)
    house.database.write(settling.end_what_was_open, now=house.clock())

    assert looks(house) == 0

    assert (only(house, trigger).state, only(house, trigger).said["reason"]) == ("held", "restored")
