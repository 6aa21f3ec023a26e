"""What was said goes along: as JSON, as a mail folder and as a page, word for word, and inert."""

import base64
import hashlib
import json
import mailbox
from email import message_from_bytes
from email.policy import default

import pytest
from speaking import Speaker
from storage import nothing_changes, on_sqlite_alone, rows

pytestmark = on_sqlite_alone
PDF = b"%PDF-1.7 a plan"
FILE = {"name": "plan.pdf", "media_type": "application/pdf", "content": base64.b64encode(PDF).decode()}
TEXT = "From here on it costs more.\nFrom there too: \u00e4\u00f6\u00fc.\n\n>From above\nhttps://a.example/"


@pytest.fixture
def vendor(app, house, person):
    vendor = Speaker(app, house)
    vendor.joins(person)
    return vendor


@pytest.fixture
def thread(house, person, vendor, clock):
    """The vendor wrote, with a file; the person answered, and noted a call."""
    vendor.says(TEXT, subject="New price", attachments=[FILE])
    thread_id = rows(house, "threads")[0]["thread_id"]
    clock.now += 60
    person.browser.post(f"/inbox/{thread_id}/reply", form_at=f"/inbox/{thread_id}", text="=1+1 No.")
    form = {
        "grant": vendor.grant_id,
        "thread": thread_id,
        "channel": "phone",
        "on": "2027-01-14",
        "text": "They called.",
    }
    person.browser.post("/inbox/note", **form)
    return thread_id


def test_as_json_it_has_every_word_and_the_digest_that_the_vendor_has(person, vendor, thread, house):
    public_id = rows(house, "threads")[0]["public_id"]
    with nothing_changes(house):
        [got] = person.browser.get(f"/inbox/{thread}/export?as=json").json["threads"]

    there = vendor.post(f"/desk/threads/{public_id}", {"client_id": vendor.client_id}).json
    assert got["digest"] == there["digest"]
    assert [one["said_by"] for one in got["messages"]] == ["note", "vendor", "person"]
    said = [one for one in got["messages"] if one["said_by"] != "note"]
    assert [one["text"] for one in said] == [one["text"] for one in there["messages"]] == [TEXT, "=1+1 No."]
    lines = sorted([one["at"], one["message_id"], one["digest"]] for one in said)
    written = json.dumps({"messages": lines}, separators=(",", ":")).encode()
    assert got["digest"] == "sha-256:" + hashlib.sha256(written).hexdigest()
    assert base64.b64decode(said[0]["attachments"][0]["content"]) == PDF


def test_as_a_mail_folder_every_mail_program_reads_it(person, thread, tmp_path):
    folder = tmp_path / "inbox.mbox"
    folder.write_bytes(person.browser.get(f"/inbox/{thread}/export?as=mbox").data)

    mails = [message_from_bytes(bytes(one), policy=default) for one in mailbox.mbox(folder)]
    assert len(mails) == 3
    _note, first, second = mails
    assert first["Subject"] == "New price"
    assert "Stadtwerke (stadtwerke.example)" in str(first["From"])
    body = first.get_body().get_content().replace("\n>From", "\nFrom").replace("\n>>From", "\n>From")
    assert TEXT.split("\n")[1] in body
    assert [one.get_content() for one in first.iter_attachments()] == [PDF]
    assert first["X-Hausrecht-Digest"].strip().startswith("sha-256:")
    assert second.get_content().strip() == "=1+1 No."


def test_one_message_or_one_conversation_is_a_mail_that_any_program_opens(house, person, vendor, thread):
    hostile = "x\u202e\u2028Bcc: all@evil.example"
    assert vendor.says("Second.", subject=hostile).status_code == 400
    message_id = next(row["message_id"] for row in rows(house, "messages") if row["said_by"] == "vendor")
    with nothing_changes(house):
        one = person.browser.get(f"/inbox/{thread}/{message_id}/export")
        all_of_it = person.browser.get(f"/inbox/{thread}/export?as=eml")

    mail = message_from_bytes(one.data, policy=default)
    assert (mail["Subject"], mail["Bcc"]) == ("New price", None)
    assert [part.get_content() for part in mail.iter_attachments()] == [PDF]
    assert one.headers["Content-Disposition"] == "attachment; filename=message.eml"
    assert one.headers["Content-Type"] == "application/octet-stream"
    folder = message_from_bytes(all_of_it.data, policy=default)
    inside = [part.get_content() for part in folder.iter_parts()]
    assert [part["Subject"] for part in inside] == ["New price"] * 3
    assert [part.get_content() for part in inside[1].iter_attachments()] == [PDF]
    for found in (mail, folder):
        assert not any(name in found.as_string() for name in ("ana", "Ana", "localhost", house.settings.issuer))
        assert found["From"].addresses[0].domain == "hausrecht.invalid"


def test_as_a_page_nothing_is_fetched_and_nothing_runs(person, vendor, thread):
    vendor.says("<script>alert(1)</script><img src=x>", subject="<b>x</b>")

    answer = person.browser.get("/inbox/export?as=html")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="inbox.html"'
    assert "New price" in answer.text
    assert "plan.pdf" in answer.text
    assert not any(bad in answer.text for bad in ("<script", "<img", "<b>x"))
    assert "default-src 'none'" in answer.text


def test_the_whole_inbox_or_that_of_one_vendor(app, house, person, vendor, thread):
    other = Speaker(app, house, "bookshop")
    other.joins(person)
    other.says("Of books.", subject="Books")

    everything = person.browser.get("/inbox/export?as=json").json["threads"]
    assert {one["subject"] for one in everything} == {"Books", "New price"}
    [only] = person.browser.get("/inbox/export?as=json&vendor=bookshop").json["threads"]
    assert only["subject"] == "Books"
    assert person.browser.get("/inbox/export").status_code == 404
    assert person.browser.get("/inbox/export?as=exe").status_code == 404


def test_no_header_of_a_mail_comes_from_a_message(house, person, vendor, moves_in, thread):
    """Whatever came into the inbox by other ways than the vendors' endpoint."""
    from dataclasses import replace

    from wallet.dialogue import engine, exporting, reading

    place = {"person_id": person.person.person_id, "persona_id": person.person.persona_id}
    found = house.database.read(engine.find, house.secrets, thread, **place)
    evil = replace(found, subject="Hi\r\nBcc: x@evil.example", vendor='A"\r\n <x@evil.example>', host="a\nb")
    message = house.database.read(lambda db: list(reading.all_said(db, found)))[-1]
    mail = message_from_bytes(exporting.as_mail(evil, replace(message, channel="a\r\nX: y"), ()), policy=default)

    assert mail["Bcc"] is None
    assert mail["X"] is None
    assert str(mail["Subject"]) == "Hi Bcc: x@evil.example"


def test_nobody_elses_conversation_is_taken_along(app, house, person, vendor, thread, moves_in):
    ben = type(person)(app, house, moves_in("Ben"), password="correct horse battery")
    ben.signs_in()

    assert ben.browser.get(f"/inbox/{thread}/export?as=json").status_code == 404
    assert ben.browser.get("/inbox/export?as=json").json == {"threads": []}
    for row in rows(house, "messages"):
        assert ben.browser.get(f"/inbox/{thread}/{row['message_id']}/export").status_code == 404
