"""The pages on which a person tells a vendor something: to whom, what, and as whom."""

from dataclasses import replace
from typing import Any, Final

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf.csrf import validate_csrf
from sqlalchemy import Connection
from werkzeug import Response
from wtforms import ValidationError

from vendor_api.desk.sentences import TYPE_LABELS
from vendor_api.model import Attachment
from vendor_api.routing import Route
from wallet.dialogue.progress import KINDS
from wallet.errors import WalletError
from wallet.feedback import addressees, telling
from wallet.feedback.errors import BadFeedback
from wallet.feedback.telling import Draft
from wallet.house import House
from wallet.inbox.chosen import chosen_files
from wallet.languages import language
from wallet.people.model import Visitor
from wallet.people.personas import check_persona, of_person, shown_name
from wallet.people.visitor import signed_in, visitor

Page = str | tuple[str, int]
WHO: Final = ("me", "nobody")


def new(house: House) -> Page:
    """Without a vendor that is known here: choose one. A vendor's own link may say what kind of message it is for."""
    who, vendor = signed_in(house), request.args.get("vendor", "")
    if not vendor:
        return choose(house, who)
    return form(house, who, {"vendor": vendor, "kind": request.args.get("kind", "")})


def to(_house: House, client_id: str) -> Response:
    """The address that a vendor puts on pages of its own; whoever is not signed in does that first."""
    return redirect(url_for("feedback.new", vendor=client_id, kind=request.args.get("kind")), 303)


def search(house: House) -> Page:
    """A search changes nothing and yet is a POST, so that what one looks for stands in no address."""
    who, words = signed_in(house), request.form.get("words", "")
    return choose(house, who, words=words, found=house.database.read(addressees.named, words, language()))


def choose(house: House, who: Visitor, **more: object) -> str:
    known = house.database.read(addressees.known, who, now=house.clock())
    return render_template("feedback/choose.html", nav="wallet", known=known, **more)


def send(house: House) -> Page | Response:
    """Whatever is wrong, what was typed is on the page that says so: also where one is signed out by now."""
    given = request.form.to_dict()
    who = visitor(house)
    if who is None:
        return away(given), 403
    try:
        validate_csrf(given.get("csrf_token"))
    except ValidationError:
        wrong = _("Nothing was sent yet: you signed in anew meanwhile. Press the button once more.")
        return form(house, who, given, wrong=wrong), 400
    try:
        along = chosen_files()
        thread_id, is_shown = house.database.write(sent, house, who, given, along, now=house.clock())
    except WalletError as error:
        return form(house, who, given, wrong=str(error)), error.status
    flash(_("Sent. You see here what becomes of it."), "done")
    if is_shown:
        return redirect(url_for("feedback.show", thread_id=thread_id), 303)
    return redirect(url_for("feedback.index"), 303)


def sent(
    db: Connection, house: House, who: Visitor, given: dict[str, str], along: tuple[Attachment, ...], *, now: int
) -> tuple[str, bool]:
    """The new thread, and whether it is the shown persona's. Raises WalletError."""
    kind, known, persona_id = given.get("kind"), given.get("known"), given.get("persona") or who.persona_id
    if kind not in KINDS:
        raise BadFeedback(_("Say what it is: a wish, an idea, a hint, a complaint, praise or a question."))
    if known not in WHO:
        raise BadFeedback(_("Say whether they may know who you are."))
    check_persona(db, person_id=who.person_id, persona_id=persona_id)
    to_whom = addressees.find(db, who, given.get("vendor", ""), language(), now=now)
    draft = Draft(to_whom.client_id, kind, given.get("text", ""), known == "nobody", along)
    place = {"person_id": who.person_id, "persona_id": persona_id}
    thread = telling.tell(db, house.secrets, draft, **place, language=language(), now=now)
    return thread.thread_id, persona_id == who.persona_id


def form(house: House, who: Visitor, given: dict[str, str], wrong: str | None = None) -> str:
    return render_template(
        "feedback/form.html",
        nav="wallet",
        given=given,
        wrong=wrong,
        kinds={kind: TYPE_LABELS[kind]() for kind in KINDS},
        **house.database.read(about, house, who, given, now=house.clock()),
    )


def about(db: Connection, house: House, who: Visitor, given: dict[str, str], *, now: int) -> dict[str, Any]:
    """Raises UnknownAddressee."""
    faces = of_person(db, house.secrets, person_id=who.person_id)
    chosen = next((one.persona_id for one in faces if one.persona_id == given.get("persona")), who.persona_id)
    speaking = replace(who, persona_id=chosen)
    return {
        "to": addressees.find(db, speaking, given["vendor"], language(), now=now),
        "faces": [(one.persona_id, shown_name(one)) for one in faces],
        "chosen": chosen,
    }


def away(given: dict[str, str]) -> str:
    """To whoever was signed out while writing: the text stays on the page, and nowhere else."""
    return render_template("feedback/away.html", nav="wallet", given=given, sign_in=url_for("people.sign_in"))


ROUTES = (
    Route("/feedback/new", new),
    Route("/feedback/find", search, ("POST",)),
    Route("/feedback/to/<path:client_id>", to),
    Route("/feedback/send", send, ("POST",)),
)
