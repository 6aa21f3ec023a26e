"""The page on which a card or an address from elsewhere becomes values, where the person ticks them."""

from dataclasses import dataclass, field

from flask import flash, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import Connection
from werkzeug import Response

from vendor_api.routing import Route
from wallet.data.catalogue import CATALOGUE
from wallet.data.engine import current_values, set_value
from wallet.data.errors import BadValue, ChangedMeanwhile, LockedAway
from wallet.data.kinds import check_value, typed_text, value_text
from wallet.data.model import Origin, Value
from wallet.house import House
from wallet.people import presence
from wallet.people.model import Visitor
from wallet.people.visitor import signed_in
from wallet.records import cards, letter_heads
from wallet.records.errors import BadFile

IMPORTED = "import"


@dataclass(frozen=True, slots=True)
class Found:
    """What the card says next to what is there; `version` is of the value that is there, 0 for none."""

    name: str
    label: str
    text: str = field(repr=False)
    there: str | None = field(repr=False)
    version: int


def take_over(house: House) -> str | tuple[str, int]:
    """Paste a card or an address; then see what was found. Nothing is saved by this."""
    who = signed_in(house)
    pasted = request.form.get("text", "") if request.method == "POST" else ""
    if request.method == "GET":
        return render_template("records/take_over.html", nav="data", found=None, text="")
    try:
        found = _beside(house, who, values_of(pasted))
    except BadFile as error:
        page = {"nav": "data", "found": None, "text": pasted[:4000], "wrong": str(error)}
        return render_template("records/take_over.html", **page), error.status
    return render_template("records/take_over.html", nav="data", found=found, text=pasted)


def save(house: House) -> Response | tuple[str, int]:
    """Keep what is ticked: all of it, or nothing where a value was changed meanwhile."""
    who = signed_in(house)
    ticked = [name for name in request.form.getlist("take") if name in CATALOGUE]
    chosen = {name: (request.form.get(f"value-{name}", ""), request.form.get(f"version-{name}", "")) for name in ticked}
    try:
        house.database.write(_keep, house, who, chosen)
    except (BadValue, ChangedMeanwhile, LockedAway) as error:
        found = _beside(house, who, {name: text for name, (text, _seen) in chosen.items()})
        page = {"nav": "data", "found": found, "text": "", "wrong": str(error)}
        return render_template("records/take_over.html", **page), error.status
    flash(_("Saved.") if chosen else _("Nothing was ticked, so nothing was saved."), "done")
    return redirect(url_for("data.index"), 303)


def values_of(text: str) -> dict[str, str]:
    """Raises BadFile."""
    return cards.values_of(text) if "BEGIN:VCARD" in text[:1000].upper() else letter_heads.values_of(text)


def _keep(db: Connection, house: House, who: Visitor, chosen: dict[str, tuple[str, str]]) -> None:
    for name, (value, seen) in chosen.items():
        set_value(
            db,
            house.secrets,
            person_id=who.person_id,
            persona_id=who.persona_id,
            attribute=name,
            value=value,
            expected_version=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 9 else 0,
            origin=Origin(IMPORTED),
            lock_key=presence.lock_key(house, who),
            now=house.clock(),
        )


def _beside(house: House, who: Visitor, said: dict[str, str]) -> list[Found]:
    """Without what no attribute takes, and what is there just the same."""
    place = {"person_id": who.person_id, "persona_id": who.persona_id}
    values = house.database.read(current_values, house.secrets, **place, lock_key=presence.lock_key(house, who))
    language = str(get_locale())
    found = []
    for name, attribute in CATALOGUE.items():
        if name in said and (text := _fitting(attribute.kind, said[name])):
            there: Value | None = values.get(name)
            known = there.value if there else None
            if known is None or typed_text(known) != text:
                shown = _("locked") if there and known is None else value_text(known) if known is not None else None
                found.append(Found(name, attribute.label(language), text, shown, there.version if there else 0))
    return found


def _fitting(kind: str, text: str) -> str:
    try:
        return typed_text(check_value(kind, text))
    except BadValue:
        return ""


ROUTES = (Route("/data/import", take_over, ("GET", "POST")), Route("/data/import/save", save, ("POST",)))
