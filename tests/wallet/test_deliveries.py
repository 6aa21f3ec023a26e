"""What is on its way to people arrives once, when it may, and by the channel it was meant for."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from delivering import CHANNELS, reached, ready_to_send, sends
from mailing import PARCEL, Gateway, Mailbox, gateway, mail_server, until
from storage import on_sqlite_alone, rows

from wallet.channels import deliveries
from wallet.channels.sending import NEVER, work_off
from wallet.house import House
from wallet.people.model import Person

WORLD = Path(__file__).parent.parent / "world"


@pytest.fixture
def ids(ana: Person) -> Mapping[str, str]:
    return {"person_id": ana.person_id, "persona_id": ana.persona_id}


@pytest.fixture
def mails() -> Iterator[tuple[str, Mailbox]]:
    with mail_server() as found:
        yield found


def states(house: House) -> list[str]:
    return sorted(row["state"] for row in rows(house, "deliveries"))


def test_mail_arrives_once_and_is_delivered(house: House, ids: Mapping[str, str], mails: tuple[str, Mailbox]) -> None:
    sender, _standing = ready_to_send(house, PARCEL, smtp_url=mails[0])
    reached(house, ids, "email", email="ana@example.org")
    delivery_id = sends(house, ids, "email")

    work_off(sender, CHANNELS)
    work_off(sender, CHANNELS)

    assert mails[1].recipients == ["ana@example.org"]
    assert mails[1].counted() == {f"<{delivery_id}@wallet.example>": 1}
    assert states(house) == ["delivered"]


def test_what_comes_outside_the_window_waits_for_the_next_one(
    house: House, clock: object, ids: Mapping[str, str], mails: tuple[str, Mailbox]
) -> None:
    sender, standing = ready_to_send(house, PARCEL, smtp_url=mails[0])
    reached(house, ids, "email", email="ana@example.org")
    sends(house, ids, "email")
    opens = house.clock() + 9 * 3600
    standing.verdict = opens

    work_off(sender, CHANNELS)

    assert mails[1].arrived == []
    assert [(row["state"], row["due_at"], row["tries"]) for row in rows(house, "deliveries")] == [("waiting", opens, 0)]
    standing.verdict, clock.now = None, opens  # type: ignore[attr-defined]
    work_off(sender, CHANNELS)
    assert len(mails[1].arrived) == 1


@on_sqlite_alone
def test_permission_taken_back_withdraws_what_waits(
    house: House, ids: Mapping[str, str], mails: tuple[str, Mailbox]
) -> None:
    sender, standing = ready_to_send(house, PARCEL, smtp_url=mails[0])
    reached(house, ids, "email", email="ana@example.org")
    sends(house, ids, "email")
    standing.verdict = NEVER

    work_off(sender, CHANNELS)
    standing.verdict = None
    work_off(sender, CHANNELS)

    assert mails[1].arrived == []
    assert states(house) == ["withdrawn"]


@on_sqlite_alone
def test_permission_taken_back_while_the_mail_server_dawdles_stops_the_mail(
    house: House, ids: Mapping[str, str], mails: tuple[str, Mailbox]
) -> None:
    sender, standing = ready_to_send(house, PARCEL, smtp_url=mails[0])
    reached(house, ids, "email", email="ana@example.org")
    sends(house, ids, "email")
    standing.verdicts = [None, NEVER]  # at the beginning, and right before the dot

    work_off(sender, CHANNELS)

    assert mails[1].arrived == []
    assert states(house) == ["waiting"]


@on_sqlite_alone
@pytest.mark.parametrize(
    ("answer", "state"), [("451 busy", "waiting"), ("554 no", "failed"), ("421 closing", "waiting")]
)
def test_mail_that_the_server_does_not_take_is_tried_again_or_given_up(
    house: House, ids: Mapping[str, str], mails: tuple[str, Mailbox], answer: str, state: str
) -> None:
    sender, _standing = ready_to_send(house, PARCEL, smtp_url=mails[0])
    reached(house, ids, "email", email="ana@example.org")
    sends(house, ids, "email")
    mails[1].answers = [f"{answer} ana@example.org"]

    work_off(sender, CHANNELS)

    row = rows(house, "deliveries")[0]
    assert row["state"] == state
    assert "ana@example.org" not in row["error"]


@on_sqlite_alone
def test_mail_of_which_nobody_said_whether_it_arrived_is_never_sent_again(
    house: House, clock: object, ids: Mapping[str, str], mails: tuple[str, Mailbox], monkeypatch: pytest.MonkeyPatch
) -> None:
    sender, _standing = ready_to_send(house, PARCEL, smtp_url=mails[0])
    reached(house, ids, "email", email="ana@example.org")
    sends(house, ids, "email")
    monkeypatch.setattr("smtplib.SMTP.getreply", broken_after(4))

    work_off(sender, CHANNELS)
    clock.now += 30 * 24 * 3600  # type: ignore[attr-defined]
    work_off(sender, CHANNELS)

    assert states(house) == ["handed_over"]
    until(lambda: len(mails[1].arrived) == 1)


def broken_after(answers: int) -> object:
    """The connection breaks after so many answers: EHLO, MAIL, RCPT, DATA."""
    import smtplib

    real, heard = smtplib.SMTP.getreply, []

    def getreply(server: smtplib.SMTP) -> tuple[int, bytes]:
        heard.append(1)
        if len(heard) > answers + 1:  # the greeting comes first
            raise ConnectionResetError
        return real(server)

    return getreply


def test_each_vendor_has_its_turn_however_much_another_sends(
    house: House, ids: Mapping[str, str], mails: tuple[str, Mailbox]
) -> None:
    sender, standing = ready_to_send(house, PARCEL, smtp_url=mails[0])
    reached(house, ids, "email", email="ana@example.org")
    for _ in range(12):
        sends(house, ids, "email", client_id="loud")
    quiet = sends(house, ids, "email", client_id="quiet")

    work_off(sender, CHANNELS)

    assert quiet in standing.asked
    assert len(standing.asked) < 13 * 2


@on_sqlite_alone
def test_gateway_that_is_down_holds_up_no_mail(
    house: House, ids: Mapping[str, str], mails: tuple[str, Mailbox]
) -> None:
    sender, _standing = ready_to_send(house, PARCEL, smtp_url=mails[0], sms_gateway="http://127.0.0.1:9/")
    reached(house, ids, "email", email="ana@example.org")
    reached(house, ids, "sms", phone="+49 170 1234567")
    sends(house, ids, "sms")
    sends(house, ids, "email")

    work_off(sender, CHANNELS)

    assert states(house) == ["delivered", "waiting"]
    assert len(mails[1].arrived) == 1


@on_sqlite_alone
def test_without_an_address_it_fails_and_says_so(house: House, ids: Mapping[str, str]) -> None:
    sender, _standing = ready_to_send(house, PARCEL)
    sends(house, ids, "email")

    work_off(sender, CHANNELS)

    assert [(row["state"], row["error"]) for row in rows(house, "deliveries")] == [
        ("failed", "there is no address for it")
    ]


# `make drill` asks for more.
MANY = 16 if "DRILL_KILLS" in os.environ else 8


def test_nothing_is_lost_or_sent_twice_however_often_the_sender_is_killed(
    house: House, database_url: str, ids: Mapping[str, str], mails: tuple[str, Mailbox]
) -> None:
    reached(house, ids, "email", email="ana@example.org")
    reached(house, ids, "sms", phone="+49 170 1234567")
    sealing = house.secrets.sealing.hex()
    with gateway() as phones, workers(database_url, mails[0], phones.url, sealing) as begin:
        put = {kind: [put_now(house, ids, kind, one) for one in range(MANY)] for kind in ("email", "sms")}
        killed = 0
        while not_all_settled(house) and killed < 60:
            before, worker = arrivals(mails[1], phones), begin()
            until(lambda seen=before: arrivals(mails[1], phones) > seen or not not_all_settled(house), seconds=20)
            time.sleep(random.random() * 0.05)
            os.kill(worker, signal.SIGKILL)
            killed += 1

        kept = {row["delivery_id"]: row["state"] for row in rows(house, "deliveries")}
        arrived = mails[1].counted()

    assert killed > 1
    assert set(arrived.values()) == {1}
    assert sorted(phones.taken) == sorted(f'"{one}"' for one in put["sms"])
    assert {kept[one] for one in put["sms"]} == {"delivered"}
    for one in put["email"]:
        if kept[one] == "delivered":
            assert arrived[f"<{one}@wallet.example>"] == 1
        else:  # it died between the last commit and what the server says: it is shown as "probably arrived"
            assert kept[one] == "handed_over"
    assert sum(state == "handed_over" for state in kept.values()) <= killed * 4


def put_now(house: House, ids: Mapping[str, str], kind: str, number: int) -> str:
    """By the clock of the worker, which is a real one."""
    given = {
        "thread_id": "t",
        "message_id": f"m{number}",
        "client_id": f"v{number % 5}",
        "grant_id": "g",
        "topic": "outage",
    }
    return house.database.write(deliveries.put, **ids, **given, channel=kind, now=1)


def not_all_settled(house: House) -> bool:
    return any(state in {"waiting", "sending"} for state in states(house))


def arrivals(box: Mailbox, phones: Gateway) -> int:
    return len(box.arrived) + len(phones.seen)


@contextmanager
def workers(*arguments: str) -> Iterator[Callable[[], int]]:
    """Begins one at each call, and says what its number is."""
    environment = os.environ | {"PYTHONPATH": f"{Path.cwd()}{os.pathsep}{WORLD}"}
    command = [sys.executable, str(WORLD / "delivering.py"), *arguments]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env=environment, **pipes) as process:

        def begin() -> int:
            process.stdin.write("\n")  # type: ignore[union-attr]
            process.stdin.flush()  # type: ignore[union-attr]
            return int(process.stdout.readline())  # type: ignore[union-attr]

        yield begin
        process.kill()
