"""The page on which a person takes everything along."""

import sqlite3
from contextlib import closing

from flask import render_template, request
from flask_babel import gettext as _
from werkzeug import Response

from vendor_api.routing import Route
from wallet.house import House
from wallet.people import engine, passwords
from wallet.people.errors import WrongCredentials
from wallet.people.visitor import browser, signed_in
from wallet.vault import envelope, file
from wallet.vault.errors import BadVault


def take_along(house: House) -> Response | tuple[str, int] | str:
    """A GET shows, a POST with the password hands the file out; nothing of it is written here."""
    who = signed_in(house)
    if request.method == "GET":
        return page()
    in_the_clear, passphrase = request.form.get("form") == "clear", request.form.get("passphrase", "")
    try:
        check(house, who.login, request.form.get("password", ""))
        if in_the_clear and "understood" not in request.form:
            return page(_("Say that you understand what a file in the clear means.")), 422
        if not in_the_clear:
            envelope.check_passphrase(passphrase)
            if passphrase != request.form.get("again"):
                return page(_("The two passphrases are not the same.")), 422
    except WrongCredentials as error:
        return page(str(error)), 422
    except BadVault:
        return page(_("A passphrase has at least %(shortest)s characters.", shortest=envelope.SHORTEST)), 422
    content = packed(house, who.person_id)
    if in_the_clear:
        return download(Response(content), "wallet.sqlite")
    return download(Response(envelope.sealed(content, passphrase)), "wallet.vault")


def page(error: str | None = None) -> str:
    return render_template("vault/take_along.html", error=error, shortest=envelope.SHORTEST, nav="wallet")


def check(house: House, login: str, password: str) -> None:
    """The person's password, once more. Raises WrongCredentials."""
    known = {"login": login, "browser_digest": browser()}
    found = house.database.read(engine.find_credentials, house.secrets, **known)
    if found is None:
        raise WrongCredentials
    passwords.verify_password(password, found.password_hash)


def packed(house: House, person_id: str) -> bytes:
    """The vault, in memory alone."""
    issuer, now = house.settings.issuer, house.clock()
    with closing(sqlite3.connect(":memory:")) as into:
        house.database.read(file.export, house.secrets, into, person_id=person_id, issuer=issuer, now=now)
        return into.serialize()


def download(response: Response, name: str) -> Response:
    response.headers["Content-Type"] = "application/octet-stream"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


ROUTES = (Route("/wallet/vault", take_along, ("GET", "POST")),)
