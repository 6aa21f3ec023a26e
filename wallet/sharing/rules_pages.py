"""The page of a person's rules: standing answers, caps of their own, blocked vendors. One button takes each back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Connection
from werkzeug import Response

from consent import asks, changes, grants, standing
from consent.caps import ANY, Cap
from consent.model import Grant, Span
from consent.purposes import PURPOSES, UNCLASSIFIED
from consent.standing import Rule
from vendor_api import blocking
from vendor_api.routing import Route
from wallet.house import House
from wallet.people.granted import own_grant
from wallet.people.model import Visitor
from wallet.people.next_page import next_page
from wallet.people.visitor import acting, browser, signed_in
from wallet.sharing import rules as at_page
from wallet.sharing.rules import whose
from wallet.sharing.rules_said import CAPS_SAID, answer_said, cap_said, purpose_said

# What people can choose for a kind of purpose, by what the form sends.
CAPS: Mapping[str, Cap] = {
    "once": Cap(fetch="once"),
    "month": Cap(frequency=Span(1, "month")),
    "view": Cap(mode="view"),
    "short": Cap(longest=Span(1, "month")),
}
KINDS_OF_PURPOSE = (ANY, UNCLASSIFIED, *PURPOSES)


@dataclass(frozen=True, slots=True)
class RuleView:
    """One rule, and what the form that takes it back sends."""

    sentence: str
    client_id: str
    purpose: str
    what: str


def rules(house: House) -> str:
    visitor = signed_in(house)
    found = house.database.read(at_page.of_visitor, visitor)
    live = house.database.read(unended, visitor)
    return render_template(
        "sharing/rules.html",
        rules=views(found.all, live),
        blocked=[rule for rule in found.all if rule.answer == standing.BLOCKED],
        purposes=[(term, purpose_said(term)) for term in KINDS_OF_PURPOSE],
        choices=[*((name, said()) for name, said in CAPS_SAID.items()), (standing.NEVER, _("not at all"))],
        nav="vendors",
    )


def unended(db: Connection, visitor: Visitor) -> frozenset[str]:
    found = grants.of_person(db, person_id=visitor.person_id, persona_ids=(visitor.persona_id,))
    return frozenset(grant.grant_id for grant in found if grant.ended_at is None)


def views(found: tuple[Rule, ...], live: frozenset[str]) -> list[RuleView]:
    """Blocked vendors stand elsewhere, and an `always` ends with the grant that it renews."""
    answers = [
        RuleView(answer_said(rule), rule.client_id, rule.purpose, "answer")
        for rule in found
        if rule.answer not in {None, standing.BLOCKED} and (rule.grant_id is None or rule.grant_id in live)
    ]
    caps = [
        RuleView(cap_said(rule.purpose, rule.cap), rule.client_id, rule.purpose, "cap") for rule in found if rule.cap
    ]
    return answers + caps


def new_rule(house: House) -> Response:
    """Take what a kind of purpose may be asked for at most, by anybody."""
    visitor, purpose, choice = signed_in(house), request.form.get("purpose", ""), request.form.get("at_most", "")
    if purpose not in KINDS_OF_PURPOSE or choice not in {standing.NEVER, *CAPS}:
        abort(400)
    house.database.write(keep_rule, house, visitor, purpose, choice)
    return back(_("Saved. It counts from the next question on; what you allowed before stays as it is."))


def keep_rule(db: Connection, house: House, visitor: Visitor, purpose: str, choice: str) -> None:
    mine, now = whose(visitor), house.clock()
    if choice == standing.NEVER:
        standing.give(db, house.secrets, Rule(ANY, purpose, standing.NEVER), whose=mine, now=now)
    else:
        standing.limit(db, house.secrets, purpose, CAPS[choice], whose=mine, now=now)


def drop_rule(house: House) -> Response:
    """Take one rule back."""
    visitor = signed_in(house)
    house.database.write(forget_rule, house, visitor, **{name: request.form.get(name, "") for name in NAMED})
    return back(_("Taken back. You are asked again."))


NAMED = ("client_id", "purpose", "what")


def forget_rule(db: Connection, house: House, visitor: Visitor, *, client_id: str, purpose: str, what: str) -> None:
    mine, now = whose(visitor), house.clock()
    if what == "cap":
        standing.limit(db, house.secrets, purpose, None, whose=mine, now=now)
        return
    found = [
        rule
        for rule in standing.of(db, whose=whose(visitor)).all
        if (rule.client_id, rule.purpose) == (client_id, purpose)
    ]
    for rule in found:
        if rule.answer != standing.BLOCKED:
            standing.give(db, house.secrets, Rule(client_id, purpose, None, rule.vendor), whose=mine, now=now)


def unblock(house: House) -> Response:
    """Let a vendor ask again. It gets nothing back."""
    visitor, client_id = acting(house), request.form.get("client_id", "")
    mine, now = whose(visitor), house.clock()
    house.database.write(blocking.unblock, house.secrets, client_id, whose=mine, now=now)
    flash(_("Unblocked. It may ask you again; what ended stays ended."), "done")
    return redirect(next_page() or url_for("sharing.rules"), 303)


def block_asking(house: House, ask_id: str) -> Response:
    """Block the vendor whose question is on the page."""
    visitor = acting(house)
    ask = house.database.read(asks.find, ask_id, browser=browser(), now=house.clock())
    house.database.write(at_page.block, house, visitor, ask.party.client_id, ask.party.name)
    return at_page.blocked_said(ask.party.name)


def block_vendor(house: House, grant_id: str) -> Response:
    visitor = signed_in(house)
    grant = house.database.read(own_grant, visitor, grant_id)
    house.database.write(at_page.block, house, visitor, grant.party.client_id, grant.party.name)
    return at_page.blocked_said(grant.party.name)


def standing_answer(house: House, grant_id: str) -> Response:
    """Take what the vendor is answered from now on, whatever for or for one kind of purpose: ask, always or never."""
    visitor, answer, purpose = signed_in(house), request.form.get("answer", ""), request.form.get("purpose", ANY)
    if answer not in ANSWERED or purpose not in KINDS_OF_PURPOSE:
        abort(400)
    house.database.write(keep_answer, house, visitor, grant_id, answer=answer, purpose=purpose)
    flash(ANSWERED[answer](), "done")
    return redirect(url_for("sharing.vendor", grant_id=grant_id), 303)


def keep_answer(db: Connection, house: House, visitor: Visitor, grant_id: str, *, answer: str, purpose: str) -> None:
    """Raises UnknownGrant. A blocked vendor stays blocked, and what has ended is not renewed."""
    grant, now = own_grant(db, visitor, grant_id), house.clock()
    if standing.of(db, whose=whose(visitor)).blocks(grant.party.client_id):
        return
    if answer == standing.ALWAYS:
        changes.check_not_over(grant, now=now)
        changes.ask_each_time(db, house.secrets, grant_id, person_id=visitor.person_id, each_time=False, now=now)
    standing.give(db, house.secrets, rule_of(grant, answer, purpose), whose=whose(visitor), now=now)


def rule_of(grant: Grant, answer: str, purpose: str) -> Rule:
    """To be asked is no rule, but for one kind of purpose, where it stands against `never` for all."""
    kept = None if answer == standing.ASK and purpose == ANY else answer
    pinned = grant.grant_id if answer == standing.ALWAYS else None
    return Rule(grant.party.client_id, purpose, kept, grant.party.name, pinned)


ANSWERED: Mapping[str, Callable[[], str]] = {
    standing.ASK: lambda: _("From now on you are asked again."),
    standing.ALWAYS: lambda: _("Saved. When this runs out, it is renewed on the same terms, without a question."),
    standing.NEVER: lambda: _("Saved. What it asks from now on is refused, without a question."),
}


def back(sentence: str) -> Response:
    flash(sentence, "done")
    return redirect(url_for("sharing.rules"), 303)


ROUTES = (
    Route("/rules", rules),
    Route("/rules/new", new_rule, ("POST",)),
    Route("/rules/drop", drop_rule, ("POST",)),
    Route("/rules/unblock", unblock, ("POST",)),
    Route("/consent/<ask_id>/block", block_asking, ("POST",)),
    Route("/vendors/<grant_id>/block", block_vendor, ("POST",)),
    Route("/vendors/<grant_id>/standing", standing_answer, ("POST",)),
)
