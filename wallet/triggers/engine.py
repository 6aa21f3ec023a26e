"""Triggers as they are kept: made, found, changed, paused and deleted by the person."""

from collections.abc import Mapping
from hashlib import blake2b
from secrets import token_bytes
from typing import Any, Final

import orjson
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, Connection, Row, Select, delete, func, insert, literal, select, update
from ulid import ULID

from consent.model import Grant
from keys import opaque
from keys.persons import destroy_subject_keys, hold_subject_key, key_of_row, open_subject_key, with_keys
from keys.sealing import seal, unseal
from keys.secrets import HostSecrets
from wallet.noticing import AT_ONCE
from wallet.people.errors import UnknownPersona
from wallet.triggers.errors import BadTrigger, TriggerChanged, UnknownTrigger
from wallet.triggers.model import Draft, Firing, Trigger, as_json, from_json, source_of
from wallet.triggers.tables import firings, triggers

KIND: Final = "trigger"  # of its id towards the vendor
MOST: Final = 1_000
LISTED: Final = 50
COLUMNS: Final = (
    *("person_id", "trigger_id", "persona_id", "client_id", "sector", "public_id", "state"),
    *("version", "made_at", "due_at", "seen", "restored_at"),
)

_row = triggers.c


def subject_of(trigger_id: str) -> str:
    return f"triggers/{trigger_id}"


def make(db: Connection, secrets: HostSecrets, grant: Grant, draft: Draft, *, now: int) -> Trigger:
    """For the vendor of this grant. Raises BadTrigger."""
    place = {"person_id": grant.person_id, "persona_id": grant.persona_id}
    if count(db, **place) >= MOST:
        raise BadTrigger(_("You have a great many triggers already. Delete one first."))
    trigger_id = str(ULID())
    key = open_subject_key(db, secrets, **place, subject=subject_of(trigger_id))
    if not hold_subject_key(db, **place, subject=subject_of(trigger_id)):
        raise UnknownPersona
    public_id, secret = opaque.mint(secrets.tokens, KIND, grant.person_id), token_bytes(16)
    row = {
        **place,
        "trigger_id": trigger_id,
        "client_id": grant.party.client_id,
        "sector": grant.party.sector,
        "public_id": public_id,
        "source": source_of(draft.condition),
        "state": "active",
        "mode": draft.mode,
        "version": 1,
        "made_at": now,
        "due_at": AT_ONCE if draft.mode == "own" else None,
        "content_sealed": _content(key, draft, secret, grant.person_id, trigger_id, 1),
    }
    db.execute(insert(triggers).values(row))
    return find(db, secrets, trigger_id, **place)


def change(db: Connection, trigger: Trigger, draft: Draft, *, expected_version: int) -> None:
    """What the vendor was told stays fired. Raises TriggerChanged unless it is still the one that was seen."""
    version, place = expected_version + 1, (trigger.person_id, trigger.trigger_id)
    values = {
        "source": source_of(draft.condition),
        "mode": draft.mode,
        "version": version,
        "due_at": AT_ONCE if draft.mode == "own" and trigger.state == "active" else None,
        "seen": trigger.seen if draft.condition == trigger.draft.condition else None,
        "content_sealed": _content(trigger.key, draft, trigger.secret, *place, version),
    }
    here = update(triggers).where(*_at(trigger), _row.version == expected_version)
    if db.execute(here.values(values)).rowcount != 1:
        raise TriggerChanged
    if (draft.condition, draft.mode) != (trigger.draft.condition, trigger.draft.mode):
        _forget_waiting(db, trigger)


def pause(db: Connection, trigger: Trigger) -> None:
    db.execute(update(triggers).where(*_at(trigger)).values(state="paused", due_at=None))


def resume(db: Connection, trigger: Trigger) -> None:
    """It looks from now on: what became another one meanwhile is not told."""
    due_at = AT_ONCE if trigger.draft.mode == "own" else None
    paused = update(triggers).where(*_at(trigger), _row.state == "paused")
    db.execute(paused.values(state="active", due_at=due_at, seen=None))


def forget(db: Connection, trigger: Trigger) -> None:
    """Delete it for good, with all it told: its key first."""
    place = {"person_id": trigger.person_id, "persona_id": trigger.persona_id}
    destroy_subject_keys(db, **place, subject=subject_of(trigger.trigger_id))
    there = (firings.c.person_id == trigger.person_id, firings.c.trigger_id == trigger.trigger_id)
    db.execute(delete(firings).where(*there))
    db.execute(delete(triggers).where(*_at(trigger)))


def find(db: Connection, secrets: HostSecrets, trigger_id: str, *, person_id: str, persona_id: str) -> Trigger:
    """Raises UnknownTrigger, also for one of another persona."""
    mine = (_row.person_id == person_id, _row.persona_id == persona_id, _row.trigger_id == trigger_id)
    return _one(db, secrets, *mine)


def find_public(db: Connection, secrets: HostSecrets, public_id: str, *, person_id: str) -> Trigger:
    """By the vendor's id of it. Raises UnknownTrigger."""
    return _one(db, secrets, _row.person_id == person_id, _row.public_id == public_id)


def of_persona(
    db: Connection,
    secrets: HostSecrets,
    *,
    person_id: str,
    persona_id: str,
    client_id: str | None = None,
    skip: int = 0,
    limit: int = LISTED,
) -> tuple[Trigger, ...]:
    """A page of them, the newest first; of one vendor, if it is named."""
    mine = [_row.person_id == person_id, _row.persona_id == persona_id]
    if client_id is not None:
        mine.append(_row.client_id == client_id)
    query = _keyed().where(*mine).order_by(_row.trigger_id.desc()).offset(skip).limit(limit)
    return tuple(opened(secrets, row) for row in db.execute(query))


def watching(db: Connection, secrets: HostSecrets, *, person_id: str, source: str, now: int) -> tuple[Trigger, ...]:
    """Those that are to be looked at now."""
    mine = (_row.person_id == person_id, _row.source == source, _row.state == "active", _row.mode == "own")
    return tuple(opened(secrets, row) for row in db.execute(_keyed().where(*mine, _row.due_at <= now)))


def delegated_to(db: Connection, secrets: HostSecrets, *, client_id: str, sector: str, limit: int) -> list[Trigger]:
    """What this vendor looks after by itself."""
    its = (_row.client_id == client_id, _row.sector == sector, _row.mode == "delegated", _row.state == "active")
    return [opened(secrets, row) for row in db.execute(_keyed().where(*its).order_by(_row.made_at).limit(limit))]


def count(db: Connection, *, person_id: str, persona_id: str) -> int:
    mine = (_row.person_id == person_id, _row.persona_id == persona_id)
    return db.execute(select(func.count()).select_from(triggers).where(*mine)).scalar_one()


def firings_of(db: Connection, trigger: Trigger, *, limit: int = LISTED) -> tuple[Firing, ...]:
    """The latest first."""
    row = firings.c
    mine = (row.person_id == trigger.person_id, row.trigger_id == trigger.trigger_id)
    query = select(firings).where(*mine).order_by(row.fired_at.desc(), row.period).limit(limit)
    return tuple(firing_from(trigger.key, found) for found in db.execute(query))


def firing_from(key: bytes, row: Row[Any]) -> Firing:
    said: Mapping[str, Any] = orjson.loads(
        unseal(key, row.said_sealed, *said_aad(row.person_id, row.trigger_id, row.period))
    )
    return Firing(
        *(row.trigger_id, row.firing_id, row.period, row.state, row.fired_at, row.until, row.acknowledged_at),
        *(row.opening_id, row.grant_id, said),
    )


def said_aad(person_id: str, trigger_id: str, period: str) -> tuple[str, ...]:
    return "firing", person_id, trigger_id, period


def digest(trigger: Trigger, *parts: str) -> str:
    """What tells nobody else which period, value or day it stands for."""
    return blake2b("\0".join(parts).encode(), key=trigger.secret, digest_size=20).hexdigest()


def opened(secrets: HostSecrets, row: Row[Any]) -> Trigger:
    place = {"person_id": row.person_id, "persona_id": row.persona_id, "subject": subject_of(row.trigger_id)}
    key = key_of_row(secrets, row, **place)
    said = orjson.loads(unseal(key, row.content_sealed, *_aad(row.person_id, row.trigger_id, row.version)))
    draft = Draft(
        *(said["name"], from_json(said["condition"]), said["topic"], said["channel"], said["days"]),
        *(tuple(said["released"]), row.mode),
    )
    columns = {name: row._mapping[name] for name in COLUMNS}
    return Trigger(**columns, draft=draft, secret=bytes.fromhex(said["secret"]), key=key)


def _content(key: bytes, draft: Draft, secret: bytes, *place: str | int) -> bytes:
    said = {name: getattr(draft, name) for name in ("name", "topic", "channel", "days", "released")}
    said |= {"condition": as_json(draft.condition), "secret": secret.hex()}
    return seal(key, orjson.dumps(said), "trigger", *map(str, place))


def _aad(person_id: str, trigger_id: str, version: int) -> tuple[str, ...]:
    return "trigger", person_id, trigger_id, str(version)


def _one(db: Connection, secrets: HostSecrets, *mine: ColumnElement[bool]) -> Trigger:
    row = db.execute(_keyed().where(*mine)).one_or_none()
    if row is None:
        raise UnknownTrigger
    return opened(secrets, row)


def _keyed() -> Select[Any]:
    subject = literal(subject_of("")).concat(_row.trigger_id)
    return with_keys(triggers, triggers, persona_id=_row.persona_id, subject=subject)


def _forget_waiting(db: Connection, trigger: Trigger) -> None:
    """The person wants to have it told at something else: nobody was told yet, so no period is used up."""
    there = (firings.c.person_id == trigger.person_id, firings.c.trigger_id == trigger.trigger_id)
    db.execute(delete(firings).where(*there, firings.c.state == "waiting"))


def _at(trigger: Trigger) -> tuple[ColumnElement[bool], ...]:
    return _row.person_id == trigger.person_id, _row.trigger_id == trigger.trigger_id
