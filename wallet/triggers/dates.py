"""Days and periods: where each begins and ends, on the person's own calendar and clock.

A month is counted on the calendar: a day that the other month lacks becomes its last day, so three months before
31 May is the last of February. A day begins with its first moment, also where the clock leaps over midnight.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Final

from consent.model import Span
from wallet.triggers.errors import BadTrigger

EVERY: Final = ("day", "week", "month", "quarter", "year", "own")
SPANS: Final = ("day", "week", "month", "year")
EARLIEST, LATEST = date(1900, 1, 1), date(2200, 1, 1)
MOST_MONTHS: Final = 120
_MONTHS: Final = {"month": 1, "quarter": 3, "year": 12}
_NAMED: Final = re.compile(r"(\d{4})(?:-(?:Q([1-4])|W(\d{2})|(\d{2})(?:-(\d{2})(?:/\d{4}-\d{2}-\d{2})?)?))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Every:
    """How often something may happen once: in each calendar period, or in each of `months` from the day `begins` on."""

    unit: str
    begins: date | None = None
    months: int = 12


@dataclass(frozen=True, slots=True)
class Period:
    """From `since` until before `until`; `name` tells it from every other of its kind."""

    name: str
    since: date
    until: date


def period_of(every: Every, day: date) -> Period:
    """The one in which this day lies."""
    if every.unit == "own":
        return _own(every, day)
    if every.unit == "day":
        return Period(day.isoformat(), day, day + timedelta(days=1))
    if every.unit == "week":
        year, week, weekday = day.isocalendar()
        monday = day - timedelta(days=weekday - 1)
        return Period(f"{year}-W{week:02}", monday, monday + timedelta(days=7))
    months = _MONTHS[every.unit]
    since = day.replace(month=day.month - (day.month - 1) % months, day=1)
    name = {1: f"{since.year}-{since.month:02}", 3: f"{since.year}-Q{(since.month + 2) // 3}", 12: f"{since.year}"}
    return Period(name[months], since, plus_months(since, months))


def _own(every: Every, day: date) -> Period:
    """Counted from the first day each time, so that a 31st does not wander to the 28th for good."""
    begins = every.begins or day.replace(month=1, day=1)
    count = ((day.year - begins.year) * 12 + day.month - begins.month) // every.months
    if plus_months(begins, count * every.months) > day:
        count -= 1
    since, until = (plus_months(begins, (count + step) * every.months) for step in (0, 1))
    return Period(f"{since}/{until}", since, until)


def named(every: Every, name: str) -> Period:
    """The period that somebody else calls so. Raises ValueError."""
    found = _NAMED.fullmatch(name)
    if found is None:
        raise ValueError("no period")
    year, quarter, week, month, day = (int(part) if part else None for part in found.groups())
    if week is not None:
        within = date.fromisocalendar(year or 0, week, 1)
    else:
        within = date(year or 0, month or (quarter or 1) * 3 - 2, day or 1)
    period = period_of(every, within)
    if period.name != name:
        raise ValueError("another kind of period")
    return period


def before(every: Every, period: Period) -> Period:
    return period_of(every, period.since - timedelta(days=1))


def plus_months(day: date, months: int) -> date:
    count = day.year * 12 + day.month - 1 + months
    year, month = divmod(count, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def moved(day: date, span: Span, direction: int) -> date:
    """So long before (-1) or after (1) this day."""
    many = span.value * direction
    if span.unit in {"month", "year"}:
        return plus_months(day, many * (12 if span.unit == "year" else 1))
    return day + timedelta(days=many * (7 if span.unit == "week" else 1))


def start_of(day: date, tz: tzinfo) -> int:
    """The first moment of a day. Where there is no midnight, that is when the clock leaps."""
    return int(datetime(day.year, day.month, day.day, tzinfo=tz).timestamp())


def day_at(now: int, tz: tzinfo) -> date:
    return datetime.fromtimestamp(now, tz).date()


def check_day(day: date) -> date:
    """Raises BadTrigger for one that no calendar period reaches safely."""
    if not EARLIEST <= day < LATEST:
        raise BadTrigger("")
    return day
