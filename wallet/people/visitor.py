"""Who is at the door: reads and writes the cookie, and asks the database whose session it is."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from secrets import token_urlsafe

from flask import g, request, session

from vendor_api.oauth.leaving.session_management import changed
from vendor_api.oauth.leaving.sign_ins import SignIn
from wallet.house import House
from wallet.people import preferences, presence
from wallet.people.errors import ChoiceNeeded, SignInNeeded
from wallet.people.model import Visitor
from wallet.people.personas import check_persona, of_person, shown_name
from wallet.people.sessions import find_session, is_due, note_seen, renew, sign_out

SPOKEN = "spoken"  # that the language of the pages is a persona's
KEPT_AT_THE_DOOR = ("language", "browser", SPOKEN)
MOST_HERE = 6


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
    """Raises SignInNeeded, or ChoiceNeeded where others are signed in at this browser."""
    found = visitor(house)
    if found is None:
        raise ChoiceNeeded if people_here(house) else SignInNeeded
    return found


def acting(house: House) -> Visitor:
    """Who is signed in, as the persona the request names, if it does. Raises UnknownPersona."""
    found, persona_id = signed_in(house), request.values.get("persona")
    if not persona_id or persona_id == found.persona_id:
        return found
    house.database.read(check_persona, person_id=found.person_id, persona_id=persona_id)
    return replace(found, persona_id=persona_id)


@dataclass(frozen=True, slots=True)
class Shown:
    """The persona that is shown now; `name` is None for a person who has but one."""

    persona_id: str
    name: str | None
    has_picture: bool


def shown_persona(house: House) -> Shown | None:
    found = visitor(house)
    faces = house.database.read(of_person, house.secrets, person_id=found.person_id) if found else ()
    shown = next((face for face in faces if found and face.persona_id == found.persona_id), None)
    if shown is None:
        return None
    return Shown(shown.persona_id, shown_name(shown) if len(faces) > 1 else None, shown.pictured_at is not None)


def people_here(house: House) -> dict[str, Visitor]:
    """Everybody who is signed in at this browser, by the token of their session; who is at the door comes first."""
    here = {token: found for token in waiting() if (found := _look_up(house, token))}
    at_the_door = visitor(house)
    return {session["session"]: at_the_door, **here} if at_the_door else here


def waiting() -> list[str]:
    """The tokens of the others who are signed in at this browser."""
    kept = session.get("others", [])
    return [token for token in kept if isinstance(token, str)]


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
    """Open the door to a new session, which takes the place of the same person's; others stay signed in here."""
    now, at_the_door, known = house.clock(), visitor(house), states()
    others = {
        kept: who
        for kept, who in people_here(house).items()
        if not house.database.write(renew, house.secrets, before=who, token=token, now=now)
    }
    for kept in list(others)[MOST_HERE - 1 :]:
        end_sessions(house, others[kept], (others.pop(kept).session_digest,))
    begin_cookie(token, others)
    if at_the_door and at_the_door not in others.values():  # they proved anew who they are; no vendor has to know
        session["states"] = known


def change_to(house: House, token: str) -> None:
    """Somebody else who is signed in at this browser comes to the door."""
    begin_cookie(token, (other for other in people_here(house) if other != token))


def speak_as(house: House, *, person_id: str, persona_id: str) -> None:
    """From now on the pages are in the language this persona prefers; if it prefers none, no longer in another's."""
    whose = {"person_id": person_id, "persona_id": persona_id}
    preferred = house.database.read(preferences.preferred, preferences.LANGUAGE, **whose)
    if preferred:
        session["language"] = preferred
        session[SPOKEN] = True
    elif session.pop(SPOKEN, False):
        session.pop("language", None)


def begin_cookie(token: str | None, others: Iterable[str]) -> None:
    """What was in the cookie of whoever was at the door before is gone, and with it their forms and their presence."""
    if token != session.get("session"):
        presence.leave()
    kept = {name: session[name] for name in KEPT_AT_THE_DOOR if name in session} | {"states": changed(states())}
    session.clear()
    session.update(kept)
    if token:
        session["session"] = token
    if others := list(others):
        session["others"] = others
    session.permanent = True


def say_goodbye(house: House, session_digests: Collection[str] | None = None) -> tuple[SignIn, ...]:
    """End these sessions at this browser, or that of who is at the door, and what came from them; returns the sign-ins.

    Nobody else comes to the door by that: people choose who of them does.
    """
    at_the_door, here = visitor(house), people_here(house)
    wanted = {at_the_door.session_digest} if session_digests is None and at_the_door else set(session_digests or ())
    ended: list[SignIn] = []
    for token, who in list(here.items()):
        if who.session_digest in wanted:
            ended += end_sessions(house, who, (who.session_digest,))
            del here[token]
    stays = session.get("session") if session.get("session") in here else None
    begin_cookie(stays, (token for token in here if token != stays))
    return tuple(ended)


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
