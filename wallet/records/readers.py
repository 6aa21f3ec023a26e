"""Read rows out of foreign bytes, a line at a time: tables with separators, and JSON. Nothing is believed of them."""

import codecs
import csv
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, BinaryIO, TypeAlias

from flask_babel import lazy_gettext as _

from wallet.formulas import as_it_was
from wallet.records import sqlite_files
from wallet.records.engine import LONGEST_NAME, tidy
from wallet.records.errors import BadFile, BadRow
from wallet.records.model import LONGEST_LINE, MOST_COLUMNS, Reading

Source: TypeAlias = Callable[[], BinaryIO]
# The number of the line, and its cells as text or why it can not be taken.
Line: TypeAlias = tuple[int, list[str] | BadRow]

LOOKED_AT = 1000
_READ = 64 * 1024
_WHITE = " \t\r\n\ufeff"


@dataclass(frozen=True, slots=True)
class Table:
    names: list[str]
    lines: Iterator[Line]


def open_table(source: Source, reading: Reading) -> Table:
    """Raises BadFile, also later, while lines are taken from it."""
    if reading.format == "sqlite":
        names, lines = sqlite_files.table(source().read(), reading.table)
        return Table(column_names(names), lines)
    return _json(source, reading) if reading.format == "json" else _csv(source, reading)


def column_names(found: list[str]) -> list[str]:
    """As the data set may call them: short, visible, each once. Raises BadFile."""
    if len(found) > MOST_COLUMNS:
        raise BadFile(_("This file has more than %(most)s columns.", most=MOST_COLUMNS))
    names: list[str] = []
    for place, name in enumerate(found, 1):
        clean = tidy(name[: 4 * LONGEST_NAME])[:LONGEST_NAME].strip() or f"#{place}"
        taken = {known.casefold() for known in names}
        again = 2
        tried = clean
        while tried.casefold() in taken:
            tried, again = f"{clean[: LONGEST_NAME - 5]} {again}", again + 1
        names.append(tried)
    return names


def text_lines(stream: BinaryIO, encoding: str) -> Iterator[str]:
    """Line by line, however lines end; none longer than LONGEST_LINE. Raises BadFile."""
    text = io.TextIOWrapper(io.BufferedReader(stream, _READ), encoding=encoding, newline="")  # type: ignore[type-var]
    number = 0
    while True:
        number += 1
        try:
            line = text.readline(LONGEST_LINE + 1)
        except UnicodeError:
            raise BadFile(_("Line %(number)s is no text in this encoding.", number=number)) from None
        if not line:
            return
        if len(line) > LONGEST_LINE:
            raise BadFile(_("Line %(number)s is longer than a line can be.", number=number))
        if "\x00" in line:
            raise BadFile(_("This is no table of text: there are zero bytes in line %(number)s.", number=number))
        yield line


def csv_rows(stream: BinaryIO, reading: Reading) -> Iterator[tuple[int, list[str]]]:
    """Blank lines are left out. Raises BadFile."""
    read = csv.reader(text_lines(stream, reading.encoding), delimiter=reading.delimiter)
    while True:
        try:
            cells = next(read)
        except StopIteration:
            return
        except csv.Error:
            raise BadFile(_("From line %(number)s on a quoted text does not end.", number=read.line_num)) from None
        if any(cells):
            yield read.line_num, cells


def _csv(source: Source, reading: Reading) -> Table:
    rows = csv_rows(source(), reading)
    first = next(rows, None)
    if first is None:
        raise BadFile(_("This file is empty."))
    names = column_names(first[1] if reading.header else [""] * len(first[1]))
    if not reading.header:
        rows = csv_rows(source(), reading)
    return Table(names, ((number, _fitted(cells, len(names))) for number, cells in rows))


def _fitted(cells: list[str], width: int) -> list[str] | BadRow:
    if len(cells) != width:
        if any(cells[width:]):
            return BadRow("too_many")
        cells = (cells + [""] * (width - len(cells)))[:width]
    return list(map(as_it_was, cells))


def _json(source: Source, reading: Reading) -> Table:
    names: dict[str, None] = {}
    for _number, found in islice(json_objects(source(), reading.encoding), LOOKED_AT):
        if isinstance(found, dict):
            names.update(dict.fromkeys(found))
        if len(names) > MOST_COLUMNS:
            break
    if not names:
        raise BadFile(_("This JSON is no list of objects with names and values."))
    order = list(names)
    objects = json_objects(source(), reading.encoding)
    return Table(column_names(order), ((number, _members(found, order)) for number, found in objects))


def _members(found: Any, names: list[str]) -> list[str] | BadRow:
    if not isinstance(found, dict):
        return BadRow("no_object")
    try:
        return [_text(found.get(name)) for name in names]
    except RecursionError:
        return BadRow("no_object")


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if text.isascii() else text.encode(errors="replace").decode()  # JSON can spell half a letter: "\ud800"


def json_objects(stream: BinaryIO, encoding: str) -> Iterator[tuple[int, Any]]:
    """The objects of one list, or one after another (JSON lines), numbered; numbers stay text. Raises BadFile."""
    objects = _Objects(stream, encoding)
    number = 0
    while (found := objects.take()) is not None:
        number += 1
        yield number, found
    if not objects.is_over():
        raise BadFile(_("Behind row %(number)s this is no JSON any more, or one row is too large.", number=number))


class _Objects:
    """JSON text of which only as much is held as one object takes."""

    def __init__(self, stream: BinaryIO, encoding: str) -> None:
        self.stream, self.decode = stream, codecs.getincrementaldecoder(encoding)()
        self.decoder = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=lambda _name: None)
        self.text, self.at, self.ended = "", 0, False
        self.white, self.closing = _WHITE, ""

    def take(self) -> Any:
        """The next object; None where there is none any more."""
        while True:
            self._skip()
            if self.text[self.at : self.at + 1] == "[" and self.white == _WHITE:
                self.white, self.closing = f"{_WHITE},", "]"
                self.at += 1
                continue
            found = self._object()
            if found is not None or self._ends_here() or not self._read_on():
                return found

    def is_over(self) -> bool:
        """Whether nothing was left that could not be read."""
        rest = self.text[self.at :].strip(_WHITE)
        return rest[:1] == self.closing if self.closing else not rest

    def _skip(self) -> None:
        while self.at < len(self.text) and self.text[self.at] in self.white:
            self.at += 1

    def _ends_here(self) -> bool:
        return bool(self.closing) and self.text[self.at : self.at + 1] == self.closing

    def _object(self) -> Any:
        if self.text[self.at : self.at + 1] != "{":
            return None
        try:
            found, self.at = self.decoder.raw_decode(self.text, self.at)
        except (ValueError, RecursionError):
            return None
        return found

    def _read_on(self) -> bool:
        if self.ended or len(self.text) - self.at > LONGEST_LINE:
            return False
        content = self.stream.read(_READ)
        self.ended = not content
        try:
            self.text, self.at = self.text[self.at :] + self.decode.decode(content, final=self.ended), 0
        except UnicodeError:
            raise BadFile(_("This file is no text in the encoding it begins with.")) from None
        return True
