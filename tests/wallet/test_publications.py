"""A vendor publishes once: it reaches whoever allowed the topic, as each wants it, exactly once, and nobody else."""

from contextlib import suppress

import pytest
from actors import PersonActor
from journeys import refused
from publishing import DAY, brings, published, publishes
from speaking import Speaker, wants
from storage import nothing_changes, on_sqlite_alone, rows

from consent.contact.model import Window
from consent.model import Span
from wallet.dispatch import spreading


@pytest.fixture
def vendor(app, house, person):
    vendor = Speaker(app, house)
    vendor.joins(person)
    return vendor


@pytest.fixture
def ben(app, house, moves_in, person):
    return PersonActor(app, house, moves_in("Ben"), password=person.password)


@pytest.fixture
def cleo(app, house, moves_in, person):
    return PersonActor(app, house, moves_in("Cleo"), password=person.password)


def said_to(house, person):
    return [row for row in rows(house, "messages") if row["person_id"] == person.person.person_id]


def test_it_reaches_who_allowed_the_topic_and_nobody_else(app, house, person, vendor, ben):
    vendor.joins(ben, allowed=("tariffs",))

    answer = publishes(vendor)
    assert (answer.status_code, answer.json["reach"]) == (201, None)
    assert brings(house) == 1

    assert len(said_to(house, person)) == 1
    assert said_to(house, ben) == []
    assert b"Friday" not in rows(house, "publications")[0]["content_sealed"]
    page = person.browser.get("/inbox?show=publication")
    assert "Works in Linden Street" in page.text
    assert person.log()[-1] == "contacted"


@on_sqlite_alone
def test_the_vendor_learns_a_band_and_no_number(house, vendor):
    publishes(vendor)
    brings(house)

    [one] = published(vendor)
    assert one["reach"] == "0-9"
    assert not any("meant" in name or "person" in name for name in one)


def test_each_person_gets_it_once_however_often_it_is_sent_and_brought(house, person, vendor):
    assert [publishes(vendor).status_code for _ in range(2)] == [201, 200]

    assert [brings(house) for _ in range(3)] == [1, 0, 0]

    assert len(said_to(house, person)) == 1


@on_sqlite_alone
def test_another_item_under_the_same_id_is_refused(house, vendor):
    publishes(vendor)
    with nothing_changes(house):
        assert refused(publishes(vendor, "Another text"), "message_conflict", status=409)


def test_nobody_gets_it_twice_whatever_dies_in_between(house, person, vendor, monkeypatch):
    """The process ends after each single transaction in turn, and another one begins."""
    publishes(vendor)
    for left in range(1, 6):
        write, done = type(house.database).write, []

        def dying(self, work, *args, _write=write, _done=done, _left=left, **kwargs):
            if len(_done) == _left:
                raise KeyboardInterrupt
            _done.append(work)
            return _write(self, work, *args, **kwargs)

        with monkeypatch.context() as patch:
            patch.setattr(type(house.database), "write", dying)
            with suppress(KeyboardInterrupt):
                brings(house)
    brings(house)

    assert len(said_to(house, person)) == 1
    assert len(rows(house, "contacts")) == 1


@on_sqlite_alone
def test_a_copy_that_two_hold_is_brought_by_one(house, person, vendor, clock):
    publishes(vendor)
    [one] = house.database.read(spreading.engine.to_spread, house.secrets, limit=1)
    spreading.spread_some(house, one)
    [copy] = house.database.read(spreading.due, now=clock.now)

    assert [spreading.try_to_bring(house, copy) for _ in range(2)] == [True, False]


@on_sqlite_alone
def test_outside_the_hours_it_waits_until_the_next_ones(house, person, vendor, clock):
    wants(person, windows=(Window((1, 2, 3, 4, 5, 6, 7), 18 * 60, 20 * 60),), time_zone="Europe/Berlin")
    opens = vendor.may()["next_allowed_at"]
    publishes(vendor)

    assert brings(house) == 0
    clock.now = opens - 1
    assert brings(house) == 0
    clock.now = opens
    assert brings(house) == 1


@on_sqlite_alone
def test_what_is_over_before_the_hours_begin_is_dropped(house, person, vendor, clock):
    wants(person, windows=(Window((1, 2, 3, 4, 5, 6, 7), 18 * 60, 20 * 60),), time_zone="Europe/Berlin")
    opens = vendor.may()["next_allowed_at"]
    publishes(vendor, valid_until=opens)
    brings(house)

    clock.now = opens
    assert brings(house) == 0
    assert said_to(house, person) == []


@on_sqlite_alone
def test_an_item_counts_as_a_message(house, person, vendor, clock):
    wants(person, frequency=Span(1, "week"))
    publishes(vendor)
    publishes(vendor, id="p2", valid_until=clock.now + 30 * DAY)

    assert brings(house) == 1
    assert vendor.says().json["reason"] == "too_often"
    clock.now += 7 * DAY
    assert brings(house) == 1


@on_sqlite_alone
@pytest.mark.parametrize("what", ["withdrawn", "narrow", "revoke", "block"])
def test_what_waits_is_dropped_when_it_is_taken_back(house, person, vendor, clock, what):
    wants(person, windows=(Window((1, 2, 3, 4, 5, 6, 7), 18 * 60, 20 * 60),), time_zone="Europe/Berlin")
    opens = vendor.may()["next_allowed_at"]
    publishes(vendor)
    brings(house)
    page = f"/vendors/{vendor.grant_id}"
    if what == "withdrawn":
        assert vendor.post("/contact/publications", {"withdraw": "p1"}).json["withdrawn_at"] == clock.now
    else:
        person.browser.post(f"{page}/{what}", form_at=page, attribute="contact:outage")

    clock.now = opens
    assert brings(house) == 0
    assert said_to(house, person) == []


@on_sqlite_alone
def test_while_the_vendor_is_paused_it_waits(house, person, vendor, clock):
    wants(person, paused_until=clock.now + DAY)
    publishes(vendor)
    assert brings(house) == 0

    clock.now += DAY
    assert brings(house) == 1


@on_sqlite_alone
def test_it_goes_on_by_the_channel_the_person_chose(house, person, vendor):
    wants(person, channels=("email", "inbox"))
    publishes(vendor)
    brings(house)

    [delivery] = rows(house, "deliveries")
    assert (delivery["channel"], delivery["topic"]) == ("email", "outage")


def test_only_those_get_it_who_released_the_fact_it_names(app, house, person, ben, cleo):
    vendor = Speaker(app, house)
    for one, released in ((person, ("age_over_18",)), (ben, ()), (cleo, ("age_over_18",))):
        vendor.joins(one, also=released)
    cleo.has({"birthdate": "2020-01-01"})

    publishes(vendor, **{"for": "age_over_18"})

    assert brings(house) == 1
    assert [len(said_to(house, one)) for one in (person, ben, cleo)] == [1, 0, 0]


@on_sqlite_alone
def test_the_answer_reaches_the_desk_as_a_message(house, person, vendor):
    publishes(vendor)
    brings(house)
    [thread] = rows(house, "threads")
    path = f"/inbox/{thread['thread_id']}"

    person.browser.post(f"{path}/open", form_at="/inbox")
    person.browser.post(f"{path}/reply", form_at=path, text="From when?")

    [at_desk] = vendor.post("/desk/threads", {"state": "received"}).json["threads"]
    assert (at_desk["type"], at_desk["topic"]) == ("message", "outage")
    said = vendor.post(f"/desk/threads/{at_desk['thread_id']}", {"client_id": vendor.client_id}).json["messages"]
    assert [one["text"] for one in said] == ["The power is off on Friday.", "From when?"]
    assert {one["digest"] for one in said} == {row["digest"] for row in rows(house, "messages")}


@on_sqlite_alone
def test_before_somebody_answers_the_desk_has_nothing(house, vendor):
    publishes(vendor)
    brings(house)

    assert rows(house, "desk_threads") == rows(house, "desk_messages") == []


@on_sqlite_alone
def test_no_id_tells_the_vendor_who_has_it(house, vendor):
    """Asked again about a message it knows, it would be told that it is there."""
    publishes(vendor)
    brings(house)

    assert vendor.says("The power is off on Friday.", id="p1").status_code == 201


@on_sqlite_alone
@pytest.mark.parametrize(
    "said",
    [
        {"topic": "anything"},
        {"id": "../x"},
        {"id": 5},
        {"title": "two\nlines"},
        {"text": " "},
        {"text": "x" * 10_001},
        {"valid_until": 0},
        {"valid_until": True},
        {"valid_until": 9_999_999_999},
        {"for": "a b"},
        {"for": []},
        {"html": "<b>"},
        {"reason": ""},
    ],
)
def test_an_item_that_is_none_is_refused_whole(house, vendor, said):
    with nothing_changes(house):
        assert refused(publishes(vendor, **said), "invalid_request")


@on_sqlite_alone
def test_no_vendor_withdraws_what_is_not_its_own(app, house, vendor):
    publishes(vendor)
    other = Speaker(app, house, "bookshop")
    with nothing_changes(house):
        assert refused(other.post("/contact/publications", {"withdraw": "p1"}), "invalid_request", status=404)


@on_sqlite_alone
def test_at_most_twenty_in_a_day(house, vendor):
    assert {publishes(vendor, id=str(number)).status_code for number in range(20)} == {201}
    with nothing_changes(house):
        assert publishes(vendor, id="more").status_code == 429


@on_sqlite_alone
def test_who_is_not_known_publishes_nothing(house, vendor):
    with nothing_changes(house):
        answer = vendor.client.post("/contact/publications", data={"publication": "{}"})
    assert answer.status_code in {400, 401}


@on_sqlite_alone
def test_what_fails_for_one_keeps_nobody_else_waiting(house, person, vendor, ben, monkeypatch, clock):
    vendor.joins(ben)
    say, poor = spreading.hearing.say, person.person.person_id

    def fails_for_one(db, secrets, permission, *args, **kwargs):
        if permission.grant.person_id == poor:
            raise ValueError
        return say(db, secrets, permission, *args, **kwargs)

    publishes(vendor)
    with monkeypatch.context() as patch:
        patch.setattr(spreading.hearing, "say", fails_for_one)
        assert brings(house) == 1
    assert (len(said_to(house, ben)), len(said_to(house, person))) == (1, 0)

    clock.now += 3600
    assert brings(house) == 1
    assert len(said_to(house, person)) == 1
