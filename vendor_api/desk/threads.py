"""Find threads and what was said in them, each vendor its own."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import Connection, Row, case, func, insert, select, tuple_

from keys.secrets import HostSecrets
from vendor_api.desk import along, letters
from vendor_api.desk.errors import UnknownThread
from vendor_api.desk.model import ENDED, FROM_PERSON, WAITING, Message, Outcome, Reason, Thread, Weight
from vendor_api.desk.sealing import open_content, seal_content
from vendor_api.desk.tables import OPEN, desk_messages, desk_threads
from vendor_api.model import Attachment

PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class Filter:
    """Which threads are wanted: all that are open, or of these only. One that has ended is found by its state."""

    state: str | None = None
    type: str | None = None
    topic: str | None = None
    assigned_to: str | None = None


EVERYTHING_OPEN: Final = Filter()


@dataclass(frozen=True, slots=True)
class Page:
    """`after` is where the next page begins, None on the last."""

    threads: tuple[Thread, ...]
    after: str | None


def threads(
    db: Connection,
    secrets: HostSecrets,
    *,
    client_id: str,
    wanted: Filter = EVERYTHING_OPEN,
    after: str | None = None,
    limit: int = PAGE,
) -> Page:
    """The weightiest first, and among equals the oldest. Raises UnknownThread for an `after` that is none."""
    one = desk_threads.c
    conditions: list[Any] = [one.client_id == client_id]
    if wanted.state not in ENDED:
        conditions.append(OPEN)
    for name in ("state", "type", "topic", "assigned_to"):
        value = getattr(wanted, name)
        if value is not None:
            conditions.append(one[name] == value)
    if after is not None:
        last = find(db, secrets, client_id=client_id, thread_id=after)
        conditions.append(tuple_(one.rank, one.thread_id) > (last.rank, last.thread_id))
    query = select(desk_threads).where(*conditions).order_by(one.rank, one.thread_id).limit(limit + 1)
    found = [thread_from(secrets, row) for row in db.execute(query)]
    return Page(tuple(found[:limit]), found[limit - 1].thread_id if len(found) > limit else None)


def waiting(db: Connection, *, client_id: str, now: int) -> tuple[int, int]:
    """How many wait for the vendor's answer, and how many of them are late."""
    one = desk_threads.c
    late = func.count(case((one.due_at <= now, 1)))
    row = db.execute(select(func.count(), late).where(one.client_id == client_id, one.state.in_(WAITING))).one()
    return row[0], row[1]


def find(db: Connection, secrets: HostSecrets, *, client_id: str, thread_id: str) -> Thread:
    """Raises UnknownThread."""
    row = db.execute(select(desk_threads).filter_by(client_id=client_id, thread_id=thread_id)).first()
    if row is None:
        raise UnknownThread
    return thread_from(secrets, row)


def messages(db: Connection, secrets: HostSecrets, *, client_id: str, thread_id: str) -> tuple[Message, ...]:
    """What was said, the oldest first."""
    said = desk_messages.c
    mine = (said.client_id == client_id, said.thread_id == thread_id)
    found = db.execute(select(desk_messages).where(*mine).order_by(said.number)).all()
    counted = letters.people(db, {row.letter_id for row in found if row.letter_id}, client_id=client_id)
    most = letters.most_alike(db, client_id=client_id)
    came = along.names(db, secrets, client_id=client_id, thread_id=thread_id)
    listed = (message_from(secrets, row, counted.get(row.letter_id, 0), most) for row in found)
    return tuple(replace(one, attachments=came.get(one.message_id, ())) for one in listed)


def of_thread(
    db: Connection, secrets: HostSecrets, *, client_id: str, thread_id: str
) -> tuple[Thread, tuple[Message, ...]]:
    """Raises UnknownThread."""
    ids = {"client_id": client_id, "thread_id": thread_id}
    return find(db, secrets, **ids), messages(db, secrets, **ids)


def message_row(db: Connection, *, client_id: str, message_id: str, thread_id: str) -> Row[Any] | None:
    """In this thread, or else in any: what a vendor answers has an id of its own."""
    found = select(desk_messages).filter_by(client_id=client_id, message_id=message_id)
    return db.execute(found.order_by(desk_messages.c.thread_id != thread_id).limit(1)).first()


def add(
    db: Connection,
    secrets: HostSecrets,
    message: Message,
    *,
    client_id: str,
    thread_id: str,
    number: int,
    letter_id: str | None = None,
    due_at: int | None = None,
    attachments: tuple[Attachment, ...] = (),
) -> None:
    """Keep one more message in a thread that this transaction has changed."""
    sealed = seal_content(secrets, message.text, "message", thread_id, message.message_id, client_id=client_id)
    kept = {name: getattr(message, name) for name in ("message_id", "direction", "at", "author", "digest", "read_at")}
    ids = {"client_id": client_id, "thread_id": thread_id, "number": number}
    db.execute(insert(desk_messages).values(**ids, **kept, text_sealed=sealed, letter_id=letter_id, due_at=due_at))
    whose = {"client_id": client_id, "thread_id": thread_id, "message_id": message.message_id}
    along.keep(db, secrets, attachments, **whose)


def thread_from(secrets: HostSecrets, row: Row[Any]) -> Thread:
    stored = dict(row._mapping)
    sealed = {name: stored.pop(f"{name}_sealed") for name in ("explanation", "reasons", "decision")}
    opened: dict[str, Any] = {
        name: open_content(secrets, content, name, row.thread_id, client_id=row.client_id)
        for name, content in sealed.items()
        if content is not None
    }
    outcome, decision = stored.pop("outcome"), opened.get("decision")
    return Thread(
        **stored,
        reasons=tuple(Reason(*one) for one in opened.get("reasons", ())),
        explanation=tuple(Weight(reason, weight, tuple(words)) for reason, weight, words in opened["explanation"]),
        outcome=Outcome(outcome, *decision) if decision else None,
    )


def sealed_parts(secrets: HostSecrets, *, client_id: str, thread_id: str, **parts: Collection[Any]) -> dict[str, bytes]:
    """The sealed columns of a thread, from explanation, reasons or decision as plain data."""
    return {
        f"{name}_sealed": seal_content(secrets, content, name, thread_id, client_id=client_id)
        for name, content in parts.items()
    }


def message_from(secrets: HostSecrets, row: Row[Any], alike: int, most: int) -> Message:
    text = open_content(secrets, row.text_sealed, "message", row.thread_id, row.message_id, client_id=row.client_id)
    return Message(
        message_id=row.message_id,
        direction=row.direction,
        at=row.at,
        author=row.author,
        text=text,
        digest=row.digest,
        read_at=row.read_at,
        alike=alike,
        is_form_letter=row.direction != FROM_PERSON and alike > most,
    )
