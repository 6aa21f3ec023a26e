"""The console's own cookie, apart from the person's at the same wallet: one token, and the language beside it.

Before the sign-in the token stands for nobody; the sign-in makes another. The token of a form follows from it.
"""

import hashlib
import hmac
from secrets import token_urlsafe
from typing import Final

from flask import Response, g, request
from werkzeug.wrappers import Response as BaseResponse

from vendor_api.host import Host

PATH: Final = "/console"
LANGUAGE: Final = "console_language"
LONGEST: Final = 2000


def is_console() -> bool:
    """Whether this request is for the console, and nothing of a person's belongs into it."""
    return request.path == PATH or request.path.startswith(f"{PATH}/")


def is_page(address: str) -> bool:
    """Whether it is a page of the console, and nothing a browser could read as another host."""
    plain = address.isprintable() and "\\" not in address and len(address) <= LONGEST
    return plain and (address == PATH or address.startswith(f"{PATH}/"))


def name(host: Host) -> str:
    return "__Secure-console" if is_secure(host) else "console"


def is_secure(host: Host) -> bool:
    return host.issuer.startswith("https:")


def given_token(host: Host) -> str:
    """What this browser shows; empty if nothing."""
    return str(g.get("console_token") or request.cookies.get(name(host), ""))


def token(host: Host) -> str:
    """The same, made where there is none."""
    if not given_token(host):
        renew(token_urlsafe(32))
    return given_token(host)


def renew(made: str) -> None:
    """This browser gets another token with the answer."""
    g.console_token = made


def form_token(host: Host) -> str:
    """What every form carries: it follows from the cookie, and no other site can know it."""
    made = hmac.new(host.secrets.cookies, b"console form\x00" + token(host).encode(), hashlib.sha256)
    return made.hexdigest()


def is_own_form(host: Host) -> bool:
    sent = request.form.get("csrf_token", "")
    return bool(given_token(host)) and hmac.compare_digest(sent.encode(), form_token(host).encode())


def chosen_language() -> str | None:
    return request.cookies.get(LANGUAGE)


def write(host: Host, response: Response) -> Response:
    """No script reads it, no other site sends it along but by a link, and no page outside the console gets it."""
    if made := g.get("console_token"):
        response.set_cookie(name(host), made, path=PATH, secure=is_secure(host), httponly=True, samesite="Lax")
    return response


def keep_language(host: Host, response: BaseResponse, language: str) -> None:
    year = 365 * 24 * 3600
    response.set_cookie(LANGUAGE, language, max_age=year, path=PATH, secure=is_secure(host), samesite="Lax")
