"""What vendors have to be told: kept until they confirm it, tried again and again, in order, and shown to the person.

Tellings of one lane go one after the other: only the first that still waits is ever due. A lane is the number by which
one vendor knows one person, so what happens between the two arrives in its order. No lane waits for another.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from secrets import token_urlsafe
from typing import Any, Final

from sqlalchemy import JSON, ColumnElement, Connection, Row, bindparam, delete, exists, func, select, text, update

from consent.tables import outbox

FIRST_WAIT: Final = 10
LONGEST_WAIT: Final = 6 * 3600
MOST_TRIES: Final = 12  # of what stands in no lane, because it is of no use much later
WAITED_FOR: Final = 30 * 24 * 3600  # how long what stands in a lane is tried
AT_ONCE: Final = 50
REMEMBERED: Final = 7 * 24 * 3600
LANES_REMEMBERED: Final = 366 * 24 * 3600
LONGEST_ERROR: Final = 200


@dataclass(frozen=True, slots=True)
class Telling:
    """One thing one vendor has to know. `due_at` is None once nothing more will be sent.

    `position` is its place in its lane, `error` what went wrong at the last try.
    """

    person_id: str
    telling_id: str
    client_id: str
    event: str
    detail: Mapping[str, Any]
    created_at: int
    tries: int
    due_at: int | None
    confirmed_at: int | None
    lane: str | None
    position: int | None
    error: str | None


# Where two take the same place at once, one has to begin anew: on PostgreSQL its transaction runs again, and on SQLite
# it has waited before it looked.
PUT = text(
    """
    insert into outbox (person_id, telling_id, client_id, event, detail, created_at, tries, due_at, lane, position)
    values (:person_id, :telling_id, :client_id, :event, :detail, :now, 0, :now, :lane, :position)
    on conflict (person_id, client_id, lane, position) do nothing
    """
).bindparams(bindparam("detail", type_=JSON))


def put(
    db: Connection,
    *,
    person_id: str,
    client_id: str,
    event: str,
    detail: Mapping[str, Any],
    lane: str | None = None,
    now: int,
) -> str:
    """Keep a telling in the transaction of what it tells; it is sent later, outside of any request.

    Its id.
    """
    telling: dict[str, Any] = {"person_id": person_id, "telling_id": token_urlsafe(16), "client_id": client_id}
    position = None
    if lane is not None:
        before = select(func.max(outbox.c.position)).where(
            outbox.c.person_id == person_id, outbox.c.client_id == client_id, outbox.c.lane == lane
        )
        position = (db.execute(before).scalar() or 0) + 1
    telling |= {"event": event, "detail": dict(detail), "now": now, "lane": lane, "position": position}
    db.execute(PUT, telling)
    return str(telling["telling_id"])


def is_first() -> ColumnElement[bool]:
    """Nothing before it in its lane waits still; so is whatever stands in no lane."""
    before = outbox.alias()
    same = (before.c.person_id == outbox.c.person_id) & (before.c.client_id == outbox.c.client_id)
    return ~exists().where(
        same & (before.c.lane == outbox.c.lane),
        before.c.position < outbox.c.position,
        before.c.due_at.is_not(None),
    )


def waited_for(db: Connection, *, event: str, now: int) -> tuple[str, ...]:
    """The vendors for which something of this kind is due."""
    found = select(outbox.c.client_id).where(outbox.c.due_at <= now, outbox.c.event == event, is_first()).distinct()
    return tuple(db.execute(found.order_by(outbox.c.client_id)).scalars())


def due(
    db: Connection, *, event: str, client_id: str | None = None, limit: int = AT_ONCE, now: int
) -> tuple[Telling, ...]:
    """What of this kind is to be sent now, to this vendor or to all; the longest waiting first."""
    wanted = [outbox.c.due_at <= now, outbox.c.event == event, is_first()]
    if client_id is not None:
        wanted.append(outbox.c.client_id == client_id)
    found = select(outbox).where(*wanted).order_by(outbox.c.due_at, outbox.c.telling_id).limit(limit)
    return tuple(map(telling_from, db.execute(found)))


def find(db: Connection, telling_id: str, *, event: str, client_id: str) -> Telling | None:
    """One that waits for this vendor."""
    wanted = (outbox.c.telling_id == telling_id, outbox.c.client_id == client_id, outbox.c.event == event)
    row = db.execute(select(outbox).where(*wanted, outbox.c.due_at.is_not(None))).first()
    return telling_from(row) if row else None


def claim(db: Connection, telling: Telling, *, now: int) -> bool:
    """Whether this sender may try it now. It counts as tried, so that a sender that dies does not hold it back."""
    tries = telling.tries + 1
    mine = (*_this(telling), outbox.c.due_at == telling.due_at)
    again = now + wait(tries) if telling.lane is not None or tries < MOST_TRIES else None
    return db.execute(update(outbox).where(*mine).values(tries=tries, due_at=again)).rowcount == 1


def hand_out(db: Connection, telling: Telling) -> None:
    """Count a try of who comes for it and may come again at once."""
    db.execute(update(outbox).where(*_this(telling)).values(tries=telling.tries + 1))


def wait(tries: int) -> int:
    """Seconds until the next try: 10, then four times as long each time, at last 6 hours."""
    return min(int(FIRST_WAIT * 4 ** (tries - 1)), LONGEST_WAIT)


def confirm(db: Connection, telling: Telling, *, now: int) -> None:
    unconfirmed = (*_this(telling), outbox.c.confirmed_at.is_(None))
    db.execute(update(outbox).where(*unconfirmed).values(due_at=None, confirmed_at=now, error=None))


def fail(db: Connection, telling: Telling, error: str) -> None:
    """Keep what went wrong; when it is tried again stands since the claim."""
    unconfirmed = (*_this(telling), outbox.c.confirmed_at.is_(None))
    db.execute(update(outbox).where(*unconfirmed).values(error=error[:LONGEST_ERROR]))


def drop(db: Connection, telling: Telling) -> None:
    """The vendor no longer wants to be told, or is gone."""
    db.execute(delete(outbox).where(*_this(telling)))


def drop_waiting(db: Connection, *, event: str, client_id: str) -> None:
    """The same for all that waits."""
    wanted = (outbox.c.event == event, outbox.c.client_id == client_id, outbox.c.due_at.is_not(None))
    db.execute(delete(outbox).where(*wanted))


def forget(db: Connection, *, event: str, client_id: str, person_id: str) -> None:
    """Whatever was to be told of this kind between the two, told or not."""
    wanted = (outbox.c.event == event, outbox.c.client_id == client_id, outbox.c.person_id == person_id)
    db.execute(delete(outbox).where(*wanted))


def of_person(
    db: Connection, *, person_id: str, event: str, client_ids: Collection[str] | None = None
) -> tuple[Telling, ...]:
    """Tellings of one kind, to these vendors (None: to all), the latest first."""
    found = select(outbox).where(outbox.c.person_id == person_id, outbox.c.event == event)
    if client_ids is not None:
        found = found.where(outbox.c.client_id.in_(client_ids))
    return tuple(map(telling_from, db.execute(found.order_by(outbox.c.created_at.desc(), outbox.c.telling_id))))


def sweep(db: Connection, *, now: int) -> int:
    """Give up what has waited too long, and forget what is old, told or not; returns how many were forgotten."""
    in_vain = (outbox.c.lane.is_not(None), outbox.c.due_at.is_not(None), outbox.c.created_at <= now - WAITED_FOR)
    db.execute(update(outbox).where(*in_vain).values(due_at=None))
    in_lane = outbox.c.lane.is_not(None) & (outbox.c.created_at <= now - LANES_REMEMBERED)
    alone = outbox.c.lane.is_(None) & (outbox.c.created_at <= now - REMEMBERED)
    return db.execute(delete(outbox).where(in_lane | alone)).rowcount


def _this(telling: Telling) -> tuple[Any, ...]:
    return outbox.c.person_id == telling.person_id, outbox.c.telling_id == telling.telling_id


def telling_from(row: Row[Any]) -> Telling:
    return Telling(**row._mapping)
