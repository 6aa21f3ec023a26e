"""Hear no more of a topic by the link in a message: without a sign-in, by one press, and nothing else by it."""

import pytest
from actors import Browser, PersonActor
from reading import words
from speaking import Speaker, wants
from storage import nothing_changes, on_sqlite_alone, rows

from consent import grants
from consent.contact import openings
from consent.contact.model import FOR_EVER, Window
from keys.opaque import mint
from wallet.channels import deliveries
from wallet.channels.sending import NEVER
from wallet.contact import relevance
from wallet.contact.withdrawing import ONE_CLICK, withdraw_link
from wallet.dialogue import engine
from wallet.dispatch.parcels import packed
from wallet.dispatch.permitting import permitted

PRESSED = dict([ONE_CLICK])


@pytest.fixture
def vendor(app, house, person):
    vendor = Speaker(app, house)
    vendor.joins(person, allowed=("outage", "tariffs"))
    return vendor


@pytest.fixture
def link(house, person, vendor):
    ids = {"person_id": person.person.person_id, "grant_id": vendor.grant_id}
    return withdraw_link(house, **ids, topic="outage", message_id="m1").removeprefix(house.settings.issuer)


@pytest.fixture
def stranger(app):
    return Browser(app)


def test_one_press_ends_the_topic_and_no_other_and_is_reversible(person, vendor, link, stranger):
    assert stranger.get(link).text.partition("<main")[2].count("<button") == 1

    answer = stranger.client.post(link, data=PRESSED)

    assert answer.status_code == 200
    assert vendor.may("outage")["reason"] == "not_permitted"
    assert vendor.may("tariffs")["allowed"]
    assert person.log()[-1] == "changed"
    page = f"/vendors/{vendor.grant_id}"
    person.signs_in()
    person.browser.post(f"{page}/contact/outage/allowed", form_at=page, do="allow")
    assert vendor.may("outage")["allowed"]


@on_sqlite_alone
@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_mail_program_presses_it_as_rfc_8058_says(app, vendor, link, content_type):
    """Neither cookies nor a token, in both encodings of section 3.2."""
    sent = app.test_client(use_cookies=False).post(link, data=PRESSED, content_type=content_type)

    assert sent.status_code == 200
    assert vendor.may("outage")["reason"] == "not_permitted"


@on_sqlite_alone
def test_looking_at_it_and_pressing_something_else_does_nothing(house, link, stranger):
    with nothing_changes(house):
        assert stranger.get(link).status_code == 200
        assert stranger.client.head(link).status_code == 200
        for said in ({}, {"List-Unsubscribe": "Two-Click"}, {"csrf_token": "x"}):
            assert stranger.client.post(link, data=said).status_code == 400


@on_sqlite_alone
def test_a_link_that_is_forged_foreign_spent_or_over_says_the_same_and_does_nothing(house, person, vendor, link):
    token = link.rpartition("/")[2]
    mine = f"{person.person.person_id}\n{vendor.grant_id}\noutage\nm1"
    tokens = {
        "forged": token[:-4] + "AAAA",
        "of another kind": mint(house.secrets.tokens, "thread", mine),
        "of another host": mint(b"x" * 32, "withdraw", mine),
        "no token": "x",
        "another person's": mint(house.secrets.tokens, "withdraw", mine.replace(mine[:26], "0" * 26)),
        "of no topic": mint(house.secrets.tokens, "withdraw", mine.replace("outage", "email")),
    }
    stranger = Browser(person.browser.client.application)
    good = words(stranger.get(link))
    with nothing_changes(house):
        for what, one in tokens.items():
            assert words(stranger.get(f"/withdraw/{one}")) == good, what
            answer = stranger.client.post(f"/withdraw/{one}", data=PRESSED)
            assert (answer.status_code, words(answer).count("Taken back")) == (200, 2), what
    done = words(stranger.client.post(link, data=PRESSED))
    with nothing_changes(house):
        assert words(stranger.client.post(link, data=PRESSED)) == done
        assert words(stranger.client.post("/withdraw/x", data=PRESSED)) == done
    person.revokes(vendor.grant_id)
    with nothing_changes(house):
        assert words(stranger.client.post(link, data=PRESSED)) == done


def waiting(house, person, vendor, channel="email"):
    """A message that was taken and is on its way by this channel."""
    wants(person, channels=(channel, "inbox"))
    vendor.says("No power on Friday.")
    [row] = rows(house, "deliveries")
    return deliveries.Delivery(**row)


@on_sqlite_alone
def test_what_goes_out_carries_the_link(house, person, vendor, stranger):
    delivery = waiting(house, person, vendor)

    parcel = house.database.write(packed, delivery, house=house, now=house.clock())

    link = parcel.withdraw_link.removeprefix(house.settings.issuer)
    assert stranger.client.post(link, data=PRESSED).status_code == 200
    assert vendor.may("outage")["reason"] == "not_permitted"


@on_sqlite_alone
def test_a_delivery_asks_at_each_try_what_counts_now(app, house, person, vendor, stranger, link, clock):
    delivery = waiting(house, person, vendor)

    def may():
        return house.database.read(permitted, delivery, secrets=house.secrets, now=clock.now)

    assert may() is None
    wants(person, channels=("email",), windows=(Window((6,), 600, 660),), time_zone="UTC")
    assert may() == 1800093600, "on Saturday at ten"
    wants(person, channels=("email",), paused_until=FOR_EVER)
    assert clock.now < may() < clock.now + 24 * 3600
    wants(person, channels=("inbox", "sms"))
    assert may() == NEVER
    wants(person, channels=("email",), not_after=clock.now)
    assert may() == NEVER
    wants(person, channels=("email",))
    assert may() is None
    stranger.client.post(link, data=PRESSED)
    assert may() == NEVER


def rate(house, person, vendor, *ratings, **beside):
    """Each a new message, rated; what the wallet did of the last one."""
    step, ids = None, {"person_id": person.person.person_id, "persona_id": person.person.persona_id}
    for rating in ratings:
        house.clock.now += 60
        grant_id = vendor.says(id=f"r{house.clock.now}", **beside).json["thread_id"]
        row = next(one for one in rows(house, "threads") if one["public_id"] == grant_id)

        def work(db, row=row, rating=rating):
            thread = engine.find(db, house.secrets, row["thread_id"], **ids)
            [message] = engine.said_in(db, thread, limit=1)
            engine.rate(db, thread, message.message_id, rating)
            said = {"grant_id": thread.grant_id, "topic": message.topic, "now": house.clock()}
            return relevance.rated(db, house.secrets, **ids, **said)

        step = house.database.write(work)
    return step


def test_twice_not_relevant_and_the_topic_needs_an_occasion(house, person, vendor):
    assert rate(house, person, vendor, "not_relevant", "relevant", "not_relevant") is None

    assert rate(house, person, vendor, "not_relevant") == "narrowed"

    assert vendor.may("outage")["reason"] == "not_relevant"
    assert vendor.may("tariffs")["allowed"]
    person.signs_in()
    assert "You rated twice as not relevant what Stadtwerke wrote" in words(person.browser.get("/ledger"))


@on_sqlite_alone
def test_who_rates_in_the_inbox_is_told_what_became_of_it(house, person, vendor):
    person.signs_in()
    for number in (1, 2):
        house.clock.now += 60
        vendor.says(id=str(number))
    found = [(row["thread_id"], row["message_id"]) for row in rows(house, "messages")]

    for thread_id, message_id in found:
        page = f"/inbox/{thread_id}"
        person.browser.post(f"{page}/{message_id}/rate", form_at=page, rating="not_relevant")

    assert "may write only on an occasion that you made" in words(person.browser.get(page))
    assert vendor.may("outage")["reason"] == "not_relevant"


@on_sqlite_alone
def test_who_takes_it_back_is_not_overruled_by_what_they_said_before(house, person, vendor):
    rate(house, person, vendor, "not_relevant", "not_relevant")
    page = f"/vendors/{vendor.grant_id}"
    house.clock.now += 60
    person.signs_in()
    assert "Also without an occasion" in words(person.browser.get(page))

    person.browser.post(f"{page}/contact/outage/allowed", form_at=page, do="any")

    assert vendor.may("outage")["allowed"]
    assert rate(house, person, vendor, "not_relevant") is None
    assert rate(house, person, vendor, "not_relevant") == "narrowed"


@on_sqlite_alone
def test_who_wants_occasions_alone_and_still_says_not_relevant_hears_no_more(house, person, vendor, clock):
    rate(house, person, vendor, "not_relevant", "not_relevant")
    grant = house.database.read(grants.find, vendor.grant_id, person_id=person.person.person_id)
    made = {"kind": "trigger", "topic": "outage", "until": clock.now + 3600, "now": clock.now}
    opening_id = house.database.write(openings.open_, grant, **made)

    assert rate(house, person, vendor, "not_relevant", opening_id=opening_id) is None
    assert rate(house, person, vendor, "not_relevant", opening_id=opening_id) == "paused"

    assert vendor.may("outage", opening_id=opening_id)["reason"] == "paused"
    assert vendor.may("tariffs")["allowed"]
    person.signs_in()
    page = f"/vendors/{vendor.grant_id}"
    person.browser.post(f"{page}/contact/outage/allowed", form_at=page, do="resume")
    assert vendor.may("outage", opening_id=opening_id)["allowed"]


@on_sqlite_alone
def test_a_rating_of_what_no_grant_stands_behind_changes_nothing(house, person: PersonActor, vendor):
    ids = {"person_id": person.person.person_id, "persona_id": person.person.persona_id}
    with nothing_changes(house):
        for grant_id, topic in ((None, "outage"), (vendor.grant_id, None), ("none", "outage")):
            said = {"grant_id": grant_id, "topic": topic, "now": house.clock()}
            assert house.database.write(relevance.rated, house.secrets, **ids, **said) is None
