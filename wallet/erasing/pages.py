"""The pages on which a persona, all data or everything is erased, and on which proof of erased personas is read."""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import Connection
from werkzeug import Response

from vendor_api.routing import Route
from wallet.erasing import erasures, left
from wallet.erasing.erasures import DATA, EVERYTHING, Ending
from wallet.erasing.errors import OtherLogin
from wallet.erasing.forms import MeantForm
from wallet.house import House
from wallet.people import entrance, personas
from wallet.people.errors import TooManyAttempts, UnknownPersona, WrongCredentials
from wallet.people.logins import login_digest
from wallet.people.model import Persona, Visitor
from wallet.people.recovery.pages import prove_first
from wallet.people.visitor import begin_cookie, browser, signed_in, waiting

Shown: TypeAlias = Response | str | tuple[str, int]
STEPS_AT_ONCE: Final = 10  # what is not at its end by then goes on by itself


def index(house: House) -> str:
    who = signed_in(house)
    faces = house.database.read(personas.of_person, house.secrets, person_id=who.person_id)
    return render_template(
        "erasing/index.html",
        nav="wallet",
        personas=[(face.persona_id, personas.shown_name(face), face.is_default) for face in faces],
        has_left=bool(house.database.read(left.of_erased, person_id=who.person_id, limit=1)),
    )


def persona(house: House, persona_id: str) -> Response | str:
    """A GET shows what would go, a POST erases it, for who gave their password lately."""
    who = signed_in(house)
    face = house.database.read(own_persona, house, who, persona_id)
    ids = {"person_id": who.person_id, "persona_id": persona_id}
    ends = house.database.read(erasures.ending, **ids, now=house.clock())
    if request.method == "GET":
        return render_template(
            "erasing/persona.html",
            nav="wallet",
            name=personas.shown_name(face),
            persona_id=persona_id,
            is_default=face.is_default,
            ends=ends,
            **house.database.read(left.counted, **ids),
        )
    needs_proof = prove_first(house, who)
    if needs_proof:
        return needs_proof
    house.database.write(erasures.begin_with_persona, **ids, now=house.clock())
    done = erasures.go_on(house, **ids, steps=STEPS_AT_ONCE)
    flash(said(ends, done=done), "done")
    return redirect(url_for("erasing.index"), 303)


def own_persona(db: Connection, house: House, who: Visitor, persona_id: str) -> Persona:
    """Raises UnknownPersona."""
    faces = personas.of_person(db, house.secrets, person_id=who.person_id)
    found = next((face for face in faces if face.persona_id == persona_id), None)
    if found is None:
        raise UnknownPersona
    return found


def said(ends: Ending, *, done: bool) -> str:
    if not done:
        return _("It is being erased: the grants end one after the other, and it goes on by itself.")
    if not ends.number:
        return _("Erased.")
    return ngettext(
        "Erased. The one vendor that could read something finds nothing any more.",
        "Erased. The %(num)s vendors that could read something find nothing any more.",
        ends.number,
    )


def data(house: House) -> Shown:
    """All values, records and personas; the account and all proof stay."""
    return meant(house, "erasing/data.html", erase_data)


def erase_data(house: House, who: Visitor, ends: Ending) -> Shown:
    house.database.write(erasures.begin, person_id=who.person_id, what=DATA, now=house.clock())
    done = erasures.go_on(house, person_id=who.person_id, steps=STEPS_AT_ONCE)
    flash(said(ends, done=done), "done")
    return redirect(url_for("erasing.index"), 303)


def everything(house: House) -> Shown:
    """The person leaves, and nothing says that they were here."""
    return meant(house, "erasing/everything.html", let_go)


def let_go(house: House, who: Visitor, ends: Ending) -> Shown:
    house.database.write(erasures.begin, person_id=who.person_id, what=EVERYTHING, now=house.clock())
    done = erasures.go_on(house, person_id=who.person_id, steps=STEPS_AT_ONCE)
    begin_cookie(None, waiting())
    return render_template("erasing/gone.html", visitor=None, ends=ends, done=done)


def meant(house: House, template: str, work: Callable[[House, Visitor, Ending], Shown]) -> Shown:
    """Does it for who typed their login and password; anybody else is shown the form again."""
    who, form, status = signed_in(house), MeantForm(), 422
    ends = house.database.read(erasures.ending, person_id=who.person_id, now=house.clock())
    if form.validate_on_submit():
        try:
            check_meant(house, who, login=form.login.data, password=form.password.data)
        except OtherLogin as error:
            form.login.errors.append(str(error))
        except (WrongCredentials, TooManyAttempts) as error:
            form.form_errors.append(str(error))
            status = error.status
        else:
            return work(house, who, ends)
    shown: Mapping[str, Any] = {"form": form, "ends": ends, "nav": "wallet"}
    return render_template(template, **shown), 200 if request.method == "GET" else status


def check_meant(house: House, who: Visitor, *, login: str, password: str) -> None:
    """Raises OtherLogin, WrongCredentials and TooManyAttempts."""
    if login_digest(house.secrets, login) != login_digest(house.secrets, who.login):
        raise OtherLogin
    entrance.prove(house, login=who.login, password=password, browser=browser())


def erased(house: House) -> str:
    """What is left of personas that are no more."""
    who, page = signed_in(house), request.args.get("page", 0, type=page_number)
    found = house.database.read(left.of_erased, person_id=who.person_id, limit=left.SHOWN + 1, offset=page * left.SHOWN)
    return render_template(
        "erasing/erased.html",
        nav="wallet",
        rows=found[: left.SHOWN],
        older=page + 1 if len(found) > left.SHOWN else None,
        requests=house.database.read(left.requests_of_erased, person_id=who.person_id, now=house.clock()),
    )


def page_number(typed: str) -> int:
    """Raises ValueError."""
    if len(typed) > 6 or int(typed) < 0:
        raise ValueError(typed)
    return int(typed)


ROUTES = (
    Route("/wallet/erase", index),
    Route("/wallet/erase/personas/<persona_id>", persona, ("GET", "POST")),
    Route("/wallet/erase/data", data, ("GET", "POST")),
    Route("/wallet/erase/everything", everything, ("GET", "POST")),
    Route("/wallet/erased", erased),
)
