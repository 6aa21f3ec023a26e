"""The last step of an erasure, in one transaction: keys first, then the rows that nobody could open any more."""

from collections.abc import Collection, Mapping
from secrets import token_urlsafe
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, delete, exists, insert, select

from consent import ledger
from consent.events import EVENT
from consent.ledger import Entry
from consent.tables import grants, outbox, statuses
from keys.persons import EVERY_PERSONA, destroy_subject_keys
from keys.secrets import HostSecrets
from keys.tables import metadata, sign_in_failures
from vendor_api.oauth.leaving import sign_ins
from vendor_api.tables import device_codes
from wallet.data import inheritance
from wallet.erasing.personal import BY_GRANT, NAMING, of_data, of_personas, personal_tables
from wallet.people.personas import begin_anew
from wallet.people.recovery import engine as recovery
from wallet.people.tables import erasures, people, personas

# Whose what is left is, once somebody is gone: the same for everybody, so that it says nothing.
NOBODY: Final = "gone"
STILL_TOLD: Final = (EVENT, "logout")


def is_leaving() -> ColumnElement[bool]:
    """Of a persona: it is being erased."""
    this = (erasures.c.person_id == personas.c.person_id, erasures.c.persona_id == personas.c.persona_id)
    return exists().where(*this)


def destroy_persona(db: Connection, secrets: HostSecrets, *, person_id: str, persona_id: str, now: int) -> None:
    """Its root, name, picture, values and data sets. Proof stays: receipts, ledger, requests by right, agreements."""
    destroy_subject_keys(db, person_id=person_id, persona_id=persona_id)
    inheritance.end_with(db, person_id=person_id, source=persona_id, now=now)
    forget(db, person_id=person_id, persona_ids=(persona_id,))
    db.execute(delete(personas).where(personas.c.person_id == person_id, personas.c.persona_id == persona_id))
    end(db, person_id=person_id, persona_id=persona_id)
    note(db, secrets, {"persona": True}, person_id=person_id, now=now)


def destroy_data(db: Connection, secrets: HostSecrets, *, person_id: str, now: int) -> None:
    """The same for every persona, but that one stays, empty and under its first name: the account needs it."""
    faces = db.execute(select(personas.c.persona_id, personas.c.is_default).where(personas.c.person_id == person_id))
    by_default = {row.persona_id: row.is_default for row in faces}
    for persona_id, is_default in by_default.items():
        if is_default:
            begin_anew(db, secrets, person_id=person_id, persona_id=persona_id)
        else:
            destroy_subject_keys(db, person_id=person_id, persona_id=persona_id)
            mine = (personas.c.person_id == person_id, personas.c.persona_id == persona_id)
            db.execute(delete(personas).where(*mine))
            move_sessions(db, person_id=person_id, away_from=persona_id, faces=by_default)
    destroy_subject_keys(db, person_id=person_id, persona_id=EVERY_PERSONA, but=recovery.NAMES)
    forget(db, person_id=person_id, persona_ids=None)
    for table in of_data():
        db.execute(delete(table).where(table.c.person_id == person_id))
    db.execute(delete(erasures).where(erasures.c.person_id == person_id))
    note(db, secrets, {"data": True}, person_id=person_id, now=now)


def move_sessions(db: Connection, *, person_id: str, away_from: str, faces: Mapping[str, bool]) -> None:
    """Whoever showed this persona shows the one that stays."""
    sessions = metadata.tables["sessions"]
    default = next(face for face, is_default in faces.items() if is_default)
    mine = (sessions.c.person_id == person_id, sessions.c.persona_id == away_from)
    db.execute(sessions.update().where(*mine).values(persona_id=default))


def forget(db: Connection, *, person_id: str, persona_ids: Collection[str] | None) -> None:
    """What these personas (None: all) have in any room, and the tokens and codes of their grants."""
    of_them = [grants.c.person_id == person_id]
    if persona_ids is not None:
        of_them.append(grants.c.persona_id.in_(persona_ids))
    held = select(grants.c.grant_id).where(*of_them)
    for table in (*(metadata.tables[name] for name in BY_GRANT), device_codes):
        db.execute(delete(table).where(table.c.person_id == person_id, table.c.grant_id.in_(held)))
    for table in of_personas():
        gone = delete(table).where(table.c.person_id == person_id)
        db.execute(gone if persona_ids is None else gone.where(table.c.persona_id.in_(persona_ids)))


def end(db: Connection, *, person_id: str, persona_id: str) -> None:
    db.execute(delete(erasures).where(erasures.c.person_id == person_id, erasures.c.persona_id == persona_id))


def note(db: Connection, secrets: HostSecrets, what: Mapping[str, Any], *, person_id: str, now: int) -> None:
    ledger.write(db, secrets.ledger, Entry("erased", detail=what), person_id=person_id, now=now)


def let_go(db: Connection, *, person_id: str, now: int) -> None:
    """The person was never here, but for what is not theirs alone.

    Their places in status lists stay taken, so that consent tokens stay INVALID, and what vendors still have to be
    told is still told; neither says any more whose it was.
    """
    sign_ins.end(db, person_id=person_id, sessions=None, now=now)
    places, tellings = kept_places(db, person_id), kept_tellings(db, person_id)
    digest = select(people.c.login_digest).where(people.c.person_id == person_id).scalar_subquery()
    db.execute(delete(sign_in_failures).where(sign_in_failures.c.login_digest == digest))
    for table in (*personal_tables(), *(metadata.tables[name] for name in NAMING)):
        db.execute(delete(table).where(table.c.person_id == person_id))
    for table, rows in ((statuses, places), (outbox, tellings)):
        if rows:
            db.execute(insert(table), rows)


def kept_places(db: Connection, person_id: str) -> list[dict[str, Any]]:
    found = db.execute(select(statuses.c.list_id, statuses.c.idx).where(statuses.c.person_id == person_id))
    nameless = {"person_id": NOBODY, "grant_id": NOBODY}
    return [{**nameless, "consent_token_id": token_urlsafe(16), **row._mapping} for row in found]


def kept_tellings(db: Connection, person_id: str) -> list[dict[str, Any]]:
    """What is still to be sent; in it stands nothing but what its vendor knows."""
    due = (outbox.c.person_id == person_id, outbox.c.due_at.is_not(None), outbox.c.event.in_(STILL_TOLD))
    return [{**row._mapping, "person_id": NOBODY} for row in db.execute(select(outbox).where(*due))]


def sweep(db: Connection, *, now: int) -> int:
    """Forget what was told for somebody who is gone, or given up."""
    over = (outbox.c.person_id == NOBODY, outbox.c.due_at.is_(None))
    return db.execute(delete(outbox).where(*over)).rowcount
