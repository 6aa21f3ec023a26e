"""Change what a vendor may do, on its page: pause and resume."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Connection
from werkzeug import Response

from consent import changes
from consent.errors import BadUntil, ConsentError, GrantEnded
from vendor_api.routing import Route
from wallet.house import House
from wallet.people.model import Visitor
from wallet.people.visitor import signed_in
from wallet.sharing import views

Change = Callable[..., None]

REFUSALS: Mapping[type[ConsentError], Callable[[], str]] = {
    GrantEnded: lambda: _("This had ended already, so nothing was changed."),
    BadUntil: lambda: _("Choose a day from today on, at most a year away."),
}


def pause(house: House, grant_id: str) -> Response:
    """Until a day, or without one until the person resumes it."""
    try:
        until = first_moment_after(request.form.get("until", ""))
    except ValueError:
        return back(grant_id, _("Write the day as year-month-day, for example 2027-03-01."), "error")
    return change(house, grant_id, changes.pause, _("Paused. The next read will be refused."), until=until)


def resume(house: House, grant_id: str) -> Response:
    return change(house, grant_id, changes.resume, _("It goes on as before."))


def change(house: House, grant_id: str, work: Change, said: str, **what: Any) -> Response:
    """One change in one transaction; a page that has grown old leads to a fresh one, which says so."""
    try:
        house.database.write(own, house, signed_in(house), grant_id, work, **what)
    except (GrantEnded, BadUntil) as refusal:
        return back(grant_id, REFUSALS[type(refusal)](), "error")
    return back(grant_id, said, "done")


def own(db: Connection, /, house: House, visitor: Visitor, grant_id: str, work: Change, **what: Any) -> None:
    """Raises UnknownGrant, also for a grant of another persona, and what `work` refuses."""
    grant = views.own_grant(db, visitor, grant_id)
    work(db, house.secrets, grant.grant_id, person_id=visitor.person_id, **what, now=house.clock())


def back(grant_id: str, sentence: str, tone: str) -> Response:
    flash(sentence, tone)
    return redirect(url_for("sharing.vendor", grant_id=grant_id), 303)


def first_moment_after(written: str) -> int | None:
    """The second after a day, or None where the field was left open. Raises ValueError."""
    return views.end_of_day(written) if written else None


ROUTES = (
    Route("/vendors/<grant_id>/pause", pause, ("POST",)),
    Route("/vendors/<grant_id>/resume", resume, ("POST",)),
)
