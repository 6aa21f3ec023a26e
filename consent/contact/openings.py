"""Occasions that a person made, on which a vendor may speak to them: a trigger that fired, something they look for."""

from dataclasses import dataclass
from secrets import token_urlsafe
from typing import Final

from sqlalchemy import Connection, Row, delete, insert, select, update

from consent.contact.tables import openings
from consent.model import Grant

KINDS: Final = ("trigger", "intent", "feedback")
REMEMBERED: Final = 366 * 24 * 3600

_row = openings.c


@dataclass(frozen=True, slots=True)
class Opening:
    """`channel`: the one that was chosen for it. `until` is epoch seconds, exclusive; `closed_at` if closed before."""

    person_id: str
    opening_id: str
    persona_id: str
    grant_id: str
    kind: str
    topic: str
    channel: str | None
    made_at: int
    until: int
    closed_at: int | None

    def is_open(self, now: int) -> bool:
        return self.closed_at is None and now < self.until


def open_(
    db: Connection, grant: Grant, *, kind: str, topic: str, channel: str | None = None, until: int, now: int
) -> str:
    """The opening_id, random: the vendor of this grant, and nobody else, is told it."""
    if kind not in KINDS:
        raise ValueError(f"an opening is one of {', '.join(KINDS)}")
    opening_id = token_urlsafe(16)
    place = {"person_id": grant.person_id, "opening_id": opening_id, "persona_id": grant.persona_id}
    said = {
        "grant_id": grant.grant_id,
        "kind": kind,
        "topic": topic,
        "channel": channel,
        "made_at": now,
        "until": until,
    }
    db.execute(insert(openings).values(place | said))
    return opening_id


def find(db: Connection, grant: Grant, opening_id: str) -> Opening | None:
    """One that was made under this grant."""
    mine = (_row.person_id == grant.person_id, _row.opening_id == opening_id, _row.grant_id == grant.grant_id)
    row = db.execute(select(openings).where(*mine)).one_or_none()
    return opening_from(row) if row else None


def close(db: Connection, opening_id: str, *, person_id: str, now: int) -> None:
    mine = (_row.person_id == person_id, _row.opening_id == opening_id, _row.closed_at.is_(None))
    db.execute(update(openings).where(*mine).values(closed_at=now))


def sweep(db: Connection, *, now: int) -> int:
    """Forget what was over a year ago. Returns how many."""
    return db.execute(delete(openings).where(_row.until <= now - REMEMBERED)).rowcount


def opening_from(row: Row[tuple[object, ...]]) -> Opening:
    return Opening(**row._mapping)
