"""Bring the rows of a file into a data set, a portion at a time: nobody waits for it, and nothing is half-done."""

import io
import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from typing import BinaryIO

from flask_babel import lazy_gettext as _
from sqlalchemy import Connection

from wallet.database import Database
from wallet.records import blocks, imports
from wallet.records.cells import Check, check_of
from wallet.records.errors import BadFile, BadRow, Overtaken, RowChanged
from wallet.records.model import MOST_ROWS, Cells, DataSet, Import, Outcome, Plan
from wallet.records.readers import Line, Source, open_table
from wallet.records.summaries import when

SORTED_TOGETHER = 20_000  # rows; a block of neighbours in time has few days in its summary
MOST_BYTES_TOGETHER = 16_000_000
NAMED = 100  # refused rows that are told one by one
THIS_FILE = -1

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Count:
    """What has happened so far."""

    imported: int = 0
    duplicates: int = 0
    kept: int = 0
    refused_count: int = 0
    refused: list[tuple[int, str, str]] = field(default_factory=list)
    replaced: list[int] = field(default_factory=list)

    def refuse(self, number: int, error: BadRow) -> None:
        self.refused_count += 1
        if len(self.refused) < NAMED:
            self.refused.append((number, error.reason, error.column))


class Known:
    """Which rows there are already, in memory: some tens of bytes for each."""

    def __init__(self) -> None:
        self.db = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        self.db.execute("pragma temp_store = memory")
        self.db.execute("create table seen (key integer primary key, row integer, place integer)")
        self.block_ids: list[str] = []

    def load(self, block_id: str, digests: bytes) -> None:
        """`place` counts blocks and rows in them."""
        base = len(self.block_ids) << 32
        self.block_ids.append(block_id)
        rows = (
            (*_pair(digests[at : at + 16]), base + at // 16)
            for at in range(0, len(digests), 16)
            if digests[at : at + 16] != blocks.GONE
        )
        self.db.executemany("insert or ignore into seen values (?, ?, ?)", rows)

    def find(self, key: int) -> tuple[int, int] | None:
        found: tuple[int, int] | None = self.db.execute("select row, place from seen where key = ?", (key,)).fetchone()
        return found

    def note(self, key: int, row: int) -> None:
        self.db.execute("insert or replace into seen values (?, ?, ?)", (key, row, THIS_FILE))

    def count(self) -> int:
        found: int = self.db.execute("select count(*) from seen").fetchone()[0]
        return found

    def forget(self) -> None:
        self.db.execute("delete from seen")

    def close(self) -> None:
        self.db.close()


def _pair(digest: bytes) -> tuple[int, int]:
    return int.from_bytes(digest[:8], "big", signed=True), int.from_bytes(digest[8:], "big", signed=True)


class Pieces(io.RawIOBase):
    """A file that waits in the database, as a stream."""

    def __init__(self, database: Database, found: Import, person_id: str) -> None:
        self.database, self.found, self.person_id = database, found, person_id
        self.piece, self.rest = 0, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if not self.rest:
            self.rest = self.database.read(imports.get_piece, self.found, person_id=self.person_id, piece=self.piece)
            self.piece += 1
        part = self.rest[: len(buffer)]
        buffer[: len(part)] = part
        self.rest = self.rest[len(part) :]
        return len(part)

    @property
    def position(self) -> int:
        return self.piece * imports.PIECE - len(self.rest)


def pieces(database: Database, found: Import, *, person_id: str) -> Source:
    return lambda: io.BufferedReader(Pieces(database, found, person_id))


def run(
    database: Database,
    data_set: DataSet,
    found: Import,
    *,
    source: Source,
    clock: Callable[[], int],
    tell: Callable[[int], object] = lambda _progress: None,
) -> Outcome:
    """All of it, or a sentence why not; what was written by then is taken out again."""
    try:
        outcome = _bring_in(database, data_set, found, source=source, clock=clock, tell=tell)
    except Overtaken:
        return Outcome(failed="overtaken")
    except Exception as error:
        if not isinstance(error, BadFile):
            log.exception("unhandled, while rows were imported")
        outcome = Outcome(failed=str(error) if isinstance(error, BadFile) else "-")
        database.write(_break_off, data_set, found, outcome=outcome, now=clock())
        return outcome
    return outcome


def _break_off(db: Connection, data_set: DataSet, found: Import, *, outcome: Outcome, now: int) -> None:
    imports.end(db, found, person_id=data_set.person_id, outcome=outcome, now=now)
    blocks.remove(db, data_set, import_id=found.import_id)


def _bring_in(
    database: Database,
    data_set: DataSet,
    found: Import,
    *,
    source: Source,
    clock: Callable[[], int],
    tell: Callable[[int], object],
) -> Outcome:
    plan, counted = found.plan, Count()
    if plan is None:
        raise Overtaken
    opened: list[BinaryIO] = []

    def watched() -> BinaryIO:
        opened.append(source())
        return opened[-1]

    with closing(Known()) as known:
        database.read(_load, data_set, known)
        table = open_table(watched, plan.reading)
        rows = sift(table.lines, data_set, plan, known, counted)
        while batch := list(islice(bounded(rows), SORTED_TOGETHER)):
            batch.sort(key=lambda row: when(row[0], data_set.shape) or 0)
            progress = _per_mille(opened[-1], found.size)
            database.write(_put, data_set, found, batch, progress=progress, now=clock())
            tell(progress)
        outcome = outcome_of(counted)
        database.write(_finish, data_set, found, counted.replaced, known.block_ids, outcome=outcome, now=clock())
    return outcome


def bounded(rows: Iterator[tuple[Cells, bytes]]) -> Iterator[tuple[Cells, bytes]]:
    """Until so many bytes have come; the others stay in `rows`."""
    size = 0
    for row in rows:
        yield row
        size += sum(len(cell) for cell in row[0] if isinstance(cell, str))
        if size > MOST_BYTES_TOGETHER:
            return


def sift(
    lines: Iterator[Line], data_set: DataSet, plan: Plan, known: Known, counted: Count
) -> Iterator[tuple[Cells, bytes]]:
    """The rows that are new, each with its digests; the others are only counted. Raises BadFile."""
    shape, digests = data_set.shape, blocks.Digests(data_set)
    checks = [check_of(column, plan.reading, shape.tz) for column in shape.columns]
    there = known.count()
    for number, line in lines:
        try:
            cells = fitted(line, plan, checks)
        except BadRow as error:
            counted.refuse(number, error)
            continue
        digest = digests.of(cells)
        key, row = _pair(digest)
        before = known.find(key)
        if before and before[0] == row:
            counted.duplicates += 1
            continue
        if before and before[1] == THIS_FILE:
            counted.refuse(number, BadRow("same_key"))
            continue
        if before and plan.conflicts == "keep":
            counted.kept += 1
            continue
        if before:
            counted.replaced.append(before[1])
        counted.imported += 1
        if there + counted.imported > MOST_ROWS:
            raise BadFile(_("A data set holds %(most)s rows at most.", most=MOST_ROWS))
        known.note(key, row)
        yield cells, digest


def fitted(line: list[str] | BadRow, plan: Plan, checks: list[Check]) -> Cells:
    """The cells of a line in the order of the data set. Raises BadRow."""
    if isinstance(line, BadRow):
        raise line
    cells = [None if place is None else check(line[place]) for place, check in zip(plan.columns, checks, strict=True)]
    if all(cell is None for cell in cells):
        raise BadRow("empty")
    return cells


def _load(db: Connection, data_set: DataSet, known: Known) -> None:
    for block_id, digests in blocks.digests_of(db, data_set):
        known.load(block_id, digests)


def _put(
    db: Connection, data_set: DataSet, found: Import, batch: list[tuple[Cells, bytes]], *, progress: int, now: int
) -> None:
    imports.beat(db, found, person_id=data_set.person_id, progress=progress, now=now)
    for rows, digests in blocks.cut(batch):
        blocks.add(db, data_set, import_id=found.import_id, rows=rows, digests=digests)


def _finish(
    db: Connection,
    data_set: DataSet,
    found: Import,
    places: list[int],
    block_ids: list[str],
    *,
    outcome: Outcome,
    now: int,
) -> None:
    imports.end(db, found, person_id=data_set.person_id, outcome=outcome, now=now)
    giving_way: dict[str, list[int]] = {}
    for place in places:
        giving_way.setdefault(block_ids[place >> 32], []).append(place & 0xFFFFFFFF)
    for block_id, positions in giving_way.items():
        _give_way(db, data_set, found, block_id, positions)


def _give_way(db: Connection, data_set: DataSet, found: Import, block_id: str, positions: list[int]) -> None:
    """These rows leave their block and wait beside it, for the day on which this import is undone."""
    try:
        block = blocks.opened(db, data_set, block_id)
    except RowChanged:  # undone meanwhile
        return
    rows, gone = list(block.rows), []
    for position in positions:
        row = rows[position]
        if row is not None:
            gone.append([*row, block.import_id])
            rows[position] = None
    if gone:
        blocks.rewrite(db, data_set, block, rows)
        blocks.add(db, data_set, import_id=found.import_id, rows=gone, digests=b"", part="replaced")


def outcome_of(counted: Count) -> Outcome:
    return Outcome(
        counted.imported,
        counted.duplicates,
        len(counted.replaced),
        counted.kept,
        counted.refused_count,
        tuple(counted.refused),
    )


def _per_mille(stream: BinaryIO, size: int) -> int:
    raw = getattr(stream, "raw", stream)
    try:
        at = raw.position if isinstance(raw, Pieces) else raw.tell()
    except (OSError, ValueError):
        return 0
    return min(999, at * 1000 // max(size, 1))
