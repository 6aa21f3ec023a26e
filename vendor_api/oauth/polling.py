"""Vendors that ask at the token endpoint again and again until the person has answered: RFC 8628 section 3.5, and CIBA
Core section 11, which says the same.
"""

from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, Table, or_, update

from vendor_api.errors import AccessDenied, AuthorizationPending, ExpiredToken, VendorApiError

INTERVAL: Final = 5
SLOWER: Final = 5
TICK: Final = 1  # our clock counts whole seconds, so five of a vendor's may be four of ours


class StillWaiting(AuthorizationPending):
    """There is no answer yet for `this` row of the table, where `pause` and `polled_at` say who may ask when."""

    def __init__(self, table: Table, *this: ColumnElement[bool]) -> None:
        super().__init__("the person has not answered yet; ask again after the interval")
        self.table, self.this = table, this


def why_not(row: Row[Any], waits: StillWaiting, *, called: str, now: int) -> VendorApiError:
    """What the vendor is told of a row from which there is nothing to have, or not yet."""
    if row.expires_at <= now:
        return ExpiredToken(f"this {called} has expired; ask for a new one")
    if row.answered_at is not None and row.grant_id is None:
        return AccessDenied("the person refused")
    return waits


def is_too_soon(db: Connection, waits: StillWaiting, *, now: int) -> bool:
    """Note that the vendor asked; whether it did not wait, and has to wait longer from now on."""
    row, this = waits.table.c, update(waits.table).where(*waits.this)
    in_time = or_(row.polled_at.is_(None), row.polled_at + row.pause - TICK <= now)
    if db.execute(this.where(in_time).values(polled_at=now)).rowcount:
        return False
    db.execute(this.values(polled_at=now, pause=row.pause + SLOWER))
    return True
