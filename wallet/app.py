"""Put the web application together: pages, vendor endpoints, languages, protection, errors."""

from datetime import timedelta
from functools import partial
from itertools import chain
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, abort, g, request
from flask_wtf import CSRFProtect

import wallet.appointments.pages
import wallet.channels.pages
import wallet.contact.pages
import wallet.contact.withdrawing
import wallet.data.index_page
import wallet.data.own_pages
import wallet.data.pages
import wallet.data.taking_pages
import wallet.deposits.pages
import wallet.deposits.shown
import wallet.dispatch.feed_pages
import wallet.erasing.pages
import wallet.erasing.value_pages
import wallet.feedback.new_pages
import wallet.feedback.pages
import wallet.feeds.pages
import wallet.figures.pages
import wallet.inbox.ending_pages
import wallet.inbox.export_pages
import wallet.inbox.pages
import wallet.inbox.search_pages
import wallet.inbox.writing_pages
import wallet.intents.making_pages
import wallet.intents.pages
import wallet.locks.pages
import wallet.people.account_pages
import wallet.people.leaving
import wallet.people.overview
import wallet.people.pages
import wallet.people.pairing_pages
import wallet.people.recovery.pages
import wallet.people.recovery.password_pages
import wallet.people.recovery.recover_pages
import wallet.people.recovery.share_pages
import wallet.people.session_pages
import wallet.personas.pages
import wallet.personas.picture_pages
import wallet.records.card_pages
import wallet.records.fact_pages
import wallet.records.import_pages
import wallet.records.pages
import wallet.records.row_pages
import wallet.reviews.pages
import wallet.reviews.public_pages
import wallet.reviews.reputation_pages
import wallet.search.pages
import wallet.sharing.changes
import wallet.sharing.contracts
import wallet.sharing.devices
import wallet.sharing.faces
import wallet.sharing.ledger_pages
import wallet.sharing.pages
import wallet.sharing.receipt_pages
import wallet.sharing.requests
import wallet.sharing.rights.pages
import wallet.sharing.rules_pages
import wallet.sharing.stamping
import wallet.sharing.terms_pages
import wallet.triggers.making_pages
import wallet.triggers.pages
import wallet.upkeep
import wallet.vault.pages
from vendor_api.console.cookies import chosen_language as language_at_console
from vendor_api.console.cookies import is_console
from vendor_api.console.guard import add_console
from vendor_api.console.pages import ROUTES as CONSOLE
from vendor_api.door import LARGEST_BODY, Door
from vendor_api.endpoints import BROWSER
from vendor_api.routing import add_routes
from wallet.cookies import BrowserCookies
from wallet.error_pages import add_error_pages
from wallet.headers import FOR_BROWSERS, add_headers, always
from wallet.host import WalletHost, own_language
from wallet.house import House
from wallet.inbox.views import how_many_unread
from wallet.languages import LANGUAGES, add_languages
from wallet.metrics import add_metrics
from wallet.news import news
from wallet.people.presence import add_presence
from wallet.people.recovery.shown import news_of_visitor
from wallet.people.visitor import shown_persona, visitor, waiting
from wallet.uploads import InMemory

PAGES = (
    *wallet.people.pages.ROUTES,
    *wallet.people.account_pages.ROUTES,
    *wallet.people.leaving.ROUTES,
    *wallet.people.overview.ROUTES,
    *wallet.people.pairing_pages.ROUTES,
    *wallet.people.recovery.pages.ROUTES,
    *wallet.people.recovery.password_pages.ROUTES,
    *wallet.people.recovery.recover_pages.ROUTES,
    *wallet.people.recovery.share_pages.ROUTES,
    *wallet.people.session_pages.ROUTES,
    *wallet.personas.pages.ROUTES,
    *wallet.personas.picture_pages.ROUTES,
    *wallet.appointments.pages.ROUTES,
    *wallet.channels.pages.ROUTES,
    *wallet.contact.pages.ROUTES,
    *wallet.contact.withdrawing.ROUTES,
    *wallet.data.index_page.ROUTES,
    *wallet.data.own_pages.ROUTES,
    *wallet.data.pages.ROUTES,
    *wallet.dispatch.feed_pages.ROUTES,
    *wallet.inbox.pages.ROUTES,
    *wallet.inbox.search_pages.ROUTES,
    *wallet.inbox.export_pages.ROUTES,
    *wallet.inbox.ending_pages.ROUTES,
    *wallet.inbox.writing_pages.ROUTES,
    *wallet.intents.making_pages.ROUTES,
    *wallet.intents.pages.ROUTES,
    *wallet.feeds.pages.ROUTES,
    *wallet.figures.pages.ROUTES,
    *wallet.locks.pages.ROUTES,
    *wallet.data.taking_pages.ROUTES,
    *wallet.deposits.pages.ROUTES,
    *wallet.records.card_pages.ROUTES,
    *wallet.records.fact_pages.ROUTES,
    *wallet.records.import_pages.ROUTES,
    *wallet.records.pages.ROUTES,
    *wallet.records.row_pages.ROUTES,
    *wallet.erasing.value_pages.ROUTES,
    *wallet.erasing.pages.ROUTES,
    *wallet.feedback.new_pages.ROUTES,
    *wallet.feedback.pages.ROUTES,
    *wallet.reviews.pages.ROUTES,
    *wallet.reviews.public_pages.ROUTES,
    *wallet.reviews.reputation_pages.ROUTES,
    *wallet.search.pages.ROUTES,
    *wallet.sharing.pages.ROUTES,
    *wallet.sharing.changes.ROUTES,
    *wallet.sharing.contracts.ROUTES,
    *wallet.sharing.devices.ROUTES,
    *wallet.sharing.faces.ROUTES,
    *wallet.sharing.ledger_pages.ROUTES,
    *wallet.sharing.stamping.ROUTES,
    *wallet.sharing.receipt_pages.ROUTES,
    *wallet.sharing.requests.ROUTES,
    *wallet.sharing.rights.pages.ROUTES,
    *wallet.sharing.rules_pages.ROUTES,
    *wallet.sharing.terms_pages.ROUTES,
    *wallet.triggers.making_pages.ROUTES,
    *wallet.triggers.pages.ROUTES,
    *wallet.upkeep.ROUTES,
    *wallet.vault.pages.ROUTES,
)


def create_app(house: House) -> Flask:
    app = Flask("wallet", root_path=__file__.rpartition("/")[0])
    app.config.update(configuration(house))
    app.request_class = InMemory
    app.session_interface = cookies = BrowserCookies()
    protect = CSRFProtect(app)
    add_routes(app, house, PAGES)
    host = WalletHost(house, partial(cookies.peek, app))
    add_routes(app, host, BROWSER)
    for route in BROWSER:  # they come from vendors, and decide nothing
        protect.exempt(f"{route.view.__module__}.{route.view.__name__}")
    protect.exempt(add_console(app, host, CONSOLE))  # its guard looks at a token of its own
    protect.exempt("wallet.contact.withdrawing.take_back")  # mail programs press it, who have no session
    protect.exempt("wallet.feedback.new_pages.send")  # checks its token itself: what was typed is not lost
    protect.exempt("wallet.records.import_pages.upload")  # checks its token itself, before it takes the file
    add_languages(app, house.settings.language, lambda: own_language(house))
    app.before_request(refuse_zero_bytes)
    app.before_request(speak_at_console)
    add_presence(app, house)
    add_headers(app, secure=is_secure(house))
    add_error_pages(app)
    add_visitor(app, house)
    app.wsgi_app = Door(  # type: ignore[method-assign] # Flask's own way to put something before it
        host,
        app.wsgi_app,
        names=names(house),
        headers=always(secure=is_secure(house)),
        browser_headers=FOR_BROWSERS,
        count=add_metrics(app, house),
    )
    return app


def add_visitor(app: Flask, house: House) -> None:
    """What every page of the wallet shows of who is signed in; the console's pages show nothing of them."""

    @app.context_processor
    def who_is_here() -> dict[str, Any]:
        if is_console():
            return {}
        return {
            "visitor": visitor(house),
            "persona": partial(shown_persona, house),
            "others_here": waiting,
            "asks_waiting": partial(wallet.sharing.requests.how_many, house),
            "deposits_waiting": partial(wallet.deposits.shown.how_many, house),
            "inbox_unread": partial(how_many_unread, house),
            "what_waits": partial(news, house),
            "recovery_news": partial(news_of_visitor, house),
            "nav": "",
        }


def refuse_zero_bytes() -> None:
    """No text has one, and PostgreSQL can not even be asked for it."""
    in_address = "\x00" in request.path or b"%00" in request.query_string
    has_form = request.method == "POST" and request.endpoint != wallet.records.import_pages.STREAMED
    if in_address or (has_form and any("\x00" in text for text in chain(*request.form.listvalues()))):
        abort(400)


def speak_at_console() -> None:
    """The console remembers a language of its own: whose wallet is open at the same browser does not matter there."""
    if is_console():
        chosen = language_at_console()
        g.language = chosen if chosen in LANGUAGES else request.accept_languages.best_match(list(LANGUAGES), "en")


def is_secure(house: House) -> bool:
    return house.settings.issuer.startswith("https:")


def names(house: House) -> tuple[str, ...]:
    """The host names this wallet answers to; a page of evil.example that points its name here gets nothing."""
    return str(urlsplit(house.settings.issuer).hostname), "127.0.0.1", "localhost", "[::1]"


def configuration(house: House) -> dict[str, Any]:
    secure = is_secure(house)
    return {
        "SECRET_KEY": house.secrets.cookies,
        "SESSION_COOKIE_NAME": "__Host-wallet" if secure else "wallet",
        "SESSION_COOKIE_SECURE": secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": timedelta(days=365),
        "SESSION_REFRESH_EACH_REQUEST": False,
        "MAX_CONTENT_LENGTH": LARGEST_BODY,
        "MAX_FORM_MEMORY_SIZE": LARGEST_BODY,
        "MAX_FORM_PARTS": 500,
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SSL_STRICT": False,
        "SEND_FILE_MAX_AGE_DEFAULT": 3600,
    }
