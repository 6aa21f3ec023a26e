"""The pages of single rows, and all of them as a file."""

import csv
import io
from collections.abc import Iterator
from datetime import tzinfo

import orjson
from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Connection
from werkzeug import Response

from vendor_api.routing import Route
from wallet.formulas import COMES_BACK, harmless
from wallet.house import House
from wallet.people.visitor import signed_in
from wallet.records import blocks, rows, words
from wallet.records.cells import shown
from wallet.records.errors import BadRow, RowChanged
from wallet.records.model import Cell, Cells, DataSet, Row
from wallet.records.pages import of_visitor

LARGEST_PAGE = 10_000_000


def all_rows(house: House, data_set_id: str) -> str:
    """A page of them: from a number on, or the one on which a row stands."""
    found = of_visitor(house, signed_in(house), data_set_id)
    count, skipped, page = house.database.read(_page, found, _number("from"), request.args.get("block"))
    return render_template(
        "records/rows.html",
        data_set=found,
        rows=page,
        count=count,
        skipped=skipped,
        step=rows.ROWS_ON_PAGE,
        text=words.cell_text,
        nav="data",
    )


def _number(name: str) -> int:
    asked = request.args.get(name, "0")
    return min(int(asked), LARGEST_PAGE) if asked.isascii() and asked.isdigit() and len(asked) < 9 else 0


def _page(db: Connection, found: DataSet, skipped: int, block_id: str | None) -> tuple[int, int, list[Row]]:
    """How many rows there are, how many were skipped, and those that follow."""
    heads = blocks.heads(db, found)
    if block_id:
        skipped = rows.pages_before(db, found, heads, block_id=block_id, position=_number("row"))
    return sum(head.summary.count for head in heads), skipped, rows.page(db, found, heads, skipped=skipped)


def new_row(house: House, data_set_id: str) -> Response | tuple[str, int] | str:
    found = of_visitor(house, signed_in(house), data_set_id)
    if request.method == "GET":
        return _form(found, {})
    try:
        cells = rows.typed(found, request.form)
        house.database.write(rows.add, house.secrets, found, cells, now=house.clock())
    except BadRow as error:
        return _form(found, request.form, wrong=words.bad_row(error)), error.status
    flash(_("Saved."), "done")
    return redirect(url_for("records.all_rows", data_set_id=data_set_id), 303)


def one_row(house: House, data_set_id: str, block_id: str, position: int) -> Response | tuple[str, int] | str:
    """Shown, changed, or deleted, if it is still the row that the form shows."""
    found = of_visitor(house, signed_in(house), data_set_id)
    there = house.database.read(rows.find, found, block_id=block_id, position=position)
    if request.method == "GET":
        return _form(found, _typed(found, there.cells), there)
    seen = Row(block_id, position, request.form.get("seen", ""), there.cells)
    try:
        cells = None if request.form.get("delete") else rows.typed(found, request.form)
        house.database.write(rows.change, found, seen, cells)
    except BadRow as error:
        return _form(found, request.form, seen, wrong=words.bad_row(error)), error.status
    except RowChanged as error:
        now = [words.cell_text(cell, place, found) for place, cell in enumerate(there.cells)]
        return _form(found, request.form, there, wrong=str(error), instead=now), error.status
    flash(_("Saved.") if cells else _("Deleted."), "done")
    return redirect(url_for("records.all_rows", data_set_id=data_set_id), 303)


def _typed(found: DataSet, cells: Cells) -> dict[str, str]:
    return {str(place): words.field_text(cell, place, found) for place, cell in enumerate(cells)}


def _form(
    found: DataSet, given: object, row: Row | None = None, *, wrong: str = "", instead: list[str] | None = None
) -> str:
    page = {"data_set": found, "given": given, "row": row, "wrong": wrong, "instead": instead, "kinds": words.KINDS}
    return render_template("records/row.html", **page, nav="data")


def export(house: House, data_set_id: str) -> Response:
    """All rows as CSV or JSON, a block at a time."""
    found = of_visitor(house, signed_in(house), data_set_id)
    wanted = request.args.get("as")
    if wanted not in EXPORTS:
        abort(404)
    write, kind = EXPORTS[wanted]
    answer = Response(write(found, every(house, found)), mimetype=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="records.{wanted}"'
    return answer


def every(house: House, found: DataSet) -> Iterator[list[Cells]]:
    """The rows block by block, each read when it is wanted: a slow download holds no transaction."""
    heads = house.database.read(blocks.heads, found)
    for head in sorted(heads, key=lambda one: (one.summary.first or 0, one.block_id)):
        yield list(house.database.read(_rows, found, head))


def _rows(db: Connection, found: DataSet, head: blocks.Head) -> list[Cells]:
    return list(rows.every(db, found, [head]))


def as_csv(found: DataSet, portions: Iterator[list[Cells]]) -> Iterator[bytes]:
    """RFC 4180; no text can be taken for a formula by a program that shows tables."""
    columns, tz = found.shape.columns, found.shape.tz
    yield _line([harmless(column.name, COMES_BACK) for column in columns])
    for portion in portions:
        yield b"".join(
            _line([_as_text(cell, column.kind, tz) for cell, column in zip(cells, columns, strict=True)])
            for cells in portion
        )


def _as_text(cell: Cell, kind: str, tz: tzinfo) -> str:
    return shown(cell, kind, tz) if kind != "text" else harmless(str(cell or ""), COMES_BACK)


def _line(cells: list[str]) -> bytes:
    written = io.StringIO()
    csv.writer(written).writerow(cells)
    return written.getvalue().encode(errors="replace")


def as_json(found: DataSet, portions: Iterator[list[Cells]]) -> Iterator[bytes]:
    """A list of objects; numbers are text, so that no digit is lost."""
    columns, before = found.shape.columns, b"[\n"
    for portion in portions:
        for cells in portion:
            pairs = zip(cells, columns, strict=True)
            yield before + orjson.dumps(
                {
                    column.name: shown(cell, column.kind, found.shape.tz) if column.kind == "moment" else cell
                    for cell, column in pairs
                }
            )
            before = b",\n"
    yield b"\n]\n" if before != b"[\n" else b"[]\n"


EXPORTS = {"csv": (as_csv, "text/csv; charset=utf-8"), "json": (as_json, "application/json")}

ROUTES = (
    Route("/records/<data_set_id>/rows", all_rows),
    Route("/records/<data_set_id>/rows/new", new_row, ("GET", "POST")),
    Route("/records/<data_set_id>/rows/<block_id>/<int:position>", one_row, ("GET", "POST")),
    Route("/records/<data_set_id>/export", export),
)
