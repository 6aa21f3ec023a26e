"""What a vendor tries that is not meant: words past a block, numbers that are none, one id from two sides at once."""

import json
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest
from feedback import JOE, PETRA, Answering, sends, tells
from journeys import refused
from seeking import Merchant
from seeking import sends as looks_for
from speaking import Speaker
from storage import nothing_changes, on_sqlite_alone, rows

from consent import standing
from consent.standing import ANY, BLOCKED, Rule, Whose
from wallet.dialogue import engine, kept, progress, saying
from wallet.erasing import erasures
from wallet.host import WalletHost
from wallet.upkeep import see_to_desks


class Both(Answering, Speaker):
    """Speaks, and answers at its desk."""


class Hearing(Both, Merchant):
    """Hears of intents, too."""


@pytest.fixture
def vendor(app, house):
    return Both(app, house)


@pytest.mark.parametrize("limit", ["0001" + "9" * 20, "0001" + "9" * 5000, "1e2", "-1", "101"], ids=count())
@pytest.mark.parametrize("path", ["/desk/threads", "/intents/waiting"])
@on_sqlite_alone
def test_a_list_is_never_longer_than_allowed(vendor, house, path, limit):
    assert refused(vendor.post(path, {"limit": limit}), "invalid_request", status=400)


@on_sqlite_alone
def test_a_question_without_a_body_needs_no_type(vendor, house):
    response = vendor.client.post("/desk/threads", headers=vendor.credentials)
    assert (response.status_code, response.json) == (200, {"threads": []})
    typed = vendor.client.post("/desk/threads", headers=vendor.credentials, data=b"a=b", content_type="text/plain")
    assert refused(typed, "invalid_request", status=400)


def test_who_was_blocked_has_no_word_by_deciding_either(person, vendor, house):
    page = f"/vendors/{vendor.joins(person)}"
    tells(person, vendor, "Read my meter once a month.")
    [thread] = vendor.threads()
    vendor.opens(thread)
    vendor.answers(thread, "We will see.")
    person.browser.post(f"{page}/block", form_at=page)

    said = {"thread_id": thread["thread_id"], "outcome": "used", "reason": "Buy now!", "link": "https://a.example/"}
    with nothing_changes(house):
        assert refused(vendor.post("/desk/decisions", said), "invalid_request", status=404)


@on_sqlite_alone
def test_what_was_said_under_no_name_is_not_named_by_a_block(person, vendor, house):
    page = f"/vendors/{vendor.joins(person)}"
    tells(person, vendor, "Your shop is rude.", known="nobody", kind="complaint")
    [thread] = vendor.threads()
    assert thread["sub"] != vendor.tokens["grant_id"]
    vendor.opens(thread)
    person.browser.post(f"{page}/block", form_at=page)
    before = rows(house, "messages")

    assert vendor.answers(thread, "Who are you?")["state"] == "answered"
    assert rows(house, "messages") == before


@on_sqlite_alone
def test_no_offer_arrives_of_who_was_blocked_and_it_learns_nothing(app, person, house, clock):
    person.signs_in()
    vendor = Merchant(app, house, "werke")
    looks_for(person, clock)
    assert vendor.offers().json["version"] == 1
    whose = Whose(person.person.person_id, person.person.persona_id)
    house.database.write(standing.give, house.secrets, Rule("werke", ANY, BLOCKED, "Werke"), whose=whose, now=clock.now)
    before = rows(house, "intent_offers")

    assert vendor.offers("9").json["version"] == 2
    assert rows(house, "intent_offers") == before


@on_sqlite_alone
def test_what_was_written_under_no_name_does_not_end_with_the_permission_of_who_is_erased(app, person, house, clock):
    person.signs_in()
    person.browser.post("/accounts/personas", form_at="/accounts", name="At work")
    vendor = Hearing(app, house, "werke")
    vendor.joins(person)
    at_work = next(row["persona_id"] for row in rows(house, "personas") if not row["is_default"])
    looks_for(person, clock)
    tells(person, vendor, "Your shop is rude.", known="nobody", kind="complaint")
    tells(person, vendor, "Your shop is dirty.", known="nobody", kind="complaint")
    ids = {"person_id": person.person.person_id, "persona_id": at_work}
    house.database.write(erasures.begin_with_persona, **ids, now=clock.now)
    assert erasures.go_on(house, **ids)
    assert at_work not in [row["persona_id"] for table in ("threads", "intents") for row in rows(house, table)]
    assert vendor.may() == {"allowed": False, "reason": "not_permitted"}

    for thread in vendor.threads():
        assert vendor.opens(thread)["state"] == "read"
        assert vendor.answers(thread, "Who are you?")["state"] == "answered"
        assert vendor.decides(thread, "not", "It is clean.")["state"] == "declined"
    assert vendor.offers().json["version"] == 1
    assert vendor.offers("9").json["version"] == 2
    assert (rows(house, "messages"), rows(house, "intent_offers")) == ([], [])


def test_of_an_answer_and_a_message_of_the_same_id_at_once_one_is_taken(person, vendor, house):
    vendor.joins(person)
    for number in range(3):
        tells(person, vendor, f"Idea {number}.")
    for number, thread in enumerate(vendor.threads()):
        vendor.opens(thread)
        answer = {"thread_id": thread["thread_id"], "author": "cp-petra", "text": "Yes.", "message_id": f"x{number}"}
        with ThreadPoolExecutor(2) as pool:
            one = pool.submit(vendor.post, "/desk/answers", answer)
            other = pool.submit(vendor.says, "No.", id=f"x{number}")
            codes = sorted((one.result().status_code, other.result().status_code))
        assert codes in ([200, 409], [201, 409])
    assert len(rows(house, "messages")) == 6


@on_sqlite_alone
def test_who_hands_a_thread_round_pushes_nothing_out_of_what_happened(monkeypatch, person, vendor, house, clock):
    monkeypatch.setattr(progress, "MOST_STEPS", 5)
    vendor.employs(PETRA, JOE)
    vendor.joins(person)
    tells(person, vendor, "My bill is wrong.", kind="complaint")
    clock.now += 30 * 24 * 3600
    see_to_desks(house, WalletHost(house, peek=lambda _cookies: {}))
    [thread] = vendor.threads()
    for number in range(8):
        vendor.calls(f"/desk/threads/{thread['thread_id']}", assign_to=("cp-joe", "cp-petra")[number % 2])

    [row] = rows(house, "threads")
    place = {name: row[name] for name in ("person_id", "persona_id")}
    found = house.database.read(lambda db: kept.find(db, engine.find(db, house.secrets, row["thread_id"], **place)))
    assert [one.what for one in found.details.steps] == ["received", "late", *["assigned"] * 3]


@on_sqlite_alone
def test_a_person_does_not_fill_a_desk(monkeypatch, person, vendor, house, clock):
    vendor.joins(person)
    monkeypatch.setattr(saying, "MOST_IN_AN_HOUR", 2)
    page = tells(person, vendor, "One.").request.path
    threads = rows(house, "threads")
    inbox = f"/inbox/{threads[0]['thread_id']}"
    assert person.browser.post(f"{inbox}/reply", form_at=inbox, text="Two.").status_code == 303

    with nothing_changes(house):
        refusals = [
            person.browser.post(f"{inbox}/reply", form_at=inbox, text="Three."),
            sends(person, vendor, "Four."),
        ]
    assert [one.status_code for one in refusals] == [429, 429], page
    assert "Three." in refusals[0].text
    clock.now += 3600
    assert person.browser.post(f"{inbox}/reply", form_at=inbox, text="Three.").status_code == 303


@on_sqlite_alone
@pytest.mark.parametrize(
    "line",
    ["METHOD:REQUEST", "BEGIN:VALARM", "ATTACH:https://spy.example/1.gif", "meth\r\n od;x=1:CANCEL"],
    ids=count(),
)
def test_a_calendar_file_neither_invites_nor_rings_nor_fetches(person, vendor, house, line):
    vendor.joins(person)
    calendar = f"BEGIN:VCALENDAR\r\nMETHOD:PUBLISH\r\n{line}\r\nEND:VCALENDAR\r\n"
    plan = {"name": "plan.ics", "media_type": "text/calendar", "content": b64encode(calendar.encode()).decode()}
    with nothing_changes(house):
        assert refused(vendor.says(attachments=[plan]), "invalid_request", status=400)
    plain = b64encode(calendar.replace(f"{line}\r\n", "").encode()).decode()
    assert vendor.says(attachments=[{**plan, "content": plain}]).status_code == 201


HUGE = 1 << 63
ODD = ["x", "\x7f", "\ud7ff\U0010ffff", "9" * 5000, "-1", "null", "[]", '{"a":' * 400, "\N{RIGHT-TO-LEFT OVERRIDE}"]
ODD += [json.dumps(one) for one in ([None], {"id": "\ud800"}, {"id": [1]}, {"text": {}, "id": "a\x00b"})]
ODD += [json.dumps([{"contact_person_id": "a", "name": "a", "absences": [{"from": 0, "until": HUGE}]}])]
ODD += [json.dumps({"hours": {"time_zone": zone}}) for zone in ("..", "/etc/passwd", "a\x00", "Europe", "x" * 5000)]
ODD += [json.dumps({"hours": {"holidays": ["9999-99-99"], "windows": [[6, 0, 2880]]}})]
ODD += [json.dumps({"slots": [{"start": start, "end": start + 600}]}) for start in (-HUGE, 0, 253402300800, HUGE - 601)]
ODD += [
    json.dumps({"id": "a", "topic": "outage", "title": "t", "text": "t", "valid_until": until, "for": "email"})
    for until in (-1, 1.5, HUGE, "1")
]
FORMS = {
    "/contact/permission": ("topic", "grant_id", "channel", "opening_id", "contact_person_id"),
    "/contact/messages": ("topic", "grant_id", "channel", "opening_id", "message"),
    "/contact/appointments": ("message", "appointment", "opening_id", "grant_id"),
    "/contact/appointments/x": ("action",),
    "/contact/triggers": ("acknowledged", "trigger_id", "period", "observed"),
    "/contact/publications": ("publication", "withdraw"),
    "/desk/threads": ("state", "type", "topic", "assigned_to", "limit", "after"),
    "/desk/threads/x": ("read", "assign_to"),
    "/desk/answers": ("thread_id", "author", "text", "message_id"),
    "/desk/decisions": ("thread_id", "outcome", "reason", "link", "ended"),
    "/desk/directory": ("entries",),
    "/desk/service": ("service",),
    "/desk/attachments": ("thread_id", "message_id", "number"),
    "/intents/followed": ("branches",),
    "/intents/waiting": ("state", "after", "limit"),
    "/intents/offers": ("intent_id", "offer"),
}


@pytest.mark.parametrize("path", FORMS)
def test_nothing_odd_breaks_anything(person, vendor, path):
    said = {"grant_id": vendor.joins(person), "topic": "outage", "period": "2026", "channel": "phone"}
    said |= {"message": json.dumps({"id": "1", "subject": "s", "text": "t", "reason": "r"}), "text": "t", "reason": "r"}
    said |= {"outcome": "used", "message_id": "1"}
    tells(person, vendor, "Hello")
    thread = vendor.opens(vendor.threads()[0])
    said |= {"thread_id": thread["thread_id"], "author": "cp-petra"}
    known = {name: value for name, value in said.items() if name in FORMS[path]}
    for name in FORMS[path]:
        for odd in ODD:
            response = vendor.post(path, {**known, name: odd})
            assert response.status_code < 500, (path, name, odd[:80])
