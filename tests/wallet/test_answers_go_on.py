"""What comes of what a person said reaches them by the channel they like, in their hours; no vendor learns of it."""

import pytest
from corresponding import with_mail, writes
from delivering import CHANNELS, reached
from feedback import Answering, tells
from journeys import tokens_for
from speaking import wants
from storage import on_sqlite_alone, rows

from consent.contact.model import FOR_EVER, Window
from wallet.channels import letter, sending
from wallet.dispatch import printing
from wallet.dispatch.parcels import sender_of

DAY = 24 * 3600
EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)
MORNING = Window(EVERY_DAY, 8 * 60, 9 * 60)


@pytest.fixture
def house(house, mails):
    return with_mail(house, smtp_url=mails[0])


@pytest.fixture
def vendor(app, house, person, ids):
    """Ana is signed in, and likes e-mail."""
    person.signs_in()
    wants(person, channels=("email", "inbox"))
    reached(house, ids, "email", email="ana@example.org")
    return Answering(app, house, contact_topics={"outage": "Outages"}, scope="openid contact:outage")


def answered(vendor, text="Yes, from May on."):
    [thread] = vendor.threads()
    vendor.opens(thread)
    vendor.answers(thread, text)
    return thread


def joins(person, vendor):
    """From now on it may write to her."""
    vendor.tokens = tokens_for(person, vendor, ["contact:outage"], scope="openid contact:outage")


def deliver(house):
    return sending.work_off(sender_of(house), CHANNELS)


def test_an_answer_and_what_was_decided_go_on_by_the_channel_the_person_likes(house, person, vendor, mails):
    tells(person, vendor, "Read my meter once a month.", kind="idea")
    thread = answered(vendor)
    deliver(house)
    vendor.decides(thread, "used", "Others want it too.", link="https://stadtwerke.example/meters")
    deliver(house)

    answer, decision = mails[1].mails
    assert answer["To"] == "ana@example.org"
    assert answer["Subject"] == "Read my meter once a month."
    assert "Yes, from May on." in answer.get_content()
    for said in ("Stadtwerke told you that it used what you said.", "Others want it too.", "stadtwerke.example/meters"):
        assert said in decision.get_content()  # in one mail, though it was decided and ended
    page = person.browser.get(f"/inbox/{rows(house, 'threads')[0]['thread_id']}").text
    assert "arrived by e-mail" in page


@on_sqlite_alone
def test_that_nobody_answered_in_time_goes_on_too(app, house, person, vendor, mails, clock):
    from wallet.host import WalletHost
    from wallet.upkeep import see_to_desks

    tells(person, vendor, "My bill is wrong.", kind="complaint")
    clock.now += 30 * DAY
    see_to_desks(house, WalletHost(house, peek=lambda _cookies: {}))
    deliver(house)

    assert "No answer in time." in mails[1].mails[0].get_content()


@on_sqlite_alone
@pytest.mark.parametrize("outside", [{"windows": (MORNING,)}, {"quiet": (Window(EVERY_DAY, 9 * 60, 8 * 60),)}])
def test_an_answer_outside_the_persons_hours_waits_until_they_begin(house, person, vendor, mails, clock, outside):
    wants(person, channels=("email",), **outside)
    clock.now += (20 * 3600 - clock.now) % DAY  # eight in the evening
    person.signs_in()
    tells(person, vendor, "Read my meter once a month.")
    answered(vendor)
    deliver(house)

    assert mails[1].arrived == []
    due_at = rows(house, "deliveries")[0]["due_at"]
    assert due_at % DAY == 8 * 3600
    clock.now = due_at
    deliver(house)
    assert len(mails[1].arrived) == 1


@on_sqlite_alone
def test_who_is_paused_or_blocked_meanwhile_is_not_heard_beside_the_wallet(house, person, vendor, mails, clock):
    tells(person, vendor, "Read my meter once a month.")
    answered(vendor)
    wants(person, client_id="stadtwerke", paused_until=FOR_EVER)
    deliver(house)
    assert (mails[1].arrived, rows(house, "deliveries")[0]["state"]) == ([], "waiting")

    wants(person, client_id="stadtwerke")
    person.browser.post(f"/inbox/{rows(house, 'threads')[0]['thread_id']}/block", form_at="/inbox/write")
    clock.now += 3601
    deliver(house)

    assert (mails[1].arrived, rows(house, "deliveries")[0]["state"]) == ([], "withdrawn")


@on_sqlite_alone
def test_an_answer_waits_while_all_that_the_vendor_may_is_paused(house, person, vendor, mails, clock):
    joins(person, vendor)
    tells(person, vendor, "Read my meter once a month.")
    answered(vendor)
    [grant] = rows(house, "grants")
    person.browser.post(f"/vendors/{grant['grant_id']}/pause", form_at=f"/vendors/{grant['grant_id']}")
    assert rows(house, "grants")[0]["paused_until"] is not None
    deliver(house)

    assert (mails[1].arrived, rows(house, "deliveries")[0]["state"]) == ([], "waiting")


@on_sqlite_alone
@pytest.mark.parametrize("odd", ["\x08", "\x1b[2J", "\u202e", "\ufffe"])
def test_letters_that_turn_or_break_a_page_a_feed_or_a_text_message_are_no_answer(house, person, vendor, odd):
    tells(person, vendor, "Read my meter once a month.")
    [thread] = vendor.threads()
    vendor.opens(thread)
    about = {"thread_id": thread["thread_id"]}
    said = {"author": "cp-petra", "message_id": "a-9", "text": f"Yes{odd}."}

    assert vendor.post("/desk/answers", about | said).status_code == 400
    vendor.answers(thread, "Yes.")
    decided = {"outcome": "used", "reason": f"It saves{odd} paper."}
    assert vendor.post("/desk/decisions", about | decided).status_code == 400


@on_sqlite_alone
def test_an_answer_to_nobody_carries_nothing_of_the_relationship_and_the_vendor_sees_no_difference(
    house, person, ids, vendor, mails
):
    """She allows this very vendor to write to her: there is an address of the two, and a topic she could end."""
    joins(person, vendor)
    writes(vendor)
    deliver(house)
    alias = mails[1].mails[0]["Reply-To"]
    contacts = rows(house, "contacts")
    tells(person, vendor, "I know what you did.", known="nobody")
    [thread] = vendor.threads()
    vendor.opens(thread)
    by_mail = vendor.answers(thread, "We do not know who you are.")
    deliver(house)

    mail = mails[1].mails[1]
    assert "We do not know who you are." in mail.get_content()
    assert alias is not None
    assert (mail["Reply-To"], mail["List-Unsubscribe"]) == (None, None)
    assert "/withdraw/" not in mail.as_string()
    assert rows(house, "contacts") == contacts  # no frequency could tell who it was
    assert [one["grant_id"] for one in rows(house, "deliveries") if one["topic"] == "*"] == [None]
    wants(person, channels=("inbox",))
    tells(person, vendor, "And once more.", known="nobody")
    [other] = [one for one in vendor.threads() if one["state"] == "received"]
    vendor.opens(other)
    in_wallet = vendor.answers(other, "We do not know who you are.")
    assert by_mail.keys() == in_wallet.keys()
    assert [one.keys() for one in by_mail["messages"]] == [one.keys() for one in in_wallet["messages"]]


@on_sqlite_alone
def test_an_answer_under_a_name_can_be_answered_by_mail(house, person, vendor, mails):
    joins(person, vendor)
    tells(person, vendor, "Read my meter once a month.")
    answered(vendor)
    deliver(house)

    assert mails[1].mails[0]["Reply-To"].endswith("@in.wallet.example>")


@on_sqlite_alone
def test_an_answer_is_kept_with_its_delivery_or_not_at_all(house, person, vendor, mails, monkeypatch):
    """Whoever is killed in between has done nothing, and the vendor sends it again."""
    from wallet.dispatch import answering

    tells(person, vendor, "Read my meter once a month.")
    [thread] = vendor.threads()
    vendor.opens(thread)
    with monkeypatch.context() as failing:
        failing.setattr(answering, "send_on", lambda *_, **__: 1 / 0)
        form = {"thread_id": thread["thread_id"], "author": "cp-petra", "text": "Yes.", "message_id": "a-1"}
        assert vendor.post("/desk/answers", form).status_code == 500
    assert [one["said_by"] for one in rows(house, "messages")] == ["person"]

    for _again in range(2):
        vendor.calls("/desk/answers", **form)
    deliver(house)
    deliver(house)
    assert len(mails[1].arrived) == 1


@on_sqlite_alone
def test_what_waits_for_a_channel_that_is_here_no_more_goes_on_by_the_next(house, person, vendor, mails):
    wants(person, channels=("letter", "email"))
    tells(person, vendor, "Read my meter once a month.")
    answered(vendor)

    sender = sender_of(house)
    sending.give_up_elsewhere(sender, {kind: one for kind, one in CHANNELS.items() if kind != "letter"})
    deliver(house)

    assert sorted((row["channel"], row["state"]) for row in rows(house, "deliveries")) == [
        ("email", "delivered"),
        ("letter", "failed"),
    ]
    assert len(mails[1].arrived) == 1


@on_sqlite_alone
def test_what_was_tried_too_often_goes_on_like_what_waited_too_long(house, person, vendor, mails, clock):
    wants(person, channels=("email", "feed"))
    tells(person, vendor, "Read my meter once a month.")
    answered(vendor)
    from sqlalchemy import update

    from wallet.channels.deliveries import MOST_TRIES
    from wallet.channels.tables import deliveries

    house.database.write(lambda db: db.execute(update(deliveries).values(tries=MOST_TRIES - 1)))
    mails[1].answers = ["451 busy"]
    for _round in range(2):
        deliver(house)

    assert sorted((row["channel"], row["state"]) for row in rows(house, "deliveries")) == [
        ("email", "failed"),
        ("feed", "delivered"),
    ]


@on_sqlite_alone
def test_an_answer_to_nobody_can_be_a_letter_that_somebody_prints(house, person, ids, vendor, mails, tmp_path):
    wants(person, channels=("letter", "email"))
    reached(house, ids, "letter", lines="Ana Müller\nLindenweg 5\n10115 Berlin")
    tells(person, vendor, "I know what you did.", known="nobody")
    answered(vendor)
    by_hand = with_mail(house, smtp_url=mails[0], letter_gateway=letter.BY_HAND)

    sending.work_off_one(sender_of(by_hand), CHANNELS["email"])
    [file] = printing.print_all(by_hand, tmp_path / "letters").written

    assert file.read_bytes().startswith(b"%PDF-")
    assert [row["state"] for row in rows(house, "deliveries")] == ["handed_over"]
    assert mails[1].arrived == []
