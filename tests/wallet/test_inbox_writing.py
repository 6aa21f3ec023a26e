"""The person writes by themself: to a vendor, or a note of what reached them beside the wallet."""

import pytest
from journeys import tokens_for
from listening import ListeningVendor, claims
from reading import words
from speaking import Speaker
from storage import nothing_changes, on_sqlite_alone, rows

from consent.events import VIOLATED
from vendor_api.vendors import registry

DAY = 24 * 3600


@pytest.fixture
def vendor(app, house, person):
    vendor = Speaker(app, house)
    vendor.joins(person)
    return vendor


def writes(person, vendor, **fields):
    form = {"grant": vendor.grant_id, "subject": "My bill", "text": "Please by e-mail.", **fields}
    return person.browser.post("/inbox/write", **form)


def notes(person, vendor, **fields):
    form = {"grant": vendor.grant_id, "channel": "phone", "on": "2027-01-10", "text": "They wanted to sell.", **fields}
    return person.browser.post("/inbox/note", **form)


def test_a_message_to_a_vendor_stands_at_its_desk_by_what_it_knows_the_person_by(person, vendor, house):
    sent = writes(person, vendor, topic="outage")

    assert sent.status_code == 303
    [thread], [said] = rows(house, "desk_threads"), rows(house, "desk_messages")
    assert (thread["state"], thread["type"], thread["topic"]) == ("received", "message", "outage")
    assert thread["sub"] == claims(vendor.tokens["id_token"])["sub"]
    assert said["digest"] == rows(house, "messages")[0]["digest"]
    listed = vendor.post("/desk/threads", {"client_id": vendor.client_id}).json["threads"]
    assert [one["thread_id"] for one in listed] == [rows(house, "threads")[0]["public_id"]]
    assert "Please by e-mail." in words(person.browser.get(sent.location))
    assert person.log()[-1] == "said"


@on_sqlite_alone
@pytest.mark.parametrize("wrong", [{"subject": " "}, {"subject": "x" * 201}, {"text": ""}])
def test_without_a_word_or_a_line_nothing_is_sent(person, vendor, house, wrong):
    with nothing_changes(house):
        answer = writes(person, vendor, **wrong)
    assert answer.status_code == 422
    assert "Write to a vendor" in words(answer)


@on_sqlite_alone
def test_nothing_is_said_to_be_sent_to_a_vendor_that_is_not_here_any_more(person, vendor, house):
    thread = writes(person, vendor).location
    house.database.write(registry.remove, vendor.client_id)

    with nothing_changes(house):
        answers = [writes(person, vendor), person.browser.post(f"{thread}/reply", form_at=thread, text="Hello?")]

    assert [answer.status_code for answer in answers] == [409, 409]
    assert all("not registered here any more, so nothing was sent" in words(answer) for answer in answers)


@on_sqlite_alone
def test_nobody_writes_to_a_vendor_that_is_no_longer_allowed_anything(person, vendor, house):
    person.revokes(vendor.grant_id)
    with nothing_changes(house):
        answer = writes(person, vendor)
    assert answer.status_code == 409


@on_sqlite_alone
def test_nobody_writes_under_somebody_elses_grant(person, vendor, house, moves_in, app):
    from actors import PersonActor

    ben = PersonActor(app, house, moves_in("Ben"), password="correct horse battery")
    ben.signs_in()
    other = Speaker(app, house, "bookshop")
    other.joins(ben)
    with nothing_changes(house):
        assert ben.browser.post("/inbox/write", grant=vendor.grant_id, subject="x", text="y").status_code == 404
        assert ben.browser.post("/inbox/note", grant=vendor.grant_id, on="2027-01-10", text="y").status_code == 404


@on_sqlite_alone
def test_a_noted_call_stands_in_its_place_in_time_and_the_vendor_learns_nothing_of_it(person, vendor, house):
    public_id = vendor.says("No power on Friday.").json["thread_id"]
    thread = rows(house, "threads")[0]["thread_id"]
    before = vendor.post(f"/desk/threads/{public_id}", {"client_id": vendor.client_id}).json

    notes(person, vendor, thread=thread)

    page = words(person.browser.get(f"/inbox/{thread}"))
    assert page.index("They wanted to sell.") < page.index("No power on Friday.")
    assert "Your note by phone 10 January 2027 as a mail" in page
    assert vendor.post(f"/desk/threads/{public_id}", {"client_id": vendor.client_id}).json == before
    assert before["digest"] in page
    assert rows(house, "threads")[0]["last_at"] == before["opened_at"]
    assert "said" not in person.log()


@on_sqlite_alone
def test_a_letter_begins_a_conversation_of_its_own(person, vendor, house):
    answer = notes(person, vendor, channel="letter", text="They raise the price.", subject="New price")

    assert "New price" in words(person.browser.get("/inbox"))
    assert "by letter" in words(person.browser.get(answer.location))
    assert rows(house, "desk_threads") == []


@on_sqlite_alone
@pytest.mark.parametrize("day", ["", "2027-01-16", "9999-12-31", "1969-01-01", "tomorrow", "2027-02-30"])
def test_nothing_is_noted_of_a_day_that_has_not_come_or_is_none(person, vendor, house, day):
    with nothing_changes(house):
        assert notes(person, vendor, on=day).status_code == 422


def test_a_violation_stands_in_the_ledger_counts_and_is_told_to_the_vendor(app, house, person, clock):
    shop = ListeningVendor(app, house, "shop")
    shop.listens()
    shop.grant_id = tokens_for(person, shop)["grant_id"]

    notes(person, shop, violation="yes", text="At night!")

    assert person.log()[-1] == "violated"
    page, book = words(person.browser.get(f"/vendors/{shop.grant_id}")), words(person.browser.get("/ledger"))
    assert "once outside what you allow" in page
    assert "Shop reached you outside what you allow" in book
    [telling] = rows(house, "outbox")
    assert telling["detail"]["type"] == VIOLATED
    assert telling["detail"]["said"] | {"consent_token_id": ""} == {
        "grant_id": shop.grant_id,
        "consent_token_id": "",
        "channel": "phone",
        "at": clock.now // DAY * DAY - 5 * DAY + DAY // 2,
    }
    assert "night" not in str(telling)
    [noted] = rows(house, "messages")
    assert "outside what you allow" in words(person.browser.get(f"/inbox/{noted['thread_id']}"))


@on_sqlite_alone
def test_what_is_no_violation_is_told_to_nobody(app, house, person):
    shop = ListeningVendor(app, house, "shop")
    shop.listens()
    shop.grant_id = tokens_for(person, shop)["grant_id"]

    notes(person, shop)

    assert rows(house, "outbox") == []
    assert "outside what you allow" not in words(person.browser.get(f"/vendors/{shop.grant_id}"))
