"""Run a statement on the driver itself: for the few that every request of a vendor runs, and that have to be quick.

SQLAlchemy compiles the statement once, with its types; its execution, four fifths of the time, is left out.
"""

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Column,
    CompoundSelect,
    Connection,
    Dialect,
    Insert,
    Label,
    Select,
    Text,
    TextClause,
    Update,
    cast,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeEngine

Convert = Callable[[Any], Any]
Statement = Select[Any] | CompoundSelect[Any] | Insert | Update | TextClause


@dataclass(frozen=True, slots=True)
class Compiled:
    """A statement as one driver wants it. `order` is the parameters by position, None where they have names."""

    sql: str
    order: tuple[str, ...] | None
    constants: Mapping[str, Any]
    binds: Mapping[str, Convert]
    results: tuple[tuple[int, Convert], ...]
    row: Callable[[Iterable[Any]], Any]


class Prepared:
    """A select or several in a union, or an insert or update with or without RETURNING, with `bindparam` parameters.

    Rows are named tuples. It runs in the caller's transaction and raises SQLAlchemy's errors.
    """

    def __init__(self, statement: Statement) -> None:
        self.statement = statement
        self._compiled: dict[str, Compiled] = {}

    def first(self, db: Connection, parameters: Mapping[str, Any]) -> Any | None:
        """The first row, or None."""
        compiled = self._for(db.dialect)
        found = self._execute(db, compiled, parameters).fetchone()
        return None if found is None else as_row(compiled, found)

    def all(self, db: Connection, parameters: Mapping[str, Any]) -> list[Any]:
        compiled = self._for(db.dialect)
        return [as_row(compiled, found) for found in self._execute(db, compiled, parameters).fetchall()]

    def run(self, db: Connection, *rows: Mapping[str, Any]) -> int:
        """Write once for each of `rows`; returns how many rows were written."""
        compiled = self._for(db.dialect)
        if len(rows) == 1:
            return int(self._execute(db, compiled, rows[0]).rowcount)
        cursor = driver(db, compiled.sql).cursor()
        try:
            cursor.executemany(compiled.sql, [given(compiled, row) for row in rows])
        except driver_error(db) as error:
            raise as_sqlalchemys(error, db, compiled.sql) from error
        return int(cursor.rowcount)

    def _for(self, dialect: Dialect) -> Compiled:
        return self._compiled.get(dialect.name) or self._compiled.setdefault(
            dialect.name, compiled_for(self.statement, dialect)
        )

    def _execute(self, db: Connection, compiled: Compiled, parameters: Mapping[str, Any]) -> Any:
        try:
            return driver(db, compiled.sql).execute(compiled.sql, given(compiled, parameters))
        except driver_error(db) as error:
            raise as_sqlalchemys(error, db, compiled.sql) from error


def as_text(column: Column[Any]) -> Label[str]:
    """A JSON column as it is stored, for who parses each text but once."""
    return cast(column, Text).label(column.name)


def driver(db: Connection, _sql: str) -> Any:
    """The driver's own connection, for this statement."""
    return db.connection.dbapi_connection


def driver_error(db: Connection) -> type[Exception]:
    return db.dialect.dbapi.Error  # type: ignore[union-attr]


def as_sqlalchemys(error: Exception, db: Connection, sql: str) -> BaseException:
    return DBAPIError.instance(sql, None, error, driver_error(db), dialect=db.dialect)


def given(compiled: Compiled, parameters: Mapping[str, Any]) -> Mapping[str, Any] | list[Any]:
    """Parameters as the driver takes them."""
    values = {**compiled.constants, **parameters}
    for name, convert in compiled.binds.items():
        values[name] = convert(values[name])
    return values if compiled.order is None else [values[name] for name in compiled.order]


def as_row(compiled: Compiled, found: Iterable[Any]) -> Any:
    values = list(found)
    for position, convert in compiled.results:
        values[position] = convert(values[position])
    return compiled.row(values)


def compiled_for(statement: Statement, dialect: Dialect) -> Compiled:
    ready = statement.compile(dialect=dialect)
    columns = columns_of(statement)
    readers = [reader(column["type"], dialect) for column in columns]
    row: Any = namedtuple("Row", [column["name"] for column in columns])  # type: ignore[misc] # known only here
    writers = {name: writer(bind.type, dialect) for name, bind in ready.binds.items()}
    return Compiled(
        sql=str(ready),
        order=tuple(ready.positiontup or ()) if ready.positional else None,
        constants={name: bind.value for name, bind in ready.binds.items() if not bind.required},
        binds={name: convert for name, convert in writers.items() if convert is not None},
        results=tuple((position, convert) for position, convert in enumerate(readers) if convert is not None),
        row=row._make,
    )


def columns_of(statement: Statement) -> list[Any]:
    if isinstance(statement, CompoundSelect):
        return columns_of(statement.selects[0])  # type: ignore[arg-type] # a union of selects
    if isinstance(statement, Select):
        return list(statement.column_descriptions)
    return [] if isinstance(statement, TextClause) else list(statement.returning_column_descriptions)


def reader(kind: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    return kind.dialect_impl(dialect).result_processor(dialect, None)


def writer(kind: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    return kind.dialect_impl(dialect).bind_processor(dialect)
