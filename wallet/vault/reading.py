"""Open a file that somebody calls a vault, without believing anything it says."""

import os
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, Final

import orjson
from sqlalchemy import JSON, BigInteger, Boolean, Column, String

from wallet.vault import envelope
from wallet.vault.declared import BY_NAME
from wallet.vault.declaring import Portable
from wallet.vault.errors import BadVault
from wallet.vault.file import KEYS, VERSION, VIEWS, layout
from wallet.vault.rows import Plain, kind_in_file, line

SQLITE: Final = b"SQLite format 3\0"
LONGEST_CELL: Final = 16 * 1024 * 1024
GREATEST: Final = 2**53 - 1  # of a whole number in JSON (RFC 7493 section 2.2)
TYPES: Final = {str: "TEXT", int: "INTEGER", bytes: "BLOB"}
# Nothing of the schema is run, and no damage is walked into.
CAREFULLY: Final = ("trusted_schema = off", "cell_size_check = on", "query_only = on", "mmap_size = 0")
QUIETLY: Final = ("temp_store = memory",)


@dataclass(frozen=True, slots=True)
class Vault:
    """A file with the tables of a vault; what is in its rows is checked as they are read."""

    db: sqlite3.Connection
    issuer: str
    person_id: str
    made_at: int
    content_hash: str

    def rows(self, kind: Portable) -> Iterator[dict[str, Plain]]:
        """By primary key. Raises BadVault at a row that can not be one of this table and person."""
        named = {column.name: kind.named(column.name) for column in kind.columns}
        columns = ", ".join(f'"{name}"' for name in named.values())
        order = ", ".join(f'"{name}"' for name in kind.key)
        with speaking():
            for found in self.db.execute(f'select {columns} from "{kind.name}" order by {order}'):  # noqa: S608 - our names
                row = dict(zip(named.values(), found, strict=True))
                for column in kind.columns:
                    check_cell(kind, column, row[named[column.name]])
                if row["person_id"] != self.person_id:
                    raise BadVault("There is something of another person in it.")
                yield row

    def vendors(self) -> Iterator[dict[str, Any]]:
        with speaking():
            for found in self.db.execute("select client_id, secret_digest, metadata, stream from vendors"):
                yield dict(zip(("client_id", "secret_digest", "metadata", "stream"), found, strict=True))

    def counted(self, login: str | None = None) -> str:
        """The content hash of what is in it, as it is or with another login."""
        found = sha256()
        for kind in BY_NAME.values():
            for row in self.rows(kind) if kind.hashed else ():
                found.update(line(kind.name, row | {"login": login} if kind.name == "people" and login else row))
        return f"sha-256:{found.hexdigest()}"


@contextmanager
def speaking() -> Iterator[None]:
    """What SQLite finds wrong with the file, in a sentence."""
    try:
        yield
    except sqlite3.Error:
        raise BadVault("This file is damaged: it can not be read to its end.") from None


@contextmanager
def opened(path: Path, ask: Callable[[], str]) -> Iterator[Vault]:
    """The vault in this file, read once into memory, so that nobody puts another in its place meanwhile.

    `ask` gives the passphrase where it is sealed. Raises BadVault.
    """
    with regular(path) as file:
        head = file.read(len(envelope.FIRST_LINE))
        if head == envelope.FIRST_LINE:
            db = deserialized(envelope.opened(file, ask()))
        elif head.startswith(SQLITE):
            db = deserialized(head + file.read())
        else:
            raise BadVault("This file is no vault.")
        try:
            yield vault_in(db)
        finally:
            db.close()


def deserialized(content: bytes) -> sqlite3.Connection:
    if not content.startswith(SQLITE):
        raise BadVault("This file is no vault.")
    db = sqlite3.connect(":memory:")
    with speaking():
        db.deserialize(content)
    return db


@contextmanager
def regular(path: Path) -> Iterator[BinaryIO]:
    """An ordinary file: no link, no device, no pipe to wait at. Raises BadVault."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise BadVault(f"This file can not be opened: {error.strerror}.") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise BadVault("This is no ordinary file.")
    with os.fdopen(descriptor, "rb") as file:
        yield file


def vault_in(db: sqlite3.Connection) -> Vault:
    """Raises BadVault where it is not laid out as a vault."""
    with speaking():
        db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_CELL)
        for pragma in (*CAREFULLY, *QUIETLY):
            db.execute(f"pragma {pragma}")
        kinds = {name: kind for _schema, name, kind, *_ in db.execute("pragma main.table_list")}
        if kinds.get("vault") != "table":
            raise BadVault("This is an SQLite file, and no vault.")
        check_layout(db, "vault")
        found = db.execute("select version, issuer, person_id, made_at, content_hash from vault limit 2").fetchall()
        if len(found) != 1 or [type(cell) for cell in found[0]] != [int, str, str, int, str]:
            raise BadVault("This is an SQLite file, and no vault.")
        version, *said = found[0]
        if version > VERSION:
            raise BadVault(f"This vault has format {version}, which is newer than this program knows ({VERSION}).")
        if version != VERSION:
            raise BadVault("This vault has a format that there never was.")
        check_schema(db, kinds)
        if db.execute("pragma integrity_check(1)").fetchall() != [("ok",)]:
            raise BadVault("This file is damaged.")
    return Vault(db, *said)


def check_schema(db: sqlite3.Connection, kinds: dict[str, str]) -> None:
    """The tables of a vault, all of them and nothing else; its views are not looked at. Raises BadVault."""
    known = dict.fromkeys(layout(), "table")
    there = {name: kind for name, kind in kinds.items() if not name.startswith("sqlite_")}
    more = db.execute(
        "select count(*) from sqlite_schema where type not in ('table', 'view') and name not like 'sqlite_autoindex_%'"
    ).fetchone()
    if more != (0,) or not known.items() <= there.items() or not there.items() <= (known | VIEW_KINDS).items():
        raise BadVault("There is something else in this file than in a vault, or something is missing.")
    for name in known:
        check_layout(db, name)


VIEW_KINDS: Final = dict.fromkeys(VIEWS, "view")


def check_layout(db: sqlite3.Connection, name: str) -> None:
    """Its columns as we write them, with their primary key."""
    key = BY_NAME[name].key if name in BY_NAME else KEYS[name]
    wanted = {
        (column, TYPES[kind], key.index(column) + 1 if column in key else 0, 0)
        for column, kind in layout()[name].items()
    }
    found = db.execute("select name, type, pk, hidden from pragma_table_xinfo(?)", [name]).fetchall()
    if len(found) != len(wanted) or {*found} != wanted:
        raise BadVault("There is something else in this file than in a vault, or something is missing.")


def check_cell(kind: Portable, column: Column[Any], value: object) -> None:
    """Raises BadVault for what this column never holds."""
    if value is None:
        fits = bool(column.nullable)
    elif type(value) is not kind_in_file(kind, column):
        fits = False
    elif isinstance(value, int):
        fits = is_number(column, value)
    else:
        is_ours = column.name not in {one.column for one in kind.sealed}
        fits = not isinstance(value, str) or ("\0" not in value and (not is_ours or is_text(column, value)))
    if not fits:
        raise BadVault(f"Something in the table {kind.name} is not what it should be.")


def is_number(column: Column[Any], value: int) -> bool:
    if isinstance(column.type, Boolean):
        return value in {0, 1}
    return abs(value) <= (GREATEST if isinstance(column.type, BigInteger) else 2**31 - 1)


def is_text(column: Column[Any], value: str) -> bool:
    if isinstance(column.type, JSON):
        try:
            return orjson.dumps(orjson.loads(value), option=orjson.OPT_SORT_KEYS).decode() == value
        except (ValueError, TypeError):
            return False
    return not isinstance(column.type, String) or column.type.length is None or len(value) <= column.type.length
