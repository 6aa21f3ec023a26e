"""German and English: which language a page is in, and how dates read in it."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from babel.lists import format_list
from babel.numbers import format_decimal, get_decimal_symbol
from flask import Flask, g, request, session
from flask_babel import Babel, format_date, format_datetime, get_locale

LANGUAGES = {"en": "English", "de": "Deutsch"}
GROUPED = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:(?:\.[0-9]{3})+|(?:,[0-9]{3})+)")


def suggest_language(tags: str | None) -> None:
    """What a vendor thinks best (`ui_locales`: BCP 47 tags, the best first); it counts on this page only."""
    known = (tag.partition("-")[0].lower() for tag in (tags or "").split())
    g.suggested_language = next((language for language in known if language in LANGUAGES), None)


def chosen_language(default: str, own: Callable[[], str | None]) -> str:
    """What this browser was told, else what the person keeps (`own`), a vendor suggests or the browser asks for."""
    if "language" not in g:
        said = session.get("language") or own() or g.get("suggested_language")
        g.language = said if said in LANGUAGES else request.accept_languages.best_match(list(LANGUAGES)) or default
    found: str = g.language
    return found


def add_languages(app: Flask, default: str, own: Callable[[], str | None]) -> None:
    """Gettext, date filters and the template variables `language` and `languages`."""

    def select() -> str:
        return chosen_language(default, own)

    def offer() -> dict[str, Any]:
        return {"language": select(), "languages": LANGUAGES}

    Babel(app, default_locale=default, default_translation_directories="translations", locale_selector=select)
    app.add_template_filter(day, "date")
    app.add_template_filter(moment, "moment")
    app.add_template_filter(number, "number")
    app.context_processor(offer)


DAYS = {"en": "d MMMM yyyy", "de": "d. MMMM yyyy"}


def day(at: int) -> str:
    return written_day(datetime.fromtimestamp(at, UTC).date())


def written_day(date: date) -> str:
    """1 March 2027, or 1. März 2027."""
    return str(format_date(date, DAYS[str(get_locale() or "en")[:2]]))


def moment(at: int) -> str:
    pattern = DAYS[str(get_locale() or "en")[:2]] + ", HH:mm 'UTC'"
    return str(format_datetime(datetime.fromtimestamp(at, UTC), pattern))


def number(value: int) -> str:
    """3,000, or 3.000."""
    return format_decimal(value, locale=get_locale() or "en")


def decimal_sign(text: str) -> str:
    """Comma or point, as it was typed; of 1.000, which may be one or a thousand, as numbers read on this page."""
    if GROUPED.fullmatch(text):
        return get_decimal_symbol(get_locale() or "en")
    return "," if text.rfind(",") > text.rfind(".") else "."


def read_here(typed: str) -> str:
    """Of 1.000, which may be one or a thousand, the number that this page would write so; all else as it was typed."""
    if not GROUPED.fullmatch(typed.strip()):
        return typed
    sign = decimal_sign(typed.strip())
    return typed.replace("." if sign == "," else ",", "").replace(sign, ".")


def typed_figure(figure: Decimal) -> str:
    """As somebody types it on this page."""
    how: dict[str, Any] = {"decimal_quantization": False, "group_separator": False}
    return format_decimal(figure, locale=get_locale() or "en", **how)


def in_a_row(texts: list[str]) -> str:
    """One, two and three."""
    return format_list(texts, locale=get_locale() or "en") if texts else ""


def language() -> str:
    """The language of the page."""
    return str(get_locale())
