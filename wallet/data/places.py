"""Countries, languages and time zones."""

import re
from functools import cache
from zoneinfo import available_timezones

from babel import Locale
from flask_babel import lazy_gettext as _

from wallet.data.errors import BadValue
from wallet.data.text import clean, clean_list

# RFC 5646: language, script, region, variants.
_LANGUAGE = re.compile(
    r"([a-z]{2,3})(-[a-z]{4})?(-(?:[a-z]{2}|[0-9]{3}))?((?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*)",
    re.IGNORECASE | re.ASCII,
)
_COUNTRY = re.compile(r"[^\W\d_]([^\W\d_]|[ .,'’()&-]){2,}")
_NO_COUNTRIES = {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"}


def language(typed: str) -> str:
    """A language tag in its usual spelling: de, de-DE, zh-Hant-TW. An underscore counts as a hyphen."""
    found = _LANGUAGE.fullmatch(clean(typed).replace("_", "-"))
    if not found or found[1].lower() not in _locale().languages:
        raise BadValue(_("Enter a language tag such as de or de-AT."))
    parts = (found[1].lower(), (found[2] or "").title(), (found[3] or "").upper(), found[4].lower())
    return "".join(parts)


def timezone(typed: str) -> str:
    """A name of the IANA time zone database."""
    name = _zones().get(clean(typed).replace(" ", "_").casefold())
    if name is None:
        raise BadValue(_("Enter a time zone by continent and city, for example Europe/Berlin."))
    return name


def country(typed: str) -> str:
    """The name as the person writes it (OpenID Connect Core 1.0, 5.1.1), or a code of ISO 3166-1 in capitals."""
    text = clean(typed, longest=80)
    if len(text) == 2 and text.isascii():
        text = text.upper()
        known = text in _locale().territories and text not in _NO_COUNTRIES
    else:
        known = _COUNTRY.fullmatch(text) is not None
    if not known:
        raise BadValue(_("Enter a country by its name or its two letters, for example DE."))
    return text


def countries(typed: str) -> list[str]:
    """OpenID Identity Assurance schema 1.0, nationalities: codes of ISO 3166-1."""
    found = [country(part) for part in clean_list(typed)]
    if any(len(code) != 2 for code in found):
        raise BadValue(_("Enter each country by its two letters, for example DE, AT."))
    return list(dict.fromkeys(found))


@cache
def _locale() -> Locale:
    return Locale("en")


@cache
def _zones() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones() if "/" in name or name == "UTC"}
