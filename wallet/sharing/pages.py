"""The pages about vendors: answer an ask, see who has what."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Connection
from werkzeug import Response

from consent import asks, engine, grants
from consent.engine import Answer
from consent.errors import BadUntil, ConsentError, EmptyRange, NotAsked, NotTighter, RequiredRefused
from consent.model import Ask
from consent.tightening import Tightening
from vendor_api.host import Visitor as DoorVisitor
from vendor_api.oauth import ciba_requests, device_codes
from vendor_api.oauth.resume import answered_before, resume_path
from vendor_api.routing import Route
from vendor_api.vendors import newcomers
from wallet.headers import allow_form_to_reach
from wallet.house import House
from wallet.languages import suggest_language
from wallet.people import personas
from wallet.people.asked import is_chosen
from wallet.people.errors import SignInNeeded
from wallet.people.model import Visitor
from wallet.people.visitor import acting, browser, signed_in
from wallet.sharing import grant_views, rules
from wallet.sharing.ask_view import ask_page
from wallet.sharing.own import end_of_day, language, own
from wallet.sharing.requests import still_waiting
from wallet.sharing.tightening import chosen, prefix

ANSWER_ERRORS: Mapping[type[ConsentError], Callable[[], str]] = {
    NotAsked: lambda: _(
        "Your answer named something that was not asked for, so nothing was sent. Please answer again."
    ),
    RequiredRefused: lambda: _("Something the vendor needs was missing from your answer. Please answer again."),
    BadUntil: lambda: _("Choose a day from today on, and not later than the one offered."),
    EmptyRange: lambda: _("Choose a first day that is not after the last one."),
    NotTighter: lambda: _(
        "Here limits can only become stricter than those beside the value, so nothing was sent. Please look again."
    ),
}


def consent(house: House, ask_id: str) -> Response | str | tuple[str, int]:
    """Show an ask, and take its answer."""
    visitor = signed_in(house)
    ask = house.database.read(asks.find, ask_id, browser=browser(), now=house.clock())
    if not {device_codes.IN_ASK, ciba_requests.IN_ASK} & ask.request.keys():
        allow_form_to_reach(ask.destination)
    suggest_language(ask.request.get("ui_locales"))
    if ask.answered_at is not None:
        return redirect(resume_path(ask_id), 303)
    if ask.request.get("choose_account") and not is_chosen(ask_id):
        return redirect(url_for("people.accounts", next=request.path), 303)
    if visitor.auth_time < ask.request["fresh_since"]:
        raise SignInNeeded
    visitor = answering(house, ask)
    try:
        return decide(house, visitor, house.database.read(rules.asked_of, visitor, ask))
    except rules.Blocked:
        return rules.blocked_page(ask, visitor)


def decide(house: House, visitor: Visitor, ask: Ask) -> Response | str | tuple[str, int]:
    """The page, unless an earlier answer or a rule says all there is to say. Raises Blocked."""
    if request.method == "POST":
        return answer(house, visitor, ask)
    if "persona" not in request.args and answered_by_earlier(house, visitor, ask):
        return redirect(resume_path(ask.ask_id), 303)
    as_chosen = is_chosen(ask.ask_id) or "persona" in request.args
    if house.database.write(rules.settle, house, visitor, ask, as_chosen=as_chosen):
        return redirect(resume_path(ask.ask_id), 303)
    house.database.write(present, house, visitor, ask)
    return show(house, visitor, ask)


def answered_by_earlier(house: House, visitor: Visitor, ask: Ask) -> bool:
    here = DoorVisitor(visitor.person_id, visitor.persona_id, visitor.auth_time, visitor.session_digest)
    chosen = is_chosen(ask.ask_id)
    return house.database.write(answered_before, house.secrets, ask, here, chosen=chosen, now=house.clock())


def present(db: Connection, house: House, visitor: Visitor, ask: Ask) -> None:
    """Note that the person sees the ask; with that, a vendor that let itself in has been used."""
    engine.present(db, house.secrets, ask, person_id=visitor.person_id, now=house.clock())
    if newcomers.IN_ASK in ask.request:
        newcomers.note_use(db, ask.party.client_id)


def answering(house: House, ask: Ask) -> Visitor:
    """The person as the persona they chose to answer as, or else the one this vendor knows. Raises UnknownPersona."""
    if ciba_requests.IN_ASK in ask.request:
        visitor = signed_in(house)
        waiting = house.database.read(still_waiting, house, visitor, ask.request[ciba_requests.IN_ASK]["digest"])
        return replace(visitor, persona_id=waiting.persona_id)
    visitor = acting(house)
    if "persona" in request.values or is_chosen(ask.ask_id):
        return visitor
    known = house.database.read(
        grants.find_known,
        person_id=visitor.person_id,
        persona_id=visitor.persona_id,
        client_id=ask.party.client_id,
        sub=ask.request.get("expected_subject"),
    )
    return replace(visitor, persona_id=known[0].persona_id) if known else visitor


def answer(house: House, visitor: Visitor, ask: Ask) -> Response | tuple[str, int]:
    """One answer, in one transaction; a form that does not fit is shown again."""
    decided = request.form.get("answer")
    if decided == "refuse":
        house.database.write(engine.refuse, house.secrets, ask, person_id=visitor.person_id, now=house.clock())
        return redirect(resume_path(ask.ask_id), 303)
    if decided != "allow":
        return show(house, visitor, ask, error=_("Choose Allow or Refuse.")), 400
    try:
        ticked = frozenset(request.form.getlist("attribute")) | ask.required
        decision = Answer(ticked, end_of_day(request.form.get("until", "")), tightenings(ask))
        house.database.write(allow, house, visitor, ask, decision)
    except tuple(ANSWER_ERRORS) as error:
        return show(house, visitor, ask, error=ANSWER_ERRORS[type(error)]()), 400
    except ValueError:
        return show(house, visitor, ask, error=_("Write the day as year-month-day, for example 2027-03-01.")), 400
    return redirect(resume_path(ask.ask_id), 303)


def tightenings(ask: Ask) -> tuple[Tightening, ...]:
    """What the form says for each value. Raises ValueError for a day that is none."""
    found = (chosen(item, ask.party, prefix=prefix(item.attribute), form=request.form) for item in ask.items)
    return tuple(one for one in found if one is not None)


def allow(db: Connection, house: House, visitor: Visitor, ask: Ask, decision: Answer) -> None:
    """Raises RequiredRefused where a required attribute has no value yet, and whatever engine.grant refuses.

    Raises Blocked too, and looks at the person's rules once more: they may have changed in another window.
    """
    ask, mine = rules.grantable(db, visitor, ask), own(db, house, visitor, "en")
    if not ask.required <= mine.values.keys():
        raise RequiredRefused("a required attribute has no value")
    face = personas.face(db, house.secrets, person_id=visitor.person_id, persona_id=visitor.persona_id)
    engine.grant(
        db,
        house.secrets,
        ask,
        decision,
        face=face,
        issuer=house.settings.issuer,
        replaces=bool(ask.request.get("replaces")),
        now=house.clock(),
    )


def show(house: House, visitor: Visitor, ask: Ask, *, error: str | None = None) -> str:
    now = house.clock()
    mine = house.database.read(own, house, visitor, language())
    faces = house.database.read(personas.of_person, house.secrets, person_id=visitor.person_id)
    if len(faces) > 1 and ciba_requests.IN_ASK in ask.request:  # this vendor asks the persona it knows
        offered = tuple(face for face in faces if face.persona_id == visitor.persona_id)
    else:
        offered = faces if len(faces) > 1 else ()
    found = house.database.read(
        grants.find_current, person_id=visitor.person_id, persona_id=visitor.persona_id, client_id=ask.party.client_id
    )
    before = found[0] if found and found[0].is_live(now) else None
    page = ask_page(
        ask,
        before,
        mine,
        offered,
        until=request.form.get("until"),
        ticked=frozenset(request.form.getlist("attribute")),
        typed=request.form,
        error=error,
        now=now,
    )
    return render_template("sharing/consent.html", page=page)


def vendors(house: House) -> str:
    found = house.database.read(grant_views.vendors_page, house, signed_in(house), language())
    return render_template("sharing/vendors.html", nav="vendors", **found)


def vendor(house: House, grant_id: str) -> str:
    found = house.database.read(grant_views.vendor_page, house, signed_in(house), language(), grant_id)
    return render_template("sharing/vendor.html", nav="vendors", **found)


ROUTES = (
    Route("/consent/<ask_id>", consent, ("GET", "POST")),
    Route("/vendors", vendors),
    Route("/vendors/<grant_id>", vendor),
)
