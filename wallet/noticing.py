"""Have what watches a data set, a value or a pause looked at again: one statement, in the transaction of the change.

Known to the rooms in which something changes, and to wallet/triggers/, which looks in a transaction of its own.
"""

from hashlib import sha256
from typing import Final

from sqlalchemy import BigInteger, Connection, String, column, table, update

AT_ONCE: Final = 0  # before every clock
ZONE: Final = "zoneinfo"
_watching = table(
    "triggers",
    *(column(name, String) for name in ("person_id", "source", "state")),
    column("due_at", BigInteger),
)
_waiting = table("firings", column("person_id", String), column("state", String), column("due_at", BigInteger))


def data_set(data_set_id: str) -> str:
    """What stands for a data set in the table of those who watch."""
    return f"records/{data_set_id}"


def value(attribute: str) -> str:
    """The same for an attribute, whose name need not stand there."""
    return f"values/{sha256(attribute.encode()).hexdigest()[:22]}"


def rows_changed(db: Connection, *, person_id: str, data_set_id: str) -> None:
    _wake(db, person_id, data_set(data_set_id))


def value_changed(db: Connection, *, person_id: str, attribute: str) -> None:
    """Whoever moves to another time zone has every day begin at another moment."""
    _wake(db, person_id, None if attribute == ZONE else value(attribute))


def may_speak_again(db: Connection, *, person_id: str) -> None:
    """The person perhaps ended a pause: what waits for that is looked at now."""
    mine = (_waiting.c.person_id == person_id, _waiting.c.state == "waiting")
    db.execute(update(_waiting).where(*mine).values(due_at=AT_ONCE))


def _wake(db: Connection, person_id: str, source: str | None) -> None:
    mine = [_watching.c.person_id == person_id, _watching.c.state == "active"]
    if source is not None:
        mine.append(_watching.c.source == source)
    db.execute(update(_watching).where(*mine).values(due_at=AT_ONCE))
