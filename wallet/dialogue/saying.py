"""What the person says to a vendor: it stands in their thread and at the vendor's desk, under one digest."""

from secrets import token_urlsafe
from typing import Any

from sqlalchemy import Connection

from consent import events, grants, ledger
from consent.canonical import digest
from consent.events import About
from consent.ledger import Entry
from keys.secrets import HostSecrets
from vendor_api.desk import engine as desk
from vendor_api.desk import threads
from vendor_api.desk.errors import UnknownThread
from wallet.dialogue import engine, steps
from wallet.dialogue.errors import EmptyMessage, ThreadClosed
from wallet.dialogue.model import LONGEST_TEXT, MESSAGE, NOTE, PERSON, PUBLICATION, VENDOR, Message, NewMessage, Thread


def say(
    db: Connection, secrets: HostSecrets, thread: Thread, text: str, *, sub: str, language: str | None, now: int
) -> Message:
    """Word for word. `sub` is what the vendor knows them by, where the thread has no number of its own.

    Raises EmptyMessage, ThreadClosed.
    """
    if thread.closed_at is not None:
        raise ThreadClosed
    text, sub = checked(text), thread.sub or sub
    kind = MESSAGE if thread.kind == PUBLICATION else thread.kind
    said = NewMessage(PERSON, text, digest(text.encode()), token_urlsafe(16), "inbox", topic=thread.topic)
    message = engine.add(db, thread, said, now=now)
    if thread.kind == PUBLICATION:
        bring_along(db, secrets, thread, sub)
    at_desk = desk.receive(
        db,
        secrets,
        client_id=thread.client_id,
        thread_id=thread.public_id,
        sub=sub,
        type=kind,
        topic=thread.topic,
        language=language,
        text=text,
        message_id=said.public_id,
        digest=said.digest,
        now=now,
    )
    steps.begun(db, secrets, thread, at_desk, now=now)
    heard = {"thread_id": thread.public_id, "type": kind, "topic": thread.topic}
    events.tell(db, About(thread.person_id, thread.client_id, sub), events.SAID, heard, now=now)
    detail = {"vendor": thread.vendor, "kind": kind, "digest": said.digest}
    entry = Entry("said", thread.client_id, thread.grant_id, detail)
    ledger.write(db, secrets.ledger, entry, person_id=thread.person_id, now=now)
    return message


def bring_along(db: Connection, secrets: HostSecrets, thread: Thread, sub: str) -> None:
    """What a vendor published it has in no thread, until somebody answers: then both sides have the same."""
    ids = {"client_id": thread.client_id, "thread_id": thread.public_id}
    try:
        threads.find(db, secrets, **ids)
    except UnknownThread:
        item = [one for one in engine.said_in(db, thread, limit=1_000) if one.said_by == VENDOR][-1]
        said: dict[str, Any] = {
            "text": item.text,
            "message_id": item.public_id,
            "digest": item.digest,
            "topic": item.topic,
        }
        desk.sent(db, secrets, **ids, **said, sub=sub, now=item.at)


def sub_of(db: Connection, thread: Thread) -> str:
    """What the vendor knows the person by in this thread."""
    if thread.sub or thread.grant_id is None:
        return thread.sub
    return grants.find(db, thread.grant_id, person_id=thread.person_id).sub


def note(db: Connection, thread: Thread, text: str, *, channel: str, at: int) -> Message:
    """What the person noted of a call or a letter; the vendor is not told. Raises EmptyMessage."""
    text = checked(text)
    return engine.add(db, thread, NewMessage(NOTE, text, digest(text.encode()), token_urlsafe(16), channel), now=at)


def checked(text: str) -> str:
    """As it was typed: browsers send each end of a line as two characters. Raises EmptyMessage."""
    text = text.replace("\r\n", "\n")
    if not text.strip() or len(text) > LONGEST_TEXT or "\x00" in text:
        raise EmptyMessage
    return text
