"""Insert a row where there may be one with its key already, on both engines: nobody fails."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

_INSERTS: Mapping[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def insert_if_new(db: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    """Whether it is new. While another transaction inserts it, PostgreSQL says 40001, and this one runs again."""
    statement = _INSERTS[db.dialect.name](table).values(**row).on_conflict_do_nothing()
    return bool(db.execute(statement).rowcount == 1)


def upsert(db: Connection, table: Table, row: Mapping[str, Any]) -> None:
    """The last of two wins."""
    statement = _INSERTS[db.dialect.name](table).values(**row)
    keys = [column.name for column in table.primary_key]
    rest = {name: statement.excluded[name] for name in row if name not in keys}
    db.execute(statement.on_conflict_do_update(index_elements=keys, set_=rest))
