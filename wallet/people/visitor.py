"""Who is at the door: reads and writes the cookie, and asks the database whose session it is."""

from secrets import token_urlsafe

from flask import g, session

from wallet.house import House
from wallet.people.errors import SignInNeeded
from wallet.people.model import Visitor
from wallet.people.sessions import end_session, find_session, is_due, note_seen

KEPT_AT_THE_DOOR = ("language", "browser")


def visitor(house: House) -> Visitor | None:
    """Looked up once a request; costs one statement, and a second one every five minutes."""
    token = session.get("session")
    if not isinstance(token, str):
        return None
    if "visitor" not in g or g.visitor_token != token:
        g.visitor, g.visitor_token = _look_up(house, token), token
    found: Visitor | None = g.visitor
    return found


def signed_in(house: House) -> Visitor:
    """Raises SignInNeeded."""
    found = visitor(house)
    if found is None:
        raise SignInNeeded
    return found


def browser() -> str:
    """This browser's secret; it outlives sessions, so that a browser is known again, and names nobody."""
    if not isinstance(session.get("browser"), str):
        session["browser"] = token_urlsafe(32)
        session.permanent = True
    secret: str = session["browser"]
    return secret


def let_in(house: House, token: str) -> None:
    """Begin a new cookie for a new session; what another visitor left in this browser ends."""
    say_goodbye(house)
    session["session"] = token
    session.permanent = True


def say_goodbye(house: House) -> None:
    """End this browser's session, here and in the database. Other browsers stay signed in."""
    leaving = visitor(house)
    if leaving:
        house.database.write(
            end_session, person_id=leaving.person_id, session_digest=leaving.session_digest, now=house.clock()
        )
    kept = {name: session[name] for name in KEPT_AT_THE_DOOR if name in session}
    session.clear()
    session.update(kept)
    session.permanent = True


def _look_up(house: House, token: str) -> Visitor | None:
    now = house.clock()
    found = house.database.read(find_session, house.secrets, token=token, now=now)
    if found and is_due(found, now=now):
        house.database.write(note_seen, person_id=found.person_id, session_digest=found.session_digest, now=now)
    return found
