"""The page on which people answer a vendor, as its staff see it beforehand: the same template, and made-up values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import render_template
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from consent.asks import LIFETIME
from consent.model import Ask, Item, NewAsk
from wallet.data.catalogue import EVERYBODYS
from wallet.data.model import Attribute, Json, Value
from wallet.headers import allow_no_form
from wallet.people.visitor import Shown
from wallet.sharing.ask_view import ask_page
from wallet.sharing.own import Own

PREVIEW = "preview"  # no ask has this id
NUMBERS: Mapping[str, Callable[[Any], int | float]] = {"integer": int, "number": float}


@dataclass(frozen=True, slots=True)
class Somebody:
    """Who would be asked."""

    login: str = "ana"


def consent_preview(asked: NewAsk, language: str, *, now: int) -> str:
    what = (asked.party, asked.items, asked.destination, asked.request)
    ask = Ask(*what, PREVIEW, now, now + LIFETIME, None, None, None, trimmed=asked.trimmed)
    values = {item.attribute: Value(item.attribute, sample(item), 1, now) for item in ask.items}
    page = ask_page(
        ask,
        None,
        Own(EVERYBODYS, values, language, "", {}),
        (),
        until=None,
        ticked=frozenset(),
        typed=MultiDict(),
        terms=None,
        closed=False,
        error=None,
        linked=(),
        contact_said=_("Into your inbox; it learns no address of yours."),
        now=now,
    )
    allow_no_form()
    around = {"visitor": Somebody(), "persona": lambda: Shown("", None, has_picture=False), "others_here": list}
    return render_template("sharing/consent.html", page=page, preview=True, nav="", **around)


def sample(item: Item) -> Json:
    """What could stand there."""
    found = EVERYBODYS.get(item.attribute)
    return made_up(found) if found else unknown()


def made_up(attribute: Attribute) -> Json:
    if attribute.kind == "boolean":
        return True
    if attribute.choices:
        return attribute.choices[0].value
    if attribute.kind in NUMBERS:
        try:
            return NUMBERS[attribute.kind](attribute.example)
        except ValueError:
            return NUMBERS[attribute.kind](attribute.least or 1)
    return attribute.example or unknown()


def unknown() -> str:
    said: str = _("what the person has put there")
    return said
