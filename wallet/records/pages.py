"""The pages of data sets: which there are, what one comes to over time, and what can be done with it as a whole."""

from dataclasses import dataclass, field
from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Connection
from werkzeug import Response

from vendor_api.routing import Route
from wallet.house import House
from wallet.people.model import Visitor
from wallet.people.visitor import signed_in
from wallet.records import blocks, engine, imports, words
from wallet.records.errors import BadDataSet
from wallet.records.model import DataSet, Import
from wallet.records.periods import PERIODS, Window, window
from wallet.records.plot import Plot, plot
from wallet.records.totals import Series


@dataclass(frozen=True, slots=True)
class Totals:
    """What one column comes to, part by part; `lines`: name, total, how many rows."""

    place: int
    window: Window
    name: str
    plot: Plot | None
    lines: list[tuple[str, str, int]] = field(repr=False)


def index(house: House) -> str:
    who = signed_in(house)
    place = {"person_id": who.person_id, "persona_id": who.persona_id}
    found = house.database.read(engine.of_persona, house.secrets, **place)
    files = house.database.read(imports.waiting, house.secrets, **place)
    return render_template("records/index.html", data_sets=found, files=files, nav="data", tab="records")


def data_set(house: House, data_set_id: str) -> str:
    found = of_visitor(house, signed_in(house), data_set_id)
    return _page(house, found)


def rename(house: House, data_set_id: str) -> Response | tuple[str, int]:
    found = of_visitor(house, signed_in(house), data_set_id)
    version = request.form.get("version", "")
    try:
        seen = int(version) if version.isascii() and version.isdigit() and len(version) < 9 else 0
        house.database.write(engine.rename, found, name=request.form.get("name", ""), expected_version=seen)
    except BadDataSet as error:
        return _page(house, found, wrong=str(error)), error.status
    flash(_("Saved."), "done")
    return redirect(url_for("records.data_set", data_set_id=data_set_id), 303)


def delete(house: House, data_set_id: str) -> Response | str:
    """Asks once; the second time it is done."""
    found = of_visitor(house, signed_in(house), data_set_id)
    if request.form.get("sure") != "yes":
        return render_template("records/delete.html", data_set=found, nav="data")
    house.database.write(engine.forget, found)
    flash(_("Deleted."), "done")
    return redirect(url_for("records.index"), 303)


def of_visitor(house: House, who: Visitor, data_set_id: str) -> DataSet:
    """Raises UnknownDataSet."""
    place = {"person_id": who.person_id, "persona_id": who.persona_id}
    return house.database.read(engine.find, house.secrets, **place, data_set_id=data_set_id)


def _page(house: House, found: DataSet, *, wrong: str = "") -> str:
    heads, done = house.database.read(_heads_and_imports, house, found)
    return render_template(
        "records/data_set.html",
        data_set=found,
        count=sum(head.summary.count for head in heads),
        imports=done,
        counts=_by_import(heads),
        totals=_totals(found, heads),
        periods=words.PERIODS,
        kinds=words.KINDS,
        wrong=wrong,
        nav="data",
    )


def _heads_and_imports(db: Connection, house: House, found: DataSet) -> tuple[list[blocks.Head], tuple[Import, ...]]:
    return blocks.heads(db, found), imports.of_data_set(db, house.secrets, found)


def _by_import(heads: list[blocks.Head]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for head in heads:
        counts[head.import_id] = counts.get(head.import_id, 0) + head.summary.count
    return counts


def _totals(found: DataSet, heads: list[blocks.Head]) -> Totals | None:
    """None where there is no number, or no date to put it to."""
    shape = found.shape
    if not shape.numeric or shape.date is None or not heads:
        return None
    asked = request.args.get("column", "")
    place = int(asked) if asked in map(str, shape.numeric) else shape.numeric[0]
    by = request.args.get("by", "month")
    series = Series((head.summary for head in heads), shape, place)
    shown = window(by if by in PERIODS else "month", _day(request.args.get("at", ""), series))
    values = [series.total(*part) for part in shown.parts]
    names = [words.part_name(shown.by, first) for first, _behind in shown.parts]
    lines = [
        (name, words.figure(value), series.count(*part))
        for name, value, part in zip(names, values, shown.parts, strict=True)
    ]
    drawn = plot(values, [words.part_name(shown.by, first, short=True) for first, _behind in shown.parts])
    return Totals(place, shown, words.window_name(shown.by, shown.begins, shown.behind), drawn, lines)


def _day(asked: str, series: Series) -> date:
    """The day that was asked for, or the last with a figure."""
    try:
        return date.fromisoformat(asked)
    except ValueError:
        return date.fromisoformat(series.days[-1]) if series.days else date(2000, 1, 1)


ROUTES = (
    Route("/records", index),
    Route("/records/<data_set_id>", data_set),
    Route("/records/<data_set_id>/rename", rename, ("POST",)),
    Route("/records/<data_set_id>/delete", delete, ("POST",)),
)
