"""Go through what was said: all of it, to take it along, or the newest, to look for words in it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, Row, select

from keys.persons import unwrap_data_key, unwrap_subject_key
from keys.sealing import cipher, unseal
from keys.secrets import HostSecrets
from wallet.dialogue import engine
from wallet.dialogue.model import Message, Thread, Wanted
from wallet.dialogue.tables import messages, threads

AT_ONCE: Final = 100

_message = messages.c


@dataclass(frozen=True, slots=True)
class Opened:
    """A message as it lies there, opened and not yet read: `content` is JSON, and so is what its thread is about."""

    thread_id: str
    message_id: str
    at: int
    content: bytes = field(repr=False)
    about: bytes = field(repr=False)


def every_thread(
    db: Connection, secrets: HostSecrets, *, person_id: str, persona_id: str, client_id: str | None = None
) -> Iterator[Thread]:
    """The newest first, so many at a time."""
    before = None
    place = {"person_id": person_id, "persona_id": persona_id}
    wanted = Wanted(client_id)
    while found := engine.latest(db, secrets, **place, wanted=wanted, before=before, limit=AT_ONCE):
        yield from found
        before = found[-1].last_at, found[-1].thread_id


def all_said(db: Connection, thread: Thread) -> Iterator[Message]:
    """Everything in it, the oldest first."""
    here = (_message.person_id == thread.person_id, _message.thread_id == thread.thread_id)
    found = select(messages).where(*here).order_by(_message.at, _message.message_id)
    return (engine.message_of(thread, row) for row in db.execute(found))


def newest(
    db: Connection, secrets: HostSecrets, *, person_id: str, persona_id: str, client_id: str | None, limit: int
) -> Iterator[Opened]:
    """The latest messages of a persona, or of what it and one vendor said."""
    mine = [_message.person_id == person_id, _message.persona_id == persona_id]
    if client_id is not None:
        mine.append(_message.client_id == client_id)
    columns = (_message.thread_id, _message.message_id, _message.at, _message.content_sealed)
    found = select(*columns).where(*mine).order_by(_message.at.desc(), _message.message_id.desc()).limit(limit)
    ready = Ready(db, secrets, person_id, persona_id, client_id)
    for thread_id, message_id, at, sealed in db.execute(found):
        key, about = ready.of(thread_id)
        content = unseal(key, sealed, *engine.message_aad(person_id, thread_id, message_id))
        yield Opened(thread_id, message_id, at, content, about)


class Ready:
    """The keys of a persona's threads, fetched once and each made ready when it is needed."""

    def __init__(
        self, db: Connection, secrets: HostSecrets, person_id: str, persona_id: str, client_id: str | None
    ) -> None:
        self.person_id, self.persona_id = person_id, persona_id
        found = engine.keyed(person_id).where(threads.c.persona_id == persona_id)
        if client_id is not None:
            found = found.where(threads.c.client_id == client_id)
        self._rows: dict[str, Row[Any]] = {row.thread_id: row for row in db.execute(found)}
        self._ready: dict[str, tuple[AESGCM, bytes]] = {}
        sealed = next((row.data_key_sealed for row in self._rows.values()), None)
        self._data_key = unwrap_data_key(secrets, sealed, person_id=person_id) if sealed else b""

    def of(self, thread_id: str) -> tuple[AESGCM, bytes]:
        """What opens a thread, and what it is about."""
        if thread_id not in self._ready:
            row = self._rows[thread_id]
            place = {"person_id": self.person_id, "persona_id": self.persona_id}
            named = engine.subject_of(thread_id)
            key = cipher(unwrap_subject_key(self._data_key, row.key_sealed, **place, subject=named))
            about = unseal(key, row.about_sealed, *engine.about_aad(self.person_id, thread_id))
            self._ready[thread_id] = key, about
        return self._ready[thread_id]


def said_of(opened: Opened) -> tuple[dict[str, Any], dict[str, Any]]:
    """The message and what its thread is about, as they were kept."""
    return orjson.loads(opened.content), orjson.loads(opened.about)
