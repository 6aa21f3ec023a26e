"""How it is said of a table what goes along in a vault, and what stays."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Column, ColumnElement, Table

TEXT: Final = "text"
BYTES: Final = "bytes"
PACKED: Final = "packed"  # TEXT that is stored compressed (zlib)
WHOEVERS: Final = "*"  # the one persona under whose keys this subject is


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed column. In the vault it is called `name` and holds what was sealed.

    `holds` is TEXT, BYTES or PACKED. `place` is where it belongs, `key` the persona and the subject whose key it is
    sealed under, or None for the person's own. {column} in either stands for what that column of the same row has.
    Where the column `raw_if` is true, it is bytes that only the person opens, as base64url.
    """

    column: str
    name: str
    place: tuple[str, ...]
    key: tuple[str, str] | None = None
    holds: str = TEXT
    raw_if: str | None = None


@dataclass(frozen=True, slots=True)
class Portable:
    """A table that goes along: what the vault says about it, and its columns but for those `without`.

    `rows` leaves rows out. What is not `hashed` is made anew by whoever takes the vault in.
    """

    table: Table
    about: str
    sealed: tuple[Sealed, ...] = ()
    without: tuple[str, ...] = ()
    rows: ColumnElement[bool] | None = None
    hashed: bool = True

    @property
    def name(self) -> str:
        return self.table.name

    @property
    def columns(self) -> tuple[Column[object], ...]:
        return tuple(column for column in self.table.columns if column.name not in self.without)

    @property
    def key(self) -> tuple[str, ...]:
        return tuple(str(column.name) for column in self.table.primary_key.columns)

    def named(self, column: str) -> str:
        """What the vault calls a column."""
        return next((one.name for one in self.sealed if one.column == column), str(column))


@dataclass(frozen=True, slots=True)
class Stays:
    """A table of this host alone, and why."""

    table: Table
    why: str
