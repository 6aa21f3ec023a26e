"""Lock a value: from then on it opens only with its person's lock key, and so does all that stood there before.

What lay there open is gone: every version is sealed anew, under a new key of its subject, so that copies of the old
ones in backups open no more either, once the keyring has followed (decision 0031).
"""

from sqlalchemy import Connection, LargeBinary, bindparam, delete, select, update

from keys.persons import destroy_subject_keys, open_data_key, subject_key
from keys.sealing import seal, unseal
from keys.secrets import HostSecrets
from wallet.data.errors import NothingToLock
from wallet.data.sealed import inner_aad, origin_aad, value_aad
from wallet.data.tables import attribute_values
from wallet.people.locking import drop_lock

_row = attribute_values.c

_RESEAL = (
    update(attribute_values)
    .where(
        _row.person_id == bindparam("of_person"),
        _row.persona_id == bindparam("of_persona"),
        _row.attribute == bindparam("of_attribute"),
        _row.version == bindparam("of_version"),
    )
    .values(
        value_sealed=bindparam("new_sealed"),
        origin_sealed=bindparam("new_origin", type_=LargeBinary),
        locked=bindparam("new_locked"),
    )
)


def lock(db: Connection, secrets: HostSecrets, *, place: dict[str, str], lock_key: bytes) -> None:
    """`place` is person_id, persona_id and attribute. Raises NothingToLock."""
    _reseal(db, secrets, place, lock_key, to_locked=True)


def unlock(db: Connection, secrets: HostSecrets, *, place: dict[str, str], lock_key: bytes) -> None:
    """Raises NothingToLock, and CannotOpen for another person's key."""
    _reseal(db, secrets, place, lock_key, to_locked=False)


def give_up(db: Connection, *, place: dict[str, str]) -> bool:
    """Throw away a locked value with its history, for who has no way back to their lock key; whether there was one.

    With the last one the lock key goes, so that a new one can be made.
    """
    here = [_row[column] == value for column, value in place.items()]
    if not db.execute(delete(attribute_values).where(*here, _row.locked)).rowcount:
        return False
    destroy_subject_keys(db, person_id=place["person_id"], persona_id=place["persona_id"], subject=place["attribute"])
    drop_unused(db, person_id=place["person_id"])
    return True


def drop_unused(db: Connection, *, person_id: str, besides: str = "") -> bool:
    """Where nothing is locked the lock key goes, so that a new one can be made; whether it did."""
    unused = not has_locked(db, person_id=person_id)
    if unused:
        drop_lock(db, person_id=person_id, besides=besides)
    return unused


def has_locked(db: Connection, *, person_id: str) -> bool:
    return db.execute(select(_row.version).where(_row.person_id == person_id, _row.locked).limit(1)).first() is not None


def _reseal(db: Connection, secrets: HostSecrets, place: dict[str, str], lock_key: bytes, *, to_locked: bool) -> None:
    here = [_row[column] == value for column, value in place.items()]
    columns = (_row.version, _row.value_sealed, _row.origin_sealed, _row.replaced_at)
    found = db.execute(select(*columns).where(*here, _row.locked.is_(not to_locked))).all()
    if all(row.replaced_at is not None for row in found):
        raise NothingToLock
    data_key = open_data_key(db, secrets, person_id=place["person_id"])
    subject = {"person_id": place["person_id"], "persona_id": place["persona_id"], "subject": place["attribute"]}
    before = subject_key(db, data_key, **subject)
    destroy_subject_keys(db, **subject)
    after = subject_key(db, data_key, **subject)
    at = {f"of_{name.removesuffix('_id')}": value for name, value in place.items()}
    changed = []
    for row in found:
        outer, inner = value_aad(place, row.version), inner_aad(place, row.version)
        plain = unseal(before, row.value_sealed, *outer)
        plain = seal(lock_key, plain, *inner) if to_locked else unseal(lock_key, plain, *inner)
        came, of_origin = row.origin_sealed, origin_aad(place, row.version)
        new = {
            "new_sealed": seal(after, plain, *outer),
            "new_origin": came and seal(after, unseal(before, came, *of_origin), *of_origin),
            "new_locked": to_locked,
        }
        changed.append({**at, "of_version": row.version, **new})
    db.execute(_RESEAL, changed)
