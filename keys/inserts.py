"""Insert a row whether or not there is one with its key: the first of two wins, or the last, and nobody fails."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Select, Table
from sqlalchemy.dialects import postgresql, sqlite

_INSERTS: Mapping[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def insert_if_new(db: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    """Whether it is new. While another transaction inserts it, PostgreSQL says 40001, and this one runs again."""
    statement = _INSERTS[db.dialect.name](table).values(**row).on_conflict_do_nothing()
    # SQLAlchemy forgets the count of an INSERT unless told to keep it
    return bool(db.execute(statement.execution_options(preserve_rowcount=True)).rowcount == 1)


def insert_or_change(
    db: Connection, table: Table, row: Mapping[str, Any] | Select[Any], change: Mapping[str, Any]
) -> None:
    """Where there is one with its key already, change that; `row` may be a query with columns named as the table's."""
    statement = _INSERTS[db.dialect.name](table)
    if isinstance(row, Select):
        statement = statement.from_select(list(row.selected_columns.keys()), row)
    else:
        statement = statement.values(row)
    db.execute(statement.on_conflict_do_update(index_elements=table.primary_key, set_=change))
