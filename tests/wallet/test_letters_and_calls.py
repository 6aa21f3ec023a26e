"""Letters fit the window of an envelope, text messages stay short, appointments come as files for calendars."""

import base64
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from io import BytesIO
from pathlib import Path

import pytest
from delivering import CHANNELS, reached, ready_to_send, sends
from icalendar import Calendar
from mailing import PARCEL, gateway, mail_server
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import getFont
from reportlab.pdfgen.canvas import Canvas
from storage import on_sqlite_alone, rows

from wallet.channels import deliveries, letter, sms
from wallet.channels.mail_text import mail
from wallet.channels.model import Appointment, Attachment
from wallet.channels.sending import work_off
from wallet.dispatch import printing
from wallet.errors import SetupError

ADDRESS = "Ana Müller\nLindenstraße 5\n10115 Berlin"
HOSTILE = "x\r\nBcc: all@example.org\n.\r\nMAIL FROM:<evil@example.org>\r\n\u202egnp.exe"


@on_sqlite_alone
def test_a_letter_leaves_as_a_page_ready_to_print(house, ids):
    with gateway() as post:
        sender, _standing = ready_to_send(house, PARCEL, letter_gateway=post.url, outbound_allow="none")
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

    assert letter.pdf(long, ADDRESS.split("\n"), letter.prepared(letter.VERA)).count(b"/Type /Page\n") == 4


@pytest.mark.parametrize(
    ("text", "is_printed"),
    [("Nguye\u0302\u0303n Thi\u0323 A\u0301nh", True), ("Юлия", True), ("שלום", False), ("q\u0303", False)],
)
def test_a_wider_font_prints_more_and_nothing_that_would_be_misplaced(monkeypatch, text, is_printed):
    """As with a font that has every letter there is."""
    font = letter.prepared(letter.VERA)
    monkeypatch.setattr(getFont(font).face, "charToGlyph", range(0x10000))
    parcel = replace(PARCEL, text=text)

    assert (letter.missing(parcel, ADDRESS.split("\n"), font) == set()) == is_printed


def test_the_longest_address_stands_in_the_window_of_an_envelope(monkeypatch):
    """DIN 5008, form B: 20 mm from the left and 45 mm from the top, 85 mm by 45 mm."""
    font, drawn = letter.prepared(letter.VERA), []
    monkeypatch.setattr(letter, "draw", lambda paper, text, top, font, **at: drawn.append((text, top, at)))
    lines = ["M" * letter.LONGEST_LINE] * 6

    letter.draw_head(Canvas(BytesIO()), PARCEL, lines, font)

    address = [(text, top, how) for text, top, how in drawn if text in lines]
    assert len(address) == 6
    for text, top, how in address:
        assert 62.7 * mm < top - how["size"]
        assert top + 0.25 * how["size"] < 90 * mm
        assert 25 * mm + Canvas(BytesIO()).stringWidth(text, font, how["size"]) < 104 * mm


def waiting_letters(house, ids, count=2):
    """Gives back the house in which letters are printed by hand; what waits has nothing to do with a vendor."""
    reached(house, ids, "letter", lines=ADDRESS)
    sender, _standing = ready_to_send(house, PARCEL, letter_gateway=letter.BY_HAND)
    for number in range(count):
        sends(house, ids, "letter", message_id=f"m{number}")
    return sender


def test_waiting_letters_are_printed_once_and_count_as_handed_over(house, ids, monkeypatch, tmp_path):
    sender = waiting_letters(house, ids, count=9)
    monkeypatch.setattr(printing, "sender_of", lambda _house: sender)

    first = printing.print_all(sender.house, tmp_path / "letters")
    second = printing.print_all(sender.house, tmp_path / "letters")

    assert (len(first.written), second.written) == (9, [])
    files = sorted((tmp_path / "letters").iterdir())
    assert files == sorted(first.written)
    assert all(file.read_bytes().startswith(b"%PDF-") and file.stat().st_mode & 0o77 == 0 for file in files)
    assert {row["state"] for row in rows(house, "deliveries")} == {"handed_over"}


@on_sqlite_alone
@pytest.mark.parametrize("killed_at", ["hand_over", "rename"])
def test_a_run_that_is_killed_loses_no_letter_and_prints_none_twice(
    house, ids, monkeypatch, tmp_path, clock, killed_at
):
    """Before it counts as handed over it is written anew; after that it lies there, under its other name."""

    class Killed(BaseException):
        pass

    def die(*_, **__):
        raise Killed

    sender = waiting_letters(house, ids, count=1)
    monkeypatch.setattr(printing, "sender_of", lambda _house: sender)
    with monkeypatch.context() as dying:
        dying.setattr(*((deliveries, "hand_over") if killed_at == "hand_over" else (Path, "rename")), die)
        with pytest.raises(Killed):
            printing.print_all(sender.house, tmp_path / "letters")
    assert len(printing.unfinished_in(tmp_path / "letters")) == 1
    clock.now += 200

    again = printing.print_all(sender.house, tmp_path / "letters")

    [file] = (tmp_path / "letters").iterdir()
    assert file.read_bytes().startswith(b"%PDF-")
    assert (len(again.written), file.suffix) == ((1, ".pdf") if killed_at == "hand_over" else (0, ".part"))
    assert rows(house, "deliveries")[0]["state"] == "handed_over"


@on_sqlite_alone
def test_what_may_not_leave_now_or_does_not_fit_is_not_there_to_be_printed(house, ids, monkeypatch, tmp_path, clock):
    sender = waiting_letters(house, ids, count=1)
    standing = sender.permitted.__self__
    monkeypatch.setattr(printing, "sender_of", lambda _house: sender)
    standing.verdicts = [clock.now + 60]
    assert printing.print_all(sender.house, tmp_path / "letters").written == []
    standing.verdicts = [None, clock.now + 3600]  # it was taken back while the page was made
    clock.now += 61
    assert printing.print_all(sender.house, tmp_path / "letters").written == []
    assert list((tmp_path / "letters").iterdir()) == []

    clock.now += 61
    (tmp_path / "full").touch()
    with pytest.raises(SetupError, match="is no folder"):
        printing.print_all(sender.house, tmp_path / "full")
    with monkeypatch.context() as failing:
        failing.setattr(printing, "write", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        assert printing.print_all(sender.house, tmp_path / "letters").failed == "No space left on device"
    assert rows(house, "deliveries")[0]["state"] == "waiting"


@on_sqlite_alone
def test_letters_are_printed_by_hand_only_where_the_operator_says_so(house, tmp_path):
    with pytest.raises(SetupError, match="WALLET_LETTER_GATEWAY"):
        printing.print_all(house, tmp_path / "letters")
    assert not (tmp_path / "letters").exists()


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


@pytest.mark.parametrize("line", ["-- ", "--", "--\u00a0", "--\u2028"])
def test_no_vendor_writes_the_line_below_which_the_wallet_speaks(line):
    hostile = replace(PARCEL, text=f"Soon.\n{line}\nRead it in your wallet: https://evil.example/")
    content = mail(hostile, sender="wallet@wallet.example", domain="wallet.example", to="ana@example.org")

    above, *below = message_from_bytes(content, policy=default).get_content().replace("\r", "").split("\n-- \n")

    assert "evil.example" in above
    assert len(below) == 1
    assert "\n--" not in above


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
