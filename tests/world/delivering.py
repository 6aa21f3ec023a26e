"""A house that delivers, and a worker of it that can be killed: a program of four arguments."""

import os
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from mailing import PARCEL
from sqlalchemy import Connection

from keys.secrets import HostSecrets
from wallet.channels import addresses, deliveries, sending
from wallet.channels.deliveries import Delivery
from wallet.channels.kinds import find_kinds
from wallet.channels.model import Parcel
from wallet.channels.sending import Sender, Verdict
from wallet.database import Database
from wallet.house import House
from wallet.settings import Settings

CHANNELS = find_kinds()


@dataclass
class Standing:
    """What would be contact policy and inbox: `verdict` for all, or for single deliveries."""

    parcel: Parcel
    verdict: Verdict = None
    verdicts: list[Verdict] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def permitted(self, _db: Connection, delivery: Delivery, *, now: int) -> Verdict:
        self.asked.append(delivery.delivery_id)
        return self.verdicts.pop(0) if self.verdicts else self.verdict

    def packed(self, _db: Connection, delivery: Delivery, *, now: int) -> Parcel:
        return replace(self.parcel, delivery_id=delivery.delivery_id)


def ready_to_send(house: House, parcel: Parcel, **changed: str) -> tuple[Sender, Standing]:
    """The same house with other settings."""
    reaching: dict[str, Any] = {"mail_from": "wallet@wallet.example", "outbound_allow": "127.0.0.0/8", **changed}
    settings = replace(house.settings, **reaching)
    opened = House(settings, house.database, house.secrets, house.clock, house.totals, house.called)
    standing = Standing(parcel)
    return Sender(opened, standing.permitted, standing.packed), standing


def reached(house: House, ids: Mapping[str, str], kind: str, **typed: str) -> str:
    """An address of that kind that counts."""
    channel, now = CHANNELS[kind], house.clock()
    address = channel.check_address(typed)

    def keep(db: Connection) -> str:
        found = addresses.add(db, house.secrets, channel, **ids, address=address, now=now)
        addresses.verified(db, channel, **ids, address_id=found, now=now)
        return found

    return house.database.write(keep)


def sends(house: House, ids: Mapping[str, str], channel: str, *, client_id: str = "stadtwerke", **more: Any) -> str:
    given = {"thread_id": "t1", "message_id": "m1", "client_id": client_id, "grant_id": "g1", "topic": "outage", **more}
    return house.database.write(deliveries.put, **ids, **given, channel=channel, now=house.clock())


def work(database_url: str, smtp_url: str, gateway: str, sealing: str) -> None:
    """For ever; who began it kills it."""
    deliveries.LEASE, deliveries.FIRST_WAIT = 3, 1  # type: ignore[misc]
    settings = Settings(None, database_url, None, smtp_url=smtp_url, sms_gateway=gateway)  # type: ignore[arg-type]
    secrets = HostSecrets(**{each.name: bytes.fromhex(sealing) for each in fields(HostSecrets)})
    house = House(settings, Database(database_url), secrets)
    sender, _standing = ready_to_send(house, PARCEL)
    while True:
        sending.work_off(sender, CHANNELS)
        time.sleep(0.02)


def begin_workers(arguments: list[str]) -> None:
    """For each line that comes in a new process, whose number goes out."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for _line in sys.stdin:
        worker = os.fork()
        if not worker:
            work(*arguments)
        sys.stdout.write(f"{worker}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    begin_workers(sys.argv[1:])
