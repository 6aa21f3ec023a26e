"""What pages say about columns, rows and figures."""

from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Final

from babel.numbers import format_decimal, get_decimal_symbol
from flask_babel import format_date, get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from wallet.languages import written_day
from wallet.records.cells import moment, shown
from wallet.records.errors import BadRow
from wallet.records.model import NUMERIC, Cell, DataSet

KINDS: Final = {
    "number": _l("Number"),
    "counter": _l("Meter stand"),
    "date": _l("Date"),
    "moment": _l("Date and time"),
    "text": _l("Text"),
    "boolean": _l("Yes or no"),
}
PERIODS: Final = {"day": _l("Days"), "week": _l("Weeks"), "month": _l("Months"), "year": _l("Years")}
REASONS: Final = {
    "number": _l("This is no number:"),
    "counter": _l("This is no number:"),
    "date": _l("This is no day of the calendar:"),
    "moment": _l("This is no date with a time:"),
    "boolean": _l("This is neither yes nor no:"),
    "too_long": _l("This is too long:"),
    "too_many": _l("The row has more cells than there are columns."),
    "no_object": _l("This is no row with names and values."),
    "bytes": _l("The row holds bytes that are no text."),
    "same_key": _l("There is another row with the same key."),
    "empty": _l("The row is empty."),
}
DELIMITERS: Final = {";": _l("Semicolon"), ",": _l("Comma"), "\t": _l("Tab"), "|": _l("Vertical bar")}


def usual_zone() -> str:
    """Where most live who read this language."""
    return "Europe/Berlin" if str(get_locale()) == "de" else "UTC"


def reason(reason: str, column: str) -> str:
    said = str(REASONS.get(reason, reason))
    return f"{said} {column}" if column and said.endswith(":") else said


def bad_row(error: BadRow) -> str:
    return reason(error.reason, error.column)


def figure(value: Decimal | None) -> str:
    """A number as this language writes it, to three places at most."""
    if value is None:
        return "–"
    return str(format_decimal(value, format="#,##0.###", locale=get_locale() or "en"))


def cell_text(cell: Cell, place: int, data_set: DataSet) -> str:
    """As a page shows it."""
    kind, tz = data_set.shape.columns[place].kind, data_set.shape.tz
    if isinstance(cell, bool):
        return _("Yes") if cell else _("No")
    if kind == "moment" and isinstance(cell, int):
        return written_moment(cell, tz)
    if kind == "date" and isinstance(cell, str):
        return written_day(date.fromisoformat(cell))
    if kind in NUMERIC and isinstance(cell, str):
        return str(format_decimal(Decimal(cell), locale=get_locale() or "en", decimal_quantization=False))
    return shown(cell, kind, tz)


def written_moment(seconds: int, tz: tzinfo) -> str:
    """To the minute, in the form that this language's tables have."""
    language = str(get_locale() or "en")
    return datetime.fromtimestamp(seconds, tz).strftime("%d.%m.%Y %H:%M" if language == "de" else "%Y-%m-%d %H:%M")


def field_text(cell: Cell, place: int, data_set: DataSet) -> str:
    """As the person would type it, wherever the column takes that back as the same cell."""
    column, tz = data_set.shape.columns[place], data_set.shape.tz
    exact = shown(cell, column.kind, tz)
    if column.kind in NUMERIC and isinstance(cell, str):
        return exact.replace(".", get_decimal_symbol(get_locale() or "en"))
    if column.kind == "moment" and isinstance(cell, int):
        typed = written_moment(cell, tz)
        return typed if moment(typed, tz) == cell else exact
    return exact


def part_name(by: str, first: date, *, short: bool = False) -> str:
    if by == "day":
        return str(first.day) if short else written_day(first)
    if by == "week":
        week = first.isocalendar().week
        return str(week) if short else _("week %(week)s of %(year)s", week=week, year=first.isocalendar().year)
    if by == "month":
        return str(format_date(first, "LLL" if short else "LLLL yyyy"))
    return f"{first.year:02}"[-2:] if short else str(first.year)


def window_name(by: str, first: date, behind: date) -> str:
    if by == "day":
        return str(format_date(first, "LLLL yyyy"))
    if by == "year":
        return f"{first.year} – {behind.year - 1}"
    return str(first.isocalendar().year if by == "week" else first.year)
