"""The pages of intents: what is looked for, the offers side by side, and what the person does with them."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Connection
from werkzeug import Response

from consent.terms import agreements
from consent.terms.agreements import Contract
from vendor_api.intents.branches import BRANCHES
from vendor_api.routing import Route
from wallet.dialogue.errors import EmptyMessage, NobodyThere, ThreadClosed, TooMuchSaid
from wallet.house import House
from wallet.intents import asking, deciding, engine, judging, offers
from wallet.intents.errors import BadIntent, IntentChanged
from wallet.intents.making_pages import place_of, seen
from wallet.intents.model import Asked, Intent
from wallet.intents.shown import host_of, names_of
from wallet.intents.words import OFFER_STATES, OUTCOMES, REGIONS, STATES, VERDICTS, condition_text, said_text
from wallet.languages import language
from wallet.people.granted import signs
from wallet.people.model import Visitor
from wallet.people.visitor import signed_in
from wallet.sharing.agreements import title

STEP = 50
OFFERS = 20  # that are shown side by side
OVER = frozenset({"accepted", "withdrawn", "lapsed"})


def index(house: House) -> str:
    who = signed_in(house)
    skip = skipped()
    found = house.database.read(listed, house, who, skip)
    return render_template("intents/index.html", **found, **words(house), skip=skip, step=STEP)


def skipped() -> int:
    """How many the page leaves out before the first."""
    asked = request.args.get("from", "0")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 0


def listed(db: Connection, house: House, who: Visitor, skip: int) -> dict[str, Any]:
    some = engine.of_persona(db, house.secrets, **place_of(who), skip=skip, limit=STEP)
    many = offers.counts(db, who.person_id, [one.intent_id for one in some])
    return {"intents": some, "offers": many, "count": engine.count(db, **place_of(who))}


def words(house: House) -> dict[str, Any]:
    return {
        "branches": BRANCHES,
        "states": STATES,
        "offer_states": OFFER_STATES,
        "regions": REGIONS,
        "verdicts": VERDICTS,
        "outcomes": OUTCOMES,
        "condition_text": condition_text,
        "said_text": said_text,
        "agreement": title,
        "host_of": host_of,
        "now": house.clock(),
        "nav": "wallet",
    }


def show(house: House, intent_id: str) -> str:
    found = house.database.read(page, house, signed_in(house), intent_id)
    return render_template("intents/intent.html", **found, **words(house), over=OVER, skip=skipped(), step=OFFERS)


def page(db: Connection, house: House, who: Visitor, intent_id: str) -> dict[str, Any]:
    intent = own(db, house, who, intent_id)
    asked = offers.asked_of(db, intent)
    conditions, by = intent.draft.conditions, request.args.get("by", judging.BEST)
    rows = [judging.row_of(one, one.offer, conditions) for one in asked if one.offer is not None]
    accepted = next((one for one in asked if one.state == "accepted"), None)
    names = names_of(db, [*(one.client_id for one in asked), *intent.draft.to])
    grant = deciding.live_grant(db, intent, accepted.client_id, now=house.clock()) if accepted else None
    ordered = judging.ordered(rows, conditions, by)
    return {
        "intent": intent,
        "rows": sorted(ordered, key=lambda row: row.asked.state == "declined"),
        "by": by,
        "silent": [one for one in asked if one.offer is None],
        "names": names,
        "accepted": accepted,
        "contract": agreement_of(db, intent, accepted),
        "grant": grant,
    }


def agreement_of(db: Connection, intent: Intent, accepted: Asked | None) -> Contract | None:
    agreement_id = accepted.agreement_id if accepted else None
    return agreements.find(db, agreement_id, person_id=intent.person_id) if agreement_id else None


def own(db: Connection, house: House, who: Visitor, intent_id: str) -> Intent:
    return engine.find(db, house.secrets, intent_id, **place_of(who))


def accept(house: House, intent_id: str) -> Response | str:
    """Asks once: from here on the vendor learns who it is."""
    who, client_id = signed_in(house), request.form.get("client_id", "")
    if request.form.get("sure") != "yes":
        found = house.database.read(page, house, who, intent_id)
        row = next((one for one in found["rows"] if one.asked.client_id == client_id), None)
        if row is None or row.asked.version != seen("version"):
            return went(intent_id, str(IntentChanged()), "error")
        known = house.database.read(deciding.live_grant, found["intent"], client_id, now=house.clock())
        return render_template("intents/accept.html", **found, **words(house), row=row, known=known)
    return done(
        house,
        intent_id,
        lambda db, intent: deciding.accept(
            db,
            house.secrets,
            intent,
            client_id,
            version=seen("version"),
            signs=signs(db, house, who),
            now=house.clock(),
        ),
        _("You accepted this offer. The others were told that it is over, without a name."),
    )


def decline(house: House, intent_id: str) -> Response:
    client_id, reason = request.form.get("client_id", ""), request.form.get("reason", "")

    def work(db: Connection, intent: Intent) -> None:
        deciding.decline(db, house.secrets, intent, client_id, reason, now=house.clock())

    return done(house, intent_id, work, _("Declined. The vendor was told."))


def ask_back(house: House, intent_id: str) -> Response:
    client_id, text = request.form.get("client_id", ""), request.form.get("text", "")

    def work(db: Connection, intent: Intent) -> None:
        vendor = names_of(db, [client_id]).get(client_id, client_id)
        about: dict[str, Any] = {"vendor": vendor, "language": language(), "now": house.clock()}
        asking.ask(db, house.secrets, intent, client_id, text, **about)

    return done(house, intent_id, work, _("Your question was sent. The vendor still does not know who you are."))


def withdraw(house: House, intent_id: str) -> Response:
    def work(db: Connection, intent: Intent) -> None:
        deciding.withdraw(db, house.secrets, intent, now=house.clock())

    return done(house, intent_id, work, _("Withdrawn. Nobody can answer any more."))


def outcome(house: House, intent_id: str) -> Response:
    what = request.form.get("outcome", "")

    def work(db: Connection, intent: Intent) -> None:
        deciding.outcome(db, house.secrets, intent, what, now=house.clock())

    return done(house, intent_id, work, _("Saved. The vendor whose offer you took was told."))


def delete(house: House, intent_id: str) -> Response | str:
    """Asks once; the second time it is done. What vendors still answer is withdrawn first."""
    who = signed_in(house)
    intent = house.database.read(own, house, who, intent_id)
    if intent.state not in {*OVER, "draft"}:
        return went(intent_id, _("Withdraw it first, so that nobody answers in vain."), "error")
    if request.form.get("sure") != "yes":
        return render_template("intents/delete.html", intent=intent, nav="wallet")
    house.database.write(lambda db: engine.forget(db, own(db, house, who, intent_id)))
    flash(_("Deleted."), "done")
    return redirect(url_for("intents.index"), 303)


def done(house: House, intent_id: str, work: Callable[[Connection, Intent], object], said: str) -> Response:
    """Do it with the intent as it is, and go back to its page; or say there why it could not be done."""
    who = signed_in(house)
    try:
        house.database.write(lambda db: work(db, own(db, house, who, intent_id)))
    except (BadIntent, IntentChanged, EmptyMessage, NobodyThere, ThreadClosed, TooMuchSaid) as error:
        return went(intent_id, str(error), "error")
    return went(intent_id, said, "done")


def went(intent_id: str, said: str, tone: str) -> Response:
    flash(said, tone)
    return redirect(url_for("intents.show", intent_id=intent_id), 303)


ROUTES = (
    Route("/intents", index),
    Route("/intents/<intent_id>", show),
    Route("/intents/<intent_id>/accept", accept, ("POST",)),
    Route("/intents/<intent_id>/decline", decline, ("POST",)),
    Route("/intents/<intent_id>/ask", ask_back, ("POST",)),
    Route("/intents/<intent_id>/withdraw", withdraw, ("POST",)),
    Route("/intents/<intent_id>/outcome", outcome, ("POST",)),
    Route("/intents/<intent_id>/delete", delete, ("POST",)),
)
