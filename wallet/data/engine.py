"""Set, unset and read a person's values; every version is kept, and the last one counts."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, insert, select, union_all
from sqlalchemy.exc import IntegrityError

from keys.persons import (
    hold_subject_key,
    meet,
    open_subject_key,
    unwrap_data_key,
    unwrap_subject_key,
    with_keys,
)
from keys.prepared import Prepared
from keys.sealing import cipher
from keys.secrets import HostSecrets
from wallet import noticing
from wallet.data import inheritance
from wallet.data.attributes import find_attribute
from wallet.data.errors import ChangedMeanwhile, LockedAway
from wallet.data.kinds import check
from wallet.data.model import ASSURANCE, SELF, Change, Json, Origin, Value
from wallet.data.sealed import lock_of, opened, origin_of, origin_sealed, sealed
from wallet.data.tables import attribute_values, inherited_values
from wallet.people.errors import UnknownPersona

LONGEST_HISTORY = 50

_row = attribute_values.c

_taken = inherited_values.c


def _with_keys(seen: ColumnElement[int]) -> Select[Any]:
    """Current values, with what opens each; `seen` is the version that a page of this persona shows."""
    columns = (
        _row.attribute,
        _row.persona_id,
        _row.version,
        seen.label("seen"),
        _row.set_at,
        _row.source,
        _row.value_sealed,
        _row.locked,
    )
    found = with_keys(attribute_values, *columns, persona_id=_row.persona_id, subject=_row.attribute)
    return found.where(_row.person_id == bindparam("person_id"), _row.replaced_at.is_(None))


_SOURCE = and_(
    _taken.person_id == _row.person_id, _taken.from_persona_id == _row.persona_id, _taken.attribute == _row.attribute
)

# Built once: every read of a vendor runs it, and a person has few enough values to pick from here. First the persona's
# own values, then those it takes from another persona.
_CURRENT = Prepared(
    union_all(
        _with_keys(_row.version).where(_row.persona_id == bindparam("persona_id")),
        _with_keys(_taken.version)
        .join(inherited_values, _SOURCE)
        .where(
            _taken.person_id == bindparam("person_id"),
            _taken.persona_id == bindparam("persona_id"),
            _taken.replaced_at.is_(None),
        ),
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
    origin: Origin = SELF,
    lock_key: bytes | None = None,
    now: int,
) -> Value:
    """Keep what was typed, or came from elsewhere (`origin`), as the new current value.

    `expected_version` is the version they saw: 0 where there was none, None to replace whatever there is. A value that
    was taken from another persona is so no longer. Raises UnknownAttribute, BadValue, LockedAway, and ChangedMeanwhile
    unless what stands there now is the very same value.
    """
    new = check(find_attribute(db, secrets, person_id=person_id, name=attribute), value)
    place = {"person_id": person_id, "persona_id": persona_id, "attribute": attribute}
    if _make_room(db, place, expected_version=expected_version, now=now):
        try:
            with db.begin_nested():
                return _insert(db, secrets, place, value=new, origin=origin, lock_key=lock_key, now=now)
        except IntegrityError:  # somebody else was first; the index on current values tells
            pass
    found = current_values(
        db, secrets, person_id=person_id, persona_id=persona_id, attributes={attribute}, lock_key=lock_key
    )
    current = found.get(attribute)
    if current is None or current.taken_from or current.value != new:
        raise ChangedMeanwhile
    return current


def unset_value(
    db: Connection, *, person_id: str, persona_id: str, attribute: str, expected_version: int | None = None, now: int
) -> bool:
    """Whether there was a value to remove, own or taken from another persona; the history keeps it."""
    place = {"person_id": person_id, "persona_id": persona_id, "attribute": attribute}
    noticing.value_changed(db, person_id=person_id, attribute=attribute)
    return inheritance.retire(db, place, version=expected_version, now=now)


def current_values(
    db: Connection,
    secrets: HostSecrets,
    *,
    person_id: str,
    persona_id: str,
    attributes: Collection[str] | None = None,
    lock_key: bytes | None = None,
) -> dict[str, Value]:
    """The values there are of these attributes (None: of all), own and taken, by name; one statement.

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
        place = {"person_id": person_id, "persona_id": row.persona_id, "attribute": row.attribute}
        key = unwrap_subject_key(data_key, row.key_sealed, **_keyed(place))
        value = opened(key, row, place, lock_key)
        lock = lock_of(row.value_sealed, locked=row.locked)
        taken_from = None if row.persona_id == persona_id else row.persona_id
        assurance = ASSURANCE[row.source]
        values[row.attribute] = Value(row.attribute, value, row.seen, row.set_at, assurance, taken_from, lock)
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
    own = db.execute(_versions(place).order_by(_row.version.desc()).limit(LONGEST_HISTORY)).all()
    taken = inheritance.past(db, place, longest=LONGEST_HISTORY)
    rows = sorted([*own, *taken], key=lambda row: row.version, reverse=True)[:LONGEST_HISTORY]
    key = _key(db, secrets, place) if own else b""
    changes = []
    for later, row in zip([None, *rows], rows, strict=False):
        if row.replaced_at is not None and (later is None or later.set_at > row.replaced_at):
            changes.append(Change(None, row.replaced_at, SELF))
        if row in taken:
            changes.append(Change(None, row.set_at, SELF, row.from_persona_id))
        else:
            value, origin = opened(key, row, place, lock_key), origin_of(key, row, place)
            changes.append(Change(value, row.set_at, origin, locked=row.locked))
    return changes


def _make_room(db: Connection, place: dict[str, str], *, expected_version: int | None, now: int) -> bool:
    """Retire the version that was seen, whichever it was. False if it is no longer the current one."""
    meet(db, person_id=place["person_id"])
    if expected_version == 0:
        return not inheritance.is_taking(db, place)
    return inheritance.retire(db, place, version=expected_version, now=now) or expected_version is None


def _insert(
    db: Connection,
    secrets: HostSecrets,
    place: dict[str, str],
    *,
    value: Json,
    origin: Origin,
    lock_key: bytes | None,
    now: int,
) -> Value:
    """Raises LockedAway: where one version is locked, all are. UnknownPersona for one that is being erased."""
    locked = is_locked(db, **place)
    if locked and lock_key is None:
        raise LockedAway
    version, key = inheritance.next_version(db, place), _key(db, secrets, place)
    if not hold_subject_key(db, **_keyed(place)):
        raise UnknownPersona
    row: dict[str, Any] = {
        "version": version,
        "value_sealed": sealed(key, value, place, version, lock_key=lock_key if locked else None),
        "locked": locked,
        "set_at": now,
        "source": origin.source,
        "origin_sealed": origin_sealed(key, origin, place, version),
    }
    db.execute(insert(attribute_values).values(place | row))
    noticing.value_changed(db, person_id=place["person_id"], attribute=place["attribute"])
    lock = lock_of(row["value_sealed"], locked=locked)
    return Value(place["attribute"], value, version, now, origin.assurance, lock=lock)


def is_locked(db: Connection, **place: str) -> bool:
    """Whether a value is; `place` is person_id, persona_id and attribute."""
    return db.execute(select(_row.version).where(_at(place), _row.locked).limit(1)).first() is not None


def _versions(place: dict[str, str]) -> Select[Any]:
    columns = (_row.version, _row.value_sealed, _row.locked, _row.set_at, _row.source, _row.origin_sealed)
    return select(*columns, _row.replaced_at).where(_at(place))


def _at(place: dict[str, str]) -> ColumnElement[bool]:
    return and_(*(_row[column] == value for column, value in place.items()))


def _key(db: Connection, secrets: HostSecrets, place: dict[str, str]) -> bytes:
    return open_subject_key(db, secrets, **_keyed(place))


def _keyed(place: dict[str, str]) -> dict[str, str]:
    return {"person_id": place["person_id"], "persona_id": place["persona_id"], "subject": place["attribute"]}
