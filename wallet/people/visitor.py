"""Who is at the door: reads and writes the cookie, and asks the database whose session it is."""

from collections.abc import Collection
from secrets import token_urlsafe

from flask import g, session

from vendor_api.oauth.session_management import changed
from vendor_api.oauth.sign_ins import SignIn
from wallet.house import House
from wallet.people.errors import SignInNeeded
from wallet.people.model import Visitor
from wallet.people.sessions import find_session, is_due, note_seen, renew, sign_out

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


def states() -> str:
    """The browser's, for vendors' pages that watch for sign-ins and sign-outs."""
    return str(session.get("states", ""))


def let_in(house: House, token: str) -> None:
    """Begin a new cookie for a new session; what another visitor left in this browser ends."""
    before, known = visitor(house), states()
    stays = before is not None and house.database.write(renew, house.secrets, before=before, token=token)
    say_goodbye(house)
    if stays:  # they proved anew who they are; no vendor's page has to know
        session["states"] = known
    session["session"] = token
    session.permanent = True


def say_goodbye(house: House) -> tuple[SignIn, ...]:
    """End this browser's session and what came from it; returns its sign-ins. Other browsers stay signed in."""
    leaving = visitor(house)
    ended = end_sessions(house, leaving, (leaving.session_digest,)) if leaving else ()
    kept = {name: session[name] for name in KEPT_AT_THE_DOOR if name in session} | {"states": changed(states())}
    session.clear()
    session.update(kept)
    session.permanent = True
    return ended


def end_sessions(house: House, visitor: Visitor, session_digests: Collection[str]) -> tuple[SignIn, ...]:
    return house.database.write(
        sign_out, person_id=visitor.person_id, session_digests=session_digests, now=house.clock()
    )


def _look_up(house: House, token: str) -> Visitor | None:
    now = house.clock()
    found = house.database.read(find_session, house.secrets, token=token, now=now)
    if found and is_due(found, now=now):
        house.database.write(note_seen, person_id=found.person_id, session_digest=found.session_digest, now=now)
    return found
