"""Letters fit the window of an envelope, text messages stay short, appointments come as files for calendars."""

import base64
from dataclasses import replace

import pytest
from delivering import CHANNELS, reached, ready_to_send, sends
from icalendar import Calendar
from mailing import PARCEL, gateway, mail_server
from storage import on_sqlite_alone, rows

from wallet.channels import letter, sms
from wallet.channels.mail_text import mail
from wallet.channels.model import Appointment, Attachment
from wallet.channels.sending import work_off

ADDRESS = "Ana Müller\nLindenstraße 5\n10115 Berlin"
HOSTILE = "x\r\nBcc: all@example.org\n.\r\nMAIL FROM:<evil@example.org>\r\n\u202egnp.exe"


@pytest.fixture
def ids(ana):
    return {"person_id": ana.person_id, "persona_id": ana.persona_id}


@on_sqlite_alone
def test_a_letter_leaves_as_a_page_ready_to_print(house, ids):
    with gateway() as post:
        sender, _standing = ready_to_send(house, PARCEL, letter_gateway=post.url)
        reached(house, ids, "letter", lines=ADDRESS)
        delivery_id = sends(house, ids, "letter")
        work_off(sender, CHANNELS)

        said = post.taken[f'"{delivery_id}"']

    assert said["to"] == ADDRESS
    paper = base64.b64decode(said["pdf"])
    assert paper.startswith(b"%PDF-")
    assert b"Vera" in paper  # the font is in it
    assert rows(house, "deliveries")[0]["state"] == "delivered"


@on_sqlite_alone
def test_what_could_not_be_printed_is_no_letter_full_of_boxes(house, ids):
    with gateway() as post:
        sender, _standing = ready_to_send(house, replace(PARCEL, text="Завтра нет света."), letter_gateway=post.url)
        reached(house, ids, "letter", lines=ADDRESS)
        sends(house, ids, "letter")
        work_off(sender, CHANNELS)

        assert post.taken == {}
    assert [(row["state"], row["error"]) for row in rows(house, "deliveries")] == [
        ("failed", "it has letters that can not be printed")
    ]


def test_a_long_letter_has_more_pages():
    long = replace(PARCEL, text="Ein langer Satz mit Umlauten: äöüß. " * 400)

    assert letter.pdf(long, ADDRESS.split("\n")).count(b"/Type /Page\n") == 4


@pytest.mark.parametrize(
    ("text", "expected"), [("a" * 160, 1), ("a" * 161, 2), ("€" * 80, 1), ("ü" * 160, 1), ("ж" * 70, 1), ("ж" * 71, 2)]
)
def test_segments_are_counted_as_networks_do(text, expected):
    assert sms.segments(text) == expected


def test_a_text_message_says_all_of_it_or_only_about_what():
    assert sms.text_of(PARCEL).startswith("Stadtwerke: Morgen von 8 bis 10 Uhr.")
    long = sms.text_of(replace(PARCEL, text="x" * 500))
    assert long == "Stadtwerke has written about Störungen: https://wallet.example/inbox/t1"
    assert sms.segments(sms.text_of(replace(PARCEL, text="я" * 500, topic_name="я" * 500, vendor_name="я" * 500))) <= 2


def test_an_appointment_comes_as_a_file_for_calendars(house, ids):
    meeting = Appointment(1_800_003_600, 1_800_005_400, "phone", "Herr Weber calls")
    with mail_server() as (url, box):
        sender, _standing = ready_to_send(house, replace(PARCEL, appointment=meeting), smtp_url=url)
        reached(house, ids, "email", email="ana@example.org")
        sends(house, ids, "email")
        work_off(sender, CHANNELS)
        file = next(part for part in box.mails[0].walk() if part.get_content_type() == "text/calendar")

    content = file.get_payload(decode=True)
    calendar = Calendar.from_ical(content)
    event = calendar.walk("VEVENT")[0]
    assert file.get_params(unquote=True)[1:] == [("charset", "utf-8"), ("method", calendar["METHOD"])]
    assert {"UID", "DTSTAMP", "ORGANIZER", "SEQUENCE"} <= event.keys()
    assert content.count(b"\n") == content.count(b"\r\n")
    assert max(map(len, content.split(b"\r\n"))) <= 75
    assert event["DTSTART"].to_ical().endswith(b"Z")
    assert event["DTSTART"].dt.timestamp() == meeting.starts
    assert event["DTEND"].dt.timestamp() == meeting.ends
    assert "Stadtwerke" in event["SUMMARY"]


def test_a_call_without_an_appointment_is_none(house, ids):
    sender, _standing = ready_to_send(house, PARCEL)
    reached(house, ids, "phone", phone="+49 30 1234567")
    sends(house, ids, "phone")

    work_off(sender, CHANNELS)

    assert rows(house, "deliveries")[0]["state"] == "failed"


def test_nothing_a_vendor_writes_becomes_a_header_a_command_or_another_mail(house, ids):
    hostile = replace(
        PARCEL,
        subject=HOSTILE,
        vendor_name=HOSTILE,
        topic_name=HOSTILE,
        text=HOSTILE,
        attachments=(Attachment(f"../../{HOSTILE}", "application/pdf", b"%PDF-1.4"),),
    )
    with mail_server() as (url, box):
        sender, _standing = ready_to_send(house, hostile, smtp_url=url)
        reached(house, ids, "email", email="ana@example.org")
        sends(house, ids, "email")
        work_off(sender, CHANNELS)
        found = box.mails

    assert len(found) == 1
    assert box.recipients == ["ana@example.org"]
    assert found[0]["Bcc"] is None
    assert "\u202e" not in str(found[0]["Subject"])
    assert "/" not in next(part for part in found[0].iter_attachments()).get_filename()


def test_every_mail_says_how_to_end_it_and_that_no_machine_shall_answer():
    content = mail(PARCEL, sender="wallet@wallet.example", domain="wallet.example", to="ana@example.org").decode()

    assert "List-Unsubscribe: <https://wallet.example/stop/abc>" in content
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in content
    assert "Auto-Submitted: auto-generated" in content
    assert "Message-ID: <d1@wallet.example>" in content


def test_the_link_that_ends_it_stays_in_one_piece_however_long_it_is():
    """RFC 2369 section 2: an address in angle brackets; as encoded words no mail program would find one."""
    link = f"https://wallet.example/stop/{'Ab-_9' * 100}"
    content = mail(
        replace(PARCEL, withdraw_link=link), sender="w@wallet.example", domain="wallet.example", to="a@b.example"
    )

    assert f"\r\nList-Unsubscribe: <{link}>\r\n".encode() in content
    assert max(map(len, content.split(b"\r\n"))) <= 998
