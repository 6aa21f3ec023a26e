"""A backup as it is: old rows beside the keyring of today."""

from typing import Any

from sqlalchemy import Connection, delete, insert
from storage import rows

from keys.tables import data_keys, metadata, person_keys
from wallet.house import House

KEYRING = (data_keys.name, person_keys.name)


def backup(house: House) -> dict[str, list[dict[str, Any]]]:
    """All rows but those of the keyring."""
    return {table: rows(house, table) for table in metadata.tables if table not in KEYRING}


def restore(house: House, kept: dict[str, list[dict[str, Any]]]) -> None:
    """Put the rows of a backup beside the keyring as it is now."""

    def work(db: Connection) -> None:
        for table in reversed(metadata.sorted_tables):
            if table.name not in KEYRING:
                db.execute(delete(table))
        for table in metadata.sorted_tables:
            if kept.get(table.name):
                db.execute(insert(table), kept[table.name])

    house.database.write(work)
