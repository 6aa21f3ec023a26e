"""The page on which a person searches.

A search changes nothing and yet is a POST: what a person looks for stands in no address, and so in no access log, no
referrer and no history (decision 0040).
"""

from dataclasses import dataclass
from typing import Final

from flask import render_template, request
from flask_babel.speaklater import LazyString
from sqlalchemy import Connection

from vendor_api.routing import Route
from wallet.house import House
from wallet.people.model import Visitor
from wallet.people.visitor import signed_in
from wallet.search.errors import TooMuch
from wallet.search.hits import Hit
from wallet.search.sources import SOURCES
from wallet.search.words import Words, words

SHOWN: Final = 5
SHOWN_OF_ONE: Final = 100


@dataclass(frozen=True, slots=True)
class Found:
    """What one source has. `more`: there is more than is shown."""

    kind: str
    title: LazyString
    hits: tuple[Hit, ...]
    more: bool


def search(house: House) -> str | tuple[str, int]:
    """A GET shows the field alone, whatever its address says."""
    who = signed_in(house)
    if request.method == "GET":
        return render_template("search/search.html", nav="search", typed="")
    typed = request.form.get("words", "")
    try:
        wanted = words(typed)
    except TooMuch as error:
        return render_template("search/search.html", nav="search", typed="", error=str(error)), error.status
    kind = request.form.get("kind")
    found = house.database.read(look, house, who, wanted, kind) if wanted.parts else []
    return render_template(
        "search/search.html",
        nav="search",
        typed=wanted.typed,
        marked=wanted.marked,
        found=found,
        one_kind=kind,
    )


def look(db: Connection, house: House, who: Visitor, wanted: Words, kind: str | None) -> list[Found]:
    """In all sources, or in one of them further."""
    limit = SHOWN_OF_ONE if kind else SHOWN
    place = {"person_id": who.person_id, "persona_id": who.persona_id, "words": wanted}
    found = []
    for source in SOURCES:
        if kind in {None, "", source.kind}:
            hits = source.find(db, house.secrets, **place, limit=limit + 1)
            found.append(Found(source.kind, source.title, tuple(hits[:limit]), len(hits) > limit))
    return [one for one in found if one.hits]


ROUTES = (Route("/search", search, ("GET", "POST")),)
