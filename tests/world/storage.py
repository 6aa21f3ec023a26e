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


def contents(house: House) -> dict[str, list[str]]:
    """Everything in every table."""
    return {table: sorted(map(repr, rows(house, table))) for table in metadata.tables}


@contextmanager
def nothing_changes(house: House) -> Iterator[None]:
    before = contents(house)
    yield
    assert contents(house) == before
