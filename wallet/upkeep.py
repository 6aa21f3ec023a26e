"""What goes on beside the requests: forget what is over, tell vendors what they have to know; and health checks."""

import threading
import time
from contextlib import suppress

from flask import Response
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from consent import asks, failures
from vendor_api import outbox
from vendor_api.oauth import ciba_pings, ciba_requests, codes, device_codes, par, replay, tokens
from vendor_api.oauth.leaving import sign_ins
from vendor_api.oauth.leaving.back_channel import tell_all
from vendor_api.routing import Route
from vendor_api.vendors import newcomers
from wallet.host import WalletHost
from wallet.house import House
from wallet.people import invitations, sessions
from wallet.sharing.stamping import stamp_all

EVERY = 3600
TELL_EVERY = 3
SWEPT = (
    *(asks, codes, device_codes, ciba_requests, tokens, par, replay, sign_ins, outbox, newcomers),
    *(invitations, sessions),
)


def sweep(db: Connection, *, now: int) -> int:
    """Forget what is over; returns how many rows went."""
    return sum(table.sweep(db, now=now) for table in SWEPT)


def sweep_for_ever(house: House) -> None:
    """Begin sweeping in the background, at once and then every hour."""

    def work() -> None:
        while True:
            with suppress(SQLAlchemyError):  # the database is away; the next round is in an hour
                house.database.write(sweep, now=house.clock())
                settle(house)
                stamp_all(house)
            time.sleep(EVERY)

    threading.Thread(target=work, name="sweep", daemon=True).start()


def settle(house: House) -> int:
    """Tell people what failed again and again, each in a transaction of their own; returns how many lines that took."""
    found = house.database.read(failures.over, now=house.clock())
    for counted in found:
        house.database.write(failures.settle, house.secrets, counted, now=house.clock())
    return len(found)


def tell_for_ever(house: House) -> None:
    """Begin telling vendors in the background. What one try does not bring home, the outbox keeps for the next."""
    host = WalletHost(house, peek=lambda _cookies: {})

    def work() -> None:
        while True:
            with suppress(SQLAlchemyError):  # the database is away; soon again
                tell_all(host, host.outbound.post_form)
                ciba_pings.tell_all(host, host.outbound.post)
            time.sleep(TELL_EVERY)

    threading.Thread(target=work, name="tell", daemon=True).start()


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
