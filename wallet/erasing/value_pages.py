"""The page on which one value is erased: who may read it, who may still hold a copy, and what goes."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Connection
from werkzeug import Response

from consent import changes, grants
from vendor_api.routing import Route
from wallet.data import inheritance
from wallet.data.attributes import find_attribute
from wallet.data.errors import ChangedMeanwhile
from wallet.data.model import Attribute
from wallet.erasing import backups, values
from wallet.erasing.holders import MOST_SHOWN, Holder, holders
from wallet.house import House
from wallet.languages import language
from wallet.people.granted import signs
from wallet.people.model import Visitor
from wallet.people.personas import of_person, shown_name
from wallet.people.visitor import acting, signed_in


def value(house: House, name: str) -> Response | tuple[str, int]:
    """A GET shows what would go, a POST erases it."""
    who = acting(house)
    attribute = house.database.read(find_attribute, house.secrets, person_id=who.person_id, name=name)
    if request.method == "GET":
        return page(house, who, attribute), 200
    try:
        house.database.write(erase, house, who, attribute)
    except ChangedMeanwhile as error:
        return page(house, who, attribute, overtaken=True), error.status
    backups.after_erasing(house)
    flash(_("Erased. Nobody can read it any more, here or in a backup."), "done")
    if "definition" in request.form:
        return redirect(url_for("data.index"), 303)
    return redirect(url_for("erasing.value", name=name, persona=request.values.get("persona")), 303)


def erase(db: Connection, house: House, who: Visitor, attribute: Attribute) -> None:
    """The value, and what is ticked beside it, in one transaction. Raises ChangedMeanwhile and UnknownAttribute."""
    ids, now = {"person_id": who.person_id, "persona_id": who.persona_id}, house.clock()
    found = holders(db, **ids, attribute=attribute.name, now=now)
    ticked = set(request.form.getlist("narrow"))
    for one in found:
        if one.may_read and one.grant_id in ticked:
            narrow(db, house, one.grant_id, attribute.name, person_id=who.person_id, now=now)
    work = values.erase_attribute if "definition" in request.form else values.erase_value
    work(db, house.secrets, **ids, attribute=attribute.name, expected_version=seen_version(), now=now)


def narrow(db: Connection, house: House, grant_id: str, name: str, *, person_id: str, now: int) -> None:
    by = signs(db, house, grants.find(db, grant_id, person_id=person_id))
    changes.narrow(db, house.secrets, grant_id, person_id=person_id, taken={name}, signs=by, now=now)


def seen_version() -> int:
    """The last version that the page knew of."""
    typed = request.form.get("version", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else -1


def page(house: House, who: Visitor, attribute: Attribute, *, overtaken: bool = False) -> str:
    found, version, others = house.database.read(shown, who, attribute.name, now=house.clock())
    takers = house.database.read(takers_of, house, who, attribute.name)
    return render_template(
        "erasing/value.html",
        nav="data",
        attribute=attribute,
        label=attribute.label(language()),
        version=version,
        overtaken=overtaken,
        readers=[one for one in found if one.may_read][:MOST_SHOWN],
        holders=[one for one in found if one.may_hold][:MOST_SHOWN],
        more=max(0, len(found) - MOST_SHOWN),
        is_own=attribute.group == "own",
        takers=takers,
        others=len(others - {who.persona_id}),
        is_shown=who.persona_id == signed_in(house).persona_id,
        persona_id=request.values.get("persona"),
    )


def shown(db: Connection, who: Visitor, name: str, *, now: int) -> tuple[list[Holder], int, frozenset[str]]:
    place = {"person_id": who.person_id, "persona_id": who.persona_id, "attribute": name}
    others = values.personas_with(db, person_id=who.person_id, attribute=name)
    return holders(db, **place, now=now), values.last_version(db, **place), others


def takers_of(db: Connection, house: House, who: Visitor, name: str) -> list[str]:
    """The personas that take the value from this one, by name."""
    found = inheritance.takers(db, person_id=who.person_id, persona_id=who.persona_id, attribute=name)
    faces = of_person(db, house.secrets, person_id=who.person_id) if found else ()
    return [shown_name(face) for face in faces if face.persona_id in found]


ROUTES = (Route("/data/<name>/erase", value, ("GET", "POST")),)
