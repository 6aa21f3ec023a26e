"""Single rows: a page of them, one to look at, added by hand, changed or deleted."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from sqlalchemy import Connection, select

from keys.secrets import HostSecrets
from wallet import noticing
from wallet.records import blocks, imports
from wallet.records.cells import check_of
from wallet.records.errors import BadRow, RowChanged
from wallet.records.model import Cells, DataSet, Reading, Row
from wallet.records.summaries import when
from wallet.records.tables import record_imports

ROWS_ON_PAGE = 50


def page(db: Connection, data_set: DataSet, heads: list[blocks.Head], *, skipped: int) -> list[Row]:
    """One page of rows, the newest blocks first and in them the newest rows; opens only the blocks it shows."""
    found: list[Row] = []
    for head in newest_first(heads):
        if skipped >= head.summary.count:
            skipped -= head.summary.count
            continue
        found += in_order(data_set, blocks.opened(db, data_set, head.block_id))[skipped:]
        skipped = 0
        if len(found) >= ROWS_ON_PAGE:
            break
    return found[:ROWS_ON_PAGE]


def newest_first(heads: Iterable[blocks.Head]) -> list[blocks.Head]:
    return sorted(heads, key=lambda one: (one.summary.last or 0, one.block_id), reverse=True)


def pages_before(db: Connection, data_set: DataSet, heads: list[blocks.Head], *, block_id: str, position: int) -> int:
    """How many rows to skip for a page that shows this one; none where it is gone."""
    skipped = 0
    for head in newest_first(heads):
        if head.block_id == block_id:
            rows = in_order(data_set, blocks.opened(db, data_set, block_id))
            skipped += next((at for at, row in enumerate(rows) if row.position == position), 0)
            return skipped - skipped % ROWS_ON_PAGE
        skipped += head.summary.count
    return 0


def in_order(data_set: DataSet, block: blocks.Block) -> list[Row]:
    """The rows of a block, the newest first."""
    digests = blocks.Digests(data_set)
    rows = [
        Row(block.block_id, position, digests.of(cells).hex(), cells)
        for position, cells in enumerate(block.rows)
        if cells is not None
    ]
    return sorted(rows, key=lambda row: (when(row.cells, data_set.shape) or 0, row.position), reverse=True)


def every(db: Connection, data_set: DataSet, heads: list[blocks.Head]) -> Iterator[Cells]:
    """All rows, the oldest blocks first."""
    for head in sorted(heads, key=lambda one: (one.summary.first or 0, one.block_id)):
        for row in reversed(in_order(data_set, blocks.opened(db, data_set, head.block_id))):
            yield row.cells


def find(db: Connection, data_set: DataSet, *, block_id: str, position: int) -> Row:
    """Raises RowChanged for one that is gone."""
    cells = _row(blocks.opened(db, data_set, block_id), position)
    return Row(block_id, position, blocks.Digests(data_set).of(cells).hex(), cells)


def change(db: Connection, data_set: DataSet, seen: Row, cells: Cells | None) -> None:
    """Another row in its place, or none. Raises RowChanged unless it is still the row that was seen."""
    block = blocks.opened(db, data_set, seen.block_id)
    if blocks.Digests(data_set).of(_row(block, seen.position)).hex() != seen.digest:
        raise RowChanged
    blocks.rewrite(db, data_set, block, [*block.rows[: seen.position], cells, *block.rows[seen.position + 1 :]])
    noticing.rows_changed(db, person_id=data_set.person_id, data_set_id=data_set.data_set_id)


def add(db: Connection, secrets: HostSecrets, data_set: DataSet, cells: Cells, *, now: int) -> None:
    """By hand: into the last block of such rows while there is room. Raises BadRow for a key that is there already."""
    digest = blocks.Digests(data_set).of(cells)
    if _is_known(db, data_set, digest[: blocks.DIGEST]):
        raise BadRow("same_key")
    noticing.rows_changed(db, person_id=data_set.person_id, data_set_id=data_set.data_set_id)
    place = {"person_id": data_set.person_id, "persona_id": data_set.persona_id}
    import_id = _by_hand(db, data_set)
    if import_id is None:
        begun = {**place, "file_name": "", "data_set_id": data_set.data_set_id, "origin": "hand"}
        import_id = imports.begin(db, secrets, **begun, now=now).import_id
    for block in blocks.of_import(db, data_set, import_id, part="rows"):
        if len(block.rows) < blocks.MOST_ROWS_IN_BLOCK:
            blocks.rewrite(db, data_set, block, [*block.rows, cells])
            return
    blocks.add(db, data_set, import_id=import_id, rows=[cells], digests=digest)


def typed(data_set: DataSet, given: Mapping[str, str]) -> Cells:
    """What a form says of a row; a number may have a comma or a point. Raises BadRow."""
    cells = []
    for place, column in enumerate(data_set.shape.columns):
        text = given.get(str(place), "")
        decimal = "," if text.rfind(",") > text.rfind(".") else "."
        reading = replace(Reading("csv"), decimal=decimal)
        cells.append(check_of(column, reading, data_set.shape.tz)(text))
    if all(cell is None for cell in cells):
        raise BadRow("empty")
    return cells


def _row(block: blocks.Block, position: int) -> Cells:
    cells = block.rows[position] if 0 <= position < len(block.rows) else None
    if cells is None:
        raise RowChanged
    return cells


def _is_known(db: Connection, data_set: DataSet, key: bytes) -> bool:
    step = 2 * blocks.DIGEST
    for _block_id, digests in blocks.digests_of(db, data_set):
        at = digests.find(key)
        while at >= 0:
            if at % step == 0:
                return True
            at = digests.find(key, at + 1)
    return False


def _by_hand(db: Connection, data_set: DataSet) -> str | None:
    mine = (record_imports.c.person_id == data_set.person_id) & (record_imports.c.data_set_id == data_set.data_set_id)
    found = select(record_imports.c.import_id).where(mine, record_imports.c.origin == "hand").limit(1)
    import_id: str | None = db.execute(found).scalar_one_or_none()
    return import_id
