"""How it is with the vendors that listen, for the operator: what waits, since when, and what went wrong last."""

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from consent.events import EVENT
from consent.tables import outbox
from vendor_api.events import streams


@dataclass(frozen=True, slots=True)
class Health:
    """One vendor's. `since` is when the oldest event that waits happened."""

    client_id: str
    method: str
    status: str
    waiting: int
    since: int | None
    last_confirmed: int | None
    last_error: str | None


def of_all(db: Connection) -> tuple[Health, ...]:
    return tuple(of(db, stream) for stream in streams.everyone(db))


def of(db: Connection, stream: streams.Stream) -> Health:
    mine = (outbox.c.client_id == stream.client_id, outbox.c.event == EVENT)
    waits = outbox.c.due_at.is_not(None)
    count, since = db.execute(select(func.count(), func.min(outbox.c.created_at)).where(*mine, waits)).one()
    confirmed = db.execute(select(func.max(outbox.c.confirmed_at)).where(*mine)).scalar()
    failed = select(outbox.c.error).where(*mine, waits, outbox.c.error.is_not(None))
    error = db.execute(failed.order_by(outbox.c.due_at.desc()).limit(1)).scalar()
    kind = error.partition(":")[0] if error else None
    return Health(stream.client_id, stream.method, stream.status, count, since, confirmed, kind)


def waiting(db: Connection) -> tuple[int, int | None]:
    """How many events wait, and when the oldest of them happened."""
    waits = (outbox.c.event == EVENT, outbox.c.due_at.is_not(None))
    count, since = db.execute(select(func.count(), func.min(outbox.c.created_at)).where(*waits)).one()
    return count, since


@dataclass(frozen=True, slots=True)
class Told:
    """One event on its way to a vendor, without whom it is about. `state`: confirmed, waiting, failing or given_up."""

    kind: str
    created_at: int
    tries: int
    due_at: int | None
    confirmed_at: int | None
    error: str | None

    @property
    def state(self) -> str:
        if self.confirmed_at is not None:
            return "confirmed"
        if self.due_at is None:
            return "given_up"
        return "failing" if self.error else "waiting"


def latest(db: Connection, client_id: str, *, limit: int) -> tuple[Told, ...]:
    """What one vendor was told last, or is to be told, the newest first."""
    row = outbox.c
    about = (row.detail, row.created_at, row.tries, row.due_at, row.confirmed_at, row.error)
    mine = (row.client_id == client_id, row.event == EVENT)
    found = db.execute(select(*about).where(*mine).order_by(row.created_at.desc()).limit(limit))
    return tuple(Told(detail["type"].rpartition("/")[2].rpartition(":")[2], *rest) for detail, *rest in found)
