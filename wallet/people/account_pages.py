"""The account chooser: who of those signed in at this browser is at the door, and which face they show."""

from dataclasses import dataclass

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Connection
from werkzeug import Response

from vendor_api.oauth.leaving.end_session import Leaving
from vendor_api.routing import Route
from wallet.house import House
from wallet.people import personas
from wallet.people.asked import choose_face_here, waiting_ask
from wallet.people.errors import BadPersonaName
from wallet.people.forms import PersonaForm
from wallet.people.leaving import in_frames
from wallet.people.model import Persona, Visitor
from wallet.people.next_page import next_page
from wallet.people.visitor import change_to, people_here, say_goodbye, signed_in, speak_as, visitor


@dataclass(frozen=True, slots=True)
class PersonView:
    """`session` names the person in forms; `at_door` is who the pages belong to now, and each persona
    has an id, a name, and perhaps a picture.
    """

    session: str
    login: str
    at_door: bool
    shown: str
    personas: tuple[tuple[str, str, bool], ...]


def accounts(house: House) -> Response | str:
    """Shows, and changes nothing."""
    return page(house, PersonaForm(formdata=None))


def page(house: House, form: PersonaForm) -> Response | str:
    here = people_here(house)
    if not here:
        return redirect(url_for("people.sign_in", next=next_page()), 303)
    ask = waiting_ask(house, next_page())
    people = [house.database.read(person_view, house, who, visitor(house)) for who in here.values()]
    return render_template(
        "people/accounts.html",
        people=people,
        vendor_name=ask.party.name if ask else None,
        expects_somebody="expected_subject" in ask.request if ask else False,
        form=form,
        next=next_page(),
        nav="accounts",
    )


def person_view(db: Connection, house: House, who: Visitor, at_door: Visitor | None) -> PersonView:
    faces = personas.of_person(db, house.secrets, person_id=who.person_id)
    named = tuple((face.persona_id, personas.shown_name(face), face.pictured_at is not None) for face in faces)
    return PersonView(who.session_digest, who.login, who == at_door, who.persona_id, named)


def choose(house: House) -> Response:
    """Somebody who is signed in here comes to the door, as the persona they chose."""
    for token, who in people_here(house).items():
        if who.session_digest == request.form.get("session"):
            place = {"person_id": who.person_id, "session_digest": who.session_digest}
            persona_id = request.form.get("persona", who.persona_id)
            house.database.write(personas.show, **place, persona_id=persona_id)
            if who != visitor(house):
                change_to(house, token)
            speak_as(house, person_id=who.person_id, persona_id=persona_id)
            choose_face_here(next_page())
            return redirect(next_page() or url_for("data.index"), 303)
    flash(_("Their sign-in has ended meanwhile. They have to sign in again."), "error")
    return redirect(url_for("people.accounts", next=next_page()), 303)


def leave(house: House) -> Response:
    """Sign one person out at this browser, or everybody."""
    who, here = request.form.get("session"), {one.session_digest for one in people_here(house).values()}
    wanted = here if who == "all" else here & {who}
    if not who:
        abort(400)
    ended = say_goodbye(house, wanted)
    page = in_frames(house, Leaving(None, None), ended)
    if page:
        return page
    flash(_("Everybody is signed out here.") if who == "all" else _("Signed out."), "done")
    return redirect(url_for("people.accounts", next=next_page()), 303)


def add_persona(house: House) -> Response | tuple[Response | str, int]:
    """A new face for the person at the door, who shows it from now on."""
    who, form = signed_in(house), PersonaForm()
    if form.validate_on_submit():
        try:
            house.database.write(add_and_show, house, who, name=form.name.data)
        except BadPersonaName as error:
            form.name.errors.append(str(error))
        else:
            flash(_("Created. This is the persona you show now; it has no values yet."), "done")
            return redirect(url_for("people.accounts", next=next_page()), 303)
    return page(house, form), 422


def add_and_show(db: Connection, house: House, who: Visitor, *, name: str) -> Persona:
    """Raises BadPersonaName."""
    added = personas.add_persona(db, house.secrets, person_id=who.person_id, name=name, now=house.clock())
    personas.show(db, person_id=who.person_id, session_digest=who.session_digest, persona_id=added.persona_id)
    return added


ROUTES = (
    Route("/accounts", accounts),
    Route("/accounts/choose", choose, ("POST",)),
    Route("/accounts/leave", leave, ("POST",)),
    Route("/accounts/personas", add_persona, ("POST",)),
)
