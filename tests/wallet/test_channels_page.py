"""How a person says where they are reached: an address counts once it is proved, and is gone when it is removed."""

import re

import pytest
from accounts import adds_persona, goes_on
from delivering import ready_to_send
from mailing import PARCEL, gateway
from speaking import wants
from storage import on_sqlite_alone, rows

from wallet.app import create_app
from wallet.channels import codes


@pytest.fixture
def reachable(house, mails, person):
    """Ana, signed in at a wallet with a mail server and a gateway for text messages."""
    with gateway() as phones:
        sender, _standing = ready_to_send(house, PARCEL, smtp_url=mails[0], sms_gateway=phones.url)
        person.house = sender.house
        person.browser = type(person.browser)(create_app(sender.house))
        person.phones = phones
        person.signs_in()
        yield person


def adds(person, kind, **typed):
    return person.browser.post(f"/channels/new/{kind}", form_at="/channels", **typed)


def address_id(house):
    return rows(house, "channel_addresses")[-1]["address_id"]


def proves(person, code, *, address):
    return person.browser.post(f"/channels/{address}/verify", form_at="/channels", code=code)


def code_in(text):
    return re.search(r"\b[0-9]{6}\b", str(text))[0]


def test_a_mail_address_counts_once_the_code_that_was_sent_there_is_typed_in(house, reachable, mails):
    added = adds(reachable, "email", email="Ana@Example.org")

    assert added.status_code == 303
    row = rows(house, "channel_addresses")[0]
    assert row["verified_at"] is None
    assert b"xample" not in row["address_sealed"]
    page = reachable.browser.get("/channels").text
    assert "not proved yet" in page
    proved = proves(reachable, code_in(mails[1].mails[0]["Subject"]), address=row["address_id"])
    assert proved.status_code == 303
    assert rows(house, "channel_addresses")[0]["verified_at"] == house.clock()
    assert "not proved yet" not in reachable.browser.get("/channels").text


@on_sqlite_alone
def test_an_address_that_no_policy_names_is_said_to_be_without_use(house, reachable, mails):
    adds(reachable, "email", email="ana@example.org")
    proves(reachable, code_in(mails[1].mails[0]["Subject"]), address=address_id(house))

    assert "Nothing goes there yet" in reachable.browser.get("/channels").text
    wants(reachable, channels=("email", "inbox"))
    assert "Nothing goes there yet" not in reachable.browser.get("/channels").text


@on_sqlite_alone
def test_a_mobile_number_is_proved_in_the_same_way(house, reachable):
    adds(reachable, "sms", phone="0049 170 1234567")

    said = next(iter(reachable.phones.taken.values()))
    assert said["to"] == "+491701234567"
    assert proves(reachable, code_in(said["text"]), address=address_id(house)).status_code == 303
    assert rows(house, "channel_addresses")[0]["verified_at"] is not None


@on_sqlite_alone
def test_a_wrong_code_proves_nothing_and_five_of_them_end_it(house, reachable, mails):
    adds(reachable, "email", email="ana@example.org")
    right, address = code_in(mails[1].mails[0]["Subject"]), address_id(house)
    wrong = "000000" if right != "000000" else "000001"

    answers = [proves(reachable, wrong, address=address) for _ in range(codes.MOST_WRONG)]

    assert {answer.status_code for answer in answers} == {422}
    assert "This is not the code" in answers[0].text
    assert proves(reachable, right, address=address).status_code == 422
    assert rows(house, "channel_addresses")[0]["verified_at"] is None


@on_sqlite_alone
def test_a_code_is_good_once_and_for_fifteen_minutes(house, reachable, mails, clock):
    adds(reachable, "email", email="ana@example.org")
    right, address = code_in(mails[1].mails[0]["Subject"]), address_id(house)

    clock.now += codes.GOOD_FOR

    assert proves(reachable, right, address=address).status_code == 422
    reachable.browser.post(f"/channels/{address}/code", form_at="/channels")
    assert proves(reachable, right, address=address).status_code == 422
    newer = code_in(mails[1].mails[1]["Subject"])
    assert proves(reachable, newer, address=address).status_code == 303
    assert proves(reachable, newer, address=address).status_code == 422


def test_the_mailbox_of_a_stranger_is_not_filled(house, reachable, mails):
    adds(reachable, "email", email="victim@example.org")
    address = address_id(house)

    answers = [reachable.browser.post(f"/channels/{address}/code", form_at="/channels") for _ in range(6)]

    assert [answer.status_code for answer in answers] == [303] * (codes.A_TARGET - 1) + [429] * (7 - codes.A_TARGET)
    assert len(mails[1].arrived) == codes.A_TARGET


@on_sqlite_alone
def test_a_person_can_not_fill_many_mailboxes_either(reachable, mails):
    answers = [adds(reachable, "email", email=f"victim{number}@example.org").status_code for number in range(11)]

    assert answers[-1] in (422, 429)
    assert len(mails[1].arrived) <= codes.A_PERSON


@on_sqlite_alone
def test_another_address_takes_the_place_of_the_first_once_it_is_proved(house, reachable, mails):
    adds(reachable, "email", email="ana@example.org")
    proves(reachable, code_in(mails[1].mails[0]["Subject"]), address=address_id(house))
    adds(reachable, "email", email="ana@example.net")

    assert len(rows(house, "channel_addresses")) == 2
    newer = next(row["address_id"] for row in rows(house, "channel_addresses") if row["verified_at"] is None)
    proves(reachable, code_in(mails[1].mails[1]["Subject"]), address=newer)

    assert [row["address_id"] for row in rows(house, "channel_addresses")] == [newer]


def test_what_is_removed_is_gone_from_backups_too(house, reachable, mails):
    adds(reachable, "email", email="ana@example.org")
    address = address_id(house)

    reachable.browser.post(f"/channels/{address}/remove", form_at="/channels")

    assert rows(house, "channel_addresses") == []
    assert not [row for row in rows(house, "data_keys") if row["subject"].startswith("channels/")]


@on_sqlite_alone
def test_a_test_message_arrives(house, reachable, mails):
    adds(reachable, "email", email="ana@example.org")
    address = address_id(house)
    proves(reachable, code_in(mails[1].mails[0]["Subject"]), address=address)

    assert reachable.browser.post(f"/channels/{address}/test", form_at="/channels").status_code == 303

    assert mails[1].mails[1]["Subject"] == "It works"


@on_sqlite_alone
@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        ("email", {"email": "ana@example.org\r\nBcc: all@example.org"}),
        ("email", {"email": "ana"}),
        ("sms", {"phone": "110"}),
        ("web_push", {"endpoint": "file:///etc/passwd", "p256dh": "x", "auth": "y"}),
        ("phone", {"phone": "call me"}),
        ("video", {"link": "javascript:alert(1)"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_address_is_refused(house, reachable, mails, kind, typed):
    answer = adds(reachable, kind, **typed)

    assert answer.status_code == 422
    assert rows(house, "channel_addresses") == []
    assert mails[1].arrived == []


@on_sqlite_alone
def test_without_a_mail_server_no_mail_address_is_asked_for(person):
    person.signs_in()

    assert "/channels/new/email" not in person.browser.get("/channels").text
    assert adds(person, "email", email="ana@example.org").status_code == 404


@on_sqlite_alone
def test_where_the_mail_server_is_away_that_is_said_and_the_address_waits(house, reachable, mails):
    mails[1].refuses = "451 not now"

    answer = adds(reachable, "email", email="ana@example.org")

    assert "could not be sent just now" in reachable.browser.follow(answer.location).text
    assert "Send a new code" in reachable.browser.get("/channels").text


@on_sqlite_alone
def test_each_persona_and_each_person_has_addresses_of_their_own(house, reachable, moves_in):
    adds(reachable, "phone", phone="+49 30 1234567")
    address = address_id(house)
    adds_persona(reachable, "At work", {})

    goes_on(reachable.browser, "Ana", persona="At work")

    assert "+49301234567" not in reachable.browser.get("/channels").text
    assert reachable.browser.post(f"/channels/{address}/remove", form_at="/channels").status_code == 404
    assert len(rows(house, "channel_addresses")) == 1
