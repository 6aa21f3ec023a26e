"""Keep threads and what is said in them; each thread under a key of its own, so that it can be erased alone."""

from collections.abc import Sequence
from typing import Any, Final

import orjson
from sqlalchemy import ColumnElement, Connection, Row, Select, case, func, insert, literal, select, text, tuple_, update
from ulid import ULID

from keys import opaque
from keys.persons import key_of_row, open_subject_key, with_keys
from keys.sealing import seal, unseal
from keys.secrets import HostSecrets
from vendor_api.desk.record import of_messages
from vendor_api.model import Attachment
from wallet.dialogue.errors import UnknownMessage, UnknownThread
from wallet.dialogue.model import EVERYTHING, NOTE, VENDOR, Message, NewMessage, Thread, Wanted
from wallet.dialogue.tables import attachments, messages, threads

KIND: Final = "thread"  # of a public id
SUBJECT: Final = "threads/"

MOST_COUNTED: Final = 100
UNREAD: Final = text("threads.unread > 0")  # as its partial index says it, so that the database sees that it serves

_thread = threads.c
_message = messages.c


def open_thread(
    db: Connection,
    secrets: HostSecrets,
    *,
    person_id: str,
    persona_id: str,
    client_id: str,
    grant_id: str | None,
    vendor: str,
    subject: str,
    kind: str,
    topic: str | None,
    opened_by: str,
    host: str = "",
    sub: str | None = None,
    now: int,
) -> Thread:
    """A thread in which nothing was said yet. `vendor` is its name, `kind` what it begins as; `sub` see Thread."""
    thread_id = str(ULID())
    place = {"person_id": person_id, "persona_id": persona_id}
    key = open_subject_key(db, secrets, **place, subject=subject_of(thread_id))
    public_id = opaque.mint(secrets.tokens, KIND, person_id)
    row: dict[str, Any] = {**place, "thread_id": thread_id, "client_id": client_id, "grant_id": grant_id}
    row |= {"public_id": public_id, "kind": kind, "topic": topic, "opened_by": opened_by, "opened_at": now}
    row |= {"last_at": now, "unread": 0, "unanswered": 0, "closed_at": None}
    about: dict[str, Any] = {"vendor": vendor, "subject": subject, "host": host} | ({"sub": sub} if sub else {})
    sealed = seal(key, orjson.dumps(about), *about_aad(person_id, thread_id))
    db.execute(insert(threads).values(row | {"about_sealed": sealed}))
    return Thread(**row, **about, key=key)


def add(db: Connection, thread: Thread, said: NewMessage, *, now: int) -> Message:
    """Keep one more message, and note in the thread that there is one."""
    message_id = str(ULID())
    place = {"person_id": thread.person_id, "thread_id": thread.thread_id, "message_id": message_id}
    names = tuple((one.name, one.media_type, len(one.content)) for one in said.attachments)
    content: dict[str, Any] = {
        "text": said.text,
        "author": said.author,
        "reason": said.reason,
        "opening_id": said.opening_id,
    }
    content |= {"form_letter": said.form_letter, "attachments": names}
    row: dict[str, Any] = {"said_by": said.said_by, "channel": said.channel, "topic": said.topic}
    row |= {"public_id": said.public_id, "digest": said.digest, "at": now}
    row |= {"read_at": None if said.said_by == VENDOR else now, "rating": None}
    whose = {"persona_id": thread.persona_id, "client_id": thread.client_id}
    sealed = seal(thread.key, orjson.dumps(content), *message_aad(thread.person_id, thread.thread_id, message_id))
    db.execute(insert(messages).values({**place, **whose, **row, "content_sealed": sealed}))
    keep_attachments(db, thread, message_id, said.attachments)
    db.execute(update(threads).where(*is_thread(thread)).values(**counted(said.said_by), last_at=latest_of(now)))
    return Message(message_id, thread.thread_id, **row, **content)


def counted(said_by: str) -> dict[str, Any]:
    """What a message changes of its thread; a note of the person's changes nothing."""
    if said_by == VENDOR:
        return {"unread": _thread.unread + 1, "unanswered": _thread.unanswered + 1}
    return {} if said_by == NOTE else {"unanswered": 0}


def latest_of(now: int) -> Any:
    """What the person notes of long ago is not what was said last."""
    return case((_thread.last_at > now, _thread.last_at), else_=now)


def keep_attachments(db: Connection, thread: Thread, message_id: str, came: Sequence[Attachment]) -> None:
    place = {"person_id": thread.person_id, "thread_id": thread.thread_id, "message_id": message_id}
    for number, one in enumerate(came):
        sealed = seal(thread.key, one.content, *attachment_aad(thread.person_id, message_id, number))
        row = {**place, "number": number, "persona_id": thread.persona_id, "content_sealed": sealed}
        db.execute(insert(attachments).values(row))


def find(db: Connection, secrets: HostSecrets, thread_id: str, *, person_id: str, persona_id: str) -> Thread:
    """Raises UnknownThread, also for another persona's."""
    mine = keyed(person_id).where(_thread.persona_id == persona_id, _thread.thread_id == thread_id)
    return thread_of(secrets, db.execute(mine).one_or_none())


def find_public(db: Connection, secrets: HostSecrets, public_id: str, *, person_id: str, client_id: str) -> Thread:
    """As this vendor knows it. Raises UnknownThread, also for another vendor's."""
    mine = keyed(person_id).where(_thread.public_id == public_id, _thread.client_id == client_id)
    return thread_of(secrets, db.execute(mine).one_or_none())


def latest(
    db: Connection,
    secrets: HostSecrets,
    *,
    person_id: str,
    persona_id: str,
    wanted: Wanted = EVERYTHING,
    before: tuple[int, str] | None = None,
    limit: int,
) -> tuple[Thread, ...]:
    """The threads in which something was said last; those `before` the last one of a page, by its last_at and id."""
    found = keyed(person_id).where(_thread.persona_id == persona_id)
    if wanted.client_id is not None:
        found = found.where(_thread.client_id == wanted.client_id)
    if wanted.kind is not None:
        found = found.where(_thread.kind == wanted.kind)
    if wanted.unread:
        found = found.where(UNREAD)
    if before is not None:
        found = found.where(tuple_(_thread.last_at, _thread.thread_id) < before)
    newest = found.order_by(_thread.last_at.desc(), _thread.thread_id.desc()).limit(limit)
    return tuple(thread_of(secrets, row) for row in db.execute(newest))


def how_many_unread(db: Connection, *, person_id: str, persona_id: str) -> int:
    """Threads with something the person has not opened; no more than MOST_COUNTED are counted."""
    mine = (_thread.person_id == person_id, _thread.persona_id == persona_id, UNREAD)
    some = select(_thread.last_at).where(*mine).limit(MOST_COUNTED).subquery()
    return db.execute(select(func.count()).select_from(some)).scalar_one()


def said_in(
    db: Connection, thread: Thread, *, before: tuple[int, str] | None = None, limit: int
) -> tuple[Message, ...]:
    """What was said, the latest first; what was `before` the last one of a page, by when it was said and its id."""
    here = (_message.person_id == thread.person_id, _message.thread_id == thread.thread_id)
    found = select(messages).where(*here)
    if before is not None:
        found = found.where(tuple_(_message.at, _message.message_id) < before)
    newest = found.order_by(_message.at.desc(), _message.message_id.desc()).limit(limit)
    return tuple(message_of(thread, row) for row in db.execute(newest))


def first_said_by(db: Connection, thread: Thread, who: str) -> Message:
    """Raises UnknownMessage where they said nothing."""
    here = (_message.person_id == thread.person_id, _message.thread_id == thread.thread_id, _message.said_by == who)
    row = db.execute(select(messages).where(*here).order_by(_message.at, _message.message_id).limit(1)).one_or_none()
    if row is None:
        raise UnknownMessage
    return message_of(thread, row)


def record(db: Connection, thread: Thread) -> str:
    """One digest over all that both sides said, as the vendor has it of its side (vendor_api/desk/record.py)."""
    here = (_message.person_id == thread.person_id, _message.thread_id == thread.thread_id)
    found = select(_message.at, _message.public_id, _message.digest).where(*here, _message.said_by != NOTE)
    return of_messages((row[0], id_at_vendor(thread, row[1]), row[2]) for row in db.execute(found))


def own_id(thread: Thread, message_id: str) -> str:
    """By which what a vendor says is kept. Where it does not know who speaks, it meets no id it gives elsewhere.

    Ids of vendors are shorter than those of threads, so none looks like that.
    """
    return f"{thread.public_id}:{message_id}" if thread.sub else message_id


def id_at_vendor(thread: Thread, public_id: str) -> str:
    return public_id.removeprefix(f"{thread.public_id}:")


def find_message(db: Connection, thread: Thread, message_id: str) -> Message:
    """Raises UnknownMessage."""
    row = db.execute(select(messages).where(*is_message(thread, message_id))).one_or_none()
    if row is None:
        raise UnknownMessage
    return message_of(thread, row)


def attachment(db: Connection, thread: Thread, message: Message, number: int) -> Attachment:
    """Raises UnknownMessage."""
    there = attachments.c
    place = (there.person_id == thread.person_id, there.thread_id == thread.thread_id)
    here = (*place, there.message_id == message.message_id, there.number == number)
    sealed = db.execute(select(there.content_sealed).where(*here)).scalar_one_or_none()
    if sealed is None:
        raise UnknownMessage
    name, media_type, _size = message.attachments[number]
    content = unseal(thread.key, sealed, *attachment_aad(thread.person_id, message.message_id, number))
    return Attachment(name, media_type, content)


def mark_read(db: Connection, thread: Thread, *, now: int) -> None:
    """The person has all of it before their eyes."""
    here = (_message.person_id == thread.person_id, _message.thread_id == thread.thread_id)
    db.execute(update(messages).where(*here, _message.read_at.is_(None)).values(read_at=now))
    db.execute(update(threads).where(*is_thread(thread)).values(unread=0))


def mark_unread(db: Connection, thread: Thread) -> None:
    """Something else than a message is new in it."""
    db.execute(update(threads).where(*is_thread(thread)).values(unread=_thread.unread + 1))


def rate(db: Connection, thread: Thread, message_id: str, rating: str | None) -> bool:
    """What the person thinks of a vendor's message; None takes it back. Whether that is new."""
    this = (*is_message(thread, message_id), _message.said_by == VENDOR, _message.rating.is_distinct_from(rating))
    return db.execute(update(messages).where(*this).values(rating=rating)).rowcount == 1


def close(db: Connection, thread: Thread, *, now: int) -> None:
    """Nothing more is said in it."""
    db.execute(update(threads).where(*is_thread(thread), _thread.closed_at.is_(None)).values(closed_at=now))


def subject_of(thread_id: str) -> str:
    """Under which the key of a thread is kept."""
    return SUBJECT + thread_id


def about_aad(person_id: str, thread_id: str) -> tuple[str, ...]:
    return "threads", person_id, thread_id


def message_aad(person_id: str, thread_id: str, message_id: str) -> tuple[str, ...]:
    return "messages", person_id, thread_id, message_id


def attachment_aad(person_id: str, message_id: str, number: int) -> tuple[str, ...]:
    return "attachments", person_id, message_id, str(number)


def keyed(person_id: str) -> Select[Any]:
    """This person's threads, each with what opens it."""
    subject = literal(SUBJECT).concat(_thread.thread_id)
    return with_keys(threads, threads, persona_id=_thread.persona_id, subject=subject).where(
        _thread.person_id == person_id
    )


def is_thread(thread: Thread) -> tuple[ColumnElement[bool], ...]:
    return _thread.person_id == thread.person_id, _thread.thread_id == thread.thread_id


def is_message(thread: Thread, message_id: str) -> tuple[ColumnElement[bool], ...]:
    here = (_message.person_id == thread.person_id, _message.thread_id == thread.thread_id)
    return *here, _message.message_id == message_id


def thread_of(secrets: HostSecrets, row: Row[Any] | None) -> Thread:
    if row is None:
        raise UnknownThread
    place = {"person_id": row.person_id, "persona_id": row.persona_id, "subject": subject_of(row.thread_id)}
    key = key_of_row(secrets, row, **place)
    about = orjson.loads(unseal(key, row.about_sealed, *about_aad(row.person_id, row.thread_id)))
    plain = {column.name: row._mapping[column] for column in threads.c if column.name != "about_sealed"}
    return Thread(**plain, **about, key=key)


def message_of(thread: Thread, row: Row[Any]) -> Message:
    aad = message_aad(thread.person_id, thread.thread_id, row.message_id)
    content = orjson.loads(unseal(thread.key, row.content_sealed, *aad))
    content["attachments"] = tuple(map(tuple, content["attachments"]))
    plain = ("message_id", "thread_id", "said_by", "channel", "topic", "public_id", "digest", "at", "read_at", "rating")
    return Message(**{name: row._mapping[name] for name in plain}, **content)
