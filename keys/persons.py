"""One data key per person: everything personal is sealed under it, and without it the person is erased."""

from secrets import token_bytes

from sqlalchemy import Connection, delete, insert, select

from keys.errors import UnknownKey
from keys.sealing import seal, unseal
from keys.secrets import HostSecrets
from keys.tables import person_keys

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
    if db.execute(delete(person_keys).where(person_keys.c.person_id == person_id)).rowcount != 1:
        raise UnknownKey(_NO_KEY)
