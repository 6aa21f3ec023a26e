"""Erase a thread for good, and know afterwards what came in it: a vendor that says it again says nothing new."""

from sqlalchemy import Connection, select

from keys import opaque
from keys.inserts import insert_if_new
from keys.persons import destroy_subject_keys
from wallet.dialogue.engine import subject_of
from wallet.dialogue.model import VENDOR, Thread
from wallet.dialogue.tables import attachments, erased_messages, feedback, messages, threads

_thread = threads.c
_message = messages.c


def erase(db: Connection, thread: Thread) -> None:
    """For good: without its key nothing of it opens, in no backup either. What vendors said comes no second time."""
    place = {"person_id": thread.person_id, "persona_id": thread.persona_id}
    if thread.sub is None:  # of one that hides its person nothing is left
        remember(db, thread)
    for table in (feedback, attachments, messages, threads):
        here = (table.c.person_id == thread.person_id, table.c.thread_id == thread.thread_id)
        db.execute(table.delete().where(*here))
    destroy_subject_keys(db, **place, subject=subject_of(thread.thread_id))


def remember(db: Connection, thread: Thread) -> None:
    """That the vendor said what it said in this thread, and none of it."""
    place = {"person_id": thread.person_id, "persona_id": thread.persona_id, "client_id": thread.client_id}
    here = {"person_id": thread.person_id, "thread_id": thread.thread_id, "said_by": VENDOR}
    found = select(_message.public_id, _message.channel, _message.digest, _message.at).filter_by(**here)
    for public_id, channel, digest, at in db.execute(found):
        said = {"id_digest": opaque.digest(public_id), "channel": channel, "digest": digest, "at": at}
        insert_if_new(db, erased_messages, place | said | {"public_id": thread.public_id})


def came_before(
    db: Connection, *, person_id: str, persona_id: str, client_id: str, public_id: str
) -> tuple[str, str, str, int] | None:
    """Of a message with this id of the vendor's: its thread's public id, its channel, its digest, and when it came."""
    mine = (_message.person_id == person_id, _message.persona_id == persona_id, _message.client_id == client_id)
    its = (_thread.person_id == _message.person_id) & (_thread.thread_id == _message.thread_id)
    found = select(_thread.public_id, _message.channel, _message.digest, _message.at).join(messages, its)
    row = db.execute(found.where(*mine, _message.public_id == public_id, _message.said_by == VENDOR)).one_or_none()
    if row is None:
        gone = erased_messages.c
        place = {"person_id": person_id, "persona_id": persona_id, "client_id": client_id}
        left = select(gone.public_id, gone.channel, gone.digest, gone.at)
        row = db.execute(left.filter_by(**place, id_digest=opaque.digest(public_id))).one_or_none()
    return tuple(row) if row else None
