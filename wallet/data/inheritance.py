"""A persona takes single values from another persona of the same person: "as at Me". By itself it takes nothing.

It has either a value of its own or takes one, and takes it only from where one stands: there are no chains. Versions
are counted through, so that one number says what a page has shown.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, func, insert, select, union_all, update

from keys.persons import meet
from wallet import noticing
from wallet.data.errors import ChangedMeanwhile, NothingToTake, TakenByAnother, TakesItself
from wallet.data.tables import attribute_values, inherited_values

Place = Mapping[str, str]


def inherit(
    db: Connection,
    *,
    person_id: str,
    persona_id: str,
    attribute: str,
    source: str,
    expected_version: int | None = None,
    now: int,
) -> None:
    """Take this attribute from the persona `source` from now on; a value of one's own goes to the history.

    `expected_version` is what the person saw, as in engine.set_value. Raises NothingToTake, TakesItself,
    TakenByAnother and ChangedMeanwhile.
    """
    meet(db, person_id=person_id)
    place = {"person_id": person_id, "persona_id": persona_id, "attribute": attribute}
    there = {**place, "persona_id": source}
    if is_taking(db, there):
        raise TakesItself
    if source == persona_id or not _is_current(db, attribute_values, there):
        raise NothingToTake
    if takers(db, person_id=person_id, persona_id=persona_id, attribute=attribute):
        raise TakenByAnother
    if expected_version is not None and expected_version != seen(db, place):
        raise ChangedMeanwhile
    retire(db, place, version=None, now=now)
    row = {**place, "version": next_version(db, place), "from_persona_id": source, "set_at": now}
    db.execute(insert(inherited_values).values(row))
    noticing.value_changed(db, person_id=person_id, attribute=attribute)


def inherit_all(
    db: Connection, seen_versions: Mapping[str, int], *, person_id: str, persona_id: str, source: str, now: int
) -> None:
    """Take several attributes, or none of them; `seen_versions` are what the person saw of each."""
    for attribute, version in seen_versions.items():
        whose = {"person_id": person_id, "persona_id": persona_id, "attribute": attribute}
        inherit(db, **whose, source=source, expected_version=version, now=now)


def retire(db: Connection, place: Place, *, version: int | None, now: int) -> bool:
    """End what is current, a value or the taking of one, if it is this version (None: any); says whether it was."""
    ended = 0
    for table in (attribute_values, inherited_values):
        current = update(table).where(_current(table, place))
        if version is not None:
            current = current.where(table.c.version == version)
        ended += db.execute(current.values(replaced_at=now)).rowcount
    return ended == 1


def end_with(db: Connection, *, person_id: str, source: str, now: int) -> None:
    """Nobody takes anything from this persona any more, which is being erased."""
    row = inherited_values.c
    from_there = (row.person_id == person_id, row.from_persona_id == source, row.replaced_at.is_(None))
    db.execute(update(inherited_values).where(*from_there).values(replaced_at=now))


def is_taking(db: Connection, place: Place) -> bool:
    return _is_current(db, inherited_values, place)


def takers(db: Connection, *, person_id: str, persona_id: str, attribute: str) -> tuple[str, ...]:
    """The personas that take this attribute from here."""
    row = inherited_values.c
    here = (row.person_id == person_id, row.from_persona_id == persona_id, row.attribute == attribute)
    found = select(row.persona_id).where(*here, row.replaced_at.is_(None)).order_by(row.persona_id)
    return tuple(db.execute(found).scalars())


def same_values(
    db: Connection, attributes: Iterable[str], *, person_id: str, persona_id: str
) -> dict[str, frozenset[str]]:
    """By attribute, the other personas that have the very value this one has, because one takes it from the other."""
    row = inherited_values.c
    of_person = (row.person_id == person_id, row.replaced_at.is_(None), row.attribute.in_(list(attributes)))
    stands_at: dict[str, dict[str, str]] = {}
    for name, taker, source in db.execute(select(row.attribute, row.persona_id, row.from_persona_id).where(*of_person)):
        stands_at.setdefault(name, {}).update({taker: source})
    same = {}
    for name, source_of in stands_at.items():
        here = source_of.get(persona_id, persona_id)
        having = {here, *(taker for taker, source in source_of.items() if source == here)}
        same[name] = frozenset(having - {persona_id}) if persona_id in having else frozenset()
    return {name: others for name, others in same.items() if others}


def sources(db: Connection, *, person_id: str, attribute: str) -> frozenset[str]:
    """The personas that have a value of their own for this attribute."""
    row = attribute_values.c
    there = (row.person_id == person_id, row.attribute == attribute, row.replaced_at.is_(None))
    return frozenset(db.execute(select(row.persona_id).where(*there)).scalars())


def numbers(db: Connection, *, person_id: str) -> dict[str, int]:
    """How many values each persona has, own and taken."""
    own, taken = attribute_values.c, inherited_values.c
    same = (taken.person_id == own.person_id) & (taken.from_persona_id == own.persona_id)
    are_taken = (
        select(taken.persona_id)
        .join(attribute_values, same & (taken.attribute == own.attribute) & own.replaced_at.is_(None))
        .where(taken.person_id == person_id, taken.replaced_at.is_(None))
    )
    all_of_them = union_all(
        select(own.persona_id).where(own.person_id == person_id, own.replaced_at.is_(None)), are_taken
    ).subquery()
    counted = select(all_of_them.c.persona_id, func.count()).group_by(all_of_them.c.persona_id)
    return dict(db.execute(counted).all())


@dataclass(frozen=True, slots=True)
class Taking:
    """That an attribute is taken, from which persona, and the version a page shows of that."""

    source: str
    version: int


def own_versions(db: Connection, *, person_id: str, persona_id: str) -> dict[str, int]:
    """The version of each value this persona has of its own, by attribute."""
    place = {"person_id": person_id, "persona_id": persona_id}
    row = attribute_values.c
    return dict(db.execute(select(row.attribute, row.version).where(_current(attribute_values, place))).all())


def taken_from(db: Connection, *, person_id: str, persona_id: str) -> dict[str, Taking]:
    """What this persona takes from others, by attribute."""
    place = {"person_id": person_id, "persona_id": persona_id}
    row = inherited_values.c
    columns = (row.attribute, row.from_persona_id, row.version)
    found = db.execute(select(*columns).where(_current(inherited_values, place)))
    return {name: Taking(source, version) for name, source, version in found}


def given(db: Connection, *, person_id: str, persona_id: str) -> frozenset[str]:
    """The attributes that others take from this persona."""
    row = inherited_values.c
    here = (row.person_id == person_id, row.from_persona_id == persona_id, row.replaced_at.is_(None))
    return frozenset(db.execute(select(row.attribute).where(*here)).scalars())


def seen(db: Connection, place: Place) -> int:
    """The version that is current, 0 where there is neither a value nor the taking of one."""
    found = (select(table.c.version).where(_current(table, place)) for table in (attribute_values, inherited_values))
    return db.execute(union_all(*found)).scalar() or 0


def next_version(db: Connection, place: Place) -> int:
    found = (select(table.c.version).where(_at(table, place)) for table in (attribute_values, inherited_values))
    versions = union_all(*found).subquery()
    return (db.execute(select(func.max(versions.c.version))).scalar() or 0) + 1


def past(db: Connection, place: Place, *, longest: int) -> Sequence[Any]:
    """From where the attribute was taken and until when, the latest first."""
    row = inherited_values.c
    columns = (row.version, row.from_persona_id, row.set_at, row.replaced_at)
    found = select(*columns).where(_at(inherited_values, place)).order_by(row.version.desc()).limit(longest)
    return db.execute(found).all()


def _is_current(db: Connection, table: Table, place: Place) -> bool:
    return db.execute(select(table.c.version).where(_current(table, place))).one_or_none() is not None


def _current(table: Table, place: Place) -> ColumnElement[bool]:
    return _at(table, place) & table.c.replaced_at.is_(None)


def _at(table: Table, place: Place) -> ColumnElement[bool]:
    return and_(*(table.c[column] == value for column, value in place.items()))
