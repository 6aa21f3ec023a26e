"""A message that a vendor sends arrives by the channel the person chose, when they want it, and only while they do."""

import re
import xml.etree.ElementTree as Xml
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from corresponding import wants, with_mail, writes, writing_vendor
from delivering import CHANNELS, reached
from mailing import PARCEL
from storage import on_sqlite_alone, rows

from consent.contact.model import Window
from wallet.app import create_app
from wallet.channels.sending import work_off
from wallet.dispatch.feed_pages import atom
from wallet.dispatch.parcels import sender_of

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def house(house, mails):
    return with_mail(house, smtp_url=mails[0])


@pytest.fixture
def stadtwerke(house, person):
    return writing_vendor(house, person)


def test_a_message_goes_out_by_mail_and_an_answer_finds_back(house, stadtwerke, ids, mails):
    wants(house, ids, channels=("email", "inbox"))
    reached(house, ids, "email", email="ana@example.org")

    assert writes(stadtwerke).status_code == 201
    work_off(sender_of(house), CHANNELS)

    mail = mails[1].mails[0]
    assert mail["To"] == "ana@example.org"
    assert mail["Subject"] == "Kein Strom"
    assert "Morgen von 8 bis 10 Uhr." in mail.get_content()
    assert mail["Reply-To"].endswith("@in.wallet.example>")


@on_sqlite_alone
def test_one_click_of_a_mail_program_ends_the_topic(house, stadtwerke, ids, mails):
    """RFC 8058 sections 3.1 and 3.2: the address from the header, a POST of that one pair, no cookie, no page first."""
    wants(house, ids, channels=("email", "inbox"))
    reached(house, ids, "email", email="ana@example.org")
    writes(stadtwerke)
    sender = sender_of(with_mail(house, smtp_url=mails[0], issuer="https://wallet.example"))
    work_off(sender, CHANNELS)
    mail, program = mails[1].mails[0], create_app(house).test_client()
    address = urlsplit(mail["List-Unsubscribe"].strip("<>"))

    program.get(address.path)
    assert writes(stadtwerke, id="m2").status_code == 201  # looking at the link changes nothing
    pressed = program.post(address.path, data=mail["List-Unsubscribe-Post"], content_type=FORM)

    assert address.scheme == "https"
    assert pressed.status_code == 200
    assert writes(stadtwerke, id="m3").json["reason"] == "not_permitted"
    work_off(sender, CHANNELS)
    assert len(mails[1].arrived) == 1  # the second had not left yet, and does not leave


@on_sqlite_alone
def test_what_can_not_be_delivered_goes_on_by_the_next_channel_and_the_person_sees_how(
    house, stadtwerke, person, ids, mails
):
    wants(house, ids, channels=("email", "feed", "inbox"))
    reached(house, ids, "email", email="ana@example.org")
    writes(stadtwerke)
    mails[1].refuses = "550 no such person"

    for _round in range(3):
        work_off(sender_of(house), CHANNELS)

    ways = [(row["channel"], row["state"]) for row in rows(house, "deliveries")]
    assert sorted(ways) == [("email", "failed"), ("feed", "delivered")]
    person.signs_in()
    page = person.browser.get(f"/inbox/{rows(house, 'threads')[0]['thread_id']}").text
    assert "could not be delivered by e-mail, is here" in page
    assert "arrived by feed" in page


@on_sqlite_alone
def test_what_waited_for_a_day_goes_on_by_the_next_channel_and_comes_once(house, stadtwerke, ids, mails, clock):
    wants(house, ids, channels=("email", "feed"))
    reached(house, ids, "email", email="ana@example.org")
    writes(stadtwerke)
    clock.now += 24 * 3600
    mails[1].answers = ["451 busy"]

    for _round in range(2):
        work_off(sender_of(house), CHANNELS)
        clock.now += 7 * 3600

    assert sorted(row["state"] for row in rows(house, "deliveries")) == ["delivered", "failed"]
    assert mails[1].arrived == []


@on_sqlite_alone
def test_what_the_inbox_is_enough_for_goes_nowhere_else(house, stadtwerke, ids, mails):
    assert writes(stadtwerke).status_code == 201

    work_off(sender_of(house), CHANNELS)

    assert rows(house, "deliveries") == []
    assert mails[1].arrived == []


@on_sqlite_alone
def test_what_could_not_leave_inside_the_window_waits_for_the_next(house, stadtwerke, ids, mails, clock):
    opens = Window((1, 2, 3, 4, 5, 6, 7), 8 * 60, 9 * 60)
    wants(house, ids, channels=("email",), windows=(opens,))
    reached(house, ids, "email", email="ana@example.org")
    clock.now += (8 * 3600 + 1800 - clock.now) % 86400  # half past eight
    assert writes(stadtwerke).status_code == 201
    mails[1].answers = ["451 busy"]
    work_off(sender_of(house), CHANNELS)
    clock.now += 3600

    work_off(sender_of(house), CHANNELS)

    assert mails[1].arrived == []
    due_at = rows(house, "deliveries")[0]["due_at"]
    assert due_at % 86400 == 8 * 3600
    clock.now = due_at
    work_off(sender_of(house), CHANNELS)
    assert len(mails[1].arrived) == 1


@on_sqlite_alone
def test_nothing_leaves_once_the_person_has_ended_it(house, stadtwerke, person, ids, mails):
    wants(house, ids, channels=("email",))
    reached(house, ids, "email", email="ana@example.org")
    assert writes(stadtwerke).status_code == 201
    person.signs_in()
    person.revokes(stadtwerke.tokens["grant_id"])

    work_off(sender_of(house), CHANNELS)

    assert mails[1].arrived == []
    assert [row["state"] for row in rows(house, "deliveries")] == ["withdrawn"]


def test_a_feed_shows_what_was_written_as_text_and_ends_with_its_address(house, stadtwerke, person, ids):
    wants(house, ids, channels=("feed",))
    person.browser = type(person.browser)(create_app(house))
    person.signs_in()
    person.browser.post("/channels/new/feed", form_at="/channels")
    page = person.browser.get("/channels").text
    address = page[page.index("/feed/") :].partition("<")[0]
    writes(stadtwerke, subject="A <b>bold</b> one", text="<script>alert(1)</script> & more")
    work_off(sender_of(house), CHANNELS)

    answer = create_app(house).test_client().get(address)

    assert answer.mimetype == "application/atom+xml"
    names = {"a": "http://www.w3.org/2005/Atom"}
    feed = Xml.fromstring(answer.data)  # noqa: S314 - it is ours
    entry = feed.find("a:entry", names)
    assert [one.attrib["href"] for one in feed.findall("a:link", names)] == [f"http://localhost{address}"]
    for part in (feed, entry):
        assert re.fullmatch(r"tag:localhost,2026:[\w/-]+", part.find("a:id", names).text)
        assert part.find("a:updated", names).text.endswith("Z")
        assert part.find("a:author/a:name", names).text
    assert entry.find("a:content", names).attrib == {"type": "text"}
    assert entry.find("a:content", names).text == "<script>alert(1)</script> & more"
    assert entry.find("a:title", names).text == "A <b>bold</b> one"
    person.browser.post(f"/channels/{rows(house, 'channel_addresses')[0]['address_id']}/remove", form_at="/channels")
    assert create_app(house).test_client().get(address).status_code == 404


@on_sqlite_alone
def test_no_letter_that_is_none_makes_a_feed_unreadable(house):
    """The subject of an answer is what the person wrote once, whatever they pasted."""
    odd = "".join(map(chr, (*range(32), 0x7F, 0x85, 0x2028, 0xFFFE, 0xFFFF)))

    feed = atom(house, "token", [replace(PARCEL, subject=f"a{odd}b", text=f"a{odd}b", vendor_name=f"a{odd}b")])

    assert Xml.fromstring(feed).tag.endswith("feed")  # noqa: S314 - it is ours


@on_sqlite_alone
def test_nobody_reads_a_feed_by_guessing(house):
    client = create_app(house).test_client()

    assert [client.get(f"/feed/{guess}").status_code for guess in ("x", "A" * 95, "../channels")] == [404] * 3
