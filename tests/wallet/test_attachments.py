"""A person's words take files along: both sides have the same, and nothing of them ever runs."""

import base64
import json
from io import BytesIO

import pytest
from feedback import Answering
from speaking import Speaker
from staffing import StaffActor
from storage import nothing_changes, on_sqlite_alone, rows

PDF = b"%PDF-1.7 a bill"
PNG = b"\x89PNG\r\n\x1a\n a photo"
KEYS = {"message_id", "number"}


@pytest.fixture
def vendor(app, house, person):
    vendor = Speaker(app, house)
    vendor.joins(person)
    return vendor


@pytest.fixture
def thread(house, vendor):
    vendor.says("Your bill?", subject="Bill")
    return rows(house, "threads")[0]["thread_id"]


def replies(person, thread, *files, text="Here."):
    at = f"/inbox/{thread}"
    chosen = [(BytesIO(content), name) for name, content in files]
    return person.browser.post(f"{at}/reply", form_at=at, text=text, files=chosen)


def at_desk(vendor, house):
    public_id = rows(house, "threads")[0]["public_id"]
    return vendor.post(f"/desk/threads/{public_id}", {}).json


def fetches(vendor, found, number, **changed):
    form = {"thread_id": found["thread_id"], "message_id": found["messages"][-1]["message_id"], "number": str(number)}
    return vendor.post("/desk/attachments", form | changed)


def test_a_file_of_the_persons_is_the_same_on_both_sides_and_sealed(app, house, person, vendor, thread, stored):
    assert replies(person, thread, ("Müllers Rechnung & Plan.pdf", PDF), ("photo.png", PNG)).status_code == 303

    found = at_desk(vendor, house)
    came = found["messages"][-1]["attachments"]
    assert [(one["name"], one["media_type"], one["size"]) for one in came] == [
        ("Müllers Rechnung _ Plan.pdf", "application/pdf", len(PDF)),
        ("photo.png", "image/png", len(PNG)),
    ]
    assert base64.b64decode(fetches(vendor, found, 1).json["content"]) == PNG
    [mine] = person.browser.get(f"/inbox/{thread}/export?as=json").json["threads"]
    assert mine["digest"] == found["digest"]
    assert base64.b64decode(mine["messages"][-1]["attachments"][0]["content"]) == PDF
    assert "Rechnung _ Plan" in person.browser.get(f"/inbox/{thread}").text
    assert not any(secret in stored() for secret in ("Rechnung _ Plan", "a bill", "a photo"))


@on_sqlite_alone
def test_another_file_under_the_same_words_is_another_digest(house, person, vendor, thread):
    digests = set()
    for content in (PDF, PDF + b"!"):
        replies(person, thread, ("plan.pdf", content))
        digests.add(at_desk(vendor, house)["messages"][-1]["digest"])

    assert len(digests) == 2


@on_sqlite_alone
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("../../etc/passwd.txt", b"x"),
        ("a\u202efdp.pdf", PDF),
        ("plan.pdf", b"MZ no plan"),
        ("plan.exe", b"MZ"),
        ("page.html", b"<script>"),
        ("plan", PDF),
        (".pdf", PDF),
        ("x" * 200 + ".pdf", PDF),
        ("notes.txt", b"\x00\x01"),
        ("notes.txt", b"\xff\xfe"),
        ("photo.svg", b"<svg onload=alert(1)>"),
    ],
    ids=lambda given: ascii(given)[:12],
)
def test_a_hostile_name_or_kind_is_refused_in_a_sentence_and_nothing_is_half_done(house, person, thread, name, content):
    with nothing_changes(house):
        answer = replies(person, thread, ("plan.pdf", PDF), (name, content), text="My own words.")

    assert answer.status_code == 422
    assert "can not go along" in answer.text
    assert "My own words." in answer.text


@on_sqlite_alone
@pytest.mark.parametrize(
    "files", [[("a.pdf", PDF)] * 4, [("a.pdf", PDF + b"x" * 200_000)] * 2, [("a.pdf", PDF * 50_000)]]
)
def test_too_many_or_too_much_is_refused_in_a_sentence(house, person, thread, files):
    with nothing_changes(house):
        answer = replies(person, thread, *files)

    assert answer.status_code == 422
    assert "of 256 kB together; nothing was sent" in answer.text


@on_sqlite_alone
def test_who_begins_a_conversation_or_gives_feedback_takes_files_along_too(app, house, person, vendor):
    grant, file = vendor.grant_id, ("plan.pdf", PDF)
    said = {"grant": grant, "subject": "A plan", "text": "See."}
    person.browser.post("/inbox/write", **said, files=[(BytesIO(file[1]), file[0])])
    other = Answering(app, house, "bookshop")
    fields = {"vendor": "bookshop", "kind": "idea", "known": "nobody", "text": "An idea."}
    page = "/feedback/new?vendor=bookshop"
    at = person.browser.post("/feedback/send", form_at=page, **fields, files=[(BytesIO(PNG), "idea.png")]).location
    person.browser.post(f"{at}/say", form_at=at, text="And more.", files=[(BytesIO(PDF), "more.pdf")])

    [thread] = other.threads()
    messages = other.calls(f"/desk/threads/{thread['thread_id']}", limit="1")["messages"]
    assert [one["attachments"][0]["name"] for one in messages] == ["idea.png", "more.pdf"]
    assert "more.pdf" in person.browser.get(at).text
    [mine] = vendor.post("/desk/threads", {}).json["threads"]
    assert len(vendor.post(f"/desk/threads/{mine['thread_id']}", {}).json["messages"][0]["attachments"]) == 1


@on_sqlite_alone
def test_staff_save_a_file_and_their_browser_never_opens_it(app, house, person, vendor, thread):
    replies(person, thread, ("notes.txt", b"<script>alert(1)</script>"))
    kim = StaffActor(app, house, "stadtwerke", role="read_only")
    kim.signs_in()
    found = at_desk(vendor, house)
    page = kim.get(f"/console/desk/{found['thread_id']}")
    at = f"/console/desk/{found['thread_id']}/{found['messages'][-1]['message_id']}"

    answer = kim.get(f"{at}/0")

    assert f'href="{at}/0"' in page.text
    assert answer.data == b"<script>alert(1)</script>"
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == "attachment; filename=notes.txt"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert [kim.get(f"{at}/{number}").status_code for number in ("1", "x", "0000")] == [404] * 3


@on_sqlite_alone
def test_no_other_vendor_gets_a_file(app, house, person, vendor, thread):
    replies(person, thread, ("plan.pdf", PDF))
    other, found = Speaker(app, house, "bookshop"), at_desk(vendor, house)
    joe = StaffActor(app, house, "bookshop", login="joe")
    joe.signs_in()

    assert fetches(other, found, 0).status_code == 404
    assert joe.get(f"/console/desk/{found['thread_id']}/{found['messages'][-1]['message_id']}/0").status_code == 404
    assert [fetches(vendor, found, number).status_code for number in ("1", "-1", "٠", "9999")] == [404] * 4


@on_sqlite_alone
def test_what_a_vendor_sent_along_stands_at_its_desk_as_well(house, vendor, person):
    file = {"name": "plan.pdf", "media_type": "application/pdf", "content": base64.b64encode(PDF).decode()}
    vendor.says("See.", attachments=[file])

    found = at_desk(vendor, house)
    assert fetches(vendor, found, 0).json == {**file, "content": file["content"]}
    assert json.dumps(file["name"]) in json.dumps(found["messages"][0]["attachments"])
