"""What a wallet has stored, so that a test can say that a refusal changed nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import select

from keys.tables import metadata
from wallet.house import House

# for tests about a rule that no database has a say in
on_sqlite_alone = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
on_postgresql_alone = pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True
)


def rows(house: House, table: str) -> list[dict[str, Any]]:
    """All rows of one table, in no particular order."""
    return [
        dict(row._mapping) for row in house.database.read(lambda db: db.execute(select(metadata.tables[table])).all())
    ]


TELLS_OF_REFUSALS = ("failed", "cover")


def contents(house: House) -> dict[str, list[str]]:
    """Everything in every table, but for what tells the person that something was refused."""
    found = {table: rows(house, table) for table in metadata.tables if table != "failures"}
    found["ledger"] = [line for line in found["ledger"] if line["action"] not in TELLS_OF_REFUSALS]
    return {table: sorted(map(repr, lines)) for table, lines in found.items()}


@contextmanager
def nothing_changes(house: House) -> Iterator[None]:
    before = contents(house)
    yield
    assert contents(house) == before
