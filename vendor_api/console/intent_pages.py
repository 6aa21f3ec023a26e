"""Intents: what people without a name look for in the branches this organisation follows, and what it offers."""

from typing import Any

from flask import render_template, request
from flask_babel import gettext as _
from sqlalchemy import Connection
from werkzeug import Response

from vendor_api.console.errors import NotYours
from vendor_api.console.guard import ConsoleRoute
from vendor_api.console.model import Member
from vendor_api.console.roles import ADMIN, AGENT, READ_ONLY
from vendor_api.console.said import went
from vendor_api.errors import InvalidRequest, VendorApiError
from vendor_api.host import Host
from vendor_api.intents import engine
from vendor_api.intents.branches import BRANCHES
from vendor_api.intents.errors import IntentOver, TooManyOffers, UnknownIntent
from vendor_api.intents.given import checked, hosts_of
from vendor_api.intents.model import OPEN, STATES, Heard
from vendor_api.intents.words import COMPARISON_LABELS, OUTCOME_LABELS, STATE_LABELS
from vendor_api.texts import readable
from vendor_api.vendors import registry

DAY = 24 * 3600
Page = str | tuple[str, int]


def intents(host: Host, member: Member) -> str:
    state = request.args.get("state", OPEN)
    if state not in STATES:
        raise NotYours

    def gathered(db: Connection) -> dict[str, Any]:
        how: dict[str, Any] = {"state": state, "after": request.args.get("after") or None}
        return {
            "page": engine.listed(db, host.secrets, client_id=member.client_id, **how),
            "followed": engine.followed(db, client_id=member.client_id),
        }

    try:
        found = host.read(gathered)
    except UnknownIntent:
        raise NotYours from None
    return render_template("console/intents.html", **found, **words(host), state=state)


def words(host: Host) -> dict[str, Any]:
    return {
        "branches": BRANCHES,
        "states": STATE_LABELS,
        "outcomes": OUTCOME_LABELS,
        "comparisons": COMPARISON_LABELS,
        "now": host.now(),
    }


def follow_branches(host: Host, member: Member) -> Response:
    chosen = [name for name in request.form.getlist("branch") if name in BRANCHES]
    host.write(engine.follow, chosen, client_id=member.client_id, now=host.now())
    return went("intents", "saved")


def intent(host: Host, member: Member, intent_id: str) -> Page:
    return shown(host, member, intent_id)


def shown(host: Host, member: Member, intent_id: str, refused: str | None = None) -> str:
    """With what was typed, where it could not be taken."""
    heard = heard_of(host, member, intent_id)
    days = max((heard.offer.valid_until - host.now()) // DAY, 1) if heard.offer else 30
    page = {"heard": heard, "refused": refused, "typed": request.form if refused else {}, "days": days}
    return render_template("console/intent.html", **page, **words(host))


def heard_of(host: Host, member: Member, intent_id: str) -> Heard:
    try:
        return host.read(engine.find, host.secrets, client_id=member.client_id, intent_id=intent_id)
    except UnknownIntent:
        raise NotYours from None


def offer_intent(host: Host, member: Member, intent_id: str) -> Response | Page:
    ids, heard = {"client_id": member.client_id, "intent_id": intent_id}, heard_of(host, member, intent_id)
    try:
        vendor = host.read(registry.find, member.client_id)
        said = checked(typed(heard, host.now()), heard, hosts_of(vendor) if vendor else (), now=host.now())
        host.write(lambda db: engine.offer(db, host, said, **ids, now=host.now()))
    except VendorApiError as error:
        return shown(host, member, intent_id, refusal(error)), error.status
    return went("intent", "saved", intent_id=intent_id)


def typed(heard: Heard, now: int) -> dict[str, Any]:
    """What the form says, as it would come over the wire. Raises InvalidRequest."""
    form, days = request.form, request.form.get("days", "")
    if not days.isascii() or not days.isdigit() or len(days) > 3:
        raise InvalidRequest("valid_until must be some days from now")
    values: dict[str, dict[str, Any]] = {}
    for one in heard.content["conditions"]:
        text, unit = (form.get(f"{name}_{one['id']}", "").strip() for name in ("value", "unit"))
        if text and one["kind"] == "boolean":
            values[one["id"]] = {"value": text == "yes"}
        elif text:
            amount = {"value": text.replace(",", "."), "unit": unit} if one["kind"] == "number" else {"value": text}
            values[one["id"]] = amount
    said: dict[str, Any] = {"text": readable(form.get("text", "")), "values": values}
    said |= {name: form.get(name, "").strip() for name in ("terms_uri", "link", "agreement") if form.get(name)}
    return said | {"valid_until": now + int(days) * DAY}


def refusal(error: VendorApiError) -> str:
    if isinstance(error, IntentOver):
        return _("The time to answer is over, or the person has decided.")
    if isinstance(error, TooManyOffers):
        return _("This offer was changed too often.")
    return _("Something is missing or too long. Links lead to your own site, and terms of the person's are accepted.")


ONE = "/console/intents/<intent_id>"
ROUTES = (
    ConsoleRoute("/console/intents", intents, READ_ONLY),
    ConsoleRoute("/console/intents/branches", follow_branches, ADMIN, ("POST",)),
    ConsoleRoute(ONE, intent, READ_ONLY),
    ConsoleRoute(f"{ONE}/offer", offer_intent, AGENT, ("POST",)),
)
