"""A person is present where their browser holds their lock key, sealed under a key in the row of their session.

Neither opens anything without the other. It ends with the session, with the browser, and when somebody else comes to
the door; who gives their password is present again.
"""

import base64

from flask import Flask, g, has_request_context, request
from werkzeug import Response
from werkzeug.http import parse_cookie

from keys.errors import CannotOpen
from keys.sealing import seal, unseal
from wallet.house import House
from wallet.people.entrance import prove
from wallet.people.locking import make_lock, open_lock
from wallet.people.model import Visitor


def cookie_name(house: House) -> str:
    return "__Host-presence" if house.settings.issuer.startswith("https:") else "presence"


def arrive(house: House, visitor: Visitor | None, *, password: str) -> None:
    """Who has just given their password is present, if they have locked anything."""
    lock_key = open_lock(house, person_id=visitor.person_id, password=password) if visitor else None
    if visitor and lock_key:
        begin(visitor, lock_key)


def settle(house: House, visitor: Visitor, *, password: str) -> None:
    """Who has just given their password can lock things from now on, and is present.

    Raises WrongCredentials, LockStaysShut and ChangedPasswordMeanwhile.
    """
    begin(visitor, make_lock(house, person_id=visitor.person_id, password=password))


def prove_here(house: House, visitor: Visitor, *, password: str, browser: str) -> None:
    """The same for who gives their password once more. Raises TooManyAttempts, too."""
    prove(house, login=visitor.login, password=password, browser=browser)
    settle(house, visitor, password=password)


def begin(visitor: Visitor, lock_key: bytes) -> None:
    """This browser gets the lock key with the answer to this request."""
    if visitor.presence_key is None:
        return
    sealed = seal(visitor.presence_key, lock_key, *_place(visitor.person_id, visitor.session_digest))
    g.presence = base64.urlsafe_b64encode(sealed).decode()


def leave() -> None:
    """Nobody is present at this browser any more."""
    g.presence = ""


def lock_key(house: House, visitor: Visitor) -> bytes | None:
    """The lock key of who is at this browser, if they are present."""
    if not has_request_context():
        return None
    given = g.get("presence", request.cookies.get(cookie_name(house), ""))
    return opened(
        given, person_id=visitor.person_id, session_digest=visitor.session_digest, presence_key=visitor.presence_key
    )


def in_header(house: House, cookies: str) -> str:
    """What a Cookie header holds of it."""
    return parse_cookie(cookies).get(cookie_name(house), "")


def opened(given: str, *, person_id: str, session_digest: str, presence_key: bytes | None) -> bytes | None:
    """None for what was not sealed for this very session."""
    if not given or presence_key is None:
        return None
    try:
        return unseal(presence_key, base64.urlsafe_b64decode(given), *_place(person_id, session_digest))
    except (CannotOpen, ValueError):
        return None


def add_presence(app: Flask, house: House) -> None:
    """Write into the cookie what a request left: no script reads it, and it goes when the browser is closed."""
    name, secure = cookie_name(house), house.settings.issuer.startswith("https:")

    @app.after_request
    def write(response: Response) -> Response:
        left = g.get("presence")
        if left:
            response.set_cookie(name, left, secure=secure, httponly=True, samesite="Lax")
        elif left is not None and name in request.cookies:
            response.delete_cookie(name, secure=secure, httponly=True, samesite="Lax")
        return response


def _place(person_id: str, session_digest: str) -> tuple[str, ...]:
    return "presence", person_id, session_digest
