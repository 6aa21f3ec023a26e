"""Look at a file before anything of it is taken: what it is, how it is read, what its columns may be."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC
from itertools import islice
from typing import Final

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from wallet.records import cells, sqlite_files
from wallet.records.errors import BadFile, BadRow
from wallet.records.model import DATED, Column, Reading
from wallet.records.readers import LOOKED_AT, Line, Source, column_names, csv_rows, open_table

DELIMITERS: Final = (";", ",", "\t", "|")
_BEGINNING = 64 * 1024
_MOST_LOOKED_AT = 4_000_000  # characters
PACKED: Final = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd", b"7z\xbc\xaf")  # gzip, bzip2, xz, zstd, 7z
# What looks like a table to people, but is packed or a program's own; nothing packed is ever unpacked here.
FOREIGN: Final[tuple[tuple[bytes, LazyString], ...]] = (
    (b"PK\x03\x04", _("This is a packed file, or a workbook of Excel or Calc. Unpack it, or save the sheet as CSV.")),
    (b"\xd0\xcf\x11\xe0", _("This is an old Excel workbook. Save the sheet as CSV first.")),
    *((magic, _("This file is packed. Unpack it first.")) for magic in PACKED),
    (b"%PDF", _("This is a PDF, not a table. Ask for the data as CSV.")),
)  # fmt: skip
_MARKS: Final = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_COMMA = re.compile(r"[+-]?[0-9.]*,[0-9]{1,2}|[+-]?[0-9]{1,3}(\.[0-9]{3})+,[0-9]+|[+-]?[0-9]+,[0-9]{4,}", re.ASCII)
_POINT = re.compile(r"[+-]?[0-9,]*\.[0-9]{1,2}|[+-]?[0-9]+\.[0-9]{4,}", re.ASCII)
_SLASHED = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/[0-9]{4}", re.ASCII)
_NUMBERING = re.compile(r"[+-]?0[0-9]+|[+-]?[0-9]{16,}", re.ASCII)  # a postal code or an id: more than a number
_STAND = re.compile(r"stand\b|counter|meter ?reading|zähler(?!nummer|nr)", re.IGNORECASE)
_WORDS = {"true", "false", "yes", "no", "ja", "nein", "wahr", "falsch"}


@dataclass(frozen=True, slots=True)
class Look:
    """`rows`: the first ones as text. `tables` of an SQLite file; more than one has to be chosen from."""

    reading: Reading
    columns: tuple[Column, ...]
    date: int | None
    rows: list[list[str]] = field(repr=False)
    tables: tuple[str, ...] = field(default=(), repr=False)


def look(source: Source, *, utf8: bool, chosen: dict[str, str]) -> Look:
    """`chosen`: what the person says of how it is read, by the names of Reading. Raises BadFile."""
    begins = source().read(_BEGINNING)
    reading = _first_reading(source, begins, utf8=utf8)
    tables: tuple[str, ...] = ()
    if reading.format == "sqlite":
        tables = tuple(sqlite_files.tables(source().read()))
        if not tables:
            raise BadFile(_("There is no table in this SQLite file."))
        reading = replace(reading, table=tables[0])
    reading = _as_told(reading, chosen, tables)
    table = open_table(source, reading)
    rows = _sample(table.lines)
    reading = _as_told(_with_figures(reading, _by_column(table.names, rows)), chosen, tables)
    columns, date = described(table.names, rows, reading)
    return Look(reading, columns, date, rows, tables)


def described(names: Sequence[str], rows: list[list[str]], reading: Reading) -> tuple[tuple[Column, ...], int | None]:
    """What these columns may be, and which of them says when."""
    by_column = _by_column(names, rows)
    columns = tuple(_column(name, values, reading) for name, values in zip(names, by_column, strict=True))
    date = next((place for place, column in enumerate(columns) if column.kind in DATED), None)
    return _with_keys(columns, rows, date), date


def _by_column(names: Sequence[str], rows: list[list[str]]) -> list[list[str]]:
    return [[row[place].strip() for row in rows if row[place].strip()] for place in range(len(names))]


def _sample(lines: Iterator[Line]) -> list[list[str]]:
    """The first rows, as far as they are not too large together."""
    rows: list[list[str]] = []
    size = 0
    for _number, line in islice(lines, LOOKED_AT):
        if not isinstance(line, BadRow):
            rows.append(line)
            size += sum(map(len, line))
        if size > _MOST_LOOKED_AT:
            break
    return rows


def _first_reading(source: Source, begins: bytes, *, utf8: bool) -> Reading:
    """Raises BadFile."""
    if begins.startswith(sqlite_files.MAGIC):
        return Reading("sqlite")
    for magic, sentence in FOREIGN:
        if begins.startswith(magic):
            raise BadFile(sentence)
    encoding = next((name for mark, name in _MARKS if begins.startswith(mark)), "")
    if not encoding and begins[:2] and (begins[:1] == b"\0") != (begins[1:2] == b"\0"):
        encoding = "utf-16-be" if begins[0] == 0 else "utf-16-le"
    encoding = encoding or ("utf-8" if utf8 else "cp1252")
    text = begins.decode(encoding, errors="replace")
    if not text.strip():
        raise BadFile(_("This file is empty."))
    if "\x00" in text:
        raise BadFile(_("This is no table: neither text nor JSON nor an SQLite file."))
    if text.lstrip()[0] in "[{":
        return Reading("json", encoding)
    delimiter = delimiter_of(text)
    reading = Reading("csv", encoding, delimiter)
    return replace(reading, header=_has_header(source, reading))


def delimiter_of(text: str) -> str:
    """Which separator makes most of these lines the same number of columns; a comma where none does."""
    lines = text.splitlines()[:50]
    lines = lines[:-1] if len(lines) > 1 and len(text) > _BEGINNING // 4 else lines
    best, most = ",", 0
    for delimiter in DELIMITERS:
        try:
            widths = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
        except csv.Error:
            continue
        usual = max(set(widths), key=widths.count, default=1)
        score = widths.count(usual) * 100 + min(usual, 50) if usual > 1 else 0
        if score > most:
            best, most = delimiter, score
    return best


def _has_header(source: Source, reading: Reading) -> bool:
    """Names are no figures, none is missing, and each is there once."""
    first = next((row for _number, row in csv_rows(source(), reading)), [])
    column_names(first)
    names = [name.strip() for name in first]
    return all(names) and len(set(names)) == len(names) and not any(_is_figure(name) for name in names)


def _is_figure(text: str) -> bool:
    return any(fits(kind, text, Reading("csv", decimal=sign)) for kind in ("number", "moment") for sign in ".,")


def fits(kind: str, text: str, reading: Reading) -> bool:
    try:
        cells.check_of(Column("", kind), reading, UTC)(text)
    except BadRow:
        return False
    return True


def _as_told(reading: Reading, chosen: dict[str, str], tables: Sequence[str]) -> Reading:
    told: dict[str, str | bool] = {}
    if chosen.get("delimiter") in DELIMITERS:
        told["delimiter"] = chosen["delimiter"]
    if chosen.get("decimal") in {".", ","}:
        told["decimal"] = chosen["decimal"]
    if chosen.get("table") in tables:
        told["table"] = chosen["table"]
    for name in ("header", "day_first"):
        if chosen.get(name) in {"yes", "no"}:
            told[name] = chosen[name] == "yes"
    return replace(reading, **told)  # type: ignore[arg-type] # the names of its own fields


def _with_figures(reading: Reading, by_column: list[list[str]]) -> Reading:
    """Which decimal sign, and which order of day and month, the values themselves show."""
    if reading.format != "csv":
        return replace(reading, decimal=".", day_first=True)
    values = [value for column in by_column for value in column[:200]]
    comma = sum(bool(_COMMA.fullmatch(value)) for value in values)
    point = sum(bool(_POINT.fullmatch(value)) for value in values)
    slashed = [found for value in values if (found := _SLASHED.match(value))]
    day_first = not any(int(found[2]) > 12 for found in slashed)
    return replace(reading, decimal="," if comma > point else ".", day_first=day_first)


def _column(name: str, values: list[str], reading: Reading) -> Column:
    """The kind that all these values are of; text for want of any."""
    if not values:
        return Column(name, "text")
    if {value.casefold() for value in values} <= _WORDS:
        return Column(name, "boolean")
    if not any(_NUMBERING.fullmatch(value) for value in values) and _all_fit("number", values, reading):
        return Column(name, "counter" if _STAND.search(name) else "number")
    if not any(":" in value for value in values) and _all_fit("date", values, reading):
        return Column(name, "date")
    if any(":" in value for value in values) and _all_fit("moment", values, reading):
        return Column(name, "moment")
    return Column(name, "text")


def _all_fit(kind: str, values: list[str], reading: Reading) -> bool:
    return all(fits(kind, value, reading) for value in values)


def _with_keys(columns: tuple[Column, ...], rows: list[list[str]], date: int | None) -> tuple[Column, ...]:
    """The moment, or the moment with the texts beside it, where that tells all these rows apart."""
    if date is None or len(rows) < 2:
        return columns
    beside = [place for place, column in enumerate(columns) if column.kind == "text"]
    for key in ([date], [date, *beside]):
        if len({tuple(row[place] for place in key) for row in rows}) == len(rows):
            return tuple(replace(column, is_key=place in key) for place, column in enumerate(columns))
    return columns
