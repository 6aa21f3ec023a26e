"""A thread goes its way: received, read, answered, decided, done or declined. Each step is one guarded UPDATE.

No step is left out and none is taken twice, so nothing ends without an answer by a person and a decision; and each is
told to the person in the transaction that takes it. When they write again, it begins anew.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import Connection, Row, func, select, update

from consent.canonical import digest as digest_of
from keys.inserts import insert_if_new
from keys.secrets import HostSecrets
from vendor_api.desk import directory, letters, threads
from vendor_api.desk.errors import OtherMessage, WrongState
from vendor_api.desk.incoming import arrived
from vendor_api.desk.model import FROM_PERSON, MESSAGE, OUTCOMES, TO_PERSON, TYPES, Incoming, Message, Thread
from vendor_api.desk.routing import NO_PREFERENCE, Preference
from vendor_api.desk.tables import desk_messages, desk_threads
from vendor_api.errors import InvalidRequest
from vendor_api.host import Host
from vendor_api.model import Attachment, Said
from vendor_api.texts import is_clean

NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})
LONGEST_TEXT: Final = 10_000
LONGEST_REASON: Final = 2_000
LONGEST_LINK: Final = 500
BEFORE: Final = {
    "read": "received",
    "answered": "read",
    "decided": "answered",
    "done": "decided",
    "declined": "decided",
}
LINK: Final = re.compile(r"https://[!-~]+")


def receive(
    db: Connection,
    secrets: HostSecrets,
    *,
    client_id: str,
    thread_id: str,
    sub: str,
    type: str,  # noqa: A002 - what it is called on both sides
    topic: str | None,
    language: str | None,
    text: str,
    message_id: str,
    digest: str,
    attachments: tuple[Attachment, ...] = (),
    preference: Preference = NO_PREFERENCE,
    released: Mapping[str, Any] = NOTHING,
    now: int,
) -> Thread:
    """Keep what somebody said, word for word; the same message again changes nothing.

    In a thread that is there already it begins the way anew. `released` is what the person lets this vendor read, by
    attribute; nothing else about them counts. Raises OtherMessage, InvalidRequest.
    """
    if type not in TYPES:
        raise InvalidRequest(f"type must be one of: {', '.join(TYPES)}")
    ids: dict[str, Any] = {"client_id": client_id, "thread_id": thread_id}
    if came_before(db, **ids, message_id=message_id, digest=digest):
        return threads.find(db, secrets, **ids)
    about = Incoming(type, topic, language)
    how: dict[str, Any] = {"about": about, "text": text, "preference": preference, "released": released, "now": now}
    anew = arrived(db, secrets, **ids, **how)
    begun = {"sub": sub, "type": type, "topic": topic, "language": language, "opened_at": now}
    if not insert_if_new(db, desk_threads, {**ids, **begun, **anew}):
        again = update(desk_threads).where(desk_threads.c.client_id == client_id, desk_threads.c.thread_id == thread_id)
        db.execute(again.values(**anew))
    message = Message(message_id, FROM_PERSON, now, None, text, digest, None)
    more: dict[str, Any] = {"due_at": anew["due_at"], "attachments": attachments}
    threads.add(db, secrets, message, **ids, number=next_number(db, **ids), **more)
    return threads.find(db, secrets, **ids)


def sent(
    db: Connection,
    secrets: HostSecrets,
    *,
    client_id: str,
    thread_id: str,
    sub: str,
    topic: str | None,
    text: str,
    message_id: str,
    digest: str,
    author: str | None = None,
    attachments: tuple[Attachment, ...] = (),
    now: int,
) -> None:
    """Keep what the vendor said by itself, under the digest that the person has; the state of the thread stays.

    One that it begins is done: it waits for nobody until the person writes.
    """
    ids: dict[str, Any] = {"client_id": client_id, "thread_id": thread_id}
    begun: dict[str, Any] = {
        "sub": sub,
        "type": MESSAGE,
        "topic": topic,
        "language": None,
        "opened_at": now,
        "due_at": None,
    }
    begun |= {"state": "done", "state_at": now, "priority": 0, "rank": now, "escalated_at": None, "assigned_to": author}
    begun |= threads.sealed_parts(secrets, **ids, explanation=())
    if not insert_if_new(db, desk_threads, {**ids, **begun}):
        hold(db, **ids)
    message = Message(message_id, TO_PERSON, now, author, text, digest, None)
    threads.add(db, secrets, message, **ids, number=next_number(db, **ids), attachments=attachments)


def hold(db: Connection, *, client_id: str, thread_id: str) -> None:
    """Nobody else adds to this thread until this transaction is over."""
    thread = desk_threads.c
    here = (thread.client_id == client_id, thread.thread_id == thread_id)
    db.execute(update(desk_threads).where(*here).values(opened_at=thread.opened_at))


def read(db: Connection, host: Host, *, client_id: str, thread_id: str, now: int) -> Thread:
    """Somebody at the vendor has it before their eyes; again changes nothing. Raises UnknownThread."""
    ids = {"client_id": client_id, "thread_id": thread_id}
    if not moved(db, "read", **ids, now=now):
        return threads.find(db, host.secrets, **ids)
    said = desk_messages.c
    unread = (said.client_id == client_id, said.thread_id == thread_id, said.direction == FROM_PERSON)
    db.execute(update(desk_messages).where(*unread, said.read_at.is_(None)).values(read_at=now))
    host.desk_said(db, thread_id, Said(client_id, "read"), now=now)
    return threads.find(db, host.secrets, **ids)


def answer(
    db: Connection, host: Host, *, client_id: str, thread_id: str, author: str, text: str, message_id: str, now: int
) -> Thread:
    """What a contact person of the vendor's has to say to this person; the same again changes nothing.

    Raises UnknownThread, UnknownContactPerson, WrongState, OtherMessage, InvalidRequest.
    """
    ids: dict[str, Any] = {"client_id": client_id, "thread_id": thread_id}
    said = digest_of(text.encode())
    if came_before(db, **ids, message_id=message_id, digest=said):
        return threads.find(db, host.secrets, **ids)
    check_text("text", text, LONGEST_TEXT)
    who = directory.find(db, host.secrets, client_id=client_id, contact_person_id=author)
    step(db, host, "answered", **ids, now=now, assigned_to=author, due_at=None)
    thread = threads.find(db, host.secrets, **ids)
    letter_id = letters.note(db, host.secrets, text, client_id=client_id, sub=thread.sub, names=(who.name,))
    message = Message(message_id, TO_PERSON, now, author, text, said, None)
    threads.add(db, host.secrets, message, **ids, number=next_number(db, **ids), letter_id=letter_id)
    told = Said(
        client_id,
        "answered",
        message_id=message_id,
        text=text,
        digest=said,
        is_form_letter=letters.is_one(db, letter_id, client_id=client_id),
        author=author,
        name=who.name,
    )
    host.desk_said(db, thread_id, told, now=now)
    return thread


def decide(
    db: Connection,
    host: Host,
    *,
    client_id: str,
    thread_id: str,
    outcome: str,
    reason: str,
    link: str | None = None,
    now: int,
) -> Thread:
    """What is done with it: OUTCOMES, and why. Raises UnknownThread, WrongState, InvalidRequest."""
    if outcome not in OUTCOMES:
        raise InvalidRequest(f"outcome must be one of: {', '.join(OUTCOMES)}")
    check_text("reason", reason, LONGEST_REASON)
    if link is not None and (len(link) > LONGEST_LINK or not LINK.fullmatch(link)):
        raise InvalidRequest(f"link must be an https address of at most {LONGEST_LINK} characters")
    ids = {"client_id": client_id, "thread_id": thread_id}
    sealed: dict[str, Any] = threads.sealed_parts(host.secrets, **ids, decision=[reason, link])
    step(db, host, "decided", **ids, now=now, outcome=outcome, **sealed)
    told = Said(client_id, "decided", outcome=outcome, reason=reason, link=link)
    host.desk_said(db, thread_id, told, now=now)
    return threads.find(db, host.secrets, **ids)


def finish(db: Connection, host: Host, *, client_id: str, thread_id: str, now: int) -> Thread:
    """It was done as decided. Raises UnknownThread, WrongState; also for what was decided not to be used."""
    return end(db, host, "done", client_id=client_id, thread_id=thread_id, now=now)


def decline(db: Connection, host: Host, *, client_id: str, thread_id: str, now: int) -> Thread:
    """Nothing is done with it, as decided. Raises UnknownThread, WrongState; also where some of it was to be used."""
    return end(db, host, "declined", client_id=client_id, thread_id=thread_id, now=now)


def end(db: Connection, host: Host, state: str, *, client_id: str, thread_id: str, now: int) -> Thread:
    ids = {"client_id": client_id, "thread_id": thread_id}
    decided = threads.find(db, host.secrets, **ids)
    if decided.outcome and (decided.outcome.outcome == "not") != (state == "declined"):
        raise WrongState("what was decided to be used ends as done, and what was not as declined")
    step(db, host, state, **ids, now=now)
    host.desk_said(db, thread_id, Said(client_id, state), now=now)
    return threads.find(db, host.secrets, **ids)


def step(db: Connection, host: Host, state: str, *, client_id: str, thread_id: str, now: int, **values: object) -> None:
    """Take one step. Raises UnknownThread, WrongState."""
    if not moved(db, state, client_id=client_id, thread_id=thread_id, now=now, **values):
        found = threads.find(db, host.secrets, client_id=client_id, thread_id=thread_id)
        raise WrongState(f"this thread is {found.state}; only one that is {BEFORE[state]} can become {state}")


def moved(db: Connection, state: str, *, client_id: str, thread_id: str, now: int, **values: object) -> bool:
    """The guarded write: whether it was in the state before."""
    thread = desk_threads.c
    here = (thread.client_id == client_id, thread.thread_id == thread_id, thread.state == BEFORE[state])
    return db.execute(update(desk_threads).where(*here).values(state=state, state_at=now, **values)).rowcount == 1


def came_before(db: Connection, *, client_id: str, thread_id: str, message_id: str, digest: str) -> bool:
    """Whether this very message is here. Raises OtherMessage where another one has its id."""
    row: Row[Any] | None = threads.message_row(db, client_id=client_id, message_id=message_id, thread_id=thread_id)
    if row is not None and (row.thread_id, row.digest) != (thread_id, digest):
        raise OtherMessage
    return row is not None


def next_number(db: Connection, *, client_id: str, thread_id: str) -> int:
    """In a thread that this transaction has changed, so that no other takes the same."""
    mine = (desk_messages.c.client_id == client_id, desk_messages.c.thread_id == thread_id)
    return (db.execute(select(func.max(desk_messages.c.number)).where(*mine)).scalar() or 0) + 1


def check_text(name: str, text: str, longest: int) -> None:
    """Raises InvalidRequest."""
    if not text.strip() or len(text) > longest or not is_clean(text):
        raise InvalidRequest(f"{name} must be plain text of 1 to {longest} characters")
