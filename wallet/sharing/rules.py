"""What rules of the person make of an ask, at the consent page: shown, answered or refused without it, or blocked."""

from dataclasses import replace

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy import Connection
from werkzeug import Response

from consent import engine, grants, standing
from consent.errors import NotAsked
from consent.model import Ask
from consent.standing import Rules, Whose
from vendor_api import blocking
from wallet.house import House
from wallet.people import personas, preferences
from wallet.people.granted import signs
from wallet.people.model import Visitor


class Blocked(Exception):
    """The persona has blocked the vendor that asks."""


def of_visitor(db: Connection, visitor: Visitor) -> Rules:
    return standing.of(db, whose=whose(visitor))


def whose(visitor: Visitor) -> Whose:
    return Whose(visitor.person_id, visitor.persona_id)


def asked_of(db: Connection, visitor: Visitor, ask: Ask) -> Ask:
    """The ask as far as the person lets themself be asked. Raises Blocked."""
    return under(ask, of_visitor(db, visitor))


def under(ask: Ask, mine: Rules) -> Ask:
    """Raises Blocked."""
    if mine.blocks(ask.party.client_id):
        raise Blocked
    left = standing.under(ask, mine)
    return replace(ask, items=left.items, trimmed=left.trimmed)


def grantable(db: Connection, visitor: Visitor, ask: Ask) -> Ask:
    """The ask once more, as it can be allowed. Raises Blocked, and NotAsked where a rule refuses it by now."""
    mine = of_visitor(db, visitor)
    ask = under(ask, mine)
    if standing.refuses(ask, mine):
        raise NotAsked("a rule refuses this")
    return ask


def begins_asking(db: Connection, visitor: Visitor, ask: Ask, *, now: int) -> bool:
    """Whether the persona prefers to be asked each time, and this vendor is new to it."""
    whose = {"person_id": visitor.person_id, "persona_id": visitor.persona_id}
    if not preferences.preferred(db, preferences.ASKS_EACH_TIME, **whose):
        return False
    found = grants.find_current(db, **whose, client_id=ask.party.client_id)
    return found is None or not found[0].is_live(now)


def settle(db: Connection, house: House, visitor: Visitor, ask: Ask, *, by_hand: bool) -> bool:
    """Whether a rule has answered the ask, which is under the rules already; `by_hand`, it can only refuse."""
    mine, now = of_visitor(db, visitor), house.clock()
    if not mine.all:
        return False
    if standing.refuses(ask, mine):
        engine.refuse(db, house.secrets, ask, person_id=visitor.person_id, by_rule=True, now=now)
        return True
    if by_hand or not ask.request["may_skip_page"] or "expected_subject" in ask.request:
        return False
    face = personas.face(db, house.secrets, person_id=visitor.person_id, persona_id=visitor.persona_id)
    return engine.renew(db, house.secrets, ask, mine, face=face, issuer=house.settings.issuer, now=now) is not None


def blocked_page(ask: Ask, visitor: Visitor) -> str:
    return render_template(
        "sharing/blocked.html",
        vendor_name=ask.party.name,
        ask_id=ask.ask_id,
        client_id=ask.party.client_id,
        persona_id=visitor.persona_id,
    )


def block(db: Connection, house: House, visitor: Visitor, client_id: str, vendor: str) -> None:
    by, now = signs(db, house, visitor), house.clock()
    blocking.block(db, house.secrets, client_id, vendor, whose=whose(visitor), signs=by, now=now)


def blocked_said(vendor: str) -> Response:
    flash(_("%(vendor)s is blocked. It can ask you nothing, and learns nothing of you.", vendor=vendor), "done")
    return redirect(url_for("sharing.rules"), 303)
