"""The personas' pages: make one, name it, say which is shown first, and what it takes from another."""

import re

from flask import flash, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug import Response

from vendor_api.routing import Route
from wallet.data import inheritance
from wallet.data.engine import unset_value
from wallet.data.errors import ChangedMeanwhile, NothingToTake, TakenByAnother, TakesItself
from wallet.house import House
from wallet.people import personas, preferences
from wallet.people.errors import BadPersonaName, RenamedMeanwhile
from wallet.people.forms import PersonaForm
from wallet.people.visitor import signed_in, speak_as
from wallet.personas import views
from wallet.personas.forms import NameForm

# An attribute and the version of it that a page showed.
_SEEN = re.compile(r"([a-z0-9_.]{1,64}):([0-9]{1,9})", re.ASCII)
_NOT_TAKEN = (ChangedMeanwhile, NothingToTake, TakesItself, TakenByAnother)

Page = str | tuple[str, int]


def index(house: House) -> Page:
    """Shows, and changes nothing."""
    return list_page(house, PersonaForm(formdata=None))


def list_page(house: House, form: PersonaForm) -> str:
    found = house.database.read(views.cards, house, signed_in(house))
    return render_template("personas/index.html", nav="wallet", cards=found, form=form)


def add(house: House) -> Response | Page:
    """A new face, which is not shown yet."""
    who, form = signed_in(house), PersonaForm()
    if form.validate_on_submit():
        given = {"person_id": who.person_id, "name": form.name.data, "now": house.clock()}
        try:
            added = house.database.write(personas.add_persona, house.secrets, **given)
        except BadPersonaName as error:
            form.name.errors.append(str(error))
        else:
            return done(added.persona_id, _("Created. It has no values yet, and no vendor knows it."))
    return list_page(house, form), 422


def persona(house: House, persona_id: str) -> Page:
    return persona_page(house, persona_id, NameForm(formdata=None))


def persona_page(house: House, persona_id: str, form: NameForm) -> str:
    found = house.database.read(views.persona_page, house, signed_in(house), persona_id, str(get_locale()))
    if not form.is_submitted() or not form.name.errors:
        form.name.data = personas.shown_name(found["face"])
    form.seen.data = found["face"].name
    return render_template("personas/persona.html", nav="wallet", form=form, **found)


def rename(house: House, persona_id: str) -> Response | Page:
    who, form = signed_in(house), NameForm()
    if form.validate_on_submit():
        whose = {"person_id": who.person_id, "persona_id": persona_id}
        names = {"name": form.name.data, "seen": form.seen.data or ""}
        try:
            house.database.write(personas.rename, house.secrets, **whose, **names)
        except BadPersonaName as error:
            form.name.errors.append(str(error))
        except RenamedMeanwhile as error:
            form.name.errors = [str(error)]
            return persona_page(house, persona_id, form), error.status
        else:
            return done(persona_id, _("Saved."))
    return persona_page(house, persona_id, form), 422


def make_default(house: House, persona_id: str) -> Response:
    house.database.write(personas.make_default, person_id=signed_in(house).person_id, persona_id=persona_id)
    return done(persona_id, _("From now on you show this persona first when you sign in."))


def take(house: House, persona_id: str) -> Response:
    """Take what is ticked from another persona, all of it or nothing."""
    who, ticked = signed_in(house), seen_versions()
    source = request.form.get("source", "")
    whose = {"person_id": who.person_id, "persona_id": persona_id, "source": source}
    house.database.read(personas.check_persona, person_id=who.person_id, persona_id=persona_id)
    if not ticked:
        return done(persona_id, _("Tick what it shall take."), "error")
    try:
        house.database.write(inheritance.inherit_all, ticked, **whose, now=house.clock())
    except _NOT_TAKEN as error:
        return done(persona_id, str(error), "error")
    return done(persona_id, _("Saved. Whoever may read these values of this persona reads the other one's now."))


def stop_taking(house: House, persona_id: str) -> Response:
    """What is ticked is taken no longer; there is no value then."""
    who, ticked = signed_in(house), seen_versions()
    if not ticked:
        return done(persona_id, _("Tick what it shall no longer take."), "error")
    for attribute, version in ticked.items():
        place = {"person_id": who.person_id, "persona_id": persona_id, "attribute": attribute}
        house.database.write(unset_value, **place, expected_version=version, now=house.clock())
    return done(persona_id, _("Saved. This persona has no value there now."))


def prefer(house: House, persona_id: str) -> Response:
    """Take what this persona prefers from now on."""
    who = signed_in(house)
    whose = {"person_id": who.person_id, "persona_id": persona_id}
    house.database.read(personas.check_persona, **whose)
    house.database.write(preferences.prefer, request.form, **whose)
    if persona_id == who.persona_id:
        speak_as(house, **whose)
    return done(persona_id, _("Saved."))


def seen_versions() -> dict[str, int]:
    """What the form has ticked, by attribute, with the version the page showed; nothing else."""
    found = (_SEEN.fullmatch(written) for written in request.form.getlist("attribute"))
    return {match[1]: int(match[2]) for match in found if match}


def done(persona_id: str, sentence: str, tone: str = "done") -> Response:
    flash(sentence, tone)
    return redirect(url_for("personas.persona", persona_id=persona_id), 303)


ROUTES = (
    Route("/personas", index),
    Route("/personas/new", add, ("POST",)),
    Route("/personas/<persona_id>", persona),
    Route("/personas/<persona_id>/name", rename, ("POST",)),
    Route("/personas/<persona_id>/default", make_default, ("POST",)),
    Route("/personas/<persona_id>/preferences", prefer, ("POST",)),
    Route("/personas/<persona_id>/take", take, ("POST",)),
    Route("/personas/<persona_id>/stop-taking", stop_taking, ("POST",)),
)
