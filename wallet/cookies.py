"""The cookies of a browser: Flask's signed one, without work for requests that have nothing to do with it, and a copy.

The copy holds only what a frame of ours has to read (vendor_api.oauth.leaving.session_management).
"""

from collections.abc import Mapping
from functools import lru_cache
from time import time
from typing import Any, Final

from flask import Flask, Request, Response
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.http import parse_cookie

from vendor_api.oauth.leaving.session_management import cookie_name

LATELY_SEEN: Final = 1000


class BrowserCookies(SecureCookieSessionInterface):
    """Makes the signer once, and looks after a session only where somebody touched it."""

    _signer: URLSafeTimedSerializer | None = None

    def __init__(self) -> None:
        self._opened = lru_cache(maxsize=LATELY_SEEN)(self._open)

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        if self._signer is None:
            self._signer = super().get_signing_serializer(app)
        return self._signer

    def peek(self, app: Flask, cookies: str) -> Mapping[str, Any]:
        """What a Cookie header says of this browser; nothing, if it is not signed by us."""
        signer, given = self.get_signing_serializer(app), parse_cookie(cookies).get(self.get_cookie_name(app))
        if signer is None or not given:
            return {}
        try:
            found, signed_at = self._opened(signer, given)
        except BadSignature:
            return {}
        return found if time() - signed_at <= app.permanent_session_lifetime.total_seconds() else {}

    @staticmethod
    def _open(signer: URLSafeTimedSerializer, given: str) -> tuple[Mapping[str, Any], float]:
        """Raises BadSignature. The same text is worth the same again, but for its age."""
        found, signed_at = signer.loads(given, return_timestamp=True)
        return found, signed_at.timestamp()

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        return super().open_session(app, request) if "Cookie" in request.headers else self.session_class()

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if session.accessed or session.modified:
            super().save_session(app, session, response)
        if session.modified and "states" in session:
            secure = self.get_cookie_secure(app)
            response.set_cookie(
                cookie_name(secure=secure),
                session["states"],
                max_age=app.permanent_session_lifetime,
                secure=secure,
                samesite="None" if secure else "Lax",
            )
