"""The pages of one's own reviews: written, changed, taken back, erased, taken along, passed on."""

from typing import Any
from urllib.parse import quote

import orjson
import segno
from flask import Response as FlaskResponse
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Connection
from werkzeug import Response

from consent import grants
from vendor_api.oauth.discovery import JWKS_PATH
from vendor_api.reviews import published
from vendor_api.reviews.calls import LOG_PATH
from vendor_api.reviews.documents import as_data
from vendor_api.reviews.errors import UnknownReview as NotShown
from vendor_api.reviews.published import Answered
from vendor_api.routing import Route
from wallet.house import House
from wallet.people.model import Visitor
from wallet.people.visitor import signed_in
from wallet.reviews import engine, relationship
from wallet.reviews.engine import Publisher, Review
from wallet.reviews.errors import BadReview
from wallet.reviews.forms import key_of, typed
from wallet.reviews.relationship import CROWD, Relationship
from wallet.reviews.words import KEYS, LANGUAGES, STARS, language, since_said

STEP = 20
Page = str | tuple[str, int]


def index(house: House) -> str:
    who = signed_in(house)
    skipped = request.args.get("from", "0")
    skip = int(skipped) if skipped.isascii() and skipped.isdigit() and len(skipped) < 6 else 0
    found = house.database.read(_listed, house, who, skip)
    return render_template("reviews/index.html", **found, nav="wallet", skip=skip, step=STEP)


def _listed(db: Connection, house: House, who: Visitor, skip: int) -> dict[str, object]:
    found = engine.of_persona(db, house.secrets, **of(who), skip=skip, limit=STEP + 1)
    how: dict[str, Any] = {**of(who), "limit": STEP, "now": house.clock()}
    done = {review.client_id for review in found if review.is_live}
    some = [
        *grants.newest(db, **how, live=True),
        *grants.newest(db, **how, live=False),
    ]
    vendors = {grant.party.client_id: grant.party for grant in some if grant.party.client_id not in done}
    return {"reviews": found[:STEP], "more": len(found) > STEP, "vendors": list(vendors.values())}


def new(house: House) -> Page | Response:
    """The form, and what each way of signing means for this very vendor."""
    who, given = signed_in(house), request.values
    found = house.database.read(relationship.find, given.get("vendor", ""), **of(who))
    if request.method == "GET":
        return form(found, {"language": language(), "key": "review"})
    try:
        opinion, key = typed(given), key_of(given)
    except BadReview as error:
        return form(found, given, error), error.status
    made = house.database.write(engine.write, by(house), found, opinion, key, now=house.clock())
    return shown(made, _("Published. Everybody can read it from now on."))


def form(found: Relationship, given: Any, error: BadReview | None = None, review: Review | None = None) -> str:
    more = {"keys": KEYS, "languages_offered": LANGUAGES, "stars_offered": STARS, "crowd": CROWD}
    return render_template(
        "reviews/form.html", relationship=found, given=given, error=error, review=review, nav="wallet", **more
    )


def show(house: House, review_id: str) -> str:
    who = signed_in(house)
    review, answer = house.database.read(_page, house, who, review_id)
    address = house.settings.issuer.rstrip("/") + public_page(review)
    made = segno.make(address, error="l", micro=False)
    qr = made.svg_inline(border=4, omitsize=True, dark="#000", light="#fff")
    more = {"answer": answer, "address": address, "qr": qr, "public_page": public_page(review)}
    return render_template("reviews/review.html", review=review, **more, since_said=since_said, nav="wallet")


def _page(db: Connection, house: House, who: Visitor, review_id: str) -> tuple[Review, Answered | None]:
    """The review, and what the vendor answered to it."""
    review = own(db, house, who, review_id)
    try:
        return review, published.find(db, house.secrets, review.client_id, review.public_id).answer
    except NotShown:
        return review, None


def change(house: House, review_id: str) -> Page | Response:
    who = signed_in(house)
    review = house.database.read(own, house, who, review_id)
    found = house.database.read(relationship.find, review.client_id, **of(who))
    if request.method == "GET":
        return form(found, {**review.said.get("review", {}), "key": review.key}, review=review)
    try:
        opinion = typed(request.form)
    except BadReview as error:
        return form(found, request.form, error, review), error.status
    house.database.write(engine.change, by(house), review, opinion, expected=seen(), now=house.clock())
    return shown(review, _("Changed. The new version is public, and that it was changed can be seen."))


def end(house: House, review_id: str) -> Response:
    review = house.database.read(own, house, signed_in(house), review_id)
    house.database.write(engine.end, by(house), review, expected=seen(), now=house.clock())
    return shown(review, _("Taken back. What stays in public is that there was one, and that you ended it."))


def publish(house: House, review_id: str) -> Response:
    """One that came along from another wallet."""
    review = house.database.read(own, house, signed_in(house), review_id)
    if review.number is None:
        house.database.write(engine.show_here, by(house), review, now=house.clock())
    return shown(review, _("Everybody can read it here, too."))


def erase(house: House, review_id: str) -> Page | Response:
    """Asks once; the second time it is done."""
    review = house.database.read(own, house, signed_in(house), review_id)
    if request.form.get("sure") != "yes":
        return render_template("reviews/erase.html", review=review, nav="wallet")
    house.database.write(engine.erase, by(house), review, now=house.clock())
    flash(_("Erased."), "done")
    return redirect(url_for("reviews.index"), 303)


def file(house: House, review_id: str) -> FlaskResponse:
    """Both documents, and where this host's keys and its log are: all that is needed to check (docs/reviews.md)."""
    review = house.database.read(own, house, signed_in(house), review_id)
    issuer = house.settings.issuer.rstrip("/")
    content = {**as_data(review.signed), "jwks_uri": f"{issuer}{JWKS_PATH}", "log_uri": log_address(issuer, review)}
    headers = {"Content-Disposition": "attachment; filename=review.json", "Cache-Control": "no-store"}
    return FlaskResponse(orjson.dumps(content), 200, {"Content-Type": "application/json", **headers})


def log_address(issuer: str, review: Review) -> str:
    return f"{issuer}{LOG_PATH}/{quote(review.client_id, safe='')}"


def shown(review: Review, said: str) -> Response:
    flash(said, "done")
    return redirect(url_for("reviews.show", review_id=review.review_id), 303)


def public_page(review: Review) -> str:
    return url_for("reviews.one", client_id=review.client_id, public_id=review.public_id)


def own(db: Connection, house: House, who: Visitor, review_id: str) -> Review:
    return engine.find(db, house.secrets, review_id, **of(who))


def seen() -> int:
    """The version that the page showed."""
    given = request.form.get("version", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 9 else 0


def of(who: Visitor) -> dict[str, str]:
    return {"person_id": who.person_id, "persona_id": who.persona_id}


def by(house: House) -> Publisher:
    return Publisher(house.secrets, house.settings.issuer)


ROUTES = (
    Route("/reviews", index),
    Route("/reviews/new", new, ("GET", "POST")),
    Route("/reviews/<review_id>", show),
    Route("/reviews/<review_id>/change", change, ("GET", "POST")),
    Route("/reviews/<review_id>/end", end, ("POST",)),
    Route("/reviews/<review_id>/publish", publish, ("POST",)),
    Route("/reviews/<review_id>/erase", erase, ("POST",)),
    Route("/reviews/<review_id>/file", file),
)
