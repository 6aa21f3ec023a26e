"""What vendors have to be told: kept until they confirm it, tried again and again, and shown to the person."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from secrets import token_urlsafe
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, insert, select, update

from vendor_api.host import Host
from vendor_api.tables import outbox

FIRST_WAIT: Final = 10
LONGEST_WAIT: Final = 6 * 3600
MOST_TRIES: Final = 12
AT_ONCE: Final = 50
REMEMBERED: Final = 7 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Message:
    """One thing one vendor has to know. `due_at` is None once nothing more will be sent."""

    person_id: str
    message_id: str
    client_id: str
    event: str
    detail: Mapping[str, Any]
    created_at: int
    tries: int
    due_at: int | None
    confirmed_at: int | None


def put(db: Connection, *, person_id: str, client_id: str, event: str, detail: Mapping[str, Any], now: int) -> None:
    """Keep a message in the transaction of what it tells; it is sent later, outside of any request."""
    message = Message(person_id, token_urlsafe(16), client_id, event, detail, now, 0, now, None)
    db.execute(insert(outbox).values({column.name: getattr(message, column.name) for column in outbox.c}))


def due(db: Connection, *, event: str, now: int) -> tuple[Message, ...]:
    """What of this kind is to be sent now, the longest waiting first."""
    found = (
        select(outbox).where(outbox.c.due_at <= now, outbox.c.event == event).order_by(outbox.c.due_at).limit(AT_ONCE)
    )
    return tuple(map(message_from, db.execute(found)))


def work_off(host: Host, event: str, tell: Callable[[Message], bool]) -> int:
    """Try whatever is due; returns how many vendors confirmed. No transaction is open while a vendor is asked."""
    told = 0
    for message in host.read(due, event=event, now=host.now()):
        if host.write(claim, message, now=host.now()):
            told += tell(message)
    return told


def claim(db: Connection, message: Message, *, now: int) -> bool:
    """Whether this sender may try it now. It counts as tried, so that a sender that dies does not hold it back."""
    tries = message.tries + 1
    mine = (*_this(message), outbox.c.due_at == message.due_at)
    again = now + wait(tries) if tries < MOST_TRIES else None
    return db.execute(update(outbox).where(*mine).values(tries=tries, due_at=again)).rowcount == 1


def wait(tries: int) -> int:
    """Seconds until the next try: 10, then four times as long each time, at last 6 hours."""
    return min(int(FIRST_WAIT * 4 ** (tries - 1)), LONGEST_WAIT)


def confirm(db: Connection, message: Message, *, now: int) -> None:
    db.execute(update(outbox).where(*_this(message)).values(due_at=None, confirmed_at=now))


def drop(db: Connection, message: Message) -> None:
    """The vendor no longer wants to be told, or is gone."""
    db.execute(delete(outbox).where(*_this(message)))


def of_person(db: Connection, *, person_id: str) -> tuple[Message, ...]:
    """The latest first."""
    found = select(outbox).where(outbox.c.person_id == person_id)
    return tuple(map(message_from, db.execute(found.order_by(outbox.c.created_at.desc(), outbox.c.message_id))))


def sweep(db: Connection, *, now: int) -> int:
    """Forget what is a week old, told or not; returns how many."""
    return db.execute(delete(outbox).where(outbox.c.created_at <= now - REMEMBERED)).rowcount


def _this(message: Message) -> tuple[Any, ...]:
    return outbox.c.person_id == message.person_id, outbox.c.message_id == message.message_id


def message_from(row: Row[Any]) -> Message:
    return Message(**row._mapping)
