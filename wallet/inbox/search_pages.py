"""Look for words in the inbox, or in what was said with one vendor.

By POST: what one looks for stands in no address (decision 0040).
"""

from itertools import islice
from typing import Any, Final

from flask import render_template, request
from sqlalchemy import Connection

from vendor_api.routing import Route
from wallet.house import House
from wallet.people.visitor import signed_in
from wallet.search import conversations
from wallet.search.errors import TooMuch
from wallet.search.hits import Hit
from wallet.search.words import words

SHOWN: Final = 100
MOST: Final = 50_000  # messages that are opened; about half a second


def search(house: House) -> str | tuple[str, int]:
    who, client_id = signed_in(house), request.form.get("vendor") or None
    try:
        wanted = words(request.form.get("words", ""))
    except TooMuch as error:
        return shown("", client_id, [], error=str(error)), error.status

    def look(db: Connection) -> list[Hit]:
        place: dict[str, Any] = {"person_id": who.person_id, "persona_id": who.persona_id, "client_id": client_id}
        return list(islice(conversations.hits(db, house.secrets, wanted, **place, most=MOST), SHOWN + 1))

    found = house.database.read(look) if wanted.parts else []
    return shown(wanted.typed, client_id, found, marked=wanted.marked)


def shown(typed: str, client_id: str | None, found: list[Hit], **more: Any) -> str:
    about = {"typed": typed, "vendor": client_id, **more}
    return render_template("inbox/search.html", nav="inbox", hits=found[:SHOWN], more=len(found) > SHOWN, **about)


ROUTES = (Route("/inbox/search", search, ("POST",)),)
