"""One data key per person: everything personal is sealed under it, and without it the person is erased.

Under it lies one more key for each thing that can be erased alone: a persona, a value, a data set. The two tables are
the keyring; backups of the rest hold nothing of it, so what is erased is gone from them too (decision 0031).
"""

from secrets import token_bytes
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, Row, Select, Table, delete, insert, select, update

from keys.errors import UnknownKey
from keys.inserts import insert_if_new
from keys.sealing import seal, unseal
from keys.secrets import HostSecrets
from keys.tables import data_keys, person_keys

EVERY_PERSONA = ""  # what belongs to the person, whichever persona they show
ITSELF = ""  # the persona itself: its name, its root

_NO_KEY = "There is no data key for this person."


def create_data_key(db: Connection, secrets: HostSecrets, *, person_id: str, now: int) -> bytes:
    """Raises sqlalchemy's IntegrityError when the person has one: replacing it would erase them."""
    data_key = token_bytes(32)
    sealed = seal(secrets.sealing, data_key, "data_key", person_id)
    db.execute(insert(person_keys).values(person_id=person_id, data_key_sealed=sealed, created_at=now))
    return data_key


def open_data_key(db: Connection, secrets: HostSecrets, *, person_id: str) -> bytes:
    """Raises UnknownKey or CannotOpen."""
    found = select(person_keys.c.data_key_sealed).where(person_keys.c.person_id == person_id)
    sealed = db.execute(found).scalar_one_or_none()
    if sealed is None:
        raise UnknownKey(_NO_KEY)
    return unwrap_data_key(secrets, sealed, person_id=person_id)


def unwrap_data_key(secrets: HostSecrets, sealed: bytes, *, person_id: str) -> bytes:
    """For `data_key_sealed` that came along in a join. Raises CannotOpen."""
    return unseal(secrets.sealing, sealed, "data_key", person_id)


def destroy_data_key(db: Connection, *, person_id: str) -> None:
    """Erase the person for good. Raises UnknownKey when there was nothing to destroy."""
    db.execute(delete(data_keys).where(data_keys.c.person_id == person_id))
    if db.execute(delete(person_keys).where(person_keys.c.person_id == person_id)).rowcount != 1:
        raise UnknownKey(_NO_KEY)


def meet(db: Connection, *, person_id: str) -> None:
    """Where two transactions decide about all of what a person has: the later one runs again, and looks anew."""
    mine = person_keys.c.person_id == person_id
    db.execute(update(person_keys).where(mine).values(created_at=person_keys.c.created_at))


def subject_key(db: Connection, data_key: bytes, *, person_id: str, persona_id: str, subject: str) -> bytes:
    """The key of what can be erased alone, made if there is none. `subject`: ITSELF, or the name of a value."""
    place = {"person_id": person_id, "persona_id": persona_id, "subject": subject}
    found = select(data_keys.c.key_sealed).filter_by(**place)
    sealed = db.execute(found).scalar_one_or_none()
    if sealed is None:
        made = seal(data_key, token_bytes(32), *_place(**place))
        insert_if_new(db, data_keys, {**place, "key_sealed": made})
        sealed = db.execute(found).scalar_one()
    return unwrap_subject_key(data_key, sealed, **place)


def open_subject_key(db: Connection, secrets: HostSecrets, *, person_id: str, persona_id: str, subject: str) -> bytes:
    """The same for who has not opened the person's own key. Raises UnknownKey or CannotOpen."""
    data_key = open_data_key(db, secrets, person_id=person_id)
    return subject_key(db, data_key, person_id=person_id, persona_id=persona_id, subject=subject)


def with_keys(table: Table, *columns: Any, persona_id: Any, subject: Any) -> Select[Any]:
    """Rows of a table of people's, each with what opens it; a row whose key was destroyed is not among them."""
    key = (data_keys.c.person_id == table.c.person_id) & (data_keys.c.persona_id == persona_id)
    return (
        select(*columns, data_keys.c.key_sealed, person_keys.c.data_key_sealed)
        .join(person_keys, person_keys.c.person_id == table.c.person_id)
        .join(data_keys, key & (data_keys.c.subject == subject))
    )


def key_of_row(secrets: HostSecrets, row: Row[Any], *, person_id: str, persona_id: str, subject: str) -> bytes:
    """For a row of `with_keys`. Raises CannotOpen."""
    data_key = unwrap_data_key(secrets, row.data_key_sealed, person_id=person_id)
    return unwrap_subject_key(data_key, row.key_sealed, person_id=person_id, persona_id=persona_id, subject=subject)


def unwrap_subject_key(
    data_key: bytes | AESGCM, sealed: bytes, *, person_id: str, persona_id: str, subject: str
) -> bytes:
    """For `key_sealed` that came along in a join. Raises CannotOpen."""
    return unseal(data_key, sealed, *_place(person_id, persona_id, subject))


def destroy_subject_keys(
    db: Connection, *, person_id: str, persona_id: str, subject: str | None = None, but: str | None = None
) -> bool:
    """Erase one subject, or a whole persona with everything it has (`but` that); whether there was anything."""
    there = (data_keys.c.person_id == person_id) & (data_keys.c.persona_id == persona_id)
    if subject is not None:
        there &= data_keys.c.subject == subject
    if but is not None:
        there &= data_keys.c.subject != but
    return db.execute(delete(data_keys).where(there)).rowcount > 0


def destroy_everywhere(db: Connection, *, person_id: str, subject: str) -> None:
    """Erase one subject of every persona, and what is the person's own under that name."""
    there = (data_keys.c.person_id == person_id) & (data_keys.c.subject == subject)
    db.execute(delete(data_keys).where(there))


def hold_subject_key(db: Connection, *, person_id: str, persona_id: str, subject: str) -> bool:
    """Meet whoever destroys this key, or the persona's, at the same moment: one of the two runs again.

    Says whether both are there. Whoever seals something anew has to ask, or it could stay behind under no key.
    """
    mine = (data_keys.c.person_id == person_id, data_keys.c.persona_id == persona_id)
    held = update(data_keys).where(*mine, data_keys.c.subject.in_({ITSELF, subject}))
    return db.execute(held.values(key_sealed=data_keys.c.key_sealed)).rowcount == len({ITSELF, subject})


def _place(person_id: str, persona_id: str, subject: str) -> tuple[str, ...]:
    return "subject_key", person_id, persona_id, subject
