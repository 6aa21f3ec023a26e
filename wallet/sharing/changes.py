"""Change what a vendor may do, on its page: pause it and let it go on, narrow, tighten, prolong, stop."""

from collections.abc import Callable, Mapping
from functools import partial

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Connection
from werkzeug import Response

from consent import changes
from consent.errors import BadUntil, ConsentError, EmptyRange, GrantEnded, NotGranted, NotTighter
from consent.model import WHILE_AWAY, Grant
from vendor_api.oauth import tokens
from vendor_api.routing import Route
from wallet import noticing
from wallet.house import House
from wallet.people.granted import own_grant, signs
from wallet.people.model import Visitor
from wallet.people.visitor import signed_in
from wallet.sharing.own import end_of_day
from wallet.sharing.tightening import chosen


class NothingChosen(ConsentError):
    """The form says nothing that would be stricter."""


REFUSALS: Mapping[type[ConsentError], Callable[[], str]] = {
    GrantEnded: lambda: _("This had ended already, so nothing was changed."),
    BadUntil: lambda: _("Choose a day from today on, at most a year away."),
    EmptyRange: lambda: _("Choose a first day that is not after the last one."),
    NothingChosen: lambda: _("Choose what shall be stricter."),
    NotTighter: lambda: _("The page had grown old: the limits are as strict already, so nothing was changed."),
    NotGranted: lambda: _("The page had grown old: this had been taken back already, so nothing was changed."),
}


def pause(house: House, grant_id: str) -> Response:
    """Until a day, or without one until the person resumes it."""
    return change(house, grant_id, set_pause, _("Paused. The next read will be refused."))


def set_pause(db: Connection, house: House, grant: Grant, *, now: int) -> None:
    written = request.form.get("until", "")
    until = end_of_day(written) if written else None
    person_id, by = grant.person_id, signs(db, house, grant)
    changes.pause(db, house.secrets, grant.grant_id, person_id=person_id, until=until, signs=by, now=now)


def resume(house: House, grant_id: str) -> Response:
    return change(house, grant_id, set_going, _("It goes on as before."))


def set_going(db: Connection, house: House, grant: Grant, *, now: int) -> None:
    person_id, by = grant.person_id, signs(db, house, grant)
    changes.resume(db, house.secrets, grant.grant_id, person_id=person_id, signs=by, now=now)
    noticing.may_speak_again(db, person_id=person_id)


def narrow(house: House, grant_id: str) -> Response:
    """Take back what is ticked."""
    if not request.form.getlist("attribute"):
        return back(grant_id, _("Tick what you want to take back."), "error")
    return change(house, grant_id, take_back, _("Taken back. The next read comes without it."))


def take_back(db: Connection, house: House, grant: Grant, *, now: int) -> None:
    """With the access while the person is away, the tokens go that had it."""
    taken, person_id, by = frozenset(request.form.getlist("attribute")), grant.person_id, signs(db, house, grant)
    changes.narrow(db, house.secrets, grant.grant_id, person_id=person_id, taken=taken, signs=by, now=now)
    if WHILE_AWAY in taken:
        tokens.end_while_away(db, person_id=person_id, grant_id=grant.grant_id, now=now)


def tighten(house: House, grant_id: str) -> Response:
    """Take stricter limits for one value."""
    return change(house, grant_id, set_limits, _("Saved."))


def set_limits(db: Connection, house: House, grant: Grant, *, now: int) -> None:
    """Raises NothingChosen, and ValueError for a day that is none."""
    item = next((item for item in grant.items if item.attribute == request.form.get("attribute")), None)
    if item is None:
        raise NotGranted("only the limits of a value that is granted can be tightened")
    wanted = chosen(item, grant.party, form=request.form)
    if wanted is None:
        raise NothingChosen
    person_id, by = grant.person_id, signs(db, house, grant)
    changes.tighten(db, house.secrets, grant.grant_id, person_id=person_id, tightening=wanted, signs=by, now=now)


def prolong(house: House, grant_id: str) -> Response:
    """Take another last day, later or sooner."""
    return change(house, grant_id, set_end, _("Saved."))


def set_end(db: Connection, house: House, grant: Grant, *, now: int) -> None:
    until, person_id, by = end_of_day(request.form.get("until", "")), grant.person_id, signs(db, house, grant)
    changes.prolong(db, house.secrets, grant.grant_id, person_id=person_id, until=until, signs=by, now=now)


def revoke(house: House, grant_id: str) -> Response:
    return change(house, grant_id, stop, _("Stopped. The next read will be refused."))


def stop(db: Connection, house: House, grant: Grant, *, now: int) -> None:
    person_id, by = grant.person_id, signs(db, house, grant)
    changes.revoke(db, house.secrets, grant.grant_id, person_id=person_id, signs=by, now=now)


def asking(house: House, grant_id: str) -> Response:
    """Take how this vendor's sign-ins shall go from now on."""
    each_time = request.form.get("each_time") == "yes"
    said = (
        _("From now on you are asked each time.") if each_time else _("You are asked only if there is something new.")
    )
    return change(house, grant_id, partial(set_asking, each_time=each_time), said)


def set_asking(db: Connection, house: House, grant: Grant, *, each_time: bool, now: int) -> None:
    person_id = grant.person_id
    changes.ask_each_time(db, house.secrets, grant.grant_id, person_id=person_id, each_time=each_time, now=now)


def reaching(house: House, grant_id: str) -> Response:
    """Take whether this vendor may ask the person by itself from now on."""
    reachable = request.form.get("reachable") == "yes"
    said = _("It may ask you again.") if reachable else _("It can no longer ask you by itself.")
    return change(house, grant_id, partial(set_reaching, reachable=reachable), said)


def set_reaching(db: Connection, house: House, grant: Grant, *, reachable: bool, now: int) -> None:
    person_id = grant.person_id
    changes.let_ask(db, house.secrets, grant.grant_id, person_id=person_id, reachable=reachable, now=now)


def change(house: House, grant_id: str, work: Callable[..., None], said: str) -> Response:
    """One change in one transaction; a page that has grown old leads to a fresh one, which says so."""
    try:
        house.database.write(own, house, signed_in(house), grant_id, work)
    except tuple(REFUSALS) as refusal:
        return back(grant_id, REFUSALS[type(refusal)](), "error")
    except ValueError:
        return back(grant_id, _("Write the day as year-month-day, for example 2027-03-01."), "error")
    return back(grant_id, said, "done")


def own(db: Connection, house: House, visitor: Visitor, grant_id: str, work: Callable[..., None]) -> None:
    """Raises UnknownGrant, also for a grant of another persona, and what `work` refuses."""
    work(db, house, own_grant(db, visitor, grant_id), now=house.clock())


def back(grant_id: str, sentence: str, tone: str) -> Response:
    flash(sentence, tone)
    return redirect(url_for("sharing.vendor", grant_id=grant_id), 303)


ROUTES = (
    Route("/vendors/<grant_id>/pause", pause, ("POST",)),
    Route("/vendors/<grant_id>/resume", resume, ("POST",)),
    Route("/vendors/<grant_id>/narrow", narrow, ("POST",)),
    Route("/vendors/<grant_id>/tighten", tighten, ("POST",)),
    Route("/vendors/<grant_id>/prolong", prolong, ("POST",)),
    Route("/vendors/<grant_id>/revoke", revoke, ("POST",)),
    Route("/vendors/<grant_id>/asking", asking, ("POST",)),
    Route("/vendors/<grant_id>/reaching", reaching, ("POST",)),
)
