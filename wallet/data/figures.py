"""Numbers, dates, and yes or no, as people in Germany and elsewhere write them."""

import re
from datetime import date
from decimal import Decimal

from flask_babel import lazy_gettext as _

from wallet.data.errors import BadValue
from wallet.data.text import clean

# RFC 8259 section 6: beyond, receivers no longer agree on which number it is.
LARGEST_INTEGER = 2**53 - 1
YES = {"true", "yes", "ja", "wahr"}
NO = {"false", "no", "nein", "falsch"}

_INTEGER = re.compile(r"[+-]?[0-9]{1,16}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,16}([.,][0-9]{1,15})?")
_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3},[0-9]{3}")
_ISO_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_FULL_DATE = re.compile(r"[1-9]\d{3}-\d\d-\d\d", re.ASCII)
_GERMAN_DATE = re.compile(r"([0-9]{1,2})\. ?([0-9]{1,2})\. ?([0-9]{4})")
_YEAR = re.compile(r"[12][0-9]{3}")


def integer(typed: str) -> int:
    text = clean(typed)
    if not _INTEGER.fullmatch(text) or abs(int(text)) > LARGEST_INTEGER:
        raise BadValue(_("Enter a whole number in digits, for example 3."))
    return int(text)


def number(typed: str) -> int | float:
    """A comma is the decimal sign, except where it could separate thousands: 1,234 is refused."""
    text = clean(typed)
    if not _NUMBER.fullmatch(text) or _THOUSANDS.fullmatch(text):
        raise BadValue(_("Enter a number without thousands separators, for example 2500 or 2500.5."))
    exact = Decimal(text.replace(",", "."))
    nearest = float(exact)
    if Decimal(repr(nearest)) != exact or abs(exact) > LARGEST_INTEGER:
        raise BadValue(_("This number has too many digits; 15 are kept."))
    return int(nearest) if nearest.is_integer() else nearest


def year(typed: str) -> int:
    text = clean(typed)
    if not _YEAR.fullmatch(text):
        raise BadValue(_("Enter a year in four digits, for example 1998."))
    return int(text)


def boolean(typed: str) -> bool:
    text = clean(typed).casefold()
    if text not in YES | NO:
        raise BadValue(_("Answer yes or no."))
    return text in YES


def day(typed: str) -> str:
    """An ISO 8601 date, also from 24.12.1990."""
    text = clean(typed)
    found = _ISO_DATE.fullmatch(text)
    parts = found.groups() if found else ()
    if not found and (german := _GERMAN_DATE.fullmatch(text)):
        parts = german.groups()[::-1]
    try:
        return date(*map(int, parts)).isoformat()
    except (TypeError, ValueError):
        raise BadValue(_("Enter a day of the calendar as year-month-day, for example 1990-12-24.")) from None


def is_full_date(value: object) -> bool:
    """Whether a value of ours is a day of a year, and not one of the parts that birthdate() lets pass."""
    return isinstance(value, str) and _FULL_DATE.fullmatch(value) is not None


def birthdate(typed: str) -> str:
    """OpenID Connect Core 1.0, 5.1: the year alone will do, and so will a day in the year 0000."""
    text = clean(typed)
    if _YEAR.fullmatch(text):
        return text
    if text.startswith("0000-"):
        return "0000" + day("2000" + text[4:])[4:]
    return day(text)
