"""What goes on beside the requests: forget what is over, tell vendors what they have to know; and health checks."""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

from flask import Response
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from consent import asks, failures, outbox
from consent.contact import openings, permission
from consent.rights import requests
from vendor_api.console import invitations as staff_invitations
from vendor_api.console import sessions as staff_sessions
from vendor_api.desk import assigning
from vendor_api.events import push
from vendor_api.figures import tally
from vendor_api.host import Host
from vendor_api.intents import engine as heard_intents
from vendor_api.oauth import ciba_pings, ciba_requests, codes, device_codes, par, released, replay, tokens
from vendor_api.oauth.leaving import sign_ins
from vendor_api.oauth.leaving.back_channel import tell_all
from vendor_api.outbound.addresses import NONE
from vendor_api.publishing import engine as publications
from vendor_api.routing import Route
from vendor_api.vendors import newcomers
from wallet.appointments import reminding
from wallet.backup import keyring, making
from wallet.backup.errors import BackupRuns
from wallet.channels import aliases, deliveries, letter, reaching, sending
from wallet.channels import codes as codes_sent
from wallet.dispatch import spreading
from wallet.dispatch.parcels import sender_of
from wallet.erasing import destroying, erasures
from wallet.errors import SetupError
from wallet.figures import counting, statistics
from wallet.host import WalletHost
from wallet.house import House
from wallet.intents import rounds
from wallet.people import invitations, pairing, sessions
from wallet.records import imports
from wallet.sharing.stamping import stamp_all
from wallet.triggers import evaluation

EVERY = 3600
TELL_EVERY = 3
LOOK_EVERY = 60
SWEPT = (
    *(asks, codes, device_codes, ciba_requests, tokens, par, released, replay, sign_ins, outbox, newcomers),
    *(heard_intents, openings, permission, staff_invitations, staff_sessions),
    *(invitations, pairing, sessions, imports, destroying),
    *(aliases, codes_sent, deliveries, publications, spreading, tally),
)

log = logging.getLogger(__name__)


def sweep(db: Connection, *, now: int) -> int:
    """Forget what is over; returns how many rows went."""
    return sum(table.sweep(db, now=now) for table in SWEPT)


def sweep_for_ever(house: House) -> None:
    """Begin sweeping in the background, at once and then every hour."""

    def work() -> None:
        while True:
            with suppress(SQLAlchemyError):  # the database is away; the next round is in an hour
                house.database.write(sweep, now=house.clock())
                remind(house)
                settle(house)
                stamp_all(house)
                counting.count_all(house)
                statistics.count(house)
            time.sleep(EVERY)

    threading.Thread(target=work, name="sweep", daemon=True).start()


def remind(house: House) -> int:
    """Remind vendors of what they soon owe, or owe already, one by one; returns how many."""
    found = house.database.read(requests.to_remind, now=house.clock())
    return sum(house.database.write(requests.remind, house.secrets, one, now=house.clock()) for one in found)


def settle(house: House) -> int:
    """Tell people what failed again and again, each in a transaction of their own; returns how many lines that took."""
    found = house.database.read(failures.over, now=house.clock())
    for counted in found:
        house.database.write(failures.settle, house.secrets, counted, now=house.clock())
    return len(found)


def tell_for_ever(house: House) -> None:
    """Begin telling vendors in the background, and erasing. What one try does not bring home waits for the next."""
    host = WalletHost(house, peek=lambda _cookies: {})
    for name, tell in (
        ("logouts", partial(tell_all, host, host.outbound.post_form)),
        ("pings", partial(ciba_pings.tell_all, host, host.outbound.post)),
        ("events", partial(push.tell_all, host, host.outbound.post)),
    ):
        threading.Thread(target=again_and_again, args=(tell,), name=f"tell-{name}", daemon=True).start()
    desks = partial(see_to_desks, house, host)
    threading.Thread(target=again_and_again, args=(desks, LOOK_EVERY), name="desks", daemon=True).start()
    look = partial(evaluation.look_at_all, house)
    threading.Thread(target=again_and_again, args=(look,), name="triggers", daemon=True).start()
    intents = partial(rounds.go_round, house)
    threading.Thread(target=again_and_again, args=(intents, LOOK_EVERY), name="intents", daemon=True).start()
    remind_of_calls = partial(reminding.remind_all, house)
    threading.Thread(target=again_and_again, args=(remind_of_calls, LOOK_EVERY), name="calls", daemon=True).start()
    spread = partial(spreading.spread_all, house)
    threading.Thread(target=again_and_again, args=(spread,), name="publications", daemon=True).start()
    erase = partial(erasures.go_on_with_all, house)
    threading.Thread(target=again_and_again, args=(erase,), name="erase", daemon=True).start()


def deliver_for_ever(house: House) -> None:
    """Begin delivering to people in the background, each channel by itself."""
    sender = sender_of(house)
    offered = reaching.offered(house)
    elsewhere = partial(sending.give_up_elsewhere, sender, offered)
    threading.Thread(
        target=again_and_again, args=(elsewhere, LOOK_EVERY), name="deliver-elsewhere", daemon=True
    ).start()
    for kind, channel in offered.items():
        if kind == letter.CHANNEL.kind and house.settings.letter_gateway == letter.BY_HAND:
            continue  # they wait for `wallet letters print`
        work = partial(sending.work_off_one, sender, channel)
        threading.Thread(target=again_and_again, args=(work,), name=f"deliver-{kind}", daemon=True).start()


def see_to_desks(house: House, host: Host) -> int:
    """Hand up what a vendor did not answer in time, and give on what waits for somebody away; returns how much."""
    done = 0
    for find, hand_over in ((assigning.late, assigning.escalate), (assigning.of_absent, assigning.reroute)):
        found = house.database.read(find, host.secrets, now=house.clock())
        done += sum(house.database.write(hand_over, host, ids, now=house.clock()) for ids in found)
    return done


def again_and_again(work: Callable[[], object], every: int = TELL_EVERY) -> None:
    while True:
        try:
            work()
        except SQLAlchemyError:
            pass  # the database is away; soon again
        except Exception:
            log.exception("unhandled, in the background")
        time.sleep(every)


def back_up_for_ever(house: House) -> None:
    """Begin making backups in the background as often as the settings say, and renewing their keyring every hour."""
    if house.settings.backup_folder == NONE:
        return
    told = making.warning(house, Path(house.settings.backup_folder))
    if told:
        log.warning(told)
    work = partial(back_up, house)
    threading.Thread(target=again_and_again, args=(work, LOOK_EVERY), name="backup", daemon=True).start()


def back_up(house: House) -> None:
    """If it is time. What fails is tried again in an hour: a full disk is not emptied by trying."""
    keyring.refresh(house)
    if not making.is_due(house):
        return
    folder = Path(house.settings.backup_folder)
    try:
        made = making.make(house, folder)
    except BackupRuns:
        return
    except SetupError as error:
        log.error("%s The next try is in an hour.", error)
        time.sleep(EVERY)
        return
    log.info("made the backup %s", made.generation.path)


def healthz(house: House) -> Response:
    """The process lives."""
    return Response("ok\n", mimetype="text/plain")


def readyz(house: House) -> Response:
    """The database answers too."""
    try:
        house.database.read(lambda db: db.execute(text("select 1")))
    except SQLAlchemyError:
        return Response("the database does not answer\n", 503, mimetype="text/plain")
    return Response("ready\n", mimetype="text/plain")


ROUTES = (Route("/healthz", healthz), Route("/readyz", readyz))
