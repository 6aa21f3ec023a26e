"""Hours of work, on the clock of the place: what is open when, and when so many of them have passed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

MINUTES: Final = 24 * 60
DAYS_AHEAD: Final = 400


@dataclass(frozen=True, slots=True)
class Hours:
    """Windows of (weekday from 0 = Monday, from minute, until minute of the day) in a time zone, but on holidays.

    Without windows all day and every day.
    """

    time_zone: str = "UTC"
    windows: tuple[tuple[int, int, int], ...] = ()
    holidays: tuple[str, ...] = ()


def is_open(hours: Hours, at: int) -> bool:
    return next_open(hours, at) == at


def next_open(hours: Hours, at: int) -> int | None:
    """The first moment from `at` on that is open; None where there is none for more than a year."""
    return next((max(begin, at) for begin, _end in stretches(hours, at)), None)


def after(hours: Hours, at: int, *, seconds: int) -> int:
    """When so many seconds of work have passed since `at`. Where nobody ever works, DAYS_AHEAD later."""
    left, end = seconds, at + DAYS_AHEAD * 24 * 3600
    for begin, until in stretches(hours, at):
        begun = max(begin, at)
        if begun + left <= until:
            return begun + left
        left -= until - begun
    return end


def stretches(hours: Hours, at: int) -> Iterator[tuple[int, int]]:
    """What is open and not over at `at`, in its order, for DAYS_AHEAD; real seconds, whatever the clock does."""
    if not hours.windows:
        yield at, at + DAYS_AHEAD * 24 * 3600
        return
    zone = zone_of(hours.time_zone)
    today = datetime.fromtimestamp(at, zone).date()
    last = at
    for day in (today + timedelta(days=number) for number in range(-1, DAYS_AHEAD)):
        if day.isoformat() in hours.holidays:
            continue
        for weekday, begin, end in sorted(hours.windows):
            opens, closes = moment(zone, day, begin), moment(zone, day, end)
            if weekday == day.weekday() and closes > max(last, opens):
                yield max(opens, last), closes
                last = closes


def moment(zone: ZoneInfo, day: date, minute: int) -> int:
    """A minute of a day's clock. One that the clock leaps over is the one an hour later; of two the first."""
    days, minute = divmod(minute, MINUTES)
    hour, minute = divmod(minute, 60)
    wall = datetime.combine(day + timedelta(days=days), time(hour, minute), zone)
    return int(wall.astimezone(UTC).timestamp())


@lru_cache(maxsize=100)
def zone_of(name: str) -> ZoneInfo:
    """Raises zoneinfo.ZoneInfoNotFoundError or ValueError."""
    return ZoneInfo(name)
