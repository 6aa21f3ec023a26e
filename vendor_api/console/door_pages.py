"""The pages at the console's door: sign in, the first admin, an invitation, sign out, language."""

from flask import redirect, render_template, request, url_for
from werkzeug import Response

from vendor_api.console import by_wallet as wallet
from vendor_api.console import cookies, entrance, invitations, sessions
from vendor_api.console.errors import (
    BadStaffLogin,
    NoFirstAdmin,
    NoWalletSignIn,
    SeveralOrganisations,
    TooManyStaffAttempts,
    WrongStaffCredentials,
)
from vendor_api.console.forms import FirstAdminForm, SignInForm, StaffPasswordForm
from vendor_api.console.guard import EVERYBODY, ConsoleRoute
from vendor_api.host import Host

LONGEST_LANGUAGE = 8


def sign_in(host: Host) -> Response | tuple[str, int]:
    form, status = SignInForm(), asked()
    if request.method == "GET":
        form.client_id.data = request.args.get("client_id")
    if form.validate_on_submit():
        try:
            token = entrance.sign_in(
                host, client_id=form.client_id.data, login=form.login.data, password=form.password.data
            )
        except (WrongStaffCredentials, TooManyStaffAttempts) as error:
            form.form_errors.append(str(error))
            status = error.status
        else:
            return let_in(host, token)
    return render_template("console/sign_in.html", form=form), status


def by_wallet(host: Host) -> Response:
    """On to the wallet; what is typed says for which organisation, if the person works for several."""
    said = {name: request.form.get(name, "") for name in ("client_id", "invitation")}
    return redirect(wallet.begin(host, **said), 303)


def back(host: Host) -> Response | tuple[str, int]:
    """Where the wallet's answer arrives."""
    try:
        return let_in(host, wallet.arrive(host, request.args))
    except (NoWalletSignIn, SeveralOrganisations, BadStaffLogin) as error:
        form = SignInForm(formdata=None)
        form.form_errors.append(str(error))
        return render_template("console/sign_in.html", form=form), error.status


def first(host: Host) -> Response | tuple[str, int]:
    form, status = FirstAdminForm(), asked()
    if form.validate_on_submit():
        said = {name: form[name].data or "" for name in ("client_id", "secret", "login", "name", "password")}
        try:
            token = entrance.make_first_admin(host, **said)
        except (NoFirstAdmin, TooManyStaffAttempts, BadStaffLogin) as error:
            form.form_errors.append(str(error))
            status = error.status
        else:
            return let_in(host, token)
    return render_template("console/first.html", form=form), status


def invitation(host: Host, invitation: str) -> Response | tuple[str, int]:
    """Shows, and lets in by POST alone, so that a scanner of links uses nothing up."""
    member, form, status = (
        host.read(invitations.find, host.secrets, invitation, now=host.now()),
        StaffPasswordForm(),
        asked(),
    )
    if form.validate_on_submit():
        return let_in(host, entrance.accept_by_password(host, invitation, password=form.password.data))
    return render_template("console/invitation.html", form=form, invited=member, invitation=invitation), status


def sign_out(host: Host) -> Response:
    host.write(sessions.end, cookies.given_token(host))
    return redirect(url_for("console.sign_in"), 303)


def language(host: Host) -> Response:
    chosen = request.form.get("language", "")[:LONGEST_LANGUAGE]
    page = request.form.get("next", "")
    response = redirect(page if cookies.is_page(page) else url_for("console.overview"), 303)
    cookies.keep_language(host, response, chosen)
    return response


def let_in(host: Host, token: str) -> Response:
    """With a new token, so that one that was planted before is worth nothing; what was signed in before is over."""
    host.write(sessions.end, cookies.given_token(host))
    cookies.renew(token)
    return redirect(url_for("console.overview"), 303)


def asked() -> int:
    """The status of a page that shows its form: for the first time, or because something in it is wrong."""
    return 422 if request.method == "POST" else 200


ROUTES = (
    ConsoleRoute("/console/sign-in", sign_in, EVERYBODY, ("GET", "POST")),
    ConsoleRoute("/console/sign-in/wallet", by_wallet, EVERYBODY, ("POST",)),
    ConsoleRoute("/console/back", back, EVERYBODY),
    ConsoleRoute("/console/first", first, EVERYBODY, ("GET", "POST")),
    ConsoleRoute("/console/invitation/<invitation>", invitation, EVERYBODY, ("GET", "POST")),
    ConsoleRoute("/console/sign-out", sign_out, EVERYBODY, ("POST",)),
    ConsoleRoute("/console/language", language, EVERYBODY, ("POST",)),
)
