"""What is promised of a conversation, from the person's page to the vendor's endpoint and back, and nothing between."""

import json
import re

import pytest
from actors import PersonActor
from feedback import JOE, PETRA, Answering, tells
from policing import saves
from publishing import brings, published, publishes
from reading import words
from speaking import Speaker
from staffing import StaffActor
from storage import nothing_changes, on_sqlite_alone, rows
from triggering import has_meter, looks

from wallet.figures import counting, statistics

pytestmark = on_sqlite_alone
LEAST = 10
DAY = 24 * 3600
CLIENT = {"client_id": "stadtwerke"}
EVENINGS = {"w0_day": ["1", "2", "3", "4", "5", "6", "7"], "w0_since": "18:00", "w0_until": "20:00"}


@pytest.fixture(autouse=True)
def _signed_in(person):
    person.signs_in()


@pytest.fixture
def vendor(app, house, person):
    vendor = Speaker(app, house)
    vendor.joins(person, allowed=("outage", "tariffs"))
    return vendor


@pytest.fixture
def ben(app, house, moves_in):
    return PersonActor(app, house, moves_in("Ben"), password="correct horse battery")


@pytest.fixture
def desk(app, house):
    return Answering(app, house)


@pytest.fixture
def kim(app, house, desk):
    kim = StaffActor(app, house, desk.client_id, "kim", "agent")
    kim.signs_in()
    return kim


class AtBoth(Speaker, Answering):
    """A vendor that writes to people and has people of its own who answer."""


def says_how(person, vendor, **said):
    """Fill in the page on which a person says how this vendor may speak."""
    response = saves(person, f"/vendors/{vendor.grant_id}/contact", **said)
    assert response.status_code == 303, words(response)


def test_outside_the_hours_of_the_page_a_vendor_is_told_when_and_then_is_heard(house, person, vendor, clock):
    says_how(person, vendor, time_zone="UTC", **EVENINGS)
    clock.now = clock.now // DAY * DAY + 3 * 3600

    answer = vendor.may()
    assert vendor.says("In the night.").json["reason"] == answer["reason"]

    assert (answer["allowed"], answer["next_allowed_at"]) == (False, clock.now + 15 * 3600)
    assert rows(house, "messages") == []
    person.signs_in()
    assert "In the night." not in person.browser.get("/inbox").text
    clock.now = answer["next_allowed_at"]
    assert vendor.says("In the evening.").status_code == 201
    person.signs_in()
    assert "News" in person.browser.get("/inbox").text


def test_by_no_other_channel_than_the_page_says_and_no_address_is_told(house, person, vendor):
    says_how(person, vendor, channel_inbox="1")

    assert vendor.may()["channel"] == "inbox"
    assert vendor.says("By phone.", channel="phone").json["reason"] == "other_channel"
    assert vendor.says("Here.").status_code == 201
    assert "ana@example.org" not in "".join(vendor.seen)


def test_what_the_meter_says_fires_at_the_kwh_and_the_vendor_speaks_of_that_alone(house, person, vendor, clock):
    says_how(person, vendor, relevant_only="yes")
    assert vendor.says("Buy!", topic="tariffs").json["reason"] == "not_relevant"
    data_set = has_meter(house, person).data_set_id
    makes_trigger(person, vendor, data_set)
    enters(person, data_set, "2027-01-12", "2499")
    assert looks(house) == 0
    assert vendor.post("/contact/triggers", CLIENT).json["fired"] == []

    enters(person, data_set, "2027-01-13", "1")
    assert (looks(house), looks(house)) == (1, 0)

    [fired] = vendor.post("/contact/triggers", CLIENT).json["fired"]
    assert "2500" not in json.dumps(fired)
    assert fired["topic"] == "tariffs"
    assert vendor.says("A tariff.", topic="tariffs", opening_id=fired["opening_id"]).status_code == 201
    assert vendor.post("/contact/triggers", CLIENT | {"acknowledged": fired["firing_id"]}).json["fired"] == []


def enters(person, data_set, day, amount):
    kept = person.browser.post(f"/records/{data_set}/rows/new", **{"0": day, "1": amount})
    assert kept.status_code == 303, words(kept)


def makes_trigger(person, vendor, data_set):
    form_at = f"/triggers/new?grant={vendor.grant_id}&kind=reach"
    said = {"grant": vendor.grant_id, "kind": "reach", "of": f"{data_set}/1", "measure": "total", "comparison": ">="}
    said |= {"amount": "2500", "unit": "kWh", "every": "year", "topic": "tariffs", "channel": "", "days": "14"}
    made = person.browser.post("/triggers/new", form_at=form_at, mode="own", name="Too much", **said)
    assert made.status_code == 303, words(made)


def test_a_wrong_priority_is_corrected_by_one_click_and_the_person_sees_both(person, desk, kim):
    page = tells(person, desk, "Bitte sofort! Das ist eine Katastrophe.", kind="complaint")
    [thread] = desk.threads()
    at = f"/console/desk/{thread['thread_id']}"
    assert "sounds urgent: sofort" in words(kim.get(at))
    assert "sounds urgent: sofort" in words(page)

    kim.post(f"{at}/priority", form_at=at, expected=str(thread["priority"]), to="less")

    shown = words(person.browser.get(page.request.path))
    assert f"{thread['priority'] - 20} of 100" in shown
    assert "corrected by hand" in shown


def test_no_wish_ends_without_an_answer_a_reason_and_the_person_knowing(person, house, desk, kim):
    path = tells(person, desk, "Read my meter once a month.").request.path
    [thread] = desk.threads()
    at = f"/console/desk/{thread['thread_id']}"
    kim.post(f"{at}/read", form_at=at)
    with nothing_changes(house):
        for step, said in (("decision", {"outcome": "not", "reason": "No."}), ("end", {"as": "declined"})):
            assert kim.post(f"{at}/{step}", form_at=at, **said).status_code == 409
    kim.post(f"{at}/answer", form_at=at, author="cp-petra", text="Dear Ana, it costs too much.", message_id="a")
    with nothing_changes(house):
        assert kim.post(f"{at}/decision", form_at=at, outcome="not", reason=" ", link="").status_code == 400
    kim.post(f"{at}/decision", form_at=at, outcome="not", reason="A visit costs 40 euro.", link="")
    kim.post(f"{at}/end", form_at=at, **{"as": "declined"})

    shown = words(person.browser.get(path))

    for said in ("Petra Vogt", "Dear Ana, it costs too much.", "A visit costs 40 euro."):
        assert said in shown
    assert desk.threads(state="declined")[0]["thread_id"] == thread["thread_id"]


def test_who_is_away_is_not_given_what_comes_in_and_both_sides_read_why(person, app, house, clock):
    desk = AtBoth(app, house)
    away = {**JOE, "absences": [{"from": clock.now - DAY, "until": clock.now + DAY}], "substitute": "cp-petra"}
    desk.employs(PETRA, away)
    desk.joins(person)
    says_how(person, desk, contact_person="cp-joe")

    page = words(tells(person, desk, "Please call me."))

    [thread] = desk.threads()
    assert thread["assigned_to"] == "cp-petra"
    assert "preferred" not in {one["reason"] for one in thread["routing"][:1]}
    assert "Petra Vogt" in page


def test_published_once_it_stands_in_the_feed_of_one_and_the_inbox_of_another(app, house, person, ben, vendor):
    ben.signs_in()
    vendor.joins(ben)
    person.browser.post("/feeds/follow", form_at="/feeds/topics", client_id=vendor.client_id, topic="outage")

    assert publishes(vendor).status_code == 201
    brings(house)

    assert "Works in Linden Street" in words(person.browser.get("/feeds"))
    assert "Works in Linden Street" not in words(person.browser.get("/inbox"))
    assert "Works in Linden Street" in words(ben.browser.get("/inbox"))
    assert len(published(vendor)) == 1


def test_of_enough_people_a_vendor_reads_how_relevant_it_is_and_by_which_channel_they_like_to_hear(
    app, house, vendor, moves_in, clock, monkeypatch
):
    """Each rates in their own inbox, and contributes on their own page; what is told is without noise here."""
    monkeypatch.setattr("vendor_api.figures.noise.noise", lambda _draw: 0)
    monkeypatch.setattr("vendor_api.figures.noise.LEAST", LEAST)
    for number in range(LEAST):
        one = PersonActor(app, house, moves_in(f"P{number}"), password="correct horse battery")
        one.signs_in()
        vendor.joins(one)
        says_how(one, vendor, channel_inbox="1")
        one.browser.post("/statistics/contribute", form_at="/statistics")
        vendor.says(id=str(number))
        at = f"/inbox/{rows(house, 'threads')[-1]['thread_id']}"
        [rate] = set(re.findall(rf'"({at}/\w+/rate)"', one.browser.get(at).text))
        one.browser.post(rate, form_at=at, rating="relevant" if number else "not_relevant")
    for _week in range(8):
        clock.now += 7 * DAY
        counting.count_all(house)
    statistics.count(house)

    weeks = vendor.post("/desk/figures", CLIENT).json["weeks"]
    counted = vendor.post("/desk/statistics", CLIENT).json["statistics"]

    assert [one["relevant_percent"] for one in weeks if one["rated"] is not None] == [90]
    told = {(one["question"], one["answer"]): one["people"] for one in counted if one["people"] is not None}
    assert told[("channel", "inbox")] == LEAST
    assert ("channel", "email") not in told
