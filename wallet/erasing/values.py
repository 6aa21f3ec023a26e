"""Erase one value: all its versions and its key; or an attribute of the person's own with all that was ever in it.

To *remove* a value is another thing (wallet/data/engine.py): that keeps the history.
"""

from sqlalchemy import Connection, Table, delete, func, select

from consent import ledger
from consent.ledger import Entry
from keys.persons import destroy_everywhere, destroy_subject_keys
from keys.secrets import HostSecrets
from wallet.data.catalogue import CATALOGUE
from wallet.data.errors import ChangedMeanwhile, UnknownAttribute
from wallet.data.tables import attribute_values, custom_attributes
from wallet.deposits.forgetting import forget
from wallet.erasing.personal import personal_tables


def last_version(db: Connection, *, person_id: str, persona_id: str, attribute: str) -> int:
    """The number of the last version there is, whether it still counts or not; 0 where there is none."""
    row = attribute_values.c
    mine = (row.person_id == person_id, row.persona_id == persona_id, row.attribute == attribute)
    return db.execute(select(func.max(row.version)).where(*mine)).scalar_one() or 0


def personas_with(db: Connection, *, person_id: str, attribute: str) -> frozenset[str]:
    """The ids of the personas that have, or have had, a value of it."""
    row = attribute_values.c
    found = select(row.persona_id).where(row.person_id == person_id, row.attribute == attribute).distinct()
    return frozenset(db.execute(found).scalars())


def erase_value(
    db: Connection,
    secrets: HostSecrets,
    *,
    person_id: str,
    persona_id: str,
    attribute: str,
    expected_version: int,
    now: int,
) -> bool:
    """Whether there was anything. Raises ChangedMeanwhile where `expected_version` is not the last one there is."""
    place = {"person_id": person_id, "persona_id": persona_id}
    had_key = destroy_subject_keys(db, **place, subject=attribute)
    if last_version(db, **place, attribute=attribute) != expected_version:
        raise ChangedMeanwhile
    delete_all(db, secrets, **place, attribute=attribute)
    if had_key:
        entry = Entry("erased", detail={"attributes": [attribute]})
        ledger.write(db, secrets.ledger, entry, person_id=person_id, now=now)
    return had_key


def erase_attribute(
    db: Connection,
    secrets: HostSecrets,
    *,
    person_id: str,
    persona_id: str,
    attribute: str,
    expected_version: int,
    now: int,
) -> None:
    """An attribute of the person's own, with its definition and its values in all personas.

    Nothing of it stays, so the ledger does not name it either. Raises UnknownAttribute, and ChangedMeanwhile as above.
    """
    mine = (custom_attributes.c.person_id == person_id, custom_attributes.c.name == attribute)
    if attribute in CATALOGUE or db.execute(delete(custom_attributes).where(*mine)).rowcount != 1:
        raise UnknownAttribute
    destroy_everywhere(db, person_id=person_id, subject=attribute)
    if last_version(db, person_id=person_id, persona_id=persona_id, attribute=attribute) != expected_version:
        raise ChangedMeanwhile
    delete_all(db, secrets, person_id=person_id, persona_id=None, attribute=attribute)
    ledger.write(db, secrets.ledger, Entry("erased", detail={"own": True}), person_id=person_id, now=now)


def delete_all(db: Connection, secrets: HostSecrets, *, person_id: str, persona_id: str | None, attribute: str) -> None:
    """Whatever is kept of this value of one persona (None: of all)."""
    for table in tables_of_values():
        mine = (table.c.person_id == person_id) & (table.c.attribute == attribute)
        db.execute(delete(table).where(mine if persona_id is None else mine & (table.c.persona_id == persona_id)))
    forget(db, secrets, person_id=person_id, persona_id=persona_id, attribute=attribute)


def tables_of_values() -> list[Table]:
    """Whatever is kept of one persona's value, in any room."""
    return [table for table in personal_tables() if {"persona_id", "attribute"} <= set(table.c.keys())]
