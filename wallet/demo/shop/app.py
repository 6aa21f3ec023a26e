"""The shop's pages for its customers, and the program that serves them."""

import json
import logging
import os
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_urlsafe
from typing import Any, Final

import click
import jwt
from authlib.integrations.flask_client import OAuthError
from flask import Blueprint, Flask, Response, flash, redirect, render_template, request, session, url_for
from requests import HTTPError, RequestException
from werkzeug import Response as Redirect
from werkzeug.exceptions import HTTPException
from werkzeug.serving import make_server

from wallet.demo.shop import speaking
from wallet.demo.shop.visit import keep, kept, language, oauth, say, tokens
from wallet.demo.shop.wishes import NAME, TOPICS, WISHES, Wish, metadata

JWT_BEARER: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
BASE_PRICE: Final = 11.90  # euros a month
PRICE: Final = 0.314  # euros a kWh
POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

Page = str | tuple[str, int]

pages = Blueprint("pages", __name__)


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
    app.register_blueprint(speaking.pages)
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
    scope = " ".join(
        ["openid", *(f"contact:{topic.name}" for topic in TOPICS if not (private and topic.is_advertising))]
    )
    back = url_for("pages.back", _external=True)
    answer: Redirect = oauth.wallet.authorize_redirect(back, scope=scope, claims=json.dumps({"userinfo": wishes}))
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
        idea_url=speaking.feedback_address("idea"),
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
