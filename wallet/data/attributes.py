"""Which attributes a person has: everybody's, and those they thought of themselves."""

import json
import re

from flask_babel import lazy_gettext as _
from sqlalchemy import Connection, and_, insert, select
from sqlalchemy.exc import IntegrityError

from keys.persons import EVERY_PERSONA, open_data_key, subject_key, unwrap_data_key, unwrap_subject_key
from keys.sealing import seal, unseal
from keys.secrets import HostSecrets
from keys.tables import data_keys, person_keys
from wallet.data.catalogue import CATALOGUE, RESERVED
from wallet.data.errors import BadName, BadValue, UnknownAttribute
from wallet.data.kinds import KINDS
from wallet.data.model import Attribute
from wallet.data.tables import custom_attributes
from wallet.data.text import clean

LONGEST_NAME = 64
LONGEST_LABEL = 80
_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")


def attributes_of(db: Connection, secrets: HostSecrets, *, person_id: str) -> dict[str, Attribute]:
    """By name: the catalogue in its order, then the person's own."""
    found = (
        select(
            custom_attributes.c.name,
            custom_attributes.c.definition_sealed,
            data_keys.c.key_sealed,
            person_keys.c.data_key_sealed,
        )
        .join(person_keys, person_keys.c.person_id == custom_attributes.c.person_id)
        .join(
            data_keys,
            and_(
                data_keys.c.person_id == custom_attributes.c.person_id,
                data_keys.c.persona_id == EVERY_PERSONA,
                data_keys.c.subject == custom_attributes.c.name,
            ),
        )
        .where(custom_attributes.c.person_id == person_id)
        .order_by(custom_attributes.c.name)
    )
    own = {}
    for row in db.execute(found):
        data_key = unwrap_data_key(secrets, row.data_key_sealed, person_id=person_id)
        key = unwrap_subject_key(data_key, row.key_sealed, **_keyed(person_id, row.name))
        own[row.name] = _unseal(key, row.definition_sealed, person_id=person_id, name=row.name)
    return CATALOGUE | {name: attribute for name, attribute in own.items() if name not in CATALOGUE}


def find_attribute(db: Connection, secrets: HostSecrets, *, person_id: str, name: str) -> Attribute:
    """Raises UnknownAttribute. Costs a statement only for the person's own attributes."""
    if name in CATALOGUE:
        return CATALOGUE[name]
    found = attributes_of(db, secrets, person_id=person_id).get(name)
    if found is None:
        raise UnknownAttribute
    return found


def define_attribute(
    db: Connection, secrets: HostSecrets, *, person_id: str, name: str, label: str, kind: str, now: int
) -> Attribute:
    """A new attribute of the person's own. Raises BadName, and BadValue for a label or kind that will not do."""
    if kind not in KINDS:
        raise BadValue(_("Choose one of the kinds."))
    label = clean(label, longest=LONGEST_LABEL)
    check_new_name(name, others=attributes_of(db, secrets, person_id=person_id))
    data_key = open_data_key(db, secrets, person_id=person_id)
    definition = json.dumps({"kind": kind, "label": label}).encode()
    key = subject_key(db, data_key, **_keyed(person_id, name))
    sealed = seal(key, definition, "custom_attributes", person_id, name)
    row = {"person_id": person_id, "name": name, "definition_sealed": sealed, "created_at": now}
    try:
        db.execute(insert(custom_attributes).values(row))
    except IntegrityError:
        raise BadName(_("You have an attribute of this name already.")) from None
    return _own(name, kind=kind, label=label)


def check_new_name(name: str, *, others: dict[str, Attribute]) -> None:
    """Raises BadName. A name is not the beginning of another one: a value can not also be a group of values."""
    if not is_name(name):
        raise BadName(_("A name has small letters, digits and _, in parts that begin with a letter: pets.cat_name"))
    if name in others:
        raise BadName(_("You have an attribute of this name already."))
    if name.partition(".")[0] in RESERVED:
        raise BadName(_("This name has a meaning of its own for vendors. Choose another one."))
    if any(name.startswith(f"{other}.") or other.startswith(f"{name}.") for other in others):
        raise BadName(_("This name begins like the name of another attribute. Choose another one."))


def is_name(name: str) -> bool:
    return len(name) <= LONGEST_NAME and _NAME.fullmatch(name) is not None


def _keyed(person_id: str, name: str) -> dict[str, str]:
    return {"person_id": person_id, "persona_id": EVERY_PERSONA, "subject": name}


def _unseal(key: bytes, sealed: bytes, *, person_id: str, name: str) -> Attribute:
    return _own(name, **json.loads(unseal(key, sealed, "custom_attributes", person_id, name)))


def _own(name: str, *, kind: str, label: str) -> Attribute:
    return Attribute(name, kind, label, label, "own")
