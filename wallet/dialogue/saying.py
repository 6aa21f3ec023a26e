"""What the person says to a vendor: it stands in their thread and at the vendor's desk, under one digest."""

from secrets import token_urlsafe
from typing import Any, Final

from sqlalchemy import Connection, select

from consent import events, grants, ledger
from consent.canonical import digest
from consent.events import About
from consent.ledger import Entry
from consent.model import Grant
from keys.relationship import relationship_key
from keys.secrets import HostSecrets
from vendor_api.desk import engine as desk
from vendor_api.desk import threads
from vendor_api.desk.errors import UnknownThread
from vendor_api.files import message_digest
from vendor_api.model import Attachment
from vendor_api.vendors import registry
from wallet.dialogue import alongside, engine, steps
from wallet.dialogue.errors import EmptyMessage, EmptySubject, NobodyThere, ThreadClosed, TooMuchSaid
from wallet.dialogue.model import (
    LONGEST_SUBJECT,
    LONGEST_TEXT,
    MESSAGE,
    NOTE,
    PERSON,
    PUBLICATION,
    VENDOR,
    VIOLATED,
    Message,
    NewMessage,
    Thread,
)
from wallet.dialogue.tables import messages
from wallet.people.personas import face

HOUR: Final = 3600
MOST_IN_AN_HOUR: Final = 60  # of one persona to one vendor


def say(
    db: Connection,
    secrets: HostSecrets,
    thread: Thread,
    text: str,
    *,
    language: str | None,
    attachments: tuple[Attachment, ...] = (),
    now: int,
) -> Message:
    """Word for word. Raises EmptyMessage, ThreadClosed, NobodyThere, TooMuchSaid."""
    check_may_go_on(db, thread, now=now)
    text, grant = checked(text), granted(db, thread, now=now)
    sub = known_as(db, secrets, thread, grant)
    kind = MESSAGE if thread.kind == PUBLICATION else thread.kind
    proof, public_id = message_digest(text, attachments), token_urlsafe(16)
    said = NewMessage(PERSON, text, proof, public_id, "inbox", topic=thread.topic, attachments=attachments)
    message = engine.add(db, thread, said, now=now)
    bring_along(db, secrets, thread, sub)
    at_desk = desk.receive(
        db,
        secrets,
        client_id=thread.client_id,
        thread_id=thread.public_id,
        sub=sub,
        text=text,
        message_id=said.public_id,
        digest=said.digest,
        type=kind,
        topic=thread.topic,
        language=language,
        attachments=attachments,
        preference=alongside.preference(db, secrets, thread),
        released=alongside.released(db, secrets, thread, grant, now=now),
        now=now,
    )
    steps.begun(db, secrets, thread, at_desk, now=now)
    heard = {"thread_id": thread.public_id, "type": kind, "topic": thread.topic}
    events.tell(db, About(thread.person_id, thread.client_id, sub), events.SAID, heard, now=now)
    note_said(db, secrets, thread, kind, said.digest, now=now)
    return message


def check_may_go_on(db: Connection, thread: Thread, *, now: int) -> None:
    """Raises ThreadClosed, NobodyThere, TooMuchSaid."""
    if thread.closed_at is not None:
        raise ThreadClosed
    if registry.find(db, thread.client_id) is None:
        raise NobodyThere
    if has_said_enough(db, thread, now=now):
        raise TooMuchSaid


def note_said(db: Connection, secrets: HostSecrets, thread: Thread, kind: str, proof: str, *, now: int) -> None:
    entry = Entry("said", thread.client_id, thread.grant_id, {"vendor": thread.vendor, "kind": kind, "digest": proof})
    ledger.write(db, secrets.ledger, entry, person_id=thread.person_id, now=now)


def has_said_enough(db: Connection, thread: Thread, *, now: int) -> bool:
    """Whether the persona spoke to this vendor as often as it may in an hour, in all threads together."""
    mine = (messages.c.person_id == thread.person_id, messages.c.persona_id == thread.persona_id)
    to = (messages.c.client_id == thread.client_id, messages.c.said_by == PERSON, messages.c.at > now - HOUR)
    last_allowed = select(messages.c.at).where(*mine, *to).offset(MOST_IN_AN_HOUR - 1).limit(1)
    return db.execute(last_allowed).first() is not None


def begin(
    db: Connection,
    secrets: HostSecrets,
    grant: Grant,
    *,
    subject: str,
    kind: str = MESSAGE,
    topic: str | None = None,
    now: int,
) -> Thread:
    """A new thread with a vendor, in which nothing was said yet. Raises EmptySubject."""
    subject = " ".join(subject.split())
    if not subject.isprintable() or not 0 < len(subject) <= LONGEST_SUBJECT:
        raise EmptySubject
    return engine.open_thread(
        db,
        secrets,
        person_id=grant.person_id,
        persona_id=grant.persona_id,
        client_id=grant.party.client_id,
        grant_id=grant.grant_id,
        vendor=grant.party.name,
        host=grant.party.host,
        subject=subject,
        kind=kind,
        topic=topic,
        opened_by=PERSON,
        now=now,
    )


def bring_along(db: Connection, secrets: HostSecrets, thread: Thread, sub: str) -> None:
    """What a vendor published it has in no thread, until somebody answers: then both sides have the same."""
    if thread.kind != PUBLICATION:
        return
    ids: dict[str, Any] = {"client_id": thread.client_id, "thread_id": thread.public_id}
    try:
        threads.find(db, secrets, **ids)
    except UnknownThread:
        item = engine.first_said_by(db, thread, VENDOR)
        said: dict[str, Any] = {
            "text": item.text,
            "message_id": item.public_id,
            "digest": item.digest,
            "topic": item.topic,
        }
        desk.sent(db, secrets, **ids, **said, sub=sub, now=item.at)


def granted(db: Connection, thread: Thread, *, now: int) -> Grant | None:
    """What the vendor may read at present of who speaks; nothing where it does not know who that is."""
    if thread.sub:
        return None
    place = {"person_id": thread.person_id, "persona_id": thread.persona_id}
    found = grants.find_current(db, **place, client_id=thread.client_id)
    return found[0] if found and found[0].is_live(now) else None


def known_as(db: Connection, secrets: HostSecrets, thread: Thread, grant: Grant | None) -> str:
    """What the vendor knows the person by in this thread. Raises ThreadClosed where it is here no more."""
    if thread.sub:
        return thread.sub
    if grant is not None:
        return grant.sub
    vendor = registry.find(db, thread.client_id)
    if vendor is None:
        raise ThreadClosed
    place = {"person_id": thread.person_id, "persona_id": thread.persona_id}
    return relationship_key(face(db, secrets, **place).root, vendor.sector).sub


def note(db: Connection, thread: Thread, text: str, *, channel: str, at: int, reason: str = "") -> Message:
    """What the person noted of a call or a letter; the vendor is not told. Raises EmptyMessage."""
    text = checked(text)
    said = NewMessage(NOTE, text, digest(text.encode()), token_urlsafe(16), channel, reason=reason)
    return engine.add(db, thread, said, now=at)


def note_violation(
    db: Connection, secrets: HostSecrets, grant: Grant, thread: Thread, text: str, *, channel: str, at: int, now: int
) -> Message:
    """The vendor reached the person otherwise than they allow: it is told so, but not a word of what they noted."""
    noted = note(db, thread, text, channel=channel, at=at, reason=VIOLATED)
    detail = {"vendor": thread.vendor, "channel": channel, "at": at}
    entry = Entry("violated", thread.client_id, grant.grant_id, detail)
    line = ledger.write(db, secrets.ledger, entry, person_id=thread.person_id, now=now).last
    said = {**events.of_grant(grant), "channel": channel, "at": at}
    events.tell(db, events.about(grant), events.VIOLATED, said, line=line, now=now)
    return noted


def checked(text: str) -> str:
    """As it was typed: browsers send each end of a line as two characters. Raises EmptyMessage."""
    text = text.replace("\r\n", "\n")
    if not text.strip() or len(text) > LONGEST_TEXT or "\x00" in text:
        raise EmptyMessage
    return text
