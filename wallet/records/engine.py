"""Data sets: make, find, rename and delete them, and take what an import brought back out of them."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict
from typing import Any
from zoneinfo import available_timezones

import orjson
from flask_babel import lazy_gettext as _
from sqlalchemy import Connection, Row, Select, and_, delete, func, insert, literal, select, update
from ulid import ULID

from keys.persons import (
    destroy_subject_keys,
    key_of_row,
    open_subject_key,
    with_keys,
)
from keys.sealing import seal, unseal
from keys.secrets import HostSecrets
from wallet.records.errors import BadDataSet, DataSetChanged, UnknownDataSet
from wallet.records.model import DATED, KINDS, MOST_COLUMNS, Column, DataSet, Shape
from wallet.records.tables import data_sets, record_blocks, record_imports, record_uploads

LONGEST_NAME = 80
LONGEST_UNIT = 16
MOST_DATA_SETS = 1000
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")

_row = data_sets.c


def subject_of(thing_id: str) -> str:
    """Under which the key of a data set, or of a file that waits, is kept."""
    return f"records/{thing_id}"


def create(
    db: Connection, secrets: HostSecrets, *, person_id: str, persona_id: str, name: str, shape: Shape, now: int
) -> DataSet:
    """Raises BadDataSet."""
    name = check_name(name)
    check_shape(shape)
    if len(of_persona(db, secrets, person_id=person_id, persona_id=persona_id)) >= MOST_DATA_SETS:
        raise BadDataSet(_("You have a great many data sets already. Delete one first."))
    data_set_id = str(ULID())
    key = open_subject_key(db, secrets, person_id=person_id, persona_id=persona_id, subject=subject_of(data_set_id))
    made = DataSet(data_set_id, person_id, persona_id, name, shape, 1, now, key)
    place = {"person_id": person_id, "data_set_id": data_set_id, "persona_id": persona_id, "created_at": now}
    db.execute(insert(data_sets).values(place | {"version": 1, "about_sealed": _about(made, name, 1)}))
    return made


def of_persona(db: Connection, secrets: HostSecrets, *, person_id: str, persona_id: str) -> tuple[DataSet, ...]:
    """All of them, the newest first."""
    mine = _keyed(person_id).where(_row.persona_id == persona_id)
    return tuple(_opened(secrets, row) for row in db.execute(mine.order_by(_row.data_set_id.desc())))


def find(db: Connection, secrets: HostSecrets, *, person_id: str, persona_id: str, data_set_id: str) -> DataSet:
    """Raises UnknownDataSet."""
    mine = _keyed(person_id).where(_row.persona_id == persona_id, _row.data_set_id == data_set_id)
    row = db.execute(mine).one_or_none()
    if row is None:
        raise UnknownDataSet
    return _opened(secrets, row)


def rename(db: Connection, data_set: DataSet, *, name: str, expected_version: int) -> None:
    """Raises BadDataSet, and DataSetChanged unless it is still the one that was seen."""
    name = check_name(name)
    here = and_(_at(data_set), _row.version == expected_version)
    values = {"version": expected_version + 1, "about_sealed": _about(data_set, name, expected_version + 1)}
    if name != data_set.name and db.execute(update(data_sets).where(here).values(values)).rowcount != 1:
        raise DataSetChanged


def forget(db: Connection, data_set: DataSet) -> None:
    """Delete a data set for good: its key first, so that no copy of its rows can be read either."""
    place = {"person_id": data_set.person_id, "persona_id": data_set.persona_id}
    mine = and_(record_imports.c.person_id == data_set.person_id, record_imports.c.data_set_id == data_set.data_set_id)
    imports = db.execute(select(record_imports.c.import_id).where(mine)).scalars().all()
    destroy_subject_keys(db, **place, subject=subject_of(data_set.data_set_id))
    for import_id in imports:
        destroy_subject_keys(db, **place, subject=subject_of(import_id))
    _delete_uploads(db, data_set.person_id, imports)
    db.execute(delete(record_imports).where(mine))
    for table in (record_blocks, data_sets):
        there = (table.c.person_id == data_set.person_id) & (table.c.data_set_id == data_set.data_set_id)
        db.execute(delete(table).where(there))


def _delete_uploads(db: Connection, person_id: str, imports: Collection[str]) -> None:
    if imports:
        there = (record_uploads.c.person_id == person_id) & record_uploads.c.import_id.in_(imports)
        db.execute(delete(record_uploads).where(there))


def check_name(name: str) -> str:
    """The name as it is kept. Raises BadDataSet."""
    clean = tidy(name)
    if not clean or len(clean) > LONGEST_NAME:
        raise BadDataSet(_("Give the data set a name of 1 to %(longest)s characters.", longest=LONGEST_NAME))
    return clean


def tidy(text: str) -> str:
    """One line, composed (NFC), without what nobody can see."""
    text = _TURNING.sub("", unicodedata.normalize("NFC", " ".join(text.split())))
    return "".join(letter for letter in text if unicodedata.category(letter) not in {"Cc", "Cs", "Cn", "Co"}).strip()


def check_shape(shape: Shape) -> None:
    """Raises BadDataSet."""
    names = [column.name for column in shape.columns]
    if not 1 <= len(names) <= MOST_COLUMNS:
        raise BadDataSet(_("A data set has 1 to %(most)s columns.", most=MOST_COLUMNS))
    if len({name.casefold() for name in names}) != len(names) or not all(names):
        raise BadDataSet(_("Each column needs a name of its own."))
    if any(column.kind not in KINDS or len(column.unit) > LONGEST_UNIT for column in shape.columns):
        raise BadDataSet(_("Choose one of the kinds for each column, and a short unit."))
    if shape.date is not None and shape.columns[shape.date].kind not in DATED:
        raise BadDataSet(_("The column that says when has to be a date or a moment."))
    if shape.zone not in available_timezones():
        raise BadDataSet(_("Choose a time zone by continent and city, for example Europe/Berlin."))


def count(db: Connection, *, person_id: str, persona_id: str) -> int:
    mine = (_row.person_id == person_id) & (_row.persona_id == persona_id)
    return db.execute(select(func.count()).select_from(data_sets).where(mine)).scalar_one()


def _keyed(person_id: str) -> Select[Any]:
    """This person's data sets, each with what opens it."""
    subject = literal(subject_of("")).concat(_row.data_set_id)
    mine = with_keys(data_sets, data_sets, persona_id=_row.persona_id, subject=subject)
    return mine.where(_row.person_id == person_id)


def _opened(secrets: HostSecrets, row: Row[Any]) -> DataSet:
    place = {"person_id": row.person_id, "persona_id": row.persona_id, "subject": subject_of(row.data_set_id)}
    key = key_of_row(secrets, row, **place)
    about = orjson.loads(unseal(key, row.about_sealed, *_aad(row.person_id, row.data_set_id, row.version)))
    shape = shape_of(about["columns"], about["date"], about["zone"])
    return DataSet(
        row.data_set_id, row.person_id, row.persona_id, about["name"], shape, row.version, row.created_at, key
    )


def shape_of(columns: Iterable[dict[str, Any]], date: int | None, zone: str) -> Shape:
    return Shape(tuple(Column(**column) for column in columns), date, zone)


def written(columns: Sequence[Column]) -> list[dict[str, Any]]:
    return [asdict(column) for column in columns]


def _about(data_set: DataSet, name: str, version: int) -> bytes:
    shape = data_set.shape
    about = {"name": name, "columns": written(shape.columns), "date": shape.date, "zone": shape.zone}
    return seal(data_set.key, orjson.dumps(about), *_aad(data_set.person_id, data_set.data_set_id, version))


def _aad(person_id: str, data_set_id: str, version: int) -> tuple[str, ...]:
    return "data_set", person_id, data_set_id, str(version)


def _at(data_set: DataSet) -> Any:
    return and_(_row.person_id == data_set.person_id, _row.data_set_id == data_set.data_set_id)
