"""What the rest of the wallet knows of a data set, its columns, its imports and its rows."""

from dataclasses import dataclass, field
from datetime import tzinfo
from functools import cached_property
from typing import TypeAlias
from zoneinfo import ZoneInfo

# Numbers are kept as text, exactly as they came; a moment is epoch seconds, a day YYYY-MM-DD.
Cell: TypeAlias = str | int | bool | None
Cells: TypeAlias = list[Cell]

KINDS = ("number", "counter", "date", "moment", "text", "boolean")
NUMERIC = ("number", "counter")
DATED = ("date", "moment")
MOST_COLUMNS = 200
MOST_ROWS = 10_000_000
LONGEST_CELL = 64 * 1024
LONGEST_LINE = 1_000_000
LARGEST_FILE = 200 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Column:
    """`kind` is one of KINDS. A counter is a meter's stand: what was used is the difference between two."""

    name: str = field(repr=False)
    kind: str
    unit: str = field(default="", repr=False)
    is_key: bool = False


@dataclass(frozen=True)
class Shape:
    """The columns of a data set; `date` is the place of the one that says when, `zone` decides where a day begins.

    Rows that agree in the key columns are the same row; where none is a key, those that agree in all.
    """

    columns: tuple[Column, ...]
    date: int | None
    zone: str = "UTC"

    @cached_property
    def key(self) -> tuple[int, ...]:
        chosen = tuple(place for place, column in enumerate(self.columns) if column.is_key)
        return chosen or tuple(range(len(self.columns)))

    @cached_property
    def numeric(self) -> tuple[int, ...]:
        return tuple(place for place, column in enumerate(self.columns) if column.kind in NUMERIC)

    @cached_property
    def tz(self) -> tzinfo:
        return ZoneInfo(self.zone)

    def place(self, name: str) -> int | None:
        return next((place for place, column in enumerate(self.columns) if column.name == name), None)


@dataclass(frozen=True, slots=True)
class DataSet:
    data_set_id: str
    person_id: str
    persona_id: str
    name: str = field(repr=False)
    shape: Shape
    version: int
    created_at: int
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is read: what was found out by looking, or what the person says instead."""

    format: str  # csv, json, sqlite
    encoding: str = "utf-8"
    delimiter: str = ","
    header: bool = True
    decimal: str = "."
    day_first: bool = True
    table: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be imported, and how: `columns` of the file by their places in the data set, None for a column of the
    data set that the file lacks. `conflicts`: what happens to another row of the same key, keep or take."""

    reading: Reading
    columns: tuple[int | None, ...]
    conflicts: str = "keep"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an import did. `refused` names the first rows that were not taken: line, reason, column."""

    imported: int = 0
    duplicates: int = 0
    replaced: int = 0
    kept: int = 0
    refused_count: int = 0
    refused: tuple[tuple[int, str, str], ...] = field(default=(), repr=False)
    failed: str = ""


@dataclass(frozen=True, slots=True)
class Import:
    """`vendor`: the client_id of the one that handed it over; `size` in bytes; `utf8`: all of the file is that."""

    import_id: str
    persona_id: str
    data_set_id: str | None
    origin: str
    state: str
    attempt: int
    progress: int
    at: int
    beat_at: int
    key: bytes = field(repr=False)
    file_name: str = field(repr=False)
    vendor: str = field(default="", repr=False)
    size: int = 0
    utf8: bool = True
    plan: Plan | None = field(default=None, repr=False)
    outcome: Outcome = field(default_factory=Outcome)


@dataclass(frozen=True, slots=True)
class Row:
    """Where a row lies, and its digest, by which a change made meanwhile is noticed."""

    block_id: str
    position: int
    digest: str
    cells: Cells = field(repr=False)
