"""Say what went wrong in one sentence, in the shape of whoever asked; unknown errors never speak."""

from flask import Flask, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from consent import errors as consent_errors
from vendor_api.endpoints import say
from vendor_api.errors import UnknownVendor, VendorApiError
from wallet.errors import WalletError

Page = tuple[str, int]


class OutOfOrder(VendorApiError):
    error, status = "temporarily_unavailable", 503


class ServerError(VendorApiError):
    error, status = "server_error", 500


MACHINE_PATHS = ("/oauth/", "/.well-known/")
BROWSER_PATHS = ("/oauth/authorize", "/oauth/resume")

HTTP_SENTENCES = {
    400: _l("This request is not complete. Go back and try again."),
    404: _l("There is no such page here."),
    405: _l("This page can not be used like that."),
    413: _l("This is too much at once. Send less."),
    429: _l("Too many requests. Wait a little, then try again."),
}

ASK_SENTENCES: dict[type[consent_errors.ConsentError], tuple[int, object]] = {
    consent_errors.UnknownAsk: (404, _l("This request is not known here, or it is over. Go back to the vendor and begin again.")),
    consent_errors.AskExpired: (410, _l("This request waited too long for an answer. Go back to the vendor and begin again.")),
    consent_errors.AskAnswered: (409, _l("You have answered this request already. An answer is given once.")),
    consent_errors.AskOfOtherBrowser: (403, _l("This request began in another browser. Answer it there, or begin again here.")),
    consent_errors.GrantEnded: (410, _l("What you allowed has ended meanwhile. Go back to the vendor and begin again.")),
    consent_errors.UnknownGrant: (404, _l("There is no such vendor among those you answered.")),
}


def add_error_pages(app: Flask) -> None:
    """One place turns every error into an answer."""

    @app.errorhandler(VendorApiError)
    def refuse_vendor(error: VendorApiError) -> BaseResponse | Page:
        if isinstance(error, UnknownVendor):
            return page(400, _("This request can not be answered"), str(error), hint=_("The vendor that sent you here has to mend this."))
        return say(error)

    @app.errorhandler(WalletError)
    def tell_person(error: WalletError) -> BaseResponse | Page:
        if error.status == 303:
            return redirect(url_for("people.sign_in", next=request.full_path if request.method == "GET" else None), 303)
        return page(error.status, _("That did not work"), str(error))

    @app.errorhandler(consent_errors.ConsentError)
    def tell_about_ask(error: consent_errors.ConsentError) -> Page:
        status, sentence = ASK_SENTENCES.get(type(error), (400, _l("This answer does not fit what was asked. Load the page again.")))
        link = (url_for("sharing.vendors"), _("Connected vendors"))
        return render_template("sharing/answered.html", title=_("This request is closed"), sentence=sentence, link=link), status

    @app.errorhandler(CSRFError)
    def tell_about_form(_error: CSRFError) -> Page:
        return page(400, _("This form is too old"), _("It does not belong to the session you have now. Load the page again and repeat what you did."))

    @app.errorhandler(HTTPException)
    def tell_by_status(error: HTTPException) -> BaseResponse | Page:
        status = error.code or 500
        if status < 400:
            return error.get_response()
        if is_machine():
            return machine_answer(error, status)
        return page(status, _("That did not work"), str(HTTP_SENTENCES.get(status, _l("This request can not be answered."))))

    @app.errorhandler(OperationalError)
    def say_database_is_away(_error: OperationalError) -> BaseResponse | Page:
        app.logger.error("the database did not answer")
        if is_machine():
            return say(OutOfOrder("the wallet can not reach its database; try again in a moment"))
        return page(503, _("Out of order"), _("The wallet can not reach its database. Try again in a moment."))

    @app.errorhandler(Exception)
    def say_only_that_we_failed(error: Exception) -> BaseResponse | Page:
        app.logger.exception("unhandled", exc_info=error)
        if is_machine():
            return say(ServerError("something went wrong on our side"))
        return page(500, _("Something went wrong"), _("It is our fault, not yours. Nothing you entered was half-done."))


def is_machine() -> bool:
    return request.path.startswith(MACHINE_PATHS) and not request.path.startswith(BROWSER_PATHS)


def machine_answer(error: HTTPException, status: int) -> BaseResponse:
    """RFC 6749 section 5.2, with the status and headers HTTP asks for."""
    said = VendorApiError({404: "there is no such endpoint", 405: "this endpoint wants another method", 413: "the body is too large"}.get(status, "the request can not be understood"))
    answer = say(said)
    answer.status_code = status
    for name, value in error.get_headers():
        if name == "Allow":
            answer.headers[name] = value
    return answer


def page(status: int, title: str, sentence: str, *, hint: str | None = None) -> Page:
    link = (url_for("data.index"), _("To my data"))
    return render_template("error.html", title=title, sentence=sentence, hint=hint, link=link, status=status), status
