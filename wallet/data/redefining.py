"""Change or remove an attribute that a person thought of."""

from collections.abc import Collection
from dataclasses import replace
from hashlib import sha256

from sqlalchemy import Connection, delete, update

from consent import grants
from keys.persons import destroy_everywhere
from keys.secrets import HostSecrets
from wallet.data.attributes import attributes_of, defined, definitions, sealed_definition
from wallet.data.definitions import Details, checked
from wallet.data.errors import DefinitionChanged, InUse, UnknownAttribute
from wallet.data.model import Attribute
from wallet.data.tables import attribute_values, custom_attributes

_row = custom_attributes.c


def definition_of(db: Connection, secrets: HostSecrets, *, person_id: str, name: str) -> tuple[Attribute, str]:
    """With a mark that is another one after each change. Raises UnknownAttribute."""
    row = db.execute(definitions(person_id).where(_row.name == name)).one_or_none()
    if row is None:
        raise UnknownAttribute
    return defined(secrets, row, person_id=person_id), mark(row.definition_sealed)


def change_attribute(
    db: Connection,
    secrets: HostSecrets,
    *,
    person_id: str,
    name: str,
    seen: str,
    label: str,
    details: Details,
) -> Attribute:
    """Another label, unit, limits or description; kind and condition stay, because vendors rely on them.

    `seen` is the mark of what the person had before their eyes. Raises UnknownAttribute, BadValue, DefinitionChanged.
    """
    row = db.execute(definitions(person_id).where(_row.name == name)).one_or_none()
    if row is None:
        raise UnknownAttribute
    before = defined(secrets, row, person_id=person_id)
    after = checked(name, label=label, kind=before.kind, details=replace(details, fact=before.fact))
    sealed = sealed_definition(db, secrets, after, person_id=person_id)
    if after == before:
        return before
    current = update(custom_attributes).where(_row.person_id == person_id, _row.name == name)
    current = current.where(_row.definition_sealed == row.definition_sealed)
    if mark(row.definition_sealed) != seen or db.execute(current.values(definition_sealed=sealed)).rowcount != 1:
        raise DefinitionChanged
    return after


def remove_attribute(db: Connection, secrets: HostSecrets, *, person_id: str, name: str, now: int) -> None:
    """With its values and their history, of every persona. Raises UnknownAttribute, and InUse while it is in use."""
    there = (_row.person_id == person_id) & (_row.name == name)
    if not db.execute(delete(custom_attributes).where(there)).rowcount:
        raise UnknownAttribute
    vendors = vendors_with(db, name, person_id=person_id, now=now)
    others = attributes_of(db, secrets, person_id=person_id).values()
    facts = [other.label_en for other in others if other.fact and other.fact.of == name]
    if vendors or facts:
        raise InUse([*vendors, *facts])
    values = (attribute_values.c.person_id == person_id) & (attribute_values.c.attribute == name)
    db.execute(delete(attribute_values).where(values))
    destroy_everywhere(db, person_id=person_id, subject=name)


def vendors_with(db: Connection, name: str, *, person_id: str, now: int) -> Collection[str]:
    """The names of the vendors that any persona lets read this."""
    live = [grant for grant in grants.of_person(db, person_id=person_id) if grant.is_live(now)]
    return sorted({grant.party.name for grant in live if name in grant.attributes})


def mark(sealed: bytes) -> str:
    """Sealed twice, the same is never the same bytes."""
    return sha256(sealed).hexdigest()[:32]
