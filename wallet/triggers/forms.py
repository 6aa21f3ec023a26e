"""What the page of a trigger sends, and the draft that it becomes."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from consent.model import Grant, Span
from wallet.languages import decimal_sign
from wallet.records.cells import number
from wallet.records.engine import tidy
from wallet.triggers.dates import EARLIEST, EVERY, LATEST, MOST_MONTHS, SPANS, Every
from wallet.triggers.errors import BadTrigger
from wallet.triggers.model import (
    COMPARISONS,
    MEASURES,
    MODES,
    Before,
    Change,
    Condition,
    Draft,
    Level,
    Reach,
    Silence,
)
from wallet.triggers.offers import Offer
from wallet.triggers.units import family

LONGEST_NAME = 80
LONGEST_SPAN = {"day": 3660, "week": 520, "month": 120, "year": 10}
MOST_DAYS = 365


def typed(kind: str, given: MultiDict[str, str], offer: Offer, grant: Grant) -> Draft:
    """Raises BadTrigger with the first thing that is wrong."""
    name = tidy(given.get("name", ""))
    if not name or len(name) > LONGEST_NAME:
        raise BadTrigger(_("Give the trigger a name of 1 to %(longest)s characters.", longest=LONGEST_NAME))
    topic, channel, mode = (given.get(part, "") for part in ("topic", "channel", "mode"))
    if topic not in grant.topics:
        raise BadTrigger(_("Choose one of the topics that you allow this vendor."))
    if channel not in offer.channels or mode not in MODES:
        raise BadTrigger(_("Choose one of those offered."))
    if mode == "delegated" and given.get("told") != "yes":
        raise BadTrigger(_("Tick that the vendor is told your condition, or let your wallet look."))
    released = tuple(sorted(set(given.getlist("released"))))
    if not set(released) <= offer.releasable.keys():
        raise BadTrigger(_("Release only what this vendor may read, or a fact."))
    return Draft(
        name, condition(kind, given, offer), topic, channel, whole(given.get("days", ""), MOST_DAYS), released, mode
    )


def condition(kind: str, given: Mapping[str, str], offer: Offer) -> Condition:
    """Raises BadTrigger."""
    of = given.get("of", "")
    if of not in offer.things:
        raise BadTrigger(_("Choose what it looks at."))
    if kind == "reach":
        data_set_id, _place = of.split("/")
        column = offer.columns[of]
        unit = given.get("unit", column.unit) or column.unit
        if unit not in family(column.unit):
            raise BadTrigger(_("This unit can not be turned into that of the column: %(unit)s.", unit=column.unit))
        measure = one_of(given.get("measure", ""), MEASURES)
        return Reach(data_set_id, column.name, measure, sign(given), amount(given), unit, every(given))
    if kind == "level":
        return Level(of, sign(given), amount(given), every(given))
    if kind == "before":
        return Before(of, span(given, least=0))
    return Change(of) if kind == "change" else Silence(of, span(given, least=1))


def sign(given: Mapping[str, str]) -> str:
    return one_of(given.get("comparison", ""), COMPARISONS)


def one_of(said: str, offered: tuple[str, ...]) -> str:
    if said not in offered:
        raise BadTrigger(_("Choose one of those offered."))
    return said


def amount(given: Mapping[str, str]) -> Decimal:
    """With a comma or a point, to the last digit."""
    text = given.get("amount", "").strip()
    try:
        return Decimal(number(text, decimal=decimal_sign(text)))
    except ValueError:
        raise BadTrigger(_("Write the number in digits, for example 2500.")) from None


def every(given: Mapping[str, str]) -> Every:
    unit = one_of(given.get("every", ""), EVERY)
    if unit != "own":
        return Every(unit)
    try:
        begins = date.fromisoformat(given.get("begins", ""))
    except ValueError:
        raise BadTrigger(_("Say from which day your own year is counted.")) from None
    if not EARLIEST <= begins < LATEST:
        raise BadTrigger(_("Say from which day your own year is counted."))
    return Every(unit, begins, whole(given.get("months", "12"), MOST_MONTHS))


def span(given: Mapping[str, str], *, least: int) -> Span:
    unit = one_of(given.get("span_unit", ""), SPANS)
    return Span(whole(given.get("span", ""), LONGEST_SPAN[unit], least=least), unit)


def whole(text: str, most: int, *, least: int = 1) -> int:
    value = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else -1
    if not least <= value <= most:
        raise BadTrigger(_("Enter a whole number from %(least)s to %(most)s.", least=least, most=most))
    return value
