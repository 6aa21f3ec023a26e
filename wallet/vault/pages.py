"""The page on which a person takes everything along."""

import sqlite3
from contextlib import closing
from io import BytesIO
from typing import Final

from flask import render_template, request
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug import Response

from keys.opaque import digest
from vendor_api.routing import Route
from wallet.house import House
from wallet.people import engine, presence
from wallet.people.entrance import check_password
from wallet.people.errors import WrongCredentials
from wallet.people.logins import login_digest
from wallet.people.model import Visitor
from wallet.people.throttle import begin_attempt, forget_failures
from wallet.people.visitor import browser, signed_in
from wallet.vault import envelope, file
from wallet.vault.errors import BadVault, TooLarge
from wallet.vault.readable import Readable, write

LARGEST: Final = 200 * 1024 * 1024  # of a file that a page hands out: it is made in memory
PAGE: Final = 4096


def take_along(house: House) -> Response | tuple[str, int] | str:
    """A GET shows, a POST with the password hands the file out; nothing of it is written here."""
    who = signed_in(house)
    if request.method == "GET":
        return page()
    wrong = refusal(house, who.login)
    if wrong is not None:
        return page(wrong), 422
    if request.form.get("form") == "readable":
        return download(Response(readable(house, who)), "wallet.zip")
    content = packed(house, who.person_id)
    if is_in_the_clear():
        return download(Response(content), "wallet.sqlite")
    return download(Response(envelope.sealed(content, request.form["passphrase"])), "wallet.vault")


def is_in_the_clear() -> bool:
    return request.form.get("form") == "clear"


def is_sealed() -> bool:
    return request.form.get("form") not in {"clear", "readable"}


def refusal(house: House, login: str) -> str | None:
    """Why the file is not handed out, if so. Raises TooManyAttempts."""
    passphrase = request.form.get("passphrase", "")
    try:
        check(house, login, request.form.get("password", ""))
        if is_sealed():
            envelope.check_passphrase(passphrase)
    except WrongCredentials as error:
        return str(error)
    except BadVault:
        return _("A passphrase has at least %(shortest)s characters.", shortest=envelope.SHORTEST)
    if is_in_the_clear() and "understood" not in request.form:
        return _("Say that you understand what a file in the clear means.")
    if is_sealed() and passphrase != request.form.get("again"):
        return _("The two passphrases are not the same.")
    return None


def page(error: str | None = None) -> str:
    return render_template("vault/take_along.html", error=error, shortest=envelope.SHORTEST, nav="wallet")


def check(house: House, login: str, password: str) -> None:
    """The person's password, once more. Raises WrongCredentials, TooManyAttempts."""
    device = digest(browser())
    found = house.database.read(engine.find_credentials, house.secrets, login=login, browser_digest=device)
    attempt = {"login_digest": login_digest(house.secrets, login), "device": device}
    house.database.write(begin_attempt, **attempt, now=house.clock())
    check_password(found, password)
    house.database.write(forget_failures, **attempt)


def packed(house: House, person_id: str) -> bytes:
    """The vault, in memory alone. Raises TooLarge, IsBeingErased."""
    issuer, now = house.settings.issuer, house.clock()
    with closing(sqlite3.connect(":memory:")) as into:
        into.execute(f"pragma max_page_count = {LARGEST // PAGE}")
        try:
            house.database.read(file.export, house.secrets, into, person_id=person_id, issuer=issuer, now=now)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
                raise TooLarge from None
            raise
        return into.serialize()


def readable(house: House, who: Visitor) -> bytes:
    """To read and to print, in the language of this page; open where this browser holds the key of what is locked."""
    whose = Readable(who.person_id, who.login, str(get_locale()), house.settings.issuer, LARGEST)
    out = BytesIO()
    lock_key = presence.lock_key(house, who)
    house.database.read(write, house.secrets, out, whose, lock_key=lock_key, now=house.clock())
    return out.getvalue()


def download(response: Response, name: str) -> Response:
    response.headers["Content-Type"] = "application/octet-stream"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


ROUTES = (Route("/wallet/vault", take_along, ("GET", "POST")),)
