"""The faces a person shows: each has values and a root of its own, and nothing links two of them towards a vendor."""

import unicodedata
from collections.abc import Collection
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Connection, Row, Select, exists, insert, select, update
from ulid import ULID

from consent.engine import Face
from keys.persons import (
    EVERY_PERSONA,
    ITSELF,
    destroy_subject_keys,
    key_of_row,
    meet,
    open_data_key,
    subject_key,
    with_keys,
)
from keys.relationship import new_root
from keys.sealing import seal, unseal
from keys.secrets import HostSecrets
from wallet.people.errors import BadPersonaName, BeingErased, RenamedMeanwhile, UnknownPersona
from wallet.people.model import Persona
from wallet.people.tables import erasures, persona_pictures, personas, sessions

FIRST_NAME: Final = "Me"
LONGEST_NAME: Final = 40


def first_persona(db: Connection, data_key: bytes, *, person_id: str, now: int) -> Persona:
    """The one everybody begins with."""
    return _insert(db, data_key, person_id=person_id, name=FIRST_NAME, is_default=True, now=now)


def add_persona(db: Connection, secrets: HostSecrets, *, person_id: str, name: str, now: int) -> Persona:
    """A further face with its own values and its own root. Raises BadPersonaName and keys.errors.UnknownKey."""
    meet(db, person_id=person_id)
    name = check_name(name)
    check_new(name, others=of_person(db, secrets, person_id=person_id))
    data_key = open_data_key(db, secrets, person_id=person_id)
    return _insert(db, data_key, person_id=person_id, name=name, is_default=False, now=now)


def check_name(name: str) -> str:
    """The name as it is kept. Raises BadPersonaName."""
    name = " ".join(unicodedata.normalize("NFC", name).split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise BadPersonaName(_l("Give the persona a name of 1 to %(longest)s characters.", longest=LONGEST_NAME))
    return name


def check_new(name: str, *, others: Collection[Persona]) -> None:
    """Raises BadPersonaName where another one is called that, also in another spelling or on the pages alone."""
    if name.casefold() in {known.casefold() for other in others for known in (other.name, shown_name(other))}:
        raise BadPersonaName(_l("You have a persona of this name. Choose another one."))


def rename(db: Connection, secrets: HostSecrets, *, person_id: str, persona_id: str, name: str, seen: str) -> None:
    """Call it otherwise than it was `seen`. Raises BadPersonaName, UnknownPersona and RenamedMeanwhile."""
    meet(db, person_id=person_id)
    name = check_name(name)
    known = {face.persona_id: face for face in of_person(db, secrets, person_id=person_id)}
    if persona_id not in known:
        raise UnknownPersona
    if known.pop(persona_id).name != seen:
        raise RenamedMeanwhile
    check_new(name, others=known.values())
    data_key = open_data_key(db, secrets, person_id=person_id)
    place = {"person_id": person_id, "persona_id": persona_id}
    key = subject_key(db, data_key, **place, subject=ITSELF)
    sealed = seal(key, name.encode(), "personas", person_id, persona_id, "name")
    db.execute(update(personas).filter_by(**place).values(name_sealed=sealed))


def make_default(db: Connection, *, person_id: str, persona_id: str) -> None:
    """Whoever signs in from now on shows this one at first. Raises UnknownPersona."""
    check_persona(db, person_id=person_id, persona_id=persona_id)
    mine = update(personas).where(personas.c.person_id == person_id)
    db.execute(mine.values(is_default=personas.c.persona_id == persona_id))


def shown_name(persona: Persona) -> str:
    return _("Me") if persona.name == FIRST_NAME else persona.name


def of_person(db: Connection, secrets: HostSecrets, *, person_id: str) -> tuple[Persona, ...]:
    """All of them, the oldest first, but for one that is being erased."""
    found = _keyed(person_id).where(_stays()).order_by(personas.c.created_at, personas.c.persona_id)
    return tuple(_persona(secrets, row) for row in db.execute(found))


def persona_root(db: Connection, secrets: HostSecrets, *, person_id: str, persona_id: str) -> bytes:
    """From which the keys of this persona's relationships are derived. Raises UnknownPersona."""
    row = db.execute(_keyed(person_id).where(personas.c.persona_id == persona_id)).one_or_none()
    if row is None:
        raise UnknownPersona
    return unseal(_key(secrets, row), row.root_sealed, "personas", person_id, persona_id, "root")


def face(db: Connection, secrets: HostSecrets, *, person_id: str, persona_id: str) -> Face:
    """This persona as it answers vendors. Raises UnknownPersona, and BeingErased.

    On PostgreSQL who begins to erase it at the same moment and who has it answer meet at its row.
    """
    under_way = exists().where(
        erasures.c.person_id == personas.c.person_id, erasures.c.persona_id.in_({persona_id, EVERY_PERSONA})
    )
    mine = (personas.c.person_id == person_id, personas.c.persona_id == persona_id)
    held = select(under_way).select_from(personas).where(*mine).with_for_update(read=True, of=personas)
    if db.execute(held).scalar():
        raise BeingErased
    return Face(person_id, persona_id, persona_root(db, secrets, person_id=person_id, persona_id=persona_id))


def default_persona(db: Connection, *, person_id: str) -> str:
    """The id of the persona that is shown first after a sign-in."""
    mine = (personas.c.person_id == person_id) & personas.c.is_default
    found: str = db.execute(select(personas.c.persona_id).where(mine)).scalar_one()
    return found


def check_persona(db: Connection, *, person_id: str, persona_id: str) -> None:
    """Raises UnknownPersona for one that is not this person's."""
    mine = (personas.c.person_id == person_id) & (personas.c.persona_id == persona_id)
    if db.execute(select(personas.c.persona_id).where(mine, _stays())).one_or_none() is None:
        raise UnknownPersona


def show(db: Connection, *, person_id: str, session_digest: str, persona_id: str) -> None:
    """From now on this session shows that persona. Raises UnknownPersona."""
    check_persona(db, person_id=person_id, persona_id=persona_id)
    mine = (sessions.c.person_id == person_id) & (sessions.c.session_digest == session_digest)
    db.execute(update(sessions).where(mine).values(persona_id=persona_id))


def _insert(db: Connection, data_key: bytes, *, person_id: str, name: str, is_default: bool, now: int) -> Persona:
    persona_id = str(ULID())
    key = subject_key(db, data_key, person_id=person_id, persona_id=persona_id, subject=ITSELF)
    row = {
        "person_id": person_id,
        "persona_id": persona_id,
        "name_sealed": seal(key, name.encode(), "personas", person_id, persona_id, "name"),
        "root_sealed": seal(key, new_root(), "personas", person_id, persona_id, "root"),
        "is_default": is_default,
        "created_at": now,
    }
    db.execute(insert(personas).values(row))
    return Persona(person_id, persona_id, name, is_default, now)


def begin_anew(db: Connection, secrets: HostSecrets, *, person_id: str, persona_id: str) -> None:
    """The same root under another key and the first name: all else sealed under this persona's keys is erased."""
    root = persona_root(db, secrets, person_id=person_id, persona_id=persona_id)
    destroy_subject_keys(db, person_id=person_id, persona_id=persona_id)
    data_key, place = open_data_key(db, secrets, person_id=person_id), (person_id, persona_id)
    key = subject_key(db, data_key, person_id=person_id, persona_id=persona_id, subject=ITSELF)
    sealed = {
        "name_sealed": seal(key, FIRST_NAME.encode(), "personas", *place, "name"),
        "root_sealed": seal(key, root, "personas", *place, "root"),
    }
    mine = (personas.c.person_id == person_id) & (personas.c.persona_id == persona_id)
    db.execute(update(personas).where(mine).values(sealed))


def _stays() -> ColumnElement[bool]:
    """Nobody is erasing it."""
    return ~exists().where(erasures.c.person_id == personas.c.person_id, erasures.c.persona_id == personas.c.persona_id)


def _keyed(person_id: str) -> Select[Any]:
    """This person's personas, each with what opens it."""
    picture = (persona_pictures.c.person_id == personas.c.person_id) & (
        persona_pictures.c.persona_id == personas.c.persona_id
    )
    columns = (personas, persona_pictures.c.set_at.label("pictured_at"))
    found = with_keys(personas, *columns, persona_id=personas.c.persona_id, subject=ITSELF)
    return found.outerjoin(persona_pictures, picture).where(personas.c.person_id == person_id)


def _key(secrets: HostSecrets, row: Row[Any]) -> bytes:
    return key_of_row(secrets, row, person_id=row.person_id, persona_id=row.persona_id, subject=ITSELF)


def _persona(secrets: HostSecrets, row: Row[Any]) -> Persona:
    name = unseal(_key(secrets, row), row.name_sealed, "personas", row.person_id, row.persona_id, "name").decode()
    return Persona(row.person_id, row.persona_id, name, row.is_default, row.created_at, row.pictured_at)
