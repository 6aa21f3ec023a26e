"""Which attributes a person has: everybody's, and those they thought of themselves."""

import re
from collections.abc import Collection
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import Connection, Row, Select, insert
from sqlalchemy.exc import IntegrityError

from keys.persons import (
    EVERY_PERSONA,
    key_of_row,
    open_data_key,
    subject_key,
    with_keys,
)
from keys.sealing import seal, unseal
from keys.secrets import HostSecrets
from wallet.data.catalogue import EVERYBODYS, RESERVED, RESERVED_BEGINNING
from wallet.data.definitions import NOTHING_MORE, Details, as_json, check_fact, checked, from_json
from wallet.data.errors import BadName, UnknownAttribute
from wallet.data.model import Attribute
from wallet.data.tables import custom_attributes

LONGEST_NAME = 64
MOST_OWN = 200
_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*){0,3}")  # as vendors may ask for it


def attributes_of(db: Connection, secrets: HostSecrets, *, person_id: str) -> dict[str, Attribute]:
    """By name: everybody's in their order, then the person's own."""
    return EVERYBODYS | own_attributes(db, secrets, person_id=person_id)


def own_attributes(
    db: Connection, secrets: HostSecrets, *, person_id: str, names: Collection[str] | None = None
) -> dict[str, Attribute]:
    """What the person thought of, by name; of these names alone unless None."""
    found = definitions(person_id)
    if names is not None:
        found = found.where(custom_attributes.c.name.in_([name for name in names if is_name(name)]))
    own = {row.name: defined(secrets, row, person_id=person_id) for row in db.execute(found)}
    return {name: attribute for name, attribute in own.items() if name not in EVERYBODYS}


def definitions(person_id: str) -> Select[Any]:
    """The sealed definitions with the keys they lie under."""
    row = custom_attributes.c
    found = with_keys(custom_attributes, row.name, row.definition_sealed, persona_id=EVERY_PERSONA, subject=row.name)
    return found.where(row.person_id == person_id).order_by(row.name)


def defined(secrets: HostSecrets, row: Row[Any], *, person_id: str) -> Attribute:
    """For a row of `definitions`. Raises CannotOpen."""
    key = key_of_row(secrets, row, **keyed(person_id, row.name))
    return from_json(row.name, unseal(key, row.definition_sealed, *place(person_id, row.name)))


def find_attribute(db: Connection, secrets: HostSecrets, *, person_id: str, name: str) -> Attribute:
    """Raises UnknownAttribute. Costs a statement only for the person's own attributes."""
    if name in EVERYBODYS:
        return EVERYBODYS[name]
    found = own_attributes(db, secrets, person_id=person_id, names=(name,)).get(name)
    if found is None:
        raise UnknownAttribute
    return found


def define_attribute(
    db: Connection,
    secrets: HostSecrets,
    *,
    person_id: str,
    name: str,
    label: str,
    kind: str,
    details: Details = NOTHING_MORE,
    now: int,
) -> Attribute:
    """A new attribute of the person's own. Raises BadName, and BadValue for what else will not do."""
    attribute = checked(name, label=label, kind=kind, details=details)
    others = attributes_of(db, secrets, person_id=person_id)
    check_new_name(name, others=others)
    if attribute.fact:
        check_fact(attribute.fact, others.get(attribute.fact.of) if isinstance(attribute.fact.of, str) else None)
    row = {"person_id": person_id, "name": name, "created_at": now}
    sealed = sealed_definition(db, secrets, attribute, person_id=person_id)
    try:
        db.execute(insert(custom_attributes).values(row | {"definition_sealed": sealed}))
    except IntegrityError:
        raise BadName(_("You have an attribute of this name already.")) from None
    return attribute


def sealed_definition(db: Connection, secrets: HostSecrets, attribute: Attribute, *, person_id: str) -> bytes:
    data_key = open_data_key(db, secrets, person_id=person_id)
    key = subject_key(db, data_key, **keyed(person_id, attribute.name))
    return seal(key, as_json(attribute), *place(person_id, attribute.name))


def check_new_name(name: str, *, others: dict[str, Attribute]) -> None:
    """Raises BadName. A name is not the beginning of another one: a value can not also be a group of values."""
    if not is_name(name):
        raise BadName(
            _("A name has small letters, digits and _, in at most four parts that begin with a letter: pets.cat_name")
        )
    if name.partition(".")[0] in RESERVED or (name.startswith(RESERVED_BEGINNING) and name not in others):
        raise BadName(_("This name has a meaning of its own for vendors. Choose another one."))
    if name in others:
        raise BadName(_("You have an attribute of this name already."))
    if any(name.startswith(f"{other}.") or other.startswith(f"{name}.") for other in others):
        raise BadName(_("This name begins like the name of another attribute. Choose another one."))
    if len(others) - len(EVERYBODYS) >= MOST_OWN:
        raise BadName(_("You have %(most)s things of your own already. Remove one first.", most=MOST_OWN))


def is_name(name: str) -> bool:
    return len(name) <= LONGEST_NAME and _NAME.fullmatch(name) is not None


def keyed(person_id: str, name: str) -> dict[str, str]:
    return {"person_id": person_id, "persona_id": EVERY_PERSONA, "subject": name}


def place(person_id: str, name: str) -> tuple[str, str, str]:
    return "custom_attributes", person_id, name
