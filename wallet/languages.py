"""German and English: which language a page is in, and how dates read in it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import Flask, g, request, session
from flask_babel import Babel, format_date, format_datetime

LANGUAGES = {"en": "English", "de": "Deutsch"}


def chosen_language(default: str, own: Callable[[], str | None]) -> str:
    """What this browser was told, else what the person keeps (`own`), else what the browser asks for."""
    if "language" not in g:
        said = session.get("language") or own()
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
    app.context_processor(offer)


def day(at: int) -> str:
    return str(format_date(datetime.fromtimestamp(at, UTC), "long"))


def moment(at: int) -> str:
    pattern = "d MMMM yyyy, HH:mm 'UTC'" if g.get("language") != "de" else "d. MMMM yyyy, HH:mm 'UTC'"
    return str(format_datetime(datetime.fromtimestamp(at, UTC), pattern))
