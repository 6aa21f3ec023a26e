"""What everybody may read of a vendor, signed in or not. Nothing here knows who reads, or who wrote."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from flask import render_template, request
from sqlalchemy import Connection

from vendor_api.reviews import published
from vendor_api.reviews.calls import LOG_PATH
from vendor_api.reviews.errors import UnknownReview
from vendor_api.reviews.published import Published
from vendor_api.routing import Route
from vendor_api.vendors import registry
from wallet.house import House
from wallet.reviews.errors import UnknownReviewed
from wallet.reviews.words import LANGUAGES, language, since_said


def of_vendor(house: House, client_id: str) -> str:
    """A page of its reviews, the newest first; in one language, if it is named."""
    wanted = request.args.get("language", "")
    given = request.args.get("before", "")
    before = int(given) if given.isascii() and given.isdigit() and len(given) < 16 else None
    found = house.database.read(_listed, house, client_id, wanted if wanted in LANGUAGES else "", before)
    more: dict[str, Any] = {"wanted": wanted, "names": LANGUAGES, "before": before, "least": published.AVERAGE_FROM}
    more["log_page"] = f"{LOG_PATH}/{quote(client_id, safe='')}"
    return render_template("reviews/of.html", **found, **more, client_id=client_id, since_said=since_said)


def _listed(db: Connection, house: House, client_id: str, wanted: str, before: int | None) -> dict[str, object]:
    found = published.of_vendor(db, house.secrets, client_id, language=wanted, before=before)
    return {
        **named(db, client_id, found),
        "reviews": found,
        "older": found[-1].number if len(found) == published.PAGE else None,
        "figures": published.figures(db, client_id),
        "offered": published.languages(db, client_id),
    }


def one(house: House, client_id: str, public_id: str) -> str | tuple[str, int]:
    """The address that is passed on; also of one that its author took back."""

    def look(db: Connection) -> dict[str, object]:
        try:
            found = published.find(db, house.secrets, client_id, public_id)
        except UnknownReview:
            raise UnknownReviewed from None
        return {**named(db, client_id, [found]), "review": found}

    return render_template("reviews/one.html", **house.database.read(look), client_id=client_id, since_said=since_said)


def named(db: Connection, client_id: str, found: Sequence[Published]) -> dict[str, object]:
    """What the vendor is called, and whether it is here; its reviews stay when it goes. Raises UnknownReviewed."""
    vendor = registry.find(db, client_id)
    if vendor is None and not found:
        raise UnknownReviewed
    name = vendor.text("client_name", language()) if vendor else found[0].said["vendor"]["name"]
    return {"vendor": name or client_id, "is_here": vendor is not None}


ROUTES = (
    Route("/reviews/of/<client_id>", of_vendor),
    Route("/reviews/of/<client_id>/<public_id>", one),
)
