"""A person reads topics as a feed: nothing of them is brought, and the vendor hears only of who answers."""

import re

import pytest
from actors import PersonActor
from publishing import brings, publishes
from speaking import Speaker
from storage import nothing_changes, on_sqlite_alone, rows

FEED = "/feeds"
HOUR = 3600


@pytest.fixture
def vendor(app, house, person):
    vendor = Speaker(app, house)
    vendor.joins(person)
    return vendor


def follows(person, *, topic="outage", what="follow", at="/feeds/topics"):
    return person.browser.post(f"/feeds/{what}", form_at=at, client_id="stadtwerke", topic=topic)


def test_a_followed_topic_is_read_and_not_brought(house, person, vendor, clock):
    follows(person)
    clock.now += 10
    publishes(vendor)

    assert brings(house) == 0
    page = person.browser.get(FEED)
    assert "Works in Linden Street" in page.text
    assert "The power is off on Friday." in page.text
    assert '<strong class="tag">new</strong>' in page.text
    assert rows(house, "messages") == rows(house, "contacts") == []


@on_sqlite_alone
def test_reading_changes_nothing_and_seeing_is_said_by_a_button(house, person, vendor, clock):
    follows(person)
    clock.now += 10
    publishes(vendor)
    with nothing_changes(house):
        person.browser.get(FEED)

    until = re.search(r'name="until" value="(\d+)"', person.browser.get(FEED).text)[1]
    clock.now += 10
    publishes(vendor, id="p2")
    person.browser.post("/feeds/seen", form_at=FEED, until=until)

    assert person.browser.get(FEED).text.count('<strong class="tag">new</strong>') == 1


@on_sqlite_alone
def test_who_has_not_allowed_a_topic_can_not_follow_it(house, person, vendor):
    with nothing_changes(house):
        assert follows(person, topic="tariffs").status_code == 404


@on_sqlite_alone
@pytest.mark.parametrize("what", ["narrow", "pause", "revoke", "block", "withdrawn", "over"])
def test_what_is_taken_back_is_read_no_more(house, person, vendor, clock, what):
    follows(person)
    publishes(vendor, valid_until=clock.now + HOUR)
    assert "Works in Linden Street" in person.browser.get(FEED).text
    page = f"/vendors/{vendor.grant_id}"
    if what == "withdrawn":
        vendor.post("/contact/publications", {"withdraw": "p1"})
    elif what == "over":
        clock.now += HOUR
    else:
        person.browser.post(f"{page}/{what}", form_at=page, attribute="contact:outage")

    assert "Works in Linden Street" not in person.browser.get(FEED).text
    answer = person.browser.post("/feeds/items/stadtwerke/p1/answer", form_at=FEED, text="Hello")
    assert answer.status_code == 404
    assert rows(house, "desk_threads") == []


def test_an_item_is_answered_in_a_thread_that_begins_with_it(house, person, vendor):
    follows(person)
    publishes(vendor)

    answer = person.browser.post("/feeds/items/stadtwerke/p1/answer", form_at=FEED, text="From when?")

    thread = person.browser.get(answer.location)
    assert "The power is off on Friday." in thread.text
    assert "From when?" in thread.text
    [at_desk] = vendor.post("/desk/threads", {"state": "received"}).json["threads"]
    assert (at_desk["type"], at_desk["topic"]) == ("message", "outage")


@on_sqlite_alone
def test_an_empty_answer_is_shown_again(house, person, vendor):
    follows(person)
    publishes(vendor)
    with nothing_changes(house):
        answer = person.browser.post("/feeds/items/stadtwerke/p1/answer", form_at=FEED, text=" ")
    assert answer.status_code == 422
    assert "Write something" in answer.text


@on_sqlite_alone
def test_an_item_for_others_stands_in_no_feed(house, person, vendor):
    follows(person)
    publishes(vendor, **{"for": "age_over_18"})

    assert "Works in Linden Street" not in person.browser.get(FEED).text


@on_sqlite_alone
def test_nobody_reads_another_personas_feed(app, house, person, vendor, moves_in):
    follows(person)
    publishes(vendor)
    ben = PersonActor(app, house, moves_in("Ben"), password=person.password)
    ben.signs_in()

    assert "Works in Linden Street" not in ben.browser.get(FEED).text


@on_sqlite_alone
def test_whoever_stops_following_has_the_next_one_brought(house, person, vendor):
    follows(person)
    follows(person, what="unfollow")
    publishes(vendor)

    assert brings(house) == 1


@on_sqlite_alone
def test_a_followed_topic_stands_in_the_atom_feed_too(house, person, vendor):
    person.browser.post("/channels/new/feed", form_at="/channels")
    follows(person)
    publishes(vendor)
    where = re.search(r"/feed/[\w-]+", person.browser.get("/channels").text)
    assert where

    assert "Works in Linden Street" in person.browser.get(where[0]).text
