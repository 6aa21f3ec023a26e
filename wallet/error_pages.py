"""Say what went wrong in one sentence, in the shape of whoever asked; unknown errors never speak."""

from collections.abc import Callable
from typing import Any

from flask import Flask, current_app, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, OperationalError
from werkzeug.exceptions import BadRequest, HTTPException
from werkzeug.wrappers import Response as BaseResponse

from consent import errors as consent_errors
from vendor_api.errors import UnknownVendor
from wallet.errors import WalletError
from wallet.people.errors import ChoiceNeeded, SignInNeeded

Page = tuple[str, int]


UNKNOWN_VENDOR = {
    "unnamed": _l("It does not say which vendor asks: there must be one client_id."),
    "unknown": _l("Nobody is registered here under this client_id."),
    "no_address": _l("It does not say where the answer goes: there must be one redirect_uri."),
    "spent_request": _l("This request was used already, or it waited too long. Go back to the vendor and begin again."),
    "bad_request_object": _l("It is not signed by the vendor it names, or not for this wallet."),
    "bad_request_uri": _l("It names an address for the details that the vendor did not register, or that has none."),
    "wrong_address": _l("This redirect_uri is not registered for this vendor."),
}

HTTP_SENTENCES = {
    400: _l("This request is not complete. Go back and try again."),
    404: _l("There is no such page here."),
    405: _l("This page can not be used like that."),
    413: _l("This is too much at once. Send less."),
    429: _l("Too many requests. Wait a little, then try again."),
}

ASK_SENTENCES: dict[type[consent_errors.ConsentError], tuple[int, object]] = {
    consent_errors.UnknownAsk: (
        404,
        _l("This request is not known here, or it is over. Go back to the vendor and begin again."),
    ),
    consent_errors.AskExpired: (
        410,
        _l("This request waited too long for an answer. Go back to the vendor and begin again."),
    ),
    consent_errors.AskAnswered: (409, _l("You have answered this request already. An answer is given once.")),
    consent_errors.AskOfOtherBrowser: (
        403,
        _l("This request began in another browser. Answer it there, or begin again here."),
    ),
    consent_errors.GrantEnded: (
        410,
        _l("What you allowed has ended meanwhile. Go back to the vendor and begin again."),
    ),
    consent_errors.GrantPaused: (
        409,
        _l("You have paused this vendor meanwhile. Let it go on, or go back to the vendor and begin again."),
    ),
    consent_errors.UnknownRequest: (404, _l("There is no such request of yours, or nothing to complain about yet.")),
    consent_errors.UnknownGrant: (404, _l("There is no such vendor among those you answered.")),
    consent_errors.LedgerBroken: (
        409,
        _l("Your ledger was changed from outside, so it proves nothing. Open the ledger to see from which line on."),
    ),
    consent_errors.UnknownReceipt: (404, _l("There is no such receipt.")),
}


def add_error_pages(app: Flask) -> None:
    """One place turns every error into an answer."""
    for kind, handler in HANDLERS:
        app.register_error_handler(kind, handler)


def refuse_vendor(error: UnknownVendor) -> Page:
    hint = _("The vendor that sent you here has to mend this.")
    return page(400, _("This request can not be answered"), str(UNKNOWN_VENDOR[error.reason]), hint=hint)


def tell_person(error: WalletError) -> BaseResponse | Page:
    if isinstance(error, SignInNeeded):
        where = "people.accounts" if isinstance(error, ChoiceNeeded) else "people.sign_in"
        return redirect(url_for(where, next=request.full_path if request.method == "GET" else None), 303)
    return page(error.status, _("That did not work"), str(error))


def tell_about_ask(error: consent_errors.ConsentError) -> Page:
    status, sentence = ASK_SENTENCES.get(
        type(error), (400, _l("This answer does not fit what was asked. Load the page again."))
    )
    link = (url_for("sharing.vendors"), _("Connected vendors"))
    title = _("This request is closed")
    return render_template("sharing/answered.html", title=title, sentence=sentence, link=link), status


def tell_about_form(_error: CSRFError) -> Page:
    return page(
        400,
        _("This form is too old"),
        _("It does not belong to the session you have now. Load the page again and repeat what you did."),
    )


def tell_by_status(error: HTTPException) -> BaseResponse | Page:
    status = error.code or 500
    if status < 400:
        return error.get_response()
    sentence = HTTP_SENTENCES.get(status, _l("This request can not be answered."))
    return page(status, _("That did not work"), str(sentence))


def refuse_unstorable(_error: DataError) -> BaseResponse | Page:
    """PostgreSQL takes no NUL in a text and no number of twenty digits; nothing of ours has either."""
    return tell_by_status(BadRequest())


def say_database_is_away(_error: OperationalError) -> Page:
    current_app.logger.error("the database did not answer")
    return page(503, _("Out of order"), _("The wallet can not reach its database. Try again in a moment."))


def say_only_that_we_failed(error: Exception) -> Page:
    current_app.logger.error("unhandled", exc_info=error)
    return page(500, _("Something went wrong"), _("It is our fault, not yours. Nothing you entered was half-done."))


HANDLERS: tuple[tuple[type[Exception], Callable[[Any], BaseResponse | Page]], ...] = (
    (UnknownVendor, refuse_vendor),
    (WalletError, tell_person),
    (consent_errors.ConsentError, tell_about_ask),
    (CSRFError, tell_about_form),
    (HTTPException, tell_by_status),
    (DataError, refuse_unstorable),
    (OperationalError, say_database_is_away),
    (Exception, say_only_that_we_failed),
)


def page(status: int, title: str, sentence: str, *, hint: str | None = None) -> Page:
    link = (url_for("data.index"), _("To my data"))
    return render_template("error.html", title=title, sentence=sentence, hint=hint, link=link, status=status), status
