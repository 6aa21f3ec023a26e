"""Erase a persona, or all data of a person, or the person: begun in one moment, ended when every grant is revoked.

What needs the persona's root comes first: each grant's end is signed and its vendor told, so many in a transaction.
The last transaction destroys the keys. In between nothing new can be granted, and a crash costs nothing: whoever
looks next goes on (decision 0041).
"""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from consent import changes, events, grants
from consent.changes import Signs
from consent.engine import Face
from consent.model import Grant
from consent.tables import grants as grant_rows
from keys.persons import EVERY_PERSONA
from wallet.erasing import backups, destroying
from wallet.erasing.errors import DefaultPersona, OnlyPersona
from wallet.house import House
from wallet.people.errors import UnknownPersona
from wallet.people.personas import persona_root
from wallet.people.tables import erasures, personas, sessions

PERSONA: Final = "persona"
DATA: Final = "data"
EVERYTHING: Final = "everything"
AT_ONCE: Final = 100
MOST_NAMED: Final = 50


@dataclass(frozen=True, slots=True)
class Told:
    """A vendor whose grant ends. `hears`: it is told at once; else it learns of it at its next read."""

    name: str
    host: str
    hears: bool


@dataclass(frozen=True, slots=True)
class Ending:
    """What an erasure ends: how many grants, and the vendors of some of them by name."""

    number: int
    told: tuple[Told, ...]


def ending(db: Connection, *, person_id: str, persona_id: str = EVERY_PERSONA, now: int) -> Ending:
    mine = [*unended(person_id, persona_id), grant_rows.c.expires_at > now]
    ids = list(db.execute(select(grant_rows.c.grant_id).where(*mine).order_by(grant_rows.c.grant_id)).scalars())
    found = [grants.find(db, grant_id, person_id=person_id) for grant_id in ids[:MOST_NAMED]]
    told = (Told(one.party.name, one.party.host, hears(db, one)) for one in found)
    return Ending(len(ids), tuple(sorted(told, key=lambda one: one.name.casefold())))


def hears(db: Connection, grant: Grant) -> bool:
    return events.listens(db, events.about(grant), events.REVOKED)


def begin_with_persona(db: Connection, *, person_id: str, persona_id: str, now: int) -> None:
    """From now on nobody shows it, and it signs nothing new. Raises UnknownPersona, OnlyPersona, DefaultPersona."""
    mine = (personas.c.person_id == person_id, ~destroying.is_leaving())
    faces = {row.persona_id: row.is_default for row in db.execute(select(personas).where(*mine))}
    if persona_id not in faces:
        raise UnknownPersona
    if len(faces) == 1:
        raise OnlyPersona
    if faces[persona_id]:
        raise DefaultPersona
    begin(db, person_id=person_id, persona_id=persona_id, what=PERSONA, now=now)
    default = next(face for face, is_default in faces.items() if is_default)
    showing = (sessions.c.person_id == person_id, sessions.c.persona_id == persona_id)
    db.execute(update(sessions).where(*showing).values(persona_id=default))


def begin(db: Connection, *, person_id: str, persona_id: str = EVERY_PERSONA, what: str, now: int) -> None:
    """Meets at the personas' rows whoever signs for one of them; who wants everything gone has more than data gone."""
    held = update(personas).where(personas.c.person_id == person_id)
    if persona_id != EVERY_PERSONA:
        held = held.where(personas.c.persona_id == persona_id)
    db.execute(held.values(created_at=personas.c.created_at))
    this = {"person_id": person_id, "persona_id": persona_id}
    known = update(erasures).filter_by(**this)
    if db.execute(known.values(what=what) if what == EVERYTHING else known.values(begun_at=now)).rowcount == 0:
        db.execute(insert(erasures).values(**this, what=what, begun_at=now))
    if what == EVERYTHING:
        db.execute(delete(sessions).where(sessions.c.person_id == person_id))


def go_on(house: House, *, person_id: str, persona_id: str = EVERY_PERSONA, steps: int | None = None) -> bool:
    """Take so many steps, or all there are; says whether everything is erased."""
    done = False
    while not done and steps != 0:
        done = house.database.write(step, house, person_id, persona_id)
        steps = None if steps is None else steps - 1
    if done:
        backups.after_erasing(house)
    return done


def go_on_with_all(house: House) -> int:
    """What was begun and is not at its end, after a crash or because it is much; returns how many erasures ended."""
    waiting = house.database.read(under_way)
    return sum(go_on(house, person_id=person_id, persona_id=persona_id) for person_id, persona_id in waiting)


def under_way(db: Connection) -> list[tuple[str, str]]:
    return [(row.person_id, row.persona_id) for row in db.execute(select(erasures))]


def step(db: Connection, house: House, person_id: str, persona_id: str) -> bool:
    """Revoke some grants, or where none is left destroy what is to go; whether it is at its end."""
    this = (erasures.c.person_id == person_id, erasures.c.persona_id == persona_id)
    held = update(erasures).where(*this).values(begun_at=erasures.c.begun_at).returning(erasures.c.what)
    what = db.execute(held).scalar_one_or_none()
    if what is None:
        return True
    if revoke_some(db, house, person_id, persona_id):
        return False
    now = house.clock()
    if what == PERSONA:
        destroying.destroy_persona(db, house.secrets, person_id=person_id, persona_id=persona_id, now=now)
    elif what == DATA:
        destroying.destroy_data(db, house.secrets, person_id=person_id, now=now)
    else:
        destroying.let_go(db, person_id=person_id, now=now)
    return True


def revoke_some(db: Connection, house: House, person_id: str, persona_id: str) -> int:
    """How many."""
    columns = (grant_rows.c.grant_id, grant_rows.c.persona_id)
    found = db.execute(select(*columns).where(*unended(person_id, persona_id)).limit(AT_ONCE)).all()
    roots = {
        face: persona_root(db, house.secrets, person_id=person_id, persona_id=face)
        for face in {row.persona_id for row in found}
    }
    for row in found:
        by = Signs(Face(person_id, row.persona_id, roots[row.persona_id]), house.settings.issuer)
        changes.revoke(db, house.secrets, row.grant_id, person_id=person_id, signs=by, now=house.clock())
    return len(found)


def unended(person_id: str, persona_id: str) -> list[ColumnElement[bool]]:
    """The grants of a persona, or of all, that were not ended; some may have run out."""
    mine = [grant_rows.c.person_id == person_id, grant_rows.c.ended_at.is_(None)]
    return mine if persona_id == EVERY_PERSONA else [*mine, grant_rows.c.persona_id == persona_id]
