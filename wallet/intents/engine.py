"""Intents as they are kept: drafted, found, changed and deleted by the person; each under a key of its own."""

from collections.abc import Mapping
from typing import Any, Final

import orjson
from sqlalchemy import ColumnElement, Connection, Row, Select, delete, func, insert, literal, select, update
from ulid import ULID

from keys.persons import destroy_subject_keys, hold_subject_key, key_of_row, open_subject_key, with_keys
from keys.sealing import seal, unseal
from keys.secrets import HostSecrets
from wallet.intents.errors import IntentChanged, UnknownIntent
from wallet.intents.model import Draft, Intent, draft_as_json, draft_from
from wallet.intents.tables import intent_offers, intents
from wallet.people.errors import UnknownPersona

LISTED: Final = 50
COLUMNS: Final = (
    *("person_id", "intent_id", "persona_id", "state", "version", "changes"),
    *("made_at", "publish_at", "deadline", "ended_at"),
)

_row = intents.c


def subject_of(intent_id: str) -> str:
    return f"intents/{intent_id}"


def make(
    db: Connection,
    secrets: HostSecrets,
    draft: Draft,
    told: Mapping[str, Any],
    *,
    person_id: str,
    persona_id: str,
    now: int,
) -> Intent:
    """A draft: nobody is told before it is sent."""
    place, intent_id = {"person_id": person_id, "persona_id": persona_id}, str(ULID())
    key = open_subject_key(db, secrets, **place, subject=subject_of(intent_id))
    if not hold_subject_key(db, **place, subject=subject_of(intent_id)):
        raise UnknownPersona
    row = {**place, "intent_id": intent_id, "state": "draft", "version": 1, "changes": 0, "made_at": now}
    sealed = content(key, draft, told, "", person_id, intent_id, 1)
    db.execute(insert(intents).values(row | {"deadline": draft.deadline, "content_sealed": sealed}))
    return find(db, secrets, intent_id, **place)


def change(db: Connection, intent: Intent, draft: Draft, told: Mapping[str, Any], *, expected_version: int) -> None:
    """A draft alone can be changed. Raises IntentChanged unless it is still the one that was seen."""
    place, version = (intent.person_id, intent.intent_id), expected_version + 1
    sealed = content(intent.key, draft, told, "", *place, version)
    values = {"version": version, "deadline": draft.deadline, "content_sealed": sealed}
    here = (*is_intent(intent), _row.version == expected_version, _row.state == "draft")
    if db.execute(update(intents).where(*here).values(values)).rowcount != 1:
        raise IntentChanged


def note(db: Connection, intent: Intent, outcome: str) -> None:
    """What became of it, after an offer was accepted. Raises IntentChanged."""
    place, version = (intent.person_id, intent.intent_id), intent.version + 1
    sealed = content(intent.key, intent.draft, intent.told, outcome, *place, version)
    here = (*is_intent(intent), _row.version == intent.version, _row.state == "accepted")
    if db.execute(update(intents).where(*here).values(version=version, content_sealed=sealed)).rowcount != 1:
        raise IntentChanged


def moved(db: Connection, intent: Intent, state: str, *, changes: int | None = None, **values: Any) -> None:
    """One step on, for who saw it as it is: `changes` as the page had it. Raises IntentChanged."""
    seen = intent.changes if changes is None else changes
    here = (*is_intent(intent), _row.state == intent.state, _row.version == intent.version, _row.changes == seen)
    if db.execute(update(intents).where(*here).values(state=state, changes=seen + 1, **values)).rowcount != 1:
        raise IntentChanged


def forget(db: Connection, intent: Intent) -> None:
    """Delete it for good, with all that was offered: its key first."""
    place = {"person_id": intent.person_id, "persona_id": intent.persona_id}
    destroy_subject_keys(db, **place, subject=subject_of(intent.intent_id))
    there = intent_offers.c
    db.execute(delete(intent_offers).where(there.person_id == intent.person_id, there.intent_id == intent.intent_id))
    db.execute(delete(intents).where(*is_intent(intent)))


def find(db: Connection, secrets: HostSecrets, intent_id: str, *, person_id: str, persona_id: str) -> Intent:
    """Raises UnknownIntent, also for one of another persona."""
    mine = (_row.person_id == person_id, _row.persona_id == persona_id, _row.intent_id == intent_id)
    row = db.execute(keyed().where(*mine)).one_or_none()
    if row is None:
        raise UnknownIntent
    return opened(secrets, row)


def of_persona(
    db: Connection, secrets: HostSecrets, *, person_id: str, persona_id: str, skip: int = 0, limit: int = LISTED
) -> tuple[Intent, ...]:
    """A page of them, the newest first."""
    mine = (_row.person_id == person_id, _row.persona_id == persona_id)
    query = keyed().where(*mine).order_by(_row.intent_id.desc()).offset(skip).limit(limit)
    return tuple(opened(secrets, row) for row in db.execute(query))


def count(db: Connection, *, person_id: str, persona_id: str, state: str | None = None) -> int:
    mine = [_row.person_id == person_id, _row.persona_id == persona_id]
    if state is not None:
        mine.append(_row.state == state)
    return db.execute(select(func.count()).select_from(intents).where(*mine)).scalar_one()


def opened(secrets: HostSecrets, row: Row[Any]) -> Intent:
    place = {"person_id": row.person_id, "persona_id": row.persona_id, "subject": subject_of(row.intent_id)}
    key = key_of_row(secrets, row, **place)
    said = orjson.loads(unseal(key, row.content_sealed, *aad(row.person_id, row.intent_id, row.version)))
    columns = {name: row._mapping[name] for name in COLUMNS}
    return Intent(**columns, draft=draft_from(said["draft"]), told=said["told"], outcome=said["outcome"], key=key)


def content(key: bytes, draft: Draft, told: Mapping[str, Any], outcome: str, *place: str | int) -> bytes:
    said = {"draft": draft_as_json(draft), "told": dict(told), "outcome": outcome}
    return seal(key, orjson.dumps(said), "intent", *map(str, place))


def aad(person_id: str, intent_id: str, version: int) -> tuple[str, ...]:
    return "intent", person_id, intent_id, str(version)


def keyed() -> Select[Any]:
    subject = literal(subject_of("")).concat(_row.intent_id)
    return with_keys(intents, intents, persona_id=_row.persona_id, subject=subject)


def is_intent(intent: Intent) -> tuple[ColumnElement[bool], ...]:
    return _row.person_id == intent.person_id, _row.intent_id == intent.intent_id
