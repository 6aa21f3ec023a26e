"""Put the web application together: pages, vendor endpoints, languages, protection, errors."""

from datetime import timedelta
from itertools import chain
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, abort, request
from flask_wtf import CSRFProtect

import vendor_api.endpoints
import wallet.data.pages
import wallet.people.pages
import wallet.sharing.pages
import wallet.upkeep
from vendor_api.routing import add_routes
from wallet.cookies import BrowserCookies
from wallet.error_pages import add_error_pages
from wallet.headers import add_headers
from wallet.host import WalletHost, own_language
from wallet.house import House
from wallet.languages import add_languages
from wallet.metrics import add_metrics
from wallet.people.visitor import visitor

PAGES = (*wallet.people.pages.ROUTES, *wallet.data.pages.ROUTES, *wallet.sharing.pages.ROUTES, *wallet.upkeep.ROUTES)
LARGEST_BODY = 512 * 1024


def create_app(house: House) -> Flask:
    app = Flask("wallet", root_path=__file__.rpartition("/")[0])
    app.config.update(configuration(house))
    app.session_interface = BrowserCookies()
    protect = CSRFProtect(app)
    add_routes(app, house, PAGES)
    add_routes(app, WalletHost(house), vendor_api.endpoints.ROUTES)
    for route in vendor_api.endpoints.ROUTES:  # vendors prove themselves by secret, code or token, not by cookie
        protect.exempt(f"{route.view.__module__}.{route.view.__name__}")
    add_languages(app, house.settings.language, lambda: own_language(house))
    app.before_request(refuse_zero_bytes)
    add_headers(app, secure=house.settings.issuer.startswith("https:"))
    add_error_pages(app)
    add_metrics(app)

    @app.context_processor
    def who_is_here() -> dict[str, Any]:
        return {"visitor": visitor(house), "nav": ""}

    return app


def refuse_zero_bytes() -> None:
    """No text has one, and PostgreSQL can not even be asked for it."""
    in_address = "\x00" in request.path or b"%00" in request.query_string
    if in_address or (request.method == "POST" and any("\x00" in text for text in chain(*request.form.listvalues()))):
        abort(400)


def configuration(house: House) -> dict[str, Any]:
    secure = house.settings.issuer.startswith("https:")
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
        "TRUSTED_HOSTS": [urlsplit(house.settings.issuer).hostname, "127.0.0.1", "localhost", "[::1]"],
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SSL_STRICT": False,
        "SEND_FILE_MAX_AGE_DEFAULT": 3600,
    }
