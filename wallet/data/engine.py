"""Set, unset and read a person's values; every version is kept, and the last one counts."""

from collections.abc import Collection
from hashlib import sha256
from typing import Any

import orjson
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import ColumnElement, Connection, and_, bindparam, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from keys.persons import open_data_key, subject_key, unwrap_data_key, unwrap_subject_key
from keys.prepared import Prepared
from keys.sealing import cipher, seal, unseal
from keys.secrets import HostSecrets
from keys.tables import data_keys, person_keys
from wallet.data.attributes import find_attribute
from wallet.data.errors import ChangedMeanwhile, LockedAway
from wallet.data.kinds import check_value
from wallet.data.model import Change, Json, Value
from wallet.data.tables import attribute_values

LONGEST_HISTORY = 50

_row = attribute_values.c

# Built once: every read of a vendor runs it, and a person has few enough values to pick from here.
_CURRENT = Prepared(
    select(
        _row.attribute,
        _row.version,
        _row.set_at,
        _row.value_sealed,
        _row.locked,
        data_keys.c.key_sealed,
        person_keys.c.data_key_sealed,
    )
    .join(person_keys, person_keys.c.person_id == _row.person_id)
    .join(
        data_keys,
        and_(
            data_keys.c.person_id == _row.person_id,
            data_keys.c.persona_id == _row.persona_id,
            data_keys.c.subject == _row.attribute,
        ),
    )
    .where(
        _row.person_id == bindparam("person_id"), _row.persona_id == bindparam("persona_id"), _row.replaced_at.is_(None)
    )
)


def set_value(
    db: Connection,
    secrets: HostSecrets,
    *,
    person_id: str,
    persona_id: str,
    attribute: str,
    value: str,
    expected_version: int | None,
    source: str = "self",
    lock_key: bytes | None = None,
    now: int,
) -> Value:
    """Keep what the person typed as the new current value.

    `expected_version` is the version they saw: 0 where there was none, None to replace whatever there is. Raises
    UnknownAttribute, BadValue, LockedAway, and ChangedMeanwhile unless what stands there now is the very same value.
    """
    kind = find_attribute(db, secrets, person_id=person_id, name=attribute).kind
    new = check_value(kind, value)
    place = {"person_id": person_id, "persona_id": persona_id, "attribute": attribute}
    if _make_room(db, place, expected_version=expected_version, now=now):
        try:
            with db.begin_nested():
                return _insert(db, secrets, place, value=new, source=source, lock_key=lock_key, now=now)
        except IntegrityError:  # somebody else was first; the index on current values tells
            pass
    found = current_values(
        db, secrets, person_id=person_id, persona_id=persona_id, attributes={attribute}, lock_key=lock_key
    )
    current = found.get(attribute)
    if current is None or current.value != new:
        raise ChangedMeanwhile
    return current


def unset_value(
    db: Connection, *, person_id: str, persona_id: str, attribute: str, expected_version: int | None = None, now: int
) -> bool:
    """Whether there was a value to remove; the history keeps it."""
    place = {"person_id": person_id, "persona_id": persona_id, "attribute": attribute}
    return _retire(db, place, version=expected_version, now=now)


def current_values(
    db: Connection,
    secrets: HostSecrets,
    *,
    person_id: str,
    persona_id: str,
    attributes: Collection[str] | None = None,
    lock_key: bytes | None = None,
) -> dict[str, Value]:
    """The values there are of these attributes (None: of all), by name; one statement.

    What is locked comes closed, unless the person's lock key is given.
    """
    rows = _CURRENT.all(db, {"person_id": person_id, "persona_id": persona_id})
    if attributes is not None:
        rows = [row for row in rows if row.attribute in attributes]
    if not rows:
        return {}
    data_key = cipher(unwrap_data_key(secrets, rows[0].data_key_sealed, person_id=person_id))
    values = {}
    for row in rows:
        place = {"person_id": person_id, "persona_id": persona_id, "attribute": row.attribute}
        key = unwrap_subject_key(data_key, row.key_sealed, **_keyed(place))
        value = _opened(key, row, place, lock_key)
        values[row.attribute] = Value(row.attribute, value, row.version, row.set_at, lock_of(row))
    return values


def history(
    db: Connection,
    secrets: HostSecrets,
    *,
    person_id: str,
    persona_id: str,
    attribute: str,
    lock_key: bytes | None = None,
) -> list[Change]:
    """What happened to an attribute, the latest first, at most the last 50 values."""
    place = {"person_id": person_id, "persona_id": persona_id, "attribute": attribute}
    columns = (_row.version, _row.value_sealed, _row.locked, _row.set_at, _row.source, _row.replaced_at)
    versions = select(*columns).where(_at(place))
    rows = db.execute(versions.order_by(_row.version.desc()).limit(LONGEST_HISTORY)).all()
    key = _key(db, secrets, place) if rows else b""
    changes = []
    for later, row in zip([None, *rows], rows, strict=False):
        if row.replaced_at is not None and (later is None or later.set_at > row.replaced_at):
            changes.append(Change(None, row.replaced_at, "self"))
        changes.append(Change(_opened(key, row, place, lock_key), row.set_at, row.source, row.locked))
    return changes


def _make_room(db: Connection, place: dict[str, str], *, expected_version: int | None, now: int) -> bool:
    """Retire the version that was seen, whichever it was. False if it is no longer the current one."""
    if expected_version == 0:
        return True
    return _retire(db, place, version=expected_version, now=now) or expected_version is None


def _retire(db: Connection, place: dict[str, str], *, version: int | None, now: int) -> bool:
    current = update(attribute_values).where(_at(place), _row.replaced_at.is_(None))
    if version is not None:
        current = current.where(_row.version == version)
    return db.execute(current.values(replaced_at=now)).rowcount == 1


def _insert(
    db: Connection,
    secrets: HostSecrets,
    place: dict[str, str],
    *,
    value: Json,
    source: str,
    lock_key: bytes | None,
    now: int,
) -> Value:
    """Raises LockedAway: where one version is locked, all are."""
    last, locked = db.execute(select(func.max(_row.version), func.count().filter(_row.locked)).where(_at(place))).one()
    version = (last or 0) + 1
    if locked and lock_key is None:
        raise LockedAway
    plain = orjson.dumps(value)
    if locked and lock_key:
        plain = seal(lock_key, plain, *inner_aad(place, version))
    sealed = seal(_key(db, secrets, place), plain, *value_aad(place, version))
    row = {"version": version, "value_sealed": sealed, "set_at": now, "source": source, "locked": locked > 0}
    db.execute(insert(attribute_values).values(place | row))
    return Value(place["attribute"], value, version, now)


def _at(place: dict[str, str]) -> ColumnElement[bool]:
    return and_(*(_row[column] == value for column, value in place.items()))


def _key(db: Connection, secrets: HostSecrets, place: dict[str, str]) -> bytes:
    data_key = open_data_key(db, secrets, person_id=place["person_id"])
    return subject_key(db, data_key, **_keyed(place))


def _keyed(place: dict[str, str]) -> dict[str, str]:
    return {"person_id": place["person_id"], "persona_id": place["persona_id"], "subject": place["attribute"]}


def _opened(key: bytes | AESGCM, row: Any, place: dict[str, str], lock_key: bytes | None) -> Json | None:
    """None for what is locked where there is no key to it."""
    if row.locked and lock_key is None:
        return None
    plain = unseal(key, row.value_sealed, *value_aad(place, row.version))
    if row.locked and lock_key:
        plain = unseal(lock_key, plain, *inner_aad(place, row.version))
    value: Json = orjson.loads(plain)
    return value


def lock_of(row: Any) -> str:
    return sha256(row.value_sealed).hexdigest() if row.locked else ""


def inner_aad(place: dict[str, str], version: int) -> tuple[str, ...]:
    return "locked", *value_aad(place, version)


def value_aad(place: dict[str, str], version: int) -> tuple[str, ...]:
    return "value", place["person_id"], place["persona_id"], place["attribute"], str(version)
