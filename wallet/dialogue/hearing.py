"""What vendors say reaches the person: a message that is permitted, and what becomes of what the person said."""

from typing import Any

from sqlalchemy import Connection

from consent import ledger, standing
from consent.contact.model import INBOX
from consent.contact.permission import Permission
from consent.ledger import Entry
from consent.model import Grant
from consent.moving import homes
from keys.errors import BadToken
from keys.persons import meet
from keys.secrets import HostSecrets
from vendor_api.desk import directory
from vendor_api.desk.errors import UnknownThread as NoSuchThread
from vendor_api.model import Said, Spoken, Taken
from wallet.dialogue import engine, erased, steps
from wallet.dialogue.errors import UnknownThread
from wallet.dialogue.model import MESSAGE, VENDOR, NewMessage, Thread


def said_before(db: Connection, grant: Grant, message_id: str) -> Taken | None:
    """Whether this vendor's message with this id is here."""
    place = {"person_id": grant.person_id, "persona_id": grant.persona_id, "client_id": grant.party.client_id}
    found = erased.came_before(db, **place, public_id=message_id)
    return Taken(message_id, *found, is_new=False) if found else None


def say(
    db: Connection, secrets: HostSecrets, permission: Permission, said: Spoken, *, kind: str = MESSAGE, now: int
) -> Taken:
    """Keep it in its thread, a new one of this kind, with its line in the ledger.

    Raises UnknownThread of the desk, UnknownContactPerson.
    """
    grant, wish = permission.grant, permission.wish
    thread = thread_of(db, secrets, permission, said, kind=kind, now=now)
    message = NewMessage(
        VENDOR,
        said.text,
        said.digest,
        said.message_id,
        permission.channel,
        topic=wish.topic,
        author=author_of(db, secrets, grant, said),
        reason=said.reason,
        opening_id=wish.opening_id,
        attachments=said.attachments,
    )
    engine.add(db, thread, message, now=now)
    detail = {"vendor": grant.party.name, "topic": wish.topic, "channel": permission.channel, "digest": said.digest}
    entry = Entry("contacted", grant.party.client_id, grant.grant_id, detail)
    ledger.write(db, secrets.ledger, entry, person_id=grant.person_id, now=now)
    return Taken(said.message_id, thread.public_id, permission.channel, said.digest, now)


def thread_of(
    db: Connection, secrets: HostSecrets, permission: Permission, said: Spoken, *, kind: str, now: int
) -> Thread:
    """The one it names, if that is between just these two and open, or a new one."""
    grant = permission.grant
    whose: dict[str, Any] = {"person_id": grant.person_id, "client_id": grant.party.client_id}
    if said.thread_id is None:
        return engine.open_thread(
            db,
            secrets,
            **whose,
            persona_id=grant.persona_id,
            grant_id=grant.grant_id,
            vendor=grant.party.name,
            host=grant.party.host,
            subject=said.subject,
            kind=kind,
            topic=permission.wish.topic,
            opened_by=VENDOR,
            now=now,
        )
    try:
        thread = engine.find_public(db, secrets, said.thread_id, **whose)
    except UnknownThread:
        raise NoSuchThread from None
    if thread.persona_id != grant.persona_id or thread.closed_at is not None or thread.sub is not None:
        raise NoSuchThread  # a vendor that tries its threads one by one learns nothing of who speaks in which
    return thread


def author_of(db: Connection, secrets: HostSecrets, grant: Grant, said: Spoken) -> str:
    """The name of the contact person who writes, if one does. Raises UnknownContactPerson."""
    if said.contact_person_id is None:
        return ""
    ids = {"client_id": grant.party.client_id, "contact_person_id": said.contact_person_id}
    return directory.find(db, secrets, **ids).name


def desk_said(
    db: Connection, secrets: HostSecrets, public_id: str, said: Said, *, now: int
) -> tuple[Thread, str] | None:
    """What becomes of what the person said; an answer comes into its thread.

    Gives back what is new to them: the id of a message, or of the thread where it has come further.

    Raises UnknownThread of the desk where who speaks is blocked. Of a thread that its person erased nothing comes to
    anybody, and nothing is refused: whoever wrote under no name would be the one whose permission ended at that moment.
    """
    try:
        person_id = homes.owner(db, secrets, engine.KIND, public_id)
        thread = engine.find_public(db, secrets, public_id, person_id=person_id, client_id=said.client_id)
    except (BadToken, UnknownThread):
        return None
    has_words = said.text is not None or said.reason is not None
    if has_words and thread.persona_id in standing.blocking(db, person_id=person_id, client_id=thread.client_id):
        if thread.sub:
            return None  # a refusal would tell who speaks: the one whose permission ended at that moment
        raise NoSuchThread  # not even what they asked themselves is answered by who was blocked since
    is_news = steps.heard(db, secrets, thread, said, now=now)
    if said.text is None or said.digest is None or said.message_id is None:
        return (thread, thread.thread_id) if is_news else None
    meet(db, person_id=person_id)  # a message of the same id that comes in at the same time
    author = said.name or ""
    how: dict[str, Any] = {"topic": thread.topic, "author": author, "form_letter": said.is_form_letter}
    answer = NewMessage(VENDOR, said.text, said.digest, engine.own_id(thread, said.message_id), INBOX, **how)
    message = engine.add(db, thread, answer, now=now)
    detail = {"vendor": thread.vendor, "channel": INBOX, "digest": said.digest, "answer": True}
    entry = Entry("contacted", thread.client_id, thread.grant_id, detail)
    ledger.write(db, secrets.ledger, entry, person_id=person_id, now=now)
    return thread, message.message_id
