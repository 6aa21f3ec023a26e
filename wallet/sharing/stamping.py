"""Stamps of a person's ledger: one made by itself on each day on which something happened, and pages to take them."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Final

import orjson
from flask import Response, abort
from sqlalchemy import Connection, select

from consent import stamps
from vendor_api.routing import Route
from wallet.house import House
from wallet.people.personas import own_ledger_key
from wallet.people.tables import people
from wallet.people.visitor import signed_in

AT_ONCE: Final = 500
SHOWN: Final = 31


def stamp_all(house: House) -> int:
    """Stamp every ledger that has grown and has no stamp of today, in a transaction for each; says how many."""
    number, day = 0, today(house)
    for person_ids in everybody(house):
        for person_id in house.database.read(stamps.due, person_ids, day=day):
            house.database.write(stamp_one, house, person_id, day)
            number += 1
    return number


def stamp_one(db: Connection, house: House, person_id: str, day: str) -> None:
    key, issuer = own_ledger_key(db, house.secrets, person_id=person_id), house.settings.issuer
    stamps.keep(db, key, person_id=person_id, issuer=issuer, day=day, now=house.clock())


def everybody(house: House) -> Iterator[list[str]]:
    """All who live here, AT_ONCE at a time."""
    last = ""
    while found := house.database.read(some, last):
        yield found
        last = found[-1]


def some(db: Connection, after: str) -> list[str]:
    ids = select(people.c.person_id).where(people.c.person_id > after).order_by(people.c.person_id).limit(AT_ONCE)
    return list(db.execute(ids).scalars())


def stamp(house: House) -> Response:
    """One of this very moment."""
    person_id = signed_in(house).person_id
    return as_file(
        house.database.read(signed_stamp, house, person_id).encode(), "application/jwt", f"ledger-{today(house)}.jwt"
    )


def signed_stamp(db: Connection, house: House, person_id: str) -> str:
    key, now = own_ledger_key(db, house.secrets, person_id=person_id), house.clock()
    return stamps.sign(db, key, person_id=person_id, issuer=house.settings.issuer, now=now)


def kept_stamp(house: House, day: str) -> Response:
    """The one that was made by itself on that day."""
    found = house.database.read(stamps.kept, person_id=signed_in(house).person_id, day=day)
    if not found:
        abort(404)
    return as_file(found[0].stamp.encode(), "application/jwt", f"ledger-{found[0].day}.jwt")


def kept_stamps(house: House) -> Response:
    """All that were made by themselves, a line each, the oldest first."""
    found = house.database.read(stamps.kept, person_id=signed_in(house).person_id)
    lines = b"".join(orjson.dumps(asdict(one)) + b"\n" for one in reversed(found))
    return as_file(lines, "application/jsonl", f"ledger-stamps-{today(house)}.jsonl")


def as_file(content: bytes, mimetype: str, name: str) -> Response:
    return Response(content, content_type=mimetype, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def today(house: House) -> str:
    return datetime.fromtimestamp(house.clock(), UTC).date().isoformat()


ROUTES = (
    Route("/ledger/stamp", stamp),
    Route("/ledger/stamps", kept_stamps),
    Route("/ledger/stamps/<day>", kept_stamp),
)
