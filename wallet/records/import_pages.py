"""The pages on which a file becomes rows: send it, look at it and say what it is, watch it, undo it."""

import threading
from dataclasses import replace

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError, validate_csrf
from sqlalchemy import Connection
from werkzeug import Response
from wtforms import ValidationError

from vendor_api.routing import Route
from wallet.data.engine import current_values
from wallet.house import House
from wallet.people.model import Visitor
from wallet.people.visitor import signed_in
from wallet.records import arriving, engine, importing, imports, words
from wallet.records.errors import BadDataSet, BadFile, ImportRuns
from wallet.records.looking import Look, look
from wallet.records.matching import left_out, matched
from wallet.records.model import KINDS, LARGEST_FILE, Column, DataSet, Import, Plan, Shape
from wallet.records.pages import of_visitor
from wallet.records.readers import Source
from wallet.records.upload import file_of

PREVIEW = 20
READING = ("delimiter", "decimal", "header", "day_first", "table")
# It reads its own form as it comes; whoever parsed it before would hold the whole file.
STREAMED = "records.upload"


def upload(house: House) -> Response | tuple[str, int] | str:
    who = signed_in(house)
    if request.method == "GET":
        return render_template("records/upload.html", nav="data", tab="records", most=LARGEST_FILE // 1024**2)
    request.max_content_length = LARGEST_FILE + 64 * 1024
    try:
        found = _arrive(house, who)
    except BadFile as error:
        page = {"nav": "data", "tab": "records", "most": LARGEST_FILE // 1024**2, "wrong": str(error)}
        return render_template("records/upload.html", **page), error.status
    return redirect(url_for("records.one_import", import_id=found.import_id), 303)


def _arrive(house: House, who: Visitor) -> Import:
    """The file as it waits, or nothing of it. Raises BadFile and CSRFError."""
    boundary = request.mimetype_params.get("boundary", "")
    if request.mimetype != "multipart/form-data" or not boundary:
        raise BadFile(_("Choose a file first."))
    name, content = file_of(request.stream, boundary.encode(), _check_token)
    place = {"person_id": who.person_id, "persona_id": who.persona_id}
    found = house.database.write(imports.begin, house.secrets, **place, file_name=name, now=house.clock())
    try:
        arriving.keep(house.database, found, content, person_id=who.person_id, now=house.clock())
        found = _import_of(house, who, found.import_id)
        look(_source(house, who, found), utf8=found.utf8, chosen={})
    except BaseException:
        house.database.write(imports.give_up, found, person_id=who.person_id)
        raise
    return found


def _check_token(fields: dict[str, str]) -> None:
    try:
        validate_csrf(fields.get("csrf_token"))
    except ValidationError as error:
        raise CSRFError(str(error)) from None


def one_import(house: House, import_id: str) -> str | Response | tuple[str, int]:
    """The preview of a file that waits; how far it is; or what came of it."""
    who = signed_in(house)
    found = _import_of(house, who, import_id)
    if found.state == "waiting":
        return _preview(house, who, found)
    if found.data_set_id is None:
        return redirect(url_for("records.index"), 303)
    is_silent = imports.is_silent(found, now=house.clock())
    runs = found.state == "running" and not is_silent
    page = render_template(
        "records/import.html",
        found=found,
        data_set=of_visitor(house, who, found.data_set_id),
        is_silent=is_silent,
        runs=runs,
        reason=words.reason,
        nav="data",
    )
    return Response(page, headers={"Refresh": "2"} if runs else {}, mimetype="text/html")


def start(house: House, import_id: str) -> str | Response | tuple[str, int]:
    """Begin, or begin again what was broken off."""
    who = signed_in(house)
    found = _import_of(house, who, import_id)
    try:
        data_set, running = house.database.write(_start, house, who, found, _seen(house, who, found))
    except (BadFile, BadDataSet, ImportRuns) as error:
        if found.state != "waiting":
            raise
        return _preview(house, who, found, wrong=str(error), status=error.status)
    keywords = {"source": _source(house, who, running), "clock": house.clock}
    work = threading.Thread(
        target=importing.run, args=(house.database, data_set, running), kwargs=keywords, name="import", daemon=True
    )
    work.start()
    work.join(0.5)  # a small file is done before anybody has looked
    return redirect(url_for("records.one_import", import_id=import_id), 303)


def undo(house: House, import_id: str) -> Response:
    """Take it out again, or give up a file that waits."""
    who = signed_in(house)
    found = _import_of(house, who, import_id)
    if found.data_set_id is None:
        house.database.write(imports.give_up, found, person_id=who.person_id)
        flash(_("The file is gone."), "done")
        return redirect(url_for("records.index"), 303)
    data_set = of_visitor(house, who, found.data_set_id)
    house.database.write(imports.undo, data_set, import_id)
    flash(_("Undone: all rows of this import are gone."), "done")
    return redirect(url_for("records.data_set", data_set_id=data_set.data_set_id), 303)


def _start(db: Connection, house: House, who: Visitor, found: Import, seen: Look | None) -> tuple[DataSet, Import]:
    place = {"person_id": who.person_id, "persona_id": who.persona_id}
    now = house.clock()
    if seen is None:  # once more, as it was begun
        data_set = engine.find(db, house.secrets, **place, data_set_id=str(found.data_set_id))
        if found.plan is None:
            raise BadFile(_("This file is gone. Send it again."))
        return data_set, imports.start(db, found, data_set, plan=found.plan, now=now)
    conflicts = "take" if request.form.get("conflicts") == "take" else "keep"
    names = [column.name for column in seen.columns]
    if request.form.get("set"):
        data_set = engine.find(db, house.secrets, **place, data_set_id=request.form["set"])
        columns = matched(data_set.shape, names)
    else:
        shape, columns = _described(seen)
        name = request.form.get("name", "")
        data_set = engine.create(db, house.secrets, **place, name=name, shape=shape, now=now)
    plan = Plan(seen.reading, columns, conflicts)
    return data_set, imports.start(db, found, data_set, plan=plan, now=now)


def _described(seen: Look) -> tuple[Shape, tuple[int, ...]]:
    """The columns as the form says, without those that are left out. Raises BadDataSet."""
    keys = set(request.form.getlist("key"))
    columns, places = [], []
    for place, column in enumerate(seen.columns):
        kind = request.form.get(f"kind-{place}", column.kind)
        if kind in KINDS:
            unit = engine.tidy(request.form.get(f"unit-{place}", ""))
            columns.append(Column(column.name, kind, unit, str(place) in keys))
            places.append(place)
    asked = request.form.get("date", "")
    date = next((at for at, place in enumerate(places) if str(place) == asked), None)
    shape = Shape(tuple(columns), date, request.form.get("zone", "").strip() or "UTC")
    engine.check_shape(shape)
    return shape, tuple(places)


def _seen(house: House, who: Visitor, found: Import) -> Look | None:
    """The file as the form reads it; None where that was said before. Raises BadFile."""
    if found.state != "waiting":
        return None
    return look(_source(house, who, found), utf8=found.utf8, chosen=_chosen())


def _chosen() -> dict[str, str]:
    return {name: request.values[name] for name in READING if name in request.values}


def _preview(house: House, who: Visitor, found: Import, *, wrong: str = "", status: int = 200) -> str | tuple[str, int]:
    place = {"person_id": who.person_id, "persona_id": who.persona_id}
    try:
        seen = look(_source(house, who, found), utf8=found.utf8, chosen=_chosen())
    except BadFile as error:  # as the person wants it read; as it was found to be it can be read
        seen, wrong, status = look(_source(house, who, found), utf8=found.utf8, chosen={}), str(error), error.status
    known = house.database.read(engine.of_persona, house.secrets, **place)
    own = house.database.read(current_values, house.secrets, **place, attributes=["zoneinfo"], lock_key=None)
    zone = own.get("zoneinfo")
    names = [column.name for column in seen.columns]
    page = render_template(
        "records/preview.html",
        found=found,
        seen=seen,
        rows=seen.rows[:PREVIEW],
        fitting=[(one, left_out(one.shape, names)) for one in known if _fits(one, names)],
        kinds=words.KINDS,
        delimiters=words.DELIMITERS,
        zone=str(zone.value) if zone and zone.value else words.usual_zone(),
        name=request.form.get("name") or found.file_name.rpartition(".")[0] or found.file_name,
        wrong=wrong,
        nav="data",
    )
    return page if status == 200 else (page, status)


def _fits(data_set: DataSet, names: list[str]) -> bool:
    try:
        matched(data_set.shape, names)
    except BadFile:
        return False
    return True


def _import_of(house: House, who: Visitor, import_id: str) -> Import:
    place = {"person_id": who.person_id, "persona_id": who.persona_id}
    return house.database.read(imports.find, house.secrets, **place, import_id=import_id)


def _source(house: House, who: Visitor, found: Import) -> Source:
    return importing.pieces(house.database, replace(found), person_id=who.person_id)


ROUTES = (
    Route("/records/import", upload, ("GET", "POST")),
    Route("/records/imports/<import_id>", one_import),
    Route("/records/imports/<import_id>/start", start, ("POST",)),
    Route("/records/imports/<import_id>/undo", undo, ("POST",)),
)
