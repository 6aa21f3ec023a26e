"""The inbox: what vendors and a person say to each other, read, answered, rated, and ended by one click."""

import base64
import json
from html import unescape
from re import findall

import pytest
from actors import PersonActor
from reading import words
from speaking import Speaker, wants
from storage import nothing_changes, on_sqlite_alone, rows

from consent.model import Span

PDF = base64.b64encode(b"%PDF-1.7 a plan").decode()


@pytest.fixture
def vendor(app, house, person):
    vendor = Speaker(app, house)
    vendor.joins(person)
    return vendor


@pytest.fixture
def newcomer(app, house, moves_in):
    return PersonActor(app, house, moves_in("Ben"), password="correct horse battery")


def the_thread(house):
    return rows(house, "threads")[-1]["thread_id"]


def at_desk(vendor, thread_id):
    """The thread as the vendor finds it at its desk."""
    answer = vendor.post(f"/desk/threads/{thread_id}", {"client_id": vendor.client_id})
    assert answer.status_code == 200, answer.text
    return answer.json


@on_sqlite_alone
def test_an_empty_inbox_says_what_to_do(person):
    person.signs_in()

    page = words(person.browser.get("/inbox"))

    assert "No messages yet" in page
    assert "Connected vendors" in page


def test_what_a_vendor_writes_is_unread_until_the_person_opens_it(person, vendor, house):
    vendor.says("No power on Friday.", subject="Friday", reason="Works in your street")
    thread = the_thread(house)
    assert "Inbox 1 unread" in words(person.browser.get("/vendors"))

    with nothing_changes(house):
        page = words(person.browser.get(f"/inbox/{thread}"))
    for said in ("No power on Friday.", "Friday", "Stadtwerke", "stadtwerke.example", "Outages and repairs"):
        assert said in page
    assert "The reason it gives: Works in your street" in page

    opened = person.browser.post(f"/inbox/{thread}/open", form_at="/inbox")
    assert opened.location.endswith(f"/inbox/{thread}")
    assert "unread" not in words(person.browser.get("/vendors"))
    assert "Nothing here" in words(person.browser.get("/inbox?show=unread"))


def test_an_answer_stands_on_both_sides_under_one_digest(person, vendor, house):
    public_id = vendor.says("No power on Friday.").json["thread_id"]
    thread = the_thread(house)
    assert at_desk(vendor, public_id)["state"] == "done"

    person.browser.post(f"/inbox/{thread}/reply", form_at=f"/inbox/{thread}", text="Until when?")
    vendor.says("Until noon.", thread_id=public_id)

    there = at_desk(vendor, public_id)
    assert [one["text"] for one in there["messages"]] == ["No power on Friday.", "Until when?", "Until noon."]
    assert [one["direction"] for one in there["messages"]] == ["to_person", "from_person", "to_person"]
    assert there["state"] == "received"
    assert there["digest"] in person.browser.get(f"/inbox/{thread}").text
    here = {one["public_id"]: one["digest"] for one in rows(house, "messages")}
    assert here == {one["message_id"]: one["digest"] for one in there["messages"]}


@on_sqlite_alone
def test_what_came_with_an_attachment_is_the_same_on_both_sides(person, vendor, house):
    came = [{"name": "plan.pdf", "media_type": "application/pdf", "content": PDF}]
    public_id = vendor.says("See the plan.", attachments=came).json["thread_id"]

    assert at_desk(vendor, public_id)["digest"] in person.browser.get(f"/inbox/{the_thread(house)}").text


def test_a_vendor_may_give_one_id_to_two_people(app, house, person, newcomer):
    vendor, ids = Speaker(app, house), []
    for one in (person, newcomer):
        vendor.joins(one)
        ids.append(vendor.says("The same to both.", id="1"))

    assert [one.status_code for one in ids] == [201, 201]
    assert ids[0].json["thread_id"] != ids[1].json["thread_id"]


@on_sqlite_alone
def test_the_vendor_answers_the_reply_at_its_desk_and_both_sides_stay_equal(person, vendor, house):
    public_id = vendor.says("No power on Friday.").json["thread_id"]
    thread = the_thread(house)
    person.browser.post(f"/inbox/{thread}/reply", form_at=f"/inbox/{thread}", text="Until when?")
    entry = {"contact_person_id": "kim", "name": "Kim Reed", "topics": [], "languages": ["en"]}
    vendor.post("/desk/directory", {"entries": json.dumps([entry])})

    vendor.post(f"/desk/threads/{public_id}", {"read": "1"})
    form = {"thread_id": public_id, "author": "kim", "text": "Until noon.", "message_id": "a1"}
    answered = vendor.post("/desk/answers", form).json

    page = person.browser.get(f"/inbox/{thread}").text
    assert answered["digest"] in page
    assert "Kim Reed" in page


@on_sqlite_alone
@pytest.mark.parametrize("text", ["", "   ", "x" * 10_001])
def test_an_empty_or_endless_answer_is_not_sent(person, vendor, house, text):
    vendor.says()
    thread = the_thread(house)

    with nothing_changes(house):
        page = person.browser.post(f"/inbox/{thread}/reply", form_at=f"/inbox/{thread}", text=text)
    assert page.status_code == 422
    assert "Write something" in words(page)


@on_sqlite_alone
def test_a_rating_is_given_and_taken_back(person, vendor, house):
    vendor.says()
    [said] = rows(house, "messages")
    rate, at = f"/inbox/{said['thread_id']}/{said['message_id']}/rate", f"/inbox/{said['thread_id']}"

    person.browser.post(rate, form_at=at, rating="not_relevant")
    assert rows(house, "messages")[0]["rating"] == "not_relevant"
    person.browser.post(rate, form_at=at, rating="")
    assert rows(house, "messages")[0]["rating"] is None
    assert person.browser.post(rate, form_at=at, rating="nonsense").status_code == 400


@on_sqlite_alone
def test_two_that_were_not_relevant_narrow_the_topic_and_the_page_says_so(person, vendor, house):
    for number in range(2):
        vendor.says(f"Buy {number}.")
    for said in rows(house, "messages"):
        at = f"/inbox/{said['thread_id']}"
        person.browser.post(f"{at}/{said['message_id']}/rate", form_at=at, rating="not_relevant")

    assert vendor.says("Buy more.").json["reason"] == "not_relevant"
    assert "it needs an occasion that you made" in words(person.browser.get(at))


@on_sqlite_alone
def test_a_topic_is_taken_back_by_one_click(person, vendor, house):
    vendor.says()
    thread = the_thread(house)

    person.browser.post(f"/inbox/{thread}/take-back", form_at=f"/inbox/{thread}", topic="outage")

    assert vendor.says("Again.").json["reason"] == "not_permitted"
    page = words(person.browser.get(f"/inbox/{thread}"))
    assert "It may no longer write about that." in page
    assert "No more about" not in page


@on_sqlite_alone
def test_never_again_is_one_click_too(person, vendor, house):
    vendor.says()
    thread = the_thread(house)

    person.browser.post(f"/inbox/{thread}/block", form_at=f"/inbox/{thread}")

    assert vendor.says("Again.").json["reason"] == "not_permitted"


@on_sqlite_alone
def test_in_what_was_ended_nobody_says_anything(person, vendor, house):
    public_id = vendor.says().json["thread_id"]
    thread = the_thread(house)
    person.browser.post(f"/inbox/{thread}/close", form_at=f"/inbox/{thread}")

    with nothing_changes(house):
        late = person.browser.post(f"/inbox/{thread}/reply", form_at=f"/inbox/{thread}", text="Wait")
    assert late.status_code == 409
    assert vendor.says("Again.", thread_id=public_id).status_code == 404
    assert "Ended on" in words(person.browser.get(f"/inbox/{thread}"))


def test_an_erased_conversation_takes_its_key_along(person, vendor, house):
    vendor.says(attachments=[{"name": "plan.pdf", "media_type": "application/pdf", "content": PDF}])
    thread = the_thread(house)
    subject = f"threads/{thread}"

    with nothing_changes(house):
        asked = person.browser.post(f"/inbox/{thread}/erase", form_at=f"/inbox/{thread}")
    assert "Erase for good" in words(asked)
    assert subject in str(rows(house, "data_keys"))

    person.browser.post(f"/inbox/{thread}/erase", form_at=f"/inbox/{thread}", sure="yes")

    assert rows(house, "threads") == rows(house, "messages") == rows(house, "attachments") == []
    assert subject not in str(rows(house, "data_keys"))
    assert "You erased a conversation with Stadtwerke." in words(person.browser.get("/ledger"))
    assert person.browser.get(f"/inbox/{thread}").status_code == 404


def test_what_was_erased_comes_no_second_time_and_still_counts(person, vendor, house):
    wants(person, frequency=Span(2, "week"))
    first = vendor.says("Buy now!", id="sale")
    thread = the_thread(house)
    person.browser.post(f"/inbox/{thread}/erase", form_at=f"/inbox/{thread}", sure="yes")

    again = vendor.says("Buy now!", id="sale")

    assert (again.status_code, again.json) == (200, first.json)
    assert vendor.says("Buy later!", id="sale").status_code == 409
    assert rows(house, "messages") == []
    assert vendor.says(id="another").status_code == 201
    assert vendor.says(id="a third").json["reason"] == "too_often"


@on_sqlite_alone
def test_an_attachment_leaves_as_a_file_and_never_as_a_page(person, vendor, house):
    vendor.says(attachments=[{"name": "plan.exe", "media_type": "application/pdf", "content": PDF}])
    [said] = rows(house, "messages")
    at = f"/inbox/{said['thread_id']}/{said['message_id']}/attachments"

    answer = person.browser.get(f"{at}/0")

    assert answer.data == b"%PDF-1.7 a plan"
    assert answer.headers["Content-Disposition"] == "attachment; filename=plan.exe.pdf"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.mimetype == "application/octet-stream"
    assert any(one.startswith("sandbox") for one in answer.headers.getlist("Content-Security-Policy"))
    assert [person.browser.get(f"{at}/{one}").status_code for one in ("1", "-1", "x", "9" * 9)] == [404] * 4


@on_sqlite_alone
def test_a_conversation_is_its_personas_alone(person, newcomer, vendor, house):
    vendor.says("Only for Ana.")
    thread = the_thread(house)

    newcomer.signs_in()
    with nothing_changes(house):
        assert newcomer.browser.get(f"/inbox/{thread}").status_code == 404
        for what in ("open", "reply", "close", "erase", "block", "take-back"):
            answer = newcomer.browser.post(f"/inbox/{thread}/{what}", form_at="/inbox", text="Hello", sure="yes")
            assert answer.status_code == 404


def test_the_inbox_and_a_long_conversation_come_in_pages(person, vendor, house, clock):
    for number in range(21):
        clock.now += 60
        vendor.says(f"Text {number}.", subject=f"Matter {number}.")
    page = person.browser.get("/inbox")
    assert "Matter 20." in page.text
    assert "Matter 0." not in page.text
    older = person.browser.get(link_of(page, "before="))
    assert "Matter 0." in older.text
    assert "Matter 1." not in older.text

    public_id = rows(house, "threads")[0]["public_id"]
    clock.now += 3600
    for number in range(31):
        clock.now += 60
        assert vendor.says(f"More {number}.", thread_id=public_id).status_code == 201, number
    thread = next(one["thread_id"] for one in rows(house, "threads") if one["public_id"] == public_id)
    page = person.browser.get(f"/inbox/{thread}")
    assert "More 30." in page.text
    assert "More 0." not in page.text
    assert "More 0." in person.browser.get(link_of(page, f"/inbox/{thread}?before=")).text


def link_of(page, part):
    return unescape(next(one for one in findall(r'href="([^"]+)"', page.text) if part in one))


def test_the_list_is_narrowed_to_a_vendor_and_to_a_kind(app, house, person, vendor):
    other = Speaker(app, house, "bookshop")
    other.joins(person)
    vendor.says(subject="Of power")
    other.says(subject="Of books")

    page = person.browser.get("/inbox?vendor=bookshop").text
    assert "Of books" in page
    assert "Of power" not in page
    assert "Nothing here" in words(person.browser.get("/inbox?show=complaint"))


@on_sqlite_alone
def test_a_vendor_that_must_go_by_mail_still_has_its_message_in_the_inbox(person, vendor, house):
    wants(person, channels=("email", "inbox"))
    vendor.says("By mail.")

    assert "by e-mail" in words(person.browser.get(f"/inbox/{the_thread(house)}"))
