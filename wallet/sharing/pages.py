"""The pages about vendors: answer an ask, see who has what."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Connection
from werkzeug import Response

from consent import asks, engine, grants, rounds
from consent.engine import Answer
from consent.errors import BadUntil, ConsentError, EmptyRange, NotAsked, NotTighter, RequiredRefused
from consent.model import Agreed, Ask
from consent.terms.errors import TermsProhibit
from consent.terms.standing import Outcome
from consent.tightening import Tightening
from vendor_api.model import Visitor as DoorVisitor
from vendor_api.oauth import ciba_requests, device_codes
from vendor_api.oauth.released import PRESENT_SECONDS
from vendor_api.oauth.resume import answered_before, resume_path
from vendor_api.routing import Route
from vendor_api.vendors import newcomers
from wallet.contact.shown import limited
from wallet.headers import allow_form_to_reach
from wallet.house import House
from wallet.languages import language, suggest_language
from wallet.paging import asked_page
from wallet.people import personas
from wallet.people.asked import is_chosen, is_face_chosen
from wallet.people.errors import SignInNeeded
from wallet.people.granted import signs
from wallet.people.model import Visitor
from wallet.people.visitor import acting, browser, signed_in
from wallet.personas import kept_for
from wallet.personas.linking import linked_by
from wallet.sharing import agreements, grant_views, rules
from wallet.sharing.ask_view import ask_page
from wallet.sharing.changes import set_asking
from wallet.sharing.own import end_of_day, own
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
    TermsProhibit: lambda: _("Your terms do not allow this, so nothing was sent. Please answer again."),
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
        return answer(house, visitor, ask, Terms(*agreements.terms_for(house, visitor, ask)))
    if "persona" not in request.args and answered_by_earlier(house, visitor, ask):
        return redirect(resume_path(ask.ask_id), 303)
    terms = Terms(*agreements.terms_for(house, visitor, ask))
    by_hand = is_chosen(ask.ask_id) or "persona" in request.args or terms.outcome is not None
    if house.database.write(rules.settle, house, visitor, ask, by_hand=by_hand):
        return redirect(resume_path(ask.ask_id), 303)
    if terms.outcome is not None and agreements.turns_away(terms.outcome):
        house.database.write(turn_away, house, visitor, ask, terms.outcome)
        return redirect(resume_path(ask.ask_id), 303)
    house.database.write(present, house, visitor, ask)
    return show(house, visitor, ask, terms)


@dataclass(frozen=True, slots=True)
class Terms:
    """How the person's terms stand to an ask: an agreement in force, or what comes of the standing ones."""

    agreed: Agreed | None
    outcome: Outcome | None


def turn_away(db: Connection, house: House, visitor: Visitor, ask: Ask, terms: Outcome) -> None:
    """Refuse a vendor without a page, because the person wants it so for those who accept none of their terms."""
    engine.present(db, house.secrets, ask, person_id=visitor.person_id, now=house.clock())
    rounds.refuse(db, house.secrets, ask, signs=signs(db, house, visitor), terms=terms, now=house.clock())


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
    """The person as the persona they chose to answer as; or the one kept for this vendor, or that it knows.

    Raises UnknownPersona.
    """
    if ciba_requests.IN_ASK in ask.request:
        visitor = signed_in(house)
        waiting = house.database.read(still_waiting, house, visitor, ask.request[ciba_requests.IN_ASK]["digest"])
        return replace(visitor, persona_id=waiting.persona_id)
    visitor = acting(house)
    if "persona" in request.values or is_face_chosen(ask.ask_id):
        return visitor
    whose = {"person_id": visitor.person_id, "client_id": ask.party.client_id}
    kept = house.database.read(kept_for.kept_for, **whose)
    if kept and "expected_subject" not in ask.request:
        return replace(visitor, persona_id=kept)
    if is_chosen(ask.ask_id):
        return visitor
    known = house.database.read(
        grants.find_known,
        person_id=visitor.person_id,
        persona_id=visitor.persona_id,
        client_id=ask.party.client_id,
        sub=ask.request.get("expected_subject"),
    )
    return replace(visitor, persona_id=known[0].persona_id) if known else visitor


def answer(house: House, visitor: Visitor, ask: Ask, terms: Terms) -> Response | tuple[str, int]:
    """One answer, in one transaction; a form that does not fit is shown again."""
    decided = request.form.get("answer")
    if decided == "refuse":
        house.database.write(refuse, house, visitor, ask, terms)
        return redirect(resume_path(ask.ask_id), 303)
    if decided != "allow":
        return show(house, visitor, ask, terms, error=_("Choose Allow or Refuse.")), 400
    if request.form.get("agreement", "") != (agreements.name_of(terms.agreed, terms.outcome) or ""):
        changed = _("Which terms count between you has changed meanwhile. Please look again.")
        return show(house, visitor, ask, terms, error=changed), 400
    try:
        decision = Answer(
            frozenset(request.form.getlist("attribute")), end_of_day(request.form.get("until", "")), tightenings(ask)
        )
        house.database.write(allow, house, visitor, ask, terms=terms, decision=decision)
    except tuple(ANSWER_ERRORS) as error:
        return show(house, visitor, ask, terms, error=ANSWER_ERRORS[type(error)]()), 400
    except ValueError:
        written = _("Write the day as year-month-day, for example 2027-03-01.")
        return show(house, visitor, ask, terms, error=written), 400
    return redirect(resume_path(ask.ask_id), 303)


def tightenings(ask: Ask) -> tuple[Tightening, ...]:
    """What the form says for each value. Raises ValueError for a day that is none."""
    found = (chosen(item, ask.party, prefix=prefix(item.attribute), form=request.form) for item in ask.items)
    return tuple(one for one in found if one is not None)


def refuse(db: Connection, house: House, visitor: Visitor, ask: Ask, terms: Terms) -> None:
    """Where no terms could be agreed, the round that failed is kept."""
    if terms.outcome is not None and terms.outcome.agreed is None:
        rounds.refuse(db, house.secrets, ask, signs=signs(db, house, visitor), terms=terms.outcome, now=house.clock())
    else:
        engine.refuse(db, house.secrets, ask, person_id=visitor.person_id, now=house.clock())


def allow(db: Connection, house: House, visitor: Visitor, ask: Ask, *, terms: Terms, decision: Answer) -> None:
    """What the terms forbid is left out. Raises RequiredRefused where a required attribute has no value yet, and
    whatever rounds.grant refuses.

    Raises Blocked too, and looks at the person's rules once more: they may have changed in another window.
    """
    ask, mine = rules.grantable(db, visitor, ask), own(db, house, visitor, "en", facts=ask.attributes)
    if not ask.required <= mine.values.keys():
        raise RequiredRefused("a required attribute has no value")
    offered = terms.outcome.offered if terms.outcome else None
    confirmed = offered is not None and request.form.get("counter_offer") == offered
    name = offered if confirmed else agreements.name_of(terms.agreed, terms.outcome)
    if request.form.get("keep_persona"):
        kept_for.keep(db, person_id=visitor.person_id, client_id=ask.party.client_id, persona_id=visitor.persona_id)
    asks_each_time = rules.begins_asking(db, visitor, ask, now=house.clock())
    made = rounds.grant(
        db,
        house.secrets,
        ask,
        replace(decision, chosen=(decision.chosen - agreements.forbidden(ask, name)) | ask.required),
        signs=signs(db, house, visitor),
        terms=terms.outcome,
        confirmed=confirmed,
        replaces=bool(ask.request.get("replaces")),
        now=house.clock(),
    )
    if asks_each_time:
        set_asking(db, house, made, each_time=True, now=house.clock())


def show(house: House, visitor: Visitor, ask: Ask, terms: Terms, *, error: str | None = None) -> str:
    now = house.clock()
    faces = house.database.read(personas.of_person, house.secrets, person_id=visitor.person_id)
    if len(faces) > 1 and ciba_requests.IN_ASK in ask.request:  # this vendor asks the persona it knows
        offered = tuple(face for face in faces if face.persona_id == visitor.persona_id)
    else:
        offered = faces if len(faces) > 1 else ()
    found = house.database.read(
        grants.find_current, person_id=visitor.person_id, persona_id=visitor.persona_id, client_id=ask.party.client_id
    )
    before = found[0] if found and found[0].is_live(now) else None
    facts = ask.attributes | (before.attributes if before else frozenset())
    mine = house.database.read(own, house, visitor, language(), facts=facts)
    closed = any(mine.is_closed(item.attribute) for item in ask.items)
    if closed and request.method == "GET" and visitor.auth_time <= now - PRESENT_SECONDS:
        raise SignInNeeded  # who gives the password is present
    linked = house.database.read(linked_by, visitor, ask, mine.attributes.values(), faces, now=now)
    page = ask_page(
        ask,
        before,
        mine,
        offered,
        until=request.form.get("until"),
        ticked=frozenset(request.form.getlist("attribute")),
        typed=request.form,
        terms=agreements.terms_view(ask, terms.agreed, terms.outcome),
        closed=closed,
        error=error,
        linked=linked,
        contact_said=house.database.read(limited, house.secrets, visitor, ask, now=now),
        now=now,
    )
    return render_template("sharing/consent.html", page=page)


def vendors(house: House) -> str:
    over, skip = asked_page()
    found = house.database.read(grant_views.vendors_page, house, signed_in(house), language(), over=over, skip=skip)
    return render_template("sharing/vendors.html", nav="vendors", **found)


def vendor(house: House, grant_id: str) -> str:
    found = house.database.read(grant_views.vendor_page, house, signed_in(house), language(), grant_id)
    return render_template("sharing/vendor.html", nav="vendors", **found)


ROUTES = (
    Route("/consent/<ask_id>", consent, ("GET", "POST")),
    Route("/vendors", vendors),
    Route("/vendors/<grant_id>", vendor),
)
