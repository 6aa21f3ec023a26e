"""What an attribute may hold: a kind turns what was typed into the one value that is kept, or says what is wrong."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from babel.numbers import format_decimal
from flask_babel import get_locale, gettext, lazy_gettext
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from wallet.data import addresses, figures, places, text
from wallet.data.errors import BadValue
from wallet.data.model import Attribute, Json
from wallet.languages import read_here, typed_figure, written_day

NUMBERS = ("integer", "number", "year")
DATES = ("date", "birthdate")


@dataclass(frozen=True, slots=True)
class Kind:
    """`check` takes what was typed and raises BadValue."""

    label: LazyString
    check: Callable[[str], Json]


KINDS = {
    "text": Kind(lazy_gettext("Text"), text.clean),
    "lines": Kind(lazy_gettext("Text of several lines"), text.clean_lines),
    "texts": Kind(lazy_gettext("Several words, with commas"), text.clean_list),
    "choice": Kind(lazy_gettext("One of a few"), text.clean_label),
    "integer": Kind(lazy_gettext("Whole number"), figures.integer),
    "number": Kind(lazy_gettext("Number"), figures.number),
    "year": Kind(lazy_gettext("Year"), figures.year),
    "boolean": Kind(lazy_gettext("Yes or no"), figures.boolean),
    "date": Kind(lazy_gettext("Date"), figures.day),
    "birthdate": Kind(lazy_gettext("Date of birth"), figures.birthdate),
    "email": Kind(lazy_gettext("E-mail address"), addresses.email),
    "phone": Kind(lazy_gettext("Phone number"), addresses.phone),
    "msisdn": Kind(lazy_gettext("Mobile number without +"), addresses.msisdn),
    "url": Kind(lazy_gettext("Web address"), addresses.url),
    "image_url": Kind(lazy_gettext("Web address of a picture"), addresses.url),
    "iban": Kind(lazy_gettext("Bank account (IBAN)"), addresses.iban),
    "bic": Kind(lazy_gettext("Bank (BIC)"), addresses.bic),
    "vat_id": Kind(lazy_gettext("VAT number"), addresses.vat_id),
    "country": Kind(lazy_gettext("Country"), places.country),
    "countries": Kind(lazy_gettext("Countries by their two letters"), places.countries),
    "language": Kind(lazy_gettext("Language"), places.language),
    "timezone": Kind(lazy_gettext("Time zone"), places.timezone),
}


def check_value(kind: str, typed: str) -> Json:
    """Raises BadValue."""
    return KINDS[kind].check(typed)


def check(attribute: Attribute, typed: str) -> Json:
    """The same within the limits of one attribute. Raises BadValue, for predicates too: they hold nothing."""
    if attribute.fact is not None:
        raise BadValue(_("This is worked out from what you have; it can not be entered."))
    value = check_value(attribute.kind, typed)
    if attribute.kind in NUMBERS and isinstance(value, int | float):
        check_limits(attribute, value)
    if attribute.kind == "choice" and value not in {choice.value for choice in attribute.choices}:
        raise BadValue(_("Choose one of those offered."))
    return value


def check_limits(attribute: Attribute, value: float) -> None:
    if attribute.least is not None and value < attribute.least:
        raise BadValue(_("Enter at least %(least)s.", least=with_unit(attribute.least, attribute.unit)))
    if attribute.most is not None and value > attribute.most:
        raise BadValue(_("Enter at most %(most)s.", most=with_unit(attribute.most, attribute.unit)))


def said(attribute: Attribute | None, value: Json, language: str) -> str:
    """A value as pages show it: days written out, numbers with their unit, choices by what they are called."""
    if attribute is None:
        return value_text(value)
    if attribute.kind in DATES and figures.is_full_date(value):
        return written_day(date.fromisoformat(str(value)))
    if attribute.kind == "choice":
        return next(
            (choice.label(language) for choice in attribute.choices if choice.value == value), value_text(value)
        )
    if attribute.unit and isinstance(value, int | float) and not isinstance(value, bool):
        return with_unit(value, attribute.unit)
    return value_text(value)


def with_unit(value: float, unit: str) -> str:
    """2,500 kWh, or 2.500 kWh; without a unit the bare digits, since it may be a number of something."""
    if not unit:
        return typed_text(value)
    figure = format_decimal(Decimal(repr(value)), locale=str(get_locale() or "en"), decimal_quantization=False)
    return f"{figure} {unit}"


def value_text(value: Json) -> str:
    """How a page shows a value of no known attribute."""
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    return typed_text(value)


def read_as(kind: str, typed: str) -> str:
    """What was typed on this page for a value of this kind, as `check_value` takes it."""
    return read_here(typed) if kind in NUMBERS else typed


def typed_here(value: Json) -> str:
    """What one would type on this page to get this value."""
    return typed_figure(Decimal(repr(value))) if isinstance(value, float) else typed_text(value)


def typed_text(value: Json) -> str:
    """What one would type to get this value."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(value)
    return format(Decimal(repr(value)), "f") if isinstance(value, float) else str(value)
