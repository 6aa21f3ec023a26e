"""A trigger fires once for each period in which it holds, and tells the vendor just what the person chose."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from actors import VendorActor
from keeping import backup, restore
from sqlalchemy import text
from storage import on_sqlite_alone, rows
from triggering import TOPICS, at, fired, has_meter, looks, makes, may_speak, reaches, used

from consent.model import Span
from wallet.backup import settling
from wallet.records import rows as single
from wallet.triggers import engine
from wallet.triggers.dates import Every
from wallet.triggers.model import Before, Change, Level, Silence


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


def test_it_fires_at_2500_and_not_at_2499_999(house, person, grant_id, meter):
    trigger = makes(house, person, reaches(meter), grant_id)
    used(house, meter, "2027-01-01", "2499.999")
    assert looks(house) == 0

    used(house, meter, "2027-01-02", "0.001")

    assert looks(house) == 1
    (only,) = fired(house, trigger)
    assert (only.state, only.said["period"], only.said["observed"]) == ("told", "2027", "2500.000")
    assert [row["kind"] for row in rows(house, "openings")] == ["trigger"]
    assert person.log()[-1] == "fired"
    assert person.ledger()[-1].detail["topic"] == "tariff"


@on_sqlite_alone
@pytest.mark.parametrize(("amount", "unit"), [("2.5", "MWh"), ("2500", "kWh"), ("2500000", "Wh")])
def test_units_are_turned_into_one_another_to_the_last_digit(house, person, grant_id, meter, amount, unit):
    makes(house, person, reaches(meter, amount, unit), grant_id)
    used(house, meter, "2027-01-01", "2499.999999999999999")
    assert looks(house) == 0
    used(house, meter, "2027-01-02", "0.000000000000001")
    assert looks(house) == 1


@on_sqlite_alone
def test_a_unit_that_has_nothing_in_common_never_fires(house, person, grant_id, meter):
    makes(house, person, reaches(meter, "1", "EUR"), grant_id)
    used(house, meter, "2027-01-01", "5000")
    assert looks(house) == 0


def test_it_fires_once_for_each_period_whatever_is_edited(house, person, grant_id, meter, clock):
    trigger = makes(house, person, reaches(meter), grant_id)
    used(house, meter, "2027-01-01", "3000")
    assert looks(house) == 1

    row = house.database.read(lambda db: single.page(db, meter, single.blocks.heads(db, meter), skipped=0))[0]
    house.database.write(single.change, meter, row, None)
    assert looks(house) == 0
    used(house, meter, "2027-01-01", "3000")
    assert looks(house) == 0
    clock.now = at(2028, 1, 1)
    used(house, meter, "2027-12-31", "1")
    assert looks(house) == 0
    used(house, meter, "2028-01-01", "2500")
    assert looks(house) == 1
    assert [one.said["period"] for one in fired(house, trigger)] == ["2027", "2028"]


def test_of_many_workers_one_fires(house, person, grant_id, meter):
    trigger = makes(house, person, reaches(meter), grant_id)
    used(house, meter, "2027-01-01", "3000")

    with ThreadPoolExecutor(4) as pool:
        results = [task.result() for task in [pool.submit(looks, house) for _ in range(4)]]

    assert sum(results) == 1
    assert len(fired(house, trigger)) == len(rows(house, "openings")) == 1


@on_sqlite_alone
def test_at_most_is_said_of_a_period_when_that_is_over(house, person, grant_id, meter, clock):
    trigger = makes(house, person, reaches(meter, "100", comparison="<=", every=Every("month")), grant_id)
    used(house, meter, "2027-01-02", "99")
    assert looks(house) == 0
    clock.now = at(2027, 1, 31, 22, 59)
    assert looks(house) == 0

    clock.now = at(2027, 1, 31, 23)  # midnight in Berlin

    assert looks(house) == 1
    assert fired(house, trigger)[0].said["period"] == "2027-01"


@on_sqlite_alone
def test_what_was_over_before_it_was_made_does_not_fire(house, person, grant_id, meter):
    used(house, meter, "2026-12-31", "9000")
    makes(house, person, reaches(meter), grant_id)
    assert looks(house) == 0


@on_sqlite_alone
def test_three_months_before_a_day_on_the_persons_own_clock(house, person, grant_id, clock):
    person.has({"zoneinfo": "Europe/Berlin", "birthdate": "2027-05-31"})
    makes(house, person, Before("birthdate", Span(3, "month")), grant_id)
    clock.now = at(2027, 2, 27, 22, 59)
    assert looks(house) == 0
    clock.now = at(2027, 2, 27, 23)
    assert looks(house) == 1
    person.has({"zoneinfo": "Asia/Tokyo"})
    clock.now = at(2027, 2, 28, 23)
    assert looks(house) == 0
    person.has({"birthdate": "2027-06-01"})
    assert looks(house) == 1


@on_sqlite_alone
def test_a_value_that_becomes_another_one_fires_and_the_same_again_does_not(house, person, grant_id, clock):
    makes(house, person, Change("email"), grant_id)
    assert looks(house) == 0
    for value, fires in (
        ("ana@example.org", 0),
        ("new@example.org", 1),
        ("new@example.org", 0),
        ("ana@example.org", 1),
    ):
        clock.now += 60
        person.has({"email": value})
        assert looks(house) == fires


@on_sqlite_alone
def test_a_level_fires_when_it_is_reached_and_again_only_after_it_was_left(house, person, grant_id, clock):
    makes(house, person, Level("household.size", ">=", 4, Every("month")), grant_id)
    for month, size, fires in ((1, 3, 0), (1, 4, 1), (2, 5, 0), (2, 3, 0), (2, 4, 1), (2, 3, 0), (2, 4, 0)):
        clock.now = at(2027, month, 10) + clock.now % 1000 + 1
        person.has({"household.size": str(size)})
        assert looks(house) == fires, (month, size)


@on_sqlite_alone
def test_silence_is_told_once_when_so_many_whole_days_have_passed(house, person, grant_id, meter, clock):
    trigger = makes(house, person, Silence(meter.data_set_id, Span(3, "day")), grant_id)
    used(house, meter, "2027-03-25", "1")
    clock.now = at(2027, 3, 28, 21, 59)  # the clock leaps on this day: midnight comes an hour early
    assert looks(house) == 0
    clock.now = at(2027, 3, 28, 22)
    assert looks(house) == 1
    clock.now += 9 * 24 * 3600
    assert looks(house) == 0
    used(house, meter, date(2027, 4, 6), "1")
    clock.now += 9 * 24 * 3600
    assert looks(house) == 1
    assert [one.said["period"] for one in fired(house, trigger)] == ["2027-03-25", "2027-04-06"]


@pytest.mark.parametrize("how", ["revoked", "narrowed"])
def test_without_permission_the_vendor_is_not_told_and_the_person_sees_why(house, person, grant_id, meter, how):
    trigger = makes(house, person, reaches(meter), grant_id)
    page = f"/vendors/{grant_id}"
    if how == "revoked":
        person.revokes(grant_id)
    else:
        person.browser.post(f"{page}/narrow", form_at=page, attribute="contact:tariff")
    used(house, meter, "2027-01-01", "3000")

    assert looks(house) == 1

    (only,) = fired(house, trigger)
    reasons = {"revoked": "ended", "narrowed": "no_topic"}
    assert (only.state, only.said["reason"], only.opening_id) == ("held", reasons[how], None)
    assert rows(house, "openings") == []
    assert "fired" not in person.log()


@on_sqlite_alone
def test_who_deletes_a_trigger_leaves_nothing_of_it(house, person, grant_id, meter):
    trigger = makes(house, person, reaches(meter), grant_id)
    used(house, meter, "2027-01-01", "3000")
    looks(house)

    house.database.write(engine.forget, trigger)

    assert rows(house, "triggers") == rows(house, "firings") == []
    assert [row for row in rows(house, "data_keys") if row["subject"].startswith("triggers/")] == []


@on_sqlite_alone
def test_after_a_backup_nothing_fires_again_by_itself_but_the_person_may_have_it_told(
    house, person, grant_id, meter, clock
):
    trigger = makes(house, person, reaches(meter), grant_id)
    kept = backup(house)
    used(house, meter, "2027-01-01", "3000")
    assert looks(house) == 1
    (before,) = fired(house, trigger)

    clock.now += 3600
    restore(house, kept)
    house.database.write(settling.end_what_was_open, now=house.clock())
    used(house, meter, "2027-01-01", "3000")
    assert looks(house) == 1

    (held,) = fired(house, trigger)
    assert (held.state, held.said["reason"], held.firing_id) == ("held", "restored", before.firing_id)
    assert rows(house, "openings") == []
    person.signs_in()
    page = f"/triggers/{trigger.trigger_id}"
    person.browser.post(f"{page}/firings/{held.period}/tell", form_at=page)
    assert fired(house, trigger)[0].state == "told"
    assert len(rows(house, "openings")) == 1
    person.browser.post(f"{page}/firings/{held.period}/tell", form_at=page)
    assert len(rows(house, "openings")) == 1


@on_sqlite_alone
def test_who_has_no_triggers_pays_one_indexed_statement_for_a_change(house, person):
    plan = text(
        "explain query plan update triggers set due_at = 0 where person_id = 'a' and state = 'active' and source = 'b'"
    )
    told = " ".join(str(row) for row in house.database.read(lambda db: db.execute(plan).all()))
    assert "ix_triggers_person_id_source" in told
    assert "SCAN" not in told
