"""The desk in the console: staff read, answer, decide and end; and say who answers, when, and how soon."""

import re
from html import unescape

import pytest
from desking import JOE, PETRA, Desk
from speaking import Speaker
from staffing import StaffActor
from storage import nothing_changes, on_sqlite_alone

from vendor_api.desk import directory, service
from wallet.host import WalletHost

AT = "/console/desk/t-1"


@pytest.fixture
def told(monkeypatch):
    told = []
    monkeypatch.setattr(WalletHost, "desk_said", lambda _host, _db, _thread, said, *, now: told.append(said.state))
    return told


@pytest.fixture
def desk(house, vendor, told):
    desk = Desk(house, vendor.client_id, (PETRA, JOE))
    desk.receives(type="complaint", text="There is <b>no power</b>, come immediately!")
    return desk


@pytest.fixture
def kim(app, house, desk):
    kim = StaffActor(app, house, desk.client_id, role="agent")
    kim.signs_in()
    return kim


@pytest.fixture
def boss(app, house, desk):
    boss = StaffActor(app, house, desk.client_id, "boss", "admin")
    boss.signs_in()
    return boss


def says(page):
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page.text)))


def test_an_agent_takes_a_thread_its_whole_way(kim, desk, told):
    page = kim.get("/console/desk")
    assert "Complaint" in page.text
    assert "+30 sounds urgent: no power, immediately" in says(page)
    thread = kim.get(AT)
    assert "There is <b>no power</b>, come immediately!" in says(thread)
    assert desk.state() == "received"

    kim.post(f"{AT}/read", form_at=AT)
    pasted = "\ufeffA colleague\u200b is on the way."  # as word processors write
    kim.post(f"{AT}/answer", form_at=AT, author="cp-joe", text=pasted, message_id="a")
    kim.post(f"{AT}/decision", form_at=AT, outcome="used", reason="The fuse is new.", link="")
    ended = kim.post(f"{AT}/end", form_at=AT, **{"as": "done"})

    assert (ended.status_code, desk.state()) == (303, "done")
    assert told == ["read", "answered", "decided", "done"]
    assert "A colleague is on the way." in kim.get(AT).text
    assert "The fuse is new." in kim.get(AT).text
    assert "Complaint" in kim.get("/console/desk?state=done").text


@on_sqlite_alone
def test_who_comes_second_is_told_and_loses_no_word(kim, desk, house):
    kim.post(f"{AT}/read", form_at=AT)
    desk.answers(by=JOE)

    with nothing_changes(house):
        late = kim.post(f"{AT}/answer", form_at=AT, author="cp-petra", text="We are on the way.", message_id="b")

    assert late.status_code == 409
    assert "Somebody was quicker" in late.text
    assert "We are on the way." in late.text


@on_sqlite_alone
@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("answer", {"author": "cp-petra", "text": " ", "message_id": "a"}),
        ("answer", {"author": "cp-nobody", "text": "Hello", "message_id": "a"}),
        ("assign", {"contact_person_id": "cp-nobody"}),
        ("priority", {"expected": "x", "to": "more"}),
        ("priority", {"expected": "1", "to": "more"}),
        ("decision", {"outcome": "used", "reason": "Why"}),
        ("end", {"as": "done"}),
    ],
)
def test_what_can_not_be_done_is_said_and_changes_nothing(kim, house, path, fields):
    kim.post(f"{AT}/read", form_at=AT)

    with nothing_changes(house):
        refused = kim.post(f"{AT}/{path}", form_at=AT, **fields)

    assert refused.status_code in {400, 409}
    assert 'role="alert"' in refused.text


@on_sqlite_alone
def test_one_click_corrects_a_priority_and_one_gives_a_thread_to_somebody(kim, desk):
    before = desk.thread()[0]

    kim.post(f"{AT}/priority", form_at=AT, expected=str(before.priority), to="less")
    kim.post(f"{AT}/assign", form_at=AT, contact_person_id="cp-petra")

    after = desk.thread()[0]
    assert (after.priority, after.assigned_to) == (before.priority - 20, "cp-petra")
    assert "-20 corrected by hand" in says(kim.get(AT))


@on_sqlite_alone
def test_another_vendors_thread_does_not_exist(app, house, desk):
    stranger = StaffActor(app, house, "bookshop", "mo", "agent")
    other = Desk(house, "bookshop", (JOE,))
    other.receives("t-2")
    stranger.signs_in()

    with nothing_changes(house):
        assert stranger.get(AT).status_code == 404
        assert stranger.get("/console/desk?after=t-1").status_code == 404
        assert stranger.post(f"{AT}/read", form_at="/console/desk/t-2").status_code == 404
    assert "Complaint:" not in stranger.get("/console/desk").text


PERSON = {
    "name": "Heather Li",
    "role": "Heating",
    "topics": "heat, gas",
    "skills": "",
    "languages": "de, en",
    "channels": "inbox",
    "time_zone": "Europe/Berlin",
    "windows": "1-5 09:00-17:00\n6 10:00-12:00",
    "absences": "2027-03-01 2027-03-14",
    "substitute": "cp-joe",
    "most_threads": "20",
}


def entries(desk):
    found = desk.house.database.read(directory.directory, desk.house.secrets, client_id=desk.client_id)
    return {one.name: one for one in found}


def test_an_admin_says_who_is_on_duty_and_nothing_is_lost_on_the_way(boss, desk):
    assert boss.post("/console/duty", **PERSON).status_code == 303

    heather = entries(desk)["Heather Li"]
    assert (heather.topics, len(heather.hours.windows), heather.most_threads) == (("heat", "gas"), 6, 20)
    assert (heather.absences[0].until - heather.absences[0].from_) == 14 * 24 * 3600
    page = boss.get("/console/duty").text
    shown = {name: text for name, text in PERSON.items() if name not in {"windows", "absences"}}
    again = shown | {
        "contact_person_id": heather.contact_person_id,
        "windows": re.findall(r"<textarea[^>]*name=\"windows\"[^>]*>([^<]*)", page)[0],
        "absences": re.findall(r"<textarea[^>]*name=\"absences\"[^>]*>([^<]*)", page)[0],
    }
    boss.post("/console/duty", **again)
    assert entries(desk)["Heather Li"] == heather

    boss.post("/console/duty/remove", form_at="/console/duty", contact_person_id=heather.contact_person_id)
    assert set(entries(desk)) == {"Joe Miller", "Petra Vogt"}


@on_sqlite_alone
@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"time_zone": "Atlantis"},
        {"windows": "always"},
        {"absences": "soon"},
        {"absences": "9999-12-31 9999-12-31"},
        {"most_threads": "x"},
        {"contact_person_id": "cp-unknown"},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_an_entry_that_does_not_fit_is_refused_with_what_was_typed(boss, house, wrong):
    with nothing_changes(house):
        refused = boss.post("/console/duty", **{**PERSON, **wrong})

    assert refused.status_code == 422
    assert "Nothing was changed" in refused.text


def test_an_admin_promises_answers_and_takes_a_promise_back(boss, desk, clock):
    level = {"type": "complaint", "topic": "", "first_answer_hours": "2", "escalate_to": "cp-joe"}
    boss.post("/console/levels", **level)
    hours = {"time_zone": "Europe/Berlin", "windows": "1-7 00:00-24:00", "holidays": "2027-01-01", "most_alike": "3"}
    boss.post("/console/levels/hours", form_at="/console/levels", **hours)

    assert desk.receives("t-2", type="complaint").due_at == clock() + 2 * 3600
    assert "within 2 hours of work" in boss.get("/console/levels").text
    boss.post("/console/levels/remove", form_at="/console/levels", type="complaint", topic="*")
    kept = desk.house.database.read(service.service, client_id=desk.client_id)
    assert (kept.levels, kept.most_alike, kept.hours.holidays) == ((), 3, ("2027-01-01",))


@on_sqlite_alone
def test_which_topics_there_are_stands_where_they_are_typed(app, house):
    Speaker(app, house)
    boss = StaffActor(app, house, "stadtwerke", "boss")
    boss.signs_in()

    assert "outage (Outages and repairs), tariffs (New tariffs)" in boss.get("/console/duty").text


def test_without_people_on_duty_nothing_is_answered_and_the_page_says_so(kim, desk):
    desk.employs()
    kim.post(f"{AT}/read", form_at=AT)

    assert "Enter your people on duty first" in kim.get(AT).text
    assert "Nobody yet" in kim.get("/console/duty").text


@on_sqlite_alone
def test_the_overview_says_how_many_wait_and_how_many_of_them_are_late(kim, desk, clock):
    assert "One thread waits for an answer." in says(kim.get("/console"))
    desk.receives("t-2")
    clock.now += 30 * 24 * 3600
    kim.signs_in()
    assert "2 threads wait for an answer. 2 are late." in says(kim.get("/console"))
    desk.does("read")
    desk.answers()
    assert "One thread waits for an answer. One is late." in says(kim.get("/console"))
