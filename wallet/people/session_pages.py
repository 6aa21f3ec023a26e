"""The page of a person's sessions: every browser they are signed in with, where it led, and how to end each."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import Connection
from werkzeug import Response

from vendor_api.oauth.leaving import sign_ins
from vendor_api.oauth.leaving.end_session import Leaving
from vendor_api.oauth.leaving.sign_ins import SignIn
from vendor_api.routing import Route
from wallet.house import House
from wallet.people import session_views
from wallet.people.leaving import in_frames
from wallet.people.model import Visitor
from wallet.people.sessions import live_sessions, sign_out
from wallet.people.visitor import say_goodbye, signed_in

ENDINGS = ("sign_in", "session", "others", "all")


def sessions(house: House) -> str:
    """Shows, and changes nothing."""
    page = house.database.read(session_views.page, house, signed_in(house), str(get_locale()))
    return render_template("people/sessions.html", nav="wallet", page=page)


def end(house: House) -> Response:
    """End one sign-in, one session, all others or all; which of them the form says."""
    visitor, what, chosen = signed_in(house), request.form.get("what"), request.form.get("session", "")
    if what not in ENDINGS:
        abort(400)
    ended = house.database.write(
        end_chosen, house, visitor, what=what, chosen=chosen, client_id=request.form.get("client_id")
    )
    if what == "all" or (what == "session" and chosen == visitor.session_digest):
        say_goodbye(house)
    return finished(house, [sign_in for sign_in in ended if sign_in.session == visitor.session_digest])


def end_chosen(
    db: Connection, house: House, visitor: Visitor, *, what: str, chosen: str, client_id: str | None
) -> tuple[SignIn, ...]:
    """Of this person alone, whatever the form names."""
    person_id, now = visitor.person_id, house.clock()
    if what == "sign_in":
        return sign_ins.end(db, person_id=person_id, sessions=(chosen,), client_id=client_id or "", now=now)
    live = {session.session_digest for session in live_sessions(db, house.secrets, person_id=person_id, now=now)}
    wanted = {"session": {chosen}, "others": live - {visitor.session_digest}, "all": live}[what]
    ended = sign_out(db, person_id=person_id, session_digests=wanted, now=now)
    left = sign_ins.end(db, person_id=person_id, sessions=None, now=now) if what == "all" else ()
    return ended + left


def finished(house: House, ended_here: list[SignIn]) -> Response:
    page = in_frames(house, Leaving(None, None), ended_here)
    if page:
        return page
    flash(_("You are signed out."), "done")
    return redirect(url_for("people.sessions"), 303)


ROUTES = (Route("/sessions", sessions), Route("/sessions/end", end, ("POST",)))
