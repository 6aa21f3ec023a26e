"""What an attribute may hold: a kind turns what was typed into the one value that is kept, or says what is wrong."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString

from wallet.data import addresses, figures, places, text
from wallet.data.model import Json


@dataclass(frozen=True, slots=True)
class Kind:
    """`check` takes what was typed and raises BadValue."""

    label: LazyString
    check: Callable[[str], Json]


KINDS = {
    "text": Kind(lazy_gettext("Text"), text.clean),
    "lines": Kind(lazy_gettext("Text of several lines"), text.clean_lines),
    "integer": Kind(lazy_gettext("Whole number"), figures.integer),
    "number": Kind(lazy_gettext("Number"), figures.number),
    "boolean": Kind(lazy_gettext("Yes or no"), figures.boolean),
    "date": Kind(lazy_gettext("Date"), figures.day),
    "birthdate": Kind(lazy_gettext("Date of birth"), figures.birthdate),
    "email": Kind(lazy_gettext("E-mail address"), addresses.email),
    "phone": Kind(lazy_gettext("Phone number"), addresses.phone),
    "url": Kind(lazy_gettext("Web address"), addresses.url),
    "image_url": Kind(lazy_gettext("Web address of a picture"), addresses.url),
    "iban": Kind(lazy_gettext("Bank account (IBAN)"), addresses.iban),
    "vat_id": Kind(lazy_gettext("VAT number"), addresses.vat_id),
    "country": Kind(lazy_gettext("Country"), places.country),
    "language": Kind(lazy_gettext("Language"), places.language),
    "timezone": Kind(lazy_gettext("Time zone"), places.timezone),
}


def check_value(kind: str, typed: str) -> Json:
    """Raises BadValue."""
    return KINDS[kind].check(typed)


def value_text(value: Json) -> str:
    """How a page shows a value."""
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    return typed_text(value)


def typed_text(value: Json) -> str:
    """What one would type to get this value."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return format(Decimal(repr(value)), "f") if isinstance(value, float) else str(value)
