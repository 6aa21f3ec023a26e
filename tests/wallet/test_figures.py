"""Vendors read figures of many, and of nobody; people contribute to statistics only if they say so, and count once."""

import pytest
from publishing import DAY
from speaking import Speaker, wants
from staffing import StaffActor
from storage import nothing_changes, on_sqlite_alone, rows

from consent.standing import Whose
from vendor_api.figures import engine, tally, weeks
from vendor_api.figures.engine import GAINED, LOST, RATED, REACHED, RELEVANT, UNREAD
from wallet.figures import counting, statistics

FORM = {"client_id": "stadtwerke"}


@pytest.fixture
def vendor(app, house, person):
    vendor = Speaker(app, house)
    vendor.joins(person)
    return vendor


@pytest.fixture
def no_noise(monkeypatch):
    monkeypatch.setattr("vendor_api.figures.noise.noise", lambda _draw: 0)


def told_of(vendor):
    return vendor.post("/desk/figures", FORM).json["weeks"]


def keep_week(house, week, **sums):
    given = {f"outage {name}": people for name, people in sums.items()}
    house.database.write(engine.keep_week, given, client_id="stadtwerke", topics=["outage"], week=week)


def whose(person):
    return Whose(person.person.person_id, person.person.persona_id)


def test_a_vendor_with_few_people_learns_nothing(house, person, vendor, clock, no_noise):
    vendor.says()
    clock.now += 14 * DAY
    assert counting.count_all(house) == 1

    assert {one["topic"] for one in told_of(vendor)} == {"outage", "tariffs"}
    for one in told_of(vendor):
        assert {one[name] for name in (REACHED, RATED, GAINED, LOST, "unread_percent", "relevant_percent")} == {None}


def test_each_persona_adds_one_at_most_to_each_count(house, person, vendor, clock):
    week = weeks.monday(clock.now)
    for number in range(3):
        vendor.says(id=str(number))
    person.signs_in()
    [first, *_] = rows(house, "threads")
    person.browser.post(f"/inbox/{first['thread_id']}/open", form_at="/inbox")

    found = house.database.read(counting.of_one, whose(person), client_id="stadtwerke", week=week)

    of_all = ((REACHED, 1), (UNREAD, 1), (RATED, 0), (RELEVANT, 0), (GAINED, 1))
    assert found == {f"outage {name}": many for name, many in of_all}


@on_sqlite_alone
def test_what_is_allowed_and_taken_back_counts_in_the_week_it_happened_in(house, person, vendor, clock):
    begun, page = weeks.monday(clock.now), f"/vendors/{vendor.grant_id}"
    clock.now += 2 * weeks.WEEK
    person.signs_in()
    person.browser.post(f"{page}/narrow", form_at=page, attribute="contact:outage")
    clock.now += 9 * weeks.WEEK

    place = {"person_id": person.person.person_id, "persona_id": person.person.persona_id, "client_id": "stadtwerke"}
    found = [house.database.read(counting.gained_and_lost, **place, week=begun + n * weeks.WEEK) for n in range(4)]
    assert found == [{"outage gained": 1}, {}, {"outage lost": 1}, {}]


@on_sqlite_alone
def test_weeks_in_which_the_wallet_was_off_are_counted_later_each_once(house, person, vendor, clock):
    """Also where it is stopped in between; and read is what was read in time, whenever that is counted."""
    vendor.says()
    begun = weeks.monday(clock.now)
    clock.now += 5 * weeks.WEEK
    person.signs_in()
    [mine] = rows(house, "threads")
    person.browser.post(f"/inbox/{mine['thread_id']}/open", form_at="/inbox")
    found = house.database.read(counting.of_one, whose(person), client_id="stadtwerke", week=begun)
    assert found["outage unread"] == 1
    house.database.write(tally.begun, counting.named("stadtwerke", begun), now=clock.now)  # and then it is stopped

    assert [counting.count_all(house) for _ in range(2)] == [4, 0]
    assert {one["week"] for one in told_of(vendor)} == {begun + n * weeks.WEEK for n in range(4)}
    clock.now += 52 * weeks.WEEK
    assert counting.count_all(house) == weeks.CAUGHT_UP


@on_sqlite_alone
def test_what_a_clock_that_was_ahead_counted_too_soon_is_counted_in_its_time(house, person, vendor, clock, no_noise):
    vendor.says()
    begun = weeks.monday(clock.now)
    clock.now += 7 * weeks.WEEK
    counting.count_all(house)
    clock.now -= 5 * weeks.WEEK

    assert counting.count_all(house) == 1
    assert [counting.count_all(house) for _ in range(2)] == [0, 0]
    assert begun in {one["week"] for one in told_of(vendor)}


@on_sqlite_alone
def test_a_week_is_told_once_and_never_changes(house, person, vendor, clock):
    """So nobody takes yesterday's figure from today's."""
    clock.now += 14 * DAY
    assert [counting.count_all(house) for _ in range(3)] == [1, 0, 0]
    with nothing_changes(house):
        first, again = told_of(vendor), told_of(vendor)
    assert first == again


@on_sqlite_alone
def test_shares_are_told_with_enough_people_only(house, vendor, clock, no_noise):
    week = weeks.monday(clock.now)
    keep_week(house, week, reached=40, unread=13, rated=9, relevant=9)

    [one] = told_of(vendor)
    assert (one["reached"], one["unread_percent"]) == (40, 30)
    assert (one["rated"], one["relevant_percent"]) == (None, None)


@on_sqlite_alone
def test_a_count_that_died_goes_on_and_adds_nobody_twice(house, vendor, clock):
    first = house.database.write(tally.begun, "x", now=clock.now)
    add = {"after": ("p", "q"), "now": clock.now}

    assert house.database.write(tally.add, first, {"a": 1}, **add)
    assert not house.database.write(tally.add, first, {"a": 1}, **add)
    assert house.database.write(tally.begun, "x", now=clock.now).sums == {"a": 1}


@on_sqlite_alone
def test_raw_counts_go_when_a_count_is_closed(house, person, vendor, clock):
    clock.now += 14 * DAY
    counting.count_all(house)

    assert [row["sums"] for row in rows(house, "tallies")] == [{}]


@on_sqlite_alone
def test_no_person_stands_in_any_figure(house, person, vendor, clock):
    vendor.says()
    clock.now += 14 * DAY
    counting.count_all(house)

    told = repr([rows(house, table) for table in ("figures", "channel_statistics")])
    assert person.person.person_id not in told
    assert person.person.persona_id not in told


@on_sqlite_alone
def test_how_it_answers_comes_from_the_vendors_own_desk(app, house, person, vendor):
    staff = StaffActor(app, house, vendor.client_id)
    staff.signs_in()
    thread = vendor.says().json["thread_id"]
    [mine] = rows(house, "threads")
    path = f"/inbox/{mine['thread_id']}"
    person.browser.post(f"{path}/open", form_at="/inbox")
    person.browser.post(f"{path}/reply", form_at=path, text="How long, please?")

    [one] = vendor.post("/desk/figures", FORM).json["answering"]
    assert (one["type"], one["threads"], one["answered"], one["thread_ids"]) == ("message", 1, 0, [thread])
    assert "How long, please?" in staff.get("/console/figures").text


@on_sqlite_alone
def test_nobody_contributes_who_did_not_say_so(house, person, vendor, clock):
    clock.now += 60 * DAY
    assert statistics.count(house)
    under_way = tally.Tally("x", "", "", {})
    assert house.database.read(statistics.next_people, under_way, before=clock.now) == []


def test_a_person_contributes_once_and_leaves_for_the_next_count(house, person, clock):
    person.signs_in()
    page = person.browser.get("/statistics")
    assert "This persona does not contribute." in page.text
    person.browser.post("/statistics/contribute", form_at="/statistics")
    other = Whose(person.person.person_id, "z" * 26)
    house.database.write(statistics.contribute, other, now=clock.now)
    under_way, before = tally.Tally("x", "", "", {}), clock.now + 1

    assert len(house.database.read(statistics.next_people, under_way, before=before)) == 1
    person.browser.post("/statistics/stop", form_at="/statistics")
    house.database.write(statistics.stop, other)
    assert house.database.read(statistics.next_people, under_way, before=before) == []


@on_sqlite_alone
def test_exactly_what_the_page_says_leaves(house, person):
    wants(person, channels=("email", "inbox"))
    person.signs_in()

    assert "by e-mail" in person.browser.get("/statistics").text
    leaves = ("channel email", "hours any", "frequency no_limit")
    assert house.database.read(statistics.of_one, house, whose(person)) == {f"any {said}": 1 for said in leaves}


@on_sqlite_alone
def test_who_wants_that_is_counted_among_those_of_their_age_and_nobody_else_is(house, person, clock):
    person.has({"birthdate": "1980-05-01"})
    person.signs_in()
    page = person.browser.get("/statistics").text
    assert "From 30 to 49 years" in page
    assert 'name="by_age" value="yes"' in page
    ages = lambda: {name.split()[0] for name in house.database.read(statistics.of_one, house, whose(person))}  # noqa: E731

    person.browser.post("/statistics/contribute", form_at="/statistics")
    assert ages() == {"any"}
    person.browser.post("/statistics/stop", form_at="/statistics")
    person.browser.post("/statistics/contribute", form_at="/statistics", by_age="yes")
    assert ages() == {"any", "30_to_49"}


@on_sqlite_alone
def test_statistics_are_the_same_however_often_one_asks(house, vendor, clock):
    clock.now += 60 * DAY
    house.database.write(
        engine.keep_period, {"any channel inbox": 50, "under_30 hours any": 9}, period=weeks.period_to_count(clock.now)
    )

    first, again = (vendor.post("/desk/statistics", FORM).json["statistics"] for _ in range(2))

    assert first == again
    told = {(one["age"], one["question"], one["answer"]): one["people"] for one in first}
    assert told["any", "channel", "inbox"] is not None
    assert told["under_30", "hours", "any"] is told["from_65", "hours", "night"] is None
