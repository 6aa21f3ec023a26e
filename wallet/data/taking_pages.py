"""What the page of a value says of other personas: where it is taken from, which take it, whence it could be taken."""

from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Connection
from werkzeug import Response

from consent import granted
from vendor_api.routing import Route
from wallet.data import inheritance
from wallet.data.attributes import find_attribute
from wallet.data.errors import ChangedMeanwhile, NothingToTake, TakenByAnother, TakesItself
from wallet.data.forms import version_in
from wallet.house import House
from wallet.people.model import Visitor
from wallet.people.next_page import next_page
from wallet.people.personas import of_person, shown_name
from wallet.people.visitor import acting


@dataclass(frozen=True, slots=True)
class Others:
    """`names` of all personas by id; `sources` have a value to take; `takers`, by name, with the vendors reading it."""

    names: dict[str, str]
    taken_from: str | None
    sources: list[tuple[str, str]]
    takers: list[tuple[str, tuple[str, ...]]]


def others(db: Connection, house: House, who: Visitor, name: str) -> Others:
    """How this persona and the others stand to an attribute; one statement for who has but one persona."""
    faces = of_person(db, house.secrets, person_id=who.person_id)
    names = {face.persona_id: shown_name(face) for face in faces}
    if len(names) == 1:
        return Others(names, None, [], [])
    whose = {"person_id": who.person_id, "persona_id": who.persona_id}
    taking = inheritance.taken_from(db, **whose).get(name)
    takers = inheritance.takers(db, **whose, attribute=name)
    have = inheritance.sources(db, person_id=who.person_id, attribute=name) - {who.persona_id}
    place, now = {"person_id": who.person_id}, house.clock()
    readers = [(names[one], granted.readers(db, name, **place, persona_id=one, now=now)) for one in takers]
    return Others(
        names,
        taking.source if taking else None,
        [] if takers else [(persona_id, names[persona_id]) for persona_id in names if persona_id in have],
        readers,
    )


def inherit(house: House, name: str) -> Response:
    """From now on this persona takes the value from another."""
    who = acting(house)
    found = house.database.read(find_attribute, house.secrets, person_id=who.person_id, name=name)
    place = {"person_id": who.person_id, "persona_id": who.persona_id, "attribute": found.name}
    seen = version_in(request.form.get("version"))
    source = request.form.get("source", "")
    try:
        house.database.write(inheritance.inherit, **place, source=source, expected_version=seen, now=house.clock())
    except (ChangedMeanwhile, NothingToTake, TakesItself, TakenByAnother) as error:
        flash(str(error), "error")
    else:
        flash(_("Saved."), "done")
    here = url_for("data.attribute", name=found.name, persona=request.values.get("persona"), next=next_page())
    return redirect(here, 303)


ROUTES = (Route("/data/<name>/inherit", inherit, ("POST",)),)
