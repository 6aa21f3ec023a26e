"""Keep the house clean and say how it is: forget what is over, answer health checks."""

import threading
import time
from contextlib import suppress

from flask import Response
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from consent import asks
from vendor_api.oauth import codes, device_codes, par, replay, tokens
from vendor_api.routing import Route
from wallet.house import House

EVERY = 3600


def sweep(db: Connection, *, now: int) -> int:
    """Forget what is over; returns how many rows went."""
    return sum(table.sweep(db, now=now) for table in (asks, codes, device_codes, tokens, par, replay))


def sweep_for_ever(house: House) -> None:
    """Begin sweeping in the background, at once and then every hour."""

    def work() -> None:
        while True:
            with suppress(SQLAlchemyError):  # the database is away; the next round is in an hour
                house.database.write(sweep, now=house.clock())
            time.sleep(EVERY)

    threading.Thread(target=work, name="sweep", daemon=True).start()


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
