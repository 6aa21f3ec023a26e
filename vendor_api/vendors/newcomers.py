"""Vendors that let themselves in: how many may come, and that those who never ask anybody go again.

What counts stands in the database, so it holds for all processes of a wallet together.
"""

from typing import Any, Final

from sqlalchemy import Connection, delete, func, select, update

from consent.tables import grants
from vendor_api.errors import TooManyRegistrations
from vendor_api.tables import vendors as table
from vendor_api.vendors import registry
from vendor_api.vendors.model import Vendor

UNUSED_FOR: Final = 30 * 24 * 3600
HOUR: Final = 3600
MOST_IN_AN_HOUR: Final = 100
MOST_UNUSED: Final = 1000
IN_ASK: Final = "newcomer"


def check_room(db: Connection, *, now: int) -> None:
    """Raises TooManyRegistrations."""
    if is_crowded(db, now=now):
        raise TooManyRegistrations(retry_after=HOUR)


def is_crowded(db: Connection, *, now: int) -> bool:
    """Whether too many came within an hour, by whatever way, or too many wait to be used."""
    counts = select(
        func.count().filter(table.c.created_at > now - HOUR), func.count().filter(table.c.unused_until.is_not(None))
    )
    in_an_hour, unused = db.execute(counts.select_from(table)).one()
    return bool(in_an_hour >= MOST_IN_AN_HOUR or unused >= MOST_UNUSED)


def in_ask(vendor: Vendor) -> dict[str, Any]:
    """What an ask has to remember, so that whoever is no newcomer costs nothing when a person sees it."""
    return {IN_ASK: True} if vendor.unused_until is not None else {}


def note_use(db: Connection, client_id: str) -> None:
    """A person sees what it asks, so it stays. A request alone would not do: anybody can send one."""
    db.execute(update(table).where(table.c.client_id == client_id).values(unused_until=None))


def sweep(db: Connection, *, now: int) -> int:
    """Forget vendors that let themselves in and were never used; returns how many. A living grant keeps any."""
    in_use = select(grants.c.client_id).where(grants.c.ended_at.is_(None), grants.c.expires_at > now)
    over = delete(table).where(table.c.unused_until <= now, table.c.client_id.not_in(in_use))
    gone = db.execute(over.returning(table.c.client_id)).scalars().all()
    if gone:
        registry.forget(db, gone)
    return len(gone)
