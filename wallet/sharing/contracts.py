"""What a vendor's page shows of the agreement and the negotiation with it, and what the person does about either."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import request
from flask_babel import gettext as _
from sqlalchemy import Connection
from werkzeug import Response

from consent import rounds
from consent.model import Grant
from consent.terms import agreements, negotiations
from consent.terms.errors import TooLate
from consent.terms.negotiations import ACCEPTED, COUNTER_OFFER, EXPIRED, PENDING, REFUSED, Negotiation
from vendor_api.routing import Route
from wallet.house import House
from wallet.people.granted import signs
from wallet.sharing.agreements import AgreementView, agreement_view
from wallet.sharing.changes import back, change

OVER: Mapping[str, Callable[[], str]] = {
    "ended": lambda: _("ended by you"),
    "violated": lambda: _("broken, as you said"),
}
STATES: Mapping[str, Callable[[], str]] = {
    PENDING: lambda: _("Your terms were proposed; the vendor has not answered yet."),
    COUNTER_OFFER: lambda: _("The vendor does not accept your terms. It offers instead:"),
    REFUSED: lambda: _("You could not agree on terms."),
    EXPIRED: lambda: _("Your terms were proposed; nobody answered in time."),
}


@dataclass(frozen=True, slots=True)
class ContractView:
    title: str
    sentence: str
    over: str | None
    since: int
    until: int
    both_signed: bool
    digest: str


@dataclass(frozen=True, slots=True)
class NegotiationView:
    sentence: str
    offered: AgreementView | None


def agreed_on(db: Connection, grant: Grant, *, now: int) -> dict[str, Any]:
    last = negotiations.latest(db, person_id=grant.person_id, grant_id=grant.grant_id)
    told = negotiation_view(last, now=now) if last and last.state(now) != ACCEPTED else None
    return {"contract": contract_view(db, grant, now=now), "negotiation": told}


def contract_view(db: Connection, grant: Grant, *, now: int) -> ContractView | None:
    agreed = grant.agreed
    found = agreements.find(db, agreed.agreement_id, person_id=grant.person_id) if agreed else None
    if agreed is None or found is None:
        return None
    shown = agreement_view(agreed.agreement)
    over = OVER[found.over]() if found.over else None if agreed.is_in_force(now) else _("over")
    both_signed = found.vendor_signature is not None
    return ContractView(
        shown.title, shown.sentence, over, found.created_at, found.expires_at - 1, both_signed, found.digest
    )


def negotiation_view(negotiation: Negotiation, *, now: int) -> NegotiationView:
    state = negotiation.state(now)
    offered = agreement_view(negotiation.offered) if state == COUNTER_OFFER and negotiation.offered else None
    return NegotiationView(STATES[state](), offered)


def end(db: Connection, house: House, grant: Grant, *, why: str, now: int) -> None:
    by, person_id = signs(db, house, grant), grant.person_id
    rounds.end(db, house.secrets, grant.grant_id, person_id=person_id, why=why, signs=by, now=now)


def confirm(db: Connection, house: House, grant: Grant, *, now: int) -> None:
    rounds.confirm(db, house.secrets, grant, signs=signs(db, house, grant), now=now)


def reject(db: Connection, house: House, grant: Grant, *, now: int) -> None:
    rounds.reject(db, house.secrets, grant, now=now)


DO: Mapping[str, tuple[Callable[..., None], Callable[[], str]]] = {
    "end": (partial(end, why="ended"), lambda: _("Ended. Nothing leaves until it has asked you again.")),
    "violated": (partial(end, why="violated"), lambda: _("Noted. Nothing leaves until it has asked you again.")),
    "confirm": (confirm, lambda: _("Agreed.")),
    "reject": (reject, lambda: _("Not agreed. What it may read stays as it was.")),
}


def agreement(house: House, grant_id: str) -> Response:
    """End the agreement, or answer the vendor's counter-offer."""
    chosen = DO.get(request.form.get("do", ""))
    if chosen is None:
        return back(grant_id, _("Choose one of the buttons."), "error")
    work, said = chosen
    try:
        return change(house, grant_id, work, said())
    except TooLate:
        return back(grant_id, _("This offer is over, so nothing was changed."), "error")


ROUTES = (Route("/vendors/<grant_id>/agreement", agreement, ("POST",)),)
