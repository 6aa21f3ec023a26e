"""Rows lie in blocks: up to a thousand, packed and sealed, with a summary and digests that spare opening them."""

import zlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Row, and_, delete, insert, select, update
from ulid import ULID

from keys.sealing import cipher, seal, unseal
from wallet.records.errors import RowChanged
from wallet.records.model import Cells, DataSet
from wallet.records.summaries import Summary, packed, summarise, unpacked
from wallet.records.tables import record_blocks, record_imports

MOST_ROWS_IN_BLOCK = 1000
MOST_BYTES_IN_BLOCK = 1_000_000  # of rows before packing; one row may be larger
DIGEST = 8  # bytes; keyed, so that nobody can make two rows that meet
GONE = bytes(2 * DIGEST)
_QUICK = 1  # zlib's level: six times as quick as the usual one, a tenth larger

_row = record_blocks.c


@dataclass(frozen=True, slots=True)
class Block:
    """One opened block; a deleted row leaves None in its place, so that the others keep theirs."""

    block_id: str
    import_id: str
    version: int
    rows: list[Cells | None] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Head:
    """What is read of a block without opening its rows."""

    block_id: str
    import_id: str
    summary: Summary


class Digests:
    """Of a data set's rows: which is the same (key), and which is just the same (row)."""

    def __init__(self, data_set: DataSet) -> None:
        self.secret = blake2b(b"records/digests", key=data_set.key, digest_size=32).digest()
        self.places = data_set.shape.key
        self.whole = len(self.places) == len(data_set.shape.columns)

    def of(self, cells: Cells) -> bytes:
        """The key's, then the row's."""
        row = self._digest(cells)
        return (row if self.whole else self._digest([cells[place] for place in self.places])) + row

    def _digest(self, cells: Cells) -> bytes:
        return blake2b(orjson.dumps(cells), key=self.secret, digest_size=DIGEST).digest()


def add(
    db: Connection, data_set: DataSet, *, import_id: str, rows: Sequence[Cells], digests: bytes, part: str = "rows"
) -> str:
    """A new block of these rows; the later made, the greater its id."""
    block_id = str(ULID())
    values = _sealed(data_set, block_id, 1, list(rows), digests)
    place = {"person_id": data_set.person_id, "data_set_id": data_set.data_set_id, "block_id": block_id}
    db.execute(insert(record_blocks).values(place | values | {"import_id": import_id, "part": part, "version": 1}))
    return block_id


def beside(data_set: DataSet, *, block_id: str, version: int, rows: list[Cells | None], part: str) -> dict[str, bytes]:
    """Summary and digests of rows that were brought along from another host."""
    digests = b"" if part == "replaced" else _written(data_set, rows)
    found = _sealed(data_set, block_id, version, rows, digests)
    return {name: found[name] for name in ("summary_sealed", "digests_sealed")}


def rewrite(db: Connection, data_set: DataSet, block: Block, rows: list[Cells | None]) -> None:
    """Raises RowChanged if the block is not the one that was opened any more."""
    here = and_(_in(data_set), _row.block_id == block.block_id, _row.version == block.version)
    values = _sealed(data_set, block.block_id, block.version + 1, rows, _written(data_set, rows))
    if db.execute(update(record_blocks).where(here).values(**values, version=block.version + 1)).rowcount != 1:
        raise RowChanged


def heads(db: Connection, data_set: DataSet) -> list[Head]:
    """Of all blocks that count: those of imports that are done."""
    key = cipher(data_set.key)
    found = (
        select(_row.block_id, _row.import_id, _row.version, _row.summary_sealed)
        .join(record_imports, _of_import())
        .where(_in(data_set), _row.part == "rows", record_imports.c.state == "done")
    )
    return [
        Head(row.block_id, row.import_id, unpacked(unseal(key, row.summary_sealed, *_aad(data_set, row, "summary"))))
        for row in db.execute(found)
    ]


def opened(db: Connection, data_set: DataSet, block_id: str, *, part: str = "rows") -> Block:
    """One block with its rows. Raises RowChanged if it is gone."""
    found = select(_row.block_id, _row.import_id, _row.version, _row.rows_sealed).where(
        _in(data_set), _row.block_id == block_id, _row.part == part
    )
    row = db.execute(found).one_or_none()
    if row is None:
        raise RowChanged
    return Block(row.block_id, row.import_id, row.version, _rows(data_set, row))


def of_import(db: Connection, data_set: DataSet, import_id: str, *, part: str) -> list[Block]:
    """All blocks of one import, opened."""
    found = select(_row.block_id, _row.import_id, _row.version, _row.rows_sealed).where(
        _in(data_set), _row.import_id == import_id, _row.part == part
    )
    return [Block(row.block_id, row.import_id, row.version, _rows(data_set, row)) for row in db.execute(found)]


def newest(db: Connection, data_set_ids: Collection[str], *, person_id: str, limit: int) -> list[tuple[str, str]]:
    """Data set and block of the last that were made, without opening any."""
    found = (
        select(_row.data_set_id, _row.block_id)
        .join(record_imports, _of_import())
        .where(_row.person_id == person_id, _row.data_set_id.in_(data_set_ids), _row.part == "rows")
        .where(record_imports.c.state == "done")
        .order_by(_row.block_id.desc())
        .limit(limit)
    )
    return [(row.data_set_id, row.block_id) for row in db.execute(found)]


def content(db: Connection, data_set: DataSet, block_id: str) -> bytes:
    """The rows of a block as they are kept, in JSON. Raises RowChanged if it is gone."""
    found = select(_row.block_id, _row.version, _row.rows_sealed).where(_in(data_set), _row.block_id == block_id)
    row = db.execute(found).one_or_none()
    if row is None:
        raise RowChanged
    return _content(data_set, row)


def digests_of(db: Connection, data_set: DataSet) -> Iterator[tuple[str, bytes]]:
    """Block by block, the digests of all rows that count."""
    key = cipher(data_set.key)
    found = (
        select(_row.block_id, _row.version, _row.digests_sealed)
        .join(record_imports, _of_import())
        .where(_in(data_set), _row.part == "rows", record_imports.c.state == "done")
    )
    for row in db.execute(found):
        yield row.block_id, unseal(key, row.digests_sealed, *_aad(data_set, row, "digests"))


def remove(db: Connection, data_set: DataSet, *, import_id: str, part: str | None = None) -> int:
    """All blocks of an import; returns how many there were."""
    there = and_(_in(data_set), _row.import_id == import_id)
    return db.execute(delete(record_blocks).where(there if part is None else and_(there, _row.part == part))).rowcount


def cut(rows: Iterable[tuple[Cells, bytes]]) -> Iterator[tuple[list[Cells], bytes]]:
    """Rows with their digests, in portions that fit a block."""
    portion: list[Cells] = []
    digests, size = bytearray(), 0
    for cells, digest in rows:
        length = sum(len(cell) for cell in cells if isinstance(cell, str))
        if portion and (len(portion) == MOST_ROWS_IN_BLOCK or size + length > MOST_BYTES_IN_BLOCK):
            yield portion, bytes(digests)
            portion, digests, size = [], bytearray(), 0
        portion.append(cells)
        digests += digest
        size += length
    if portion:
        yield portion, bytes(digests)


def _written(data_set: DataSet, rows: list[Cells | None]) -> bytes:
    digests = Digests(data_set)
    return b"".join(GONE if cells is None else digests.of(cells) for cells in rows)


def _sealed(
    data_set: DataSet, block_id: str, version: int, rows: list[Cells | None], digests: bytes
) -> dict[str, bytes]:
    key = cipher(data_set.key)
    contents = {
        "summary": packed(summarise(rows, data_set.shape)),
        "digests": digests,
        "rows": zlib.compress(orjson.dumps(rows), _QUICK),
    }
    place = ("record_block", data_set.person_id, data_set.data_set_id, block_id, str(version))
    return {f"{what}_sealed": seal(key, content, *place, what) for what, content in contents.items()}


def _rows(data_set: DataSet, row: Row[*tuple[Any, ...]]) -> list[Cells | None]:
    rows: list[Cells | None] = orjson.loads(_content(data_set, row))
    return rows


def _content(data_set: DataSet, row: Row[*tuple[Any, ...]]) -> bytes:
    return zlib.decompress(unseal(data_set.key, row.rows_sealed, *_aad(data_set, row, "rows")))


def _aad(data_set: DataSet, row: Row[*tuple[Any, ...]], what: str) -> tuple[str, ...]:
    block_id, version = row.block_id, row.version
    return "record_block", data_set.person_id, data_set.data_set_id, block_id, str(version), what


def _in(data_set: DataSet) -> ColumnElement[bool]:
    return and_(_row.person_id == data_set.person_id, _row.data_set_id == data_set.data_set_id)


def _of_import() -> ColumnElement[bool]:
    return and_(record_imports.c.person_id == _row.person_id, record_imports.c.import_id == _row.import_id)
