"""Stadtwerke Beispiel: a small shop that signs people in through Authlib's Flask client, as any vendor would.

All it knows of the wallet is a discovery address, a client_id and a client_secret; all it keeps is tokens, in memory.
"""

import json
import logging
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_urlsafe
from typing import Any, Final

import click
import jwt
from authlib.integrations.flask_client import OAuth, OAuthError
from flask import Blueprint, Flask, Response, flash, redirect, render_template, request, session, url_for
from requests import HTTPError, RequestException
from werkzeug import Response as Redirect
from werkzeug.exceptions import HTTPException
from werkzeug.serving import make_server

NAME: Final = "Stadtwerke Beispiel"
JWT_BEARER: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LANGUAGES: Final = ("en", "de")
MOST_VISITORS: Final = 1000
PATIENCE: Final = 10  # seconds the wallet has for an answer
BASE_PRICE: Final = 11.90  # euros a month
PRICE: Final = 0.314  # euros a kWh
POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

Page = str | tuple[str, int]


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing the shop would like to know. Each text is in English and in German.

    Purposes stand in the shop's registration; those that are `sent` travel with the question as well.
    """

    name: str
    label: tuple[str, str]
    purpose: tuple[str, str]
    essential: bool = False
    sent: bool = False


PRICES: Final = ("To find the prices where you live", "Um die Preise an Ihrem Wohnort zu finden")
WISHES: Final = (
    Wish("given_name", ("Given name", "Vorname"), ("To greet you", "Um Sie zu begrüßen"), essential=True, sent=True),
    Wish("email", ("E-mail address", "E-Mail-Adresse"), ("To send you the bill", "Für Ihre Rechnung"), sent=True),
    Wish("address.postal_code", ("Postal code", "Postleitzahl"), PRICES),
    Wish("address.locality", ("Town", "Ort"), PRICES),
    Wish(
        "electricity.kwh_year",
        ("Electricity a year, in kWh", "Strom im Jahr in kWh"),
        ("To work out what you will pay", "Um auszurechnen, was Sie zahlen werden"),
    ),
    Wish("birthdate", ("Date of birth", "Geburtsdatum"), ("To congratulate you", "Um Ihnen zu gratulieren")),
)

pages = Blueprint("pages", __name__)
tokens: dict[str, dict[str, Any]] = {}
oauth = OAuth(update_token=lambda _name, token, **_: keep(token))
oauth.register(
    "wallet", client_kwargs={"scope": "openid", "code_challenge_method": "S256", "default_timeout": PATIENCE}
)


def create_app(environment: Mapping[str, str]) -> Flask:
    app = Flask("shop", root_path=str(Path(__file__).parent))
    app.config.update(
        SECRET_KEY=environment["SHOP_SECRET_KEY"],
        SESSION_COOKIE_NAME="shop",
        SESSION_COOKIE_SAMESITE="Lax",
        WALLET_SERVER_METADATA_URL=environment["SHOP_DISCOVERY_URL"],
        WALLET_CLIENT_ID=environment["SHOP_CLIENT_ID"],
        WALLET_CLIENT_SECRET=environment["SHOP_CLIENT_SECRET"],
    )
    oauth.init_app(app)
    app.register_blueprint(pages)
    app.context_processor(lambda: {"say": say, "language": language(), "shop": NAME, "signed_in": kept() is not None})
    app.add_template_filter(lambda at: f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d}", "day")
    app.add_template_filter(lambda text: f"{text[:6]}…{text[-4:]}", "short")
    return app


# Pages


@pages.get("/")
def start() -> Page:
    return render_template("start.html", wishes=WISHES)


@pages.get("/sign-in")
def sign_in() -> Redirect:
    """Ask: what the shop would like to know, and why, in the `claims` parameter of OpenID Connect."""
    private = request.headers.get("Sec-GPC") == "1"  # Global Privacy Control: then nothing but the service
    wishes = {wish.name: asked(wish) for wish in WISHES if not (private and wish.name == "birthdate")}
    back = url_for("pages.back", _external=True)
    answer: Redirect = oauth.wallet.authorize_redirect(back, claims=json.dumps({"userinfo": wishes}))
    return answer


@pages.get("/back")
def back() -> Redirect:
    """Redeem the code; Authlib checks state, nonce and the ID token, and raises OAuthError where one does not hold."""
    token = oauth.wallet.authorize_access_token()
    session.clear()
    session["visitor"] = token_urlsafe(16)
    keep(token)
    return redirect(url_for("pages.account"), 303)


@pages.get("/account")
def account() -> Page | Redirect:
    """Each time this page is shown, the values are read anew; none of them is kept."""
    token = kept()
    if token is None:
        return redirect(url_for("pages.start"), 303)
    values = oauth.wallet.userinfo(token=token)
    consent = jwt.decode(token["consent_token"], options={"verify_signature": False})  # it came from the wallet itself
    allowed = purposes_in(consent)
    return render_template(
        "account.html",
        token=token,
        sub=values["sub"],
        first_name=value_of(values, "given_name"),
        given=[(wish, value_of(values, wish.name), allowed[wish.name]) for wish in WISHES if wish.name in allowed],
        withheld=[wish for wish in WISHES if wish.name not in allowed],
        monthly=monthly_price(value_of(values, "electricity.kwh_year")),
        consent=consent,
        consent_text=json.dumps(consent, indent=2, ensure_ascii=False),
        settings_url=consent["consent"]["dpv:hasProcess"][0]["dpv:hasConsentControl"]["dpv:isExercisedAt"],
        read_at=f"{datetime.now(UTC):%H:%M:%S} UTC",
    )


@pages.post("/redeem")
def redeem() -> Redirect:
    """Turn the consent token itself into a new access token (RFC 7523)."""
    token = kept()
    if token is None:
        return redirect(url_for("pages.start"), 303)
    keep(oauth.wallet.fetch_access_token(grant_type=JWT_BEARER, assertion=token["consent_token"]))
    flash(
        say(
            "The consent token gave us a new access token.", "Das Einwilligungs-Token gab uns ein neues Zugriffs-Token."
        )
    )
    return redirect(url_for("pages.account"), 303)


@pages.post("/sign-out")
def sign_out() -> Redirect:
    tokens.pop(session.get("visitor", ""), None)
    session.clear()
    return redirect(url_for("pages.start"), 303)


@pages.get("/privacy")
def privacy() -> Page:
    return render_template("privacy.html")


# When something does not go as wished


@pages.app_errorhandler(OAuthError)
def dance_ended(error: OAuthError) -> Page:
    if error.error == "access_denied":
        return render_template("message.html", kind="denied"), 403
    if error.error in {"invalid_grant", "invalid_token"} and kept() is not None:
        return render_template("message.html", kind="refused"), 403
    return render_template("message.html", kind="failed", detail=error.error), 400


@pages.app_errorhandler(RequestException)
def wallet_said_no(error: RequestException) -> Page:
    if isinstance(error, HTTPError) and error.response is not None and error.response.status_code in {401, 403}:
        return render_template("message.html", kind="refused"), 403
    return render_template("message.html", kind="unreachable"), 502


@pages.app_errorhandler(HTTPException)
def no_such_page(error: HTTPException) -> Page:
    return render_template("message.html", kind="missing"), error.code or 500


@pages.app_errorhandler(Exception)
def broken(error: Exception) -> Page:
    logging.getLogger("shop").error("something broke", exc_info=error)
    return render_template("message.html", kind="broken"), 500


@pages.after_app_request
def protect(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Content-Type-Options"] = "nosniff"
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
    return response


# What the shop knows and says


def asked(wish: Wish) -> dict[str, object]:
    return {"essential": wish.essential} | ({"purpose": say(*wish.purpose)} if wish.sent else {})


def kept() -> dict[str, Any] | None:
    return tokens.get(session.get("visitor", ""))


def keep(token: Mapping[str, Any]) -> None:
    """Remember a visitor's tokens, the newest of each kind; who came first is forgotten first."""
    visitor = session["visitor"]
    tokens[visitor] = {**tokens.pop(visitor, {}), **{name: token[name] for name in token if name != "userinfo"}}
    while len(tokens) > MOST_VISITORS:
        tokens.pop(next(iter(tokens)))


def purposes_in(consent: Mapping[str, Any]) -> dict[str, str]:
    """Attribute -> purpose, as the person signed it."""
    return {
        datum["dct:identifier"]: process["dpv:hasPurpose"]["w:text"]
        for process in consent["consent"]["dpv:hasProcess"]
        for datum in process["dpv:hasPersonalData"]
    }


def value_of(values: Mapping[str, Any], name: str) -> Any:
    """`address.locality` is the member `locality` of the claim `address` (OpenID Connect Core section 5.1.1)."""
    parent, _, child = name.partition(".")
    return values.get(parent, {}).get(child) if child else values.get(name)


def monthly_price(kwh_year: object) -> int | None:
    return round(BASE_PRICE + float(kwh_year) * PRICE / 12) if isinstance(kwh_year, int | float | str) else None


def language() -> str:
    return request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]


def say(english: str, german: str) -> str:
    """The sentence in the visitor's language."""
    return german if language() == "de" else english


def metadata(port: int) -> dict[str, object]:
    """What the shop says of itself when it registers (RFC 7591)."""
    return {
        "client_name": NAME,
        "client_uri": f"http://127.0.0.1:{port}/",
        "policy_uri": f"http://127.0.0.1:{port}/privacy",
        "redirect_uris": [f"http://{host}:{port}/back" for host in ("127.0.0.1", "localhost")],
        "contacts": ["datenschutz@stadtwerke.example"],
        "postal_address": "Stadtwerke Beispiel GmbH, Am Wasserwerk 1, 12345 Beispielstadt",
        "jurisdiction": "DE",
        "storage_location": "DE",
        "data_retention": "Values are shown and not kept",
        "data_retention#de": "Werte werden gezeigt und nicht behalten",
        "purposes": {wish.name: wish.purpose[0] for wish in WISHES},
        "purposes#de": {wish.name: wish.purpose[1] for wish in WISHES},
        "vendor_kind": "utility",
        "myterms": ["SD-BASE", "SD-BASE-A"],
    }


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), required=True, help="Port to listen on, on 127.0.0.1.")
@click.option("--metadata", "only_metadata", is_flag=True, help="Only print the metadata to register.")
def main(port: int, only_metadata: bool) -> None:
    """Open the shop. It reads SHOP_DISCOVERY_URL, SHOP_CLIENT_ID, SHOP_CLIENT_SECRET and SHOP_SECRET_KEY.

    \b
    Example: python -m wallet.demo.shop --port 8421 --metadata | wallet vendor add -
    """
    if only_metadata:
        click.echo(json.dumps(metadata(port), indent=2, ensure_ascii=False))
        return
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    with suppress(KeyboardInterrupt):
        make_server("127.0.0.1", port, create_app(os.environ), threaded=True).serve_forever()


if __name__ == "__main__":
    main()
