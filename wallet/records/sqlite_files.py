"""Read one table of an SQLite file that a stranger may have made: from memory, without running anything of its own."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

from flask_babel import lazy_gettext as _

from wallet.records.errors import BadFile, BadRow
from wallet.records.model import MOST_COLUMNS, MOST_ROWS

MAGIC = b"SQLite format 3\x00"
LONGEST_VALUE = 1_000_000
ALLOWED = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ}
LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: LONGEST_VALUE,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 100_000,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 20,
    sqlite3.SQLITE_LIMIT_VDBE_OP: 20_000,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 1,
    sqlite3.SQLITE_LIMIT_FUNCTION_ARG: 4,
}
MOST_TABLES = 500
_TABLES = "select name from sqlite_master where type = 'table' and rootpage > 0 order by 1"


def tables(content: bytes) -> list[str]:
    """The names of its tables, without views and without those that are programs of their own. Raises BadFile."""
    with closing(_opened(content)) as db:
        return _tables(db)


def table(content: bytes, name: str) -> tuple[list[str], Iterator[tuple[int, list[str] | BadRow]]]:
    """The columns of one table, and its rows, numbered. Raises BadFile."""
    db = _opened(content)
    try:
        if name not in _tables(db):
            raise BadFile(_("There is no such table in this file."))
        quoted = name.replace('"', '""')
        if any(column[6] for column in db.execute(f'pragma table_xinfo("{quoted}")')):
            raise BadFile(_("This table computes its columns. Only values that stand in the file are taken."))
        found = db.execute(f'select * from "{quoted}"')  # noqa: S608 - one of its own names
        names = [str(column[0]) for column in found.description]
    except sqlite3.Error:
        raise _damaged() from None
    if len(names) > MOST_COLUMNS:
        raise BadFile(_("This file has more than %(most)s columns.", most=MOST_COLUMNS))
    return names, _rows(db, found)


def _rows(db: sqlite3.Connection, found: sqlite3.Cursor) -> Iterator[tuple[int, list[str] | BadRow]]:
    try:
        for number, row in enumerate(found, 1):
            if number > MOST_ROWS:
                raise BadFile(_("This file has more than %(most)s rows.", most=MOST_ROWS))
            is_text = not any(isinstance(cell, bytes) for cell in row)
            yield number, ["" if cell is None else str(cell) for cell in row] if is_text else BadRow("bytes")
    except sqlite3.Error:
        raise _damaged() from None
    finally:
        db.close()


def _tables(db: sqlite3.Connection) -> list[str]:
    try:
        found = db.execute(_TABLES).fetchmany(MOST_TABLES)
    except sqlite3.Error:
        raise _damaged() from None
    return [name for (name,) in found if isinstance(name, str) and not name.lower().startswith("sqlite_")]


def _opened(content: bytes) -> sqlite3.Connection:
    """Only SELECT and reading of columns is let through: no function, no second file."""
    _check_size(content)
    db = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    try:
        for limit, most in LIMITS.items():
            db.setlimit(limit, most)
        rollback = bytearray(content)
        rollback[18:20] = b"\x01\x01"  # a file left in WAL mode opens in memory, too
        db.deserialize(bytes(rollback))
        for pragma in ("trusted_schema = off", "query_only = on", "cell_size_check = on", "temp_store = memory"):
            db.execute(f"pragma {pragma}")
        db.text_factory = lambda raw: raw.decode(errors="replace")
        db.set_authorizer(_allow)
    except sqlite3.Error:
        db.close()
        raise _damaged() from None
    return db


def _allow(action: int, what: str | None, *_more: object) -> int:
    is_look = action == sqlite3.SQLITE_PRAGMA and what == "table_xinfo"
    return sqlite3.SQLITE_OK if is_look or action in ALLOWED else sqlite3.SQLITE_DENY


def _check_size(content: bytes) -> None:
    """The pages its head promises have to be there. Raises BadFile."""
    if len(content) < 512 or not content.startswith(MAGIC):
        raise _damaged()
    page = int.from_bytes(content[16:18], "big")
    if len(content) < int.from_bytes(content[28:32], "big") * (65536 if page == 1 else page):
        raise _damaged()


def _damaged() -> BadFile:
    return BadFile(_("This SQLite file is damaged or not complete."))
