"""Insert a row unless there is one with its key: the first of two wins, and nobody fails."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

_INSERTS: Mapping[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def insert_if_new(db: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    """Whether it is new. While another transaction inserts it, PostgreSQL says 40001, and this one runs again."""
    statement = _INSERTS[db.dialect.name](table).values(**row).on_conflict_do_nothing()
    # SQLAlchemy forgets the count of an INSERT unless told to keep it
    return bool(db.execute(statement.execution_options(preserve_rowcount=True)).rowcount == 1)
