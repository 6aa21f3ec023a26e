"""When a policy lets somebody speak, by the clock on the person's wall, with daylight saving and holidays.

Whether a moment is inside is read off the wall clock at that very moment, so an hour that comes twice is twice inside,
and one that never comes is never waited for.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays as calendars

from consent.contact.errors import BadPolicy
from consent.contact.model import Effective, Window

DAY: Final = timedelta(days=1)
LOOKED_AHEAD: Final = 70  # days; a window of the week that does not open in ten weeks never does
MINUTES: Final = 24 * 60
LATEST: Final = 221_845_392_000  # the year 9000: no calendar here goes on much longer


def is_open(policy: Effective, at: int) -> bool:
    """Whether somebody may speak in that second, as far as the clock and the calendar have a say."""
    if at < max(policy.not_before, policy.paused_until) or (policy.not_after and at >= policy.not_after):
        return False
    local = datetime.fromtimestamp(at, zone(policy.time_zone))
    if is_holiday(policy.holidays, local.date()):
        return False
    inside = not policy.windows or any(holds(window, local) for window in policy.windows)
    return inside and not any(holds(window, local) for window in policy.quiet)


def next_open(policy: Effective, since: int) -> int | None:
    """The first second from `since` on that is open, None if there is none within LOOKED_AHEAD days."""
    begin = max(since, policy.not_before, policy.paused_until)
    if begin >= min(policy.not_after or LATEST, LATEST):
        return None
    if is_open(policy, begin):
        return begin
    return next((at for at in turns(policy, begin) if is_open(policy, at)), None)


def turns(policy: Effective, since: int) -> Iterator[int]:
    """The moments after `since` at which open could become closed or closed open, in order."""
    tz = zone(policy.time_zone)
    first = datetime.fromtimestamp(since, tz).date() - DAY
    minutes = sorted({0, *(m for window in (*policy.windows, *policy.quiet) for m in (window.since, window.until))})
    for day in (first + DAY * number for number in range(LOOKED_AHEAD)):
        yield from sorted(at for at in turns_of(day, minutes, tz) if at > since)


def turns_of(day: date, minutes: list[int], tz: ZoneInfo) -> set[int]:
    """Where the clock is put forward or back, that moment too."""
    found = set()
    for minute in minutes:
        wall = datetime.combine(day, time(minute % MINUTES // 60, minute % 60))
        found |= {int(wall.replace(tzinfo=tz, fold=fold).timestamp()) for fold in (0, 1)}
    begin, end = (int(datetime.combine(one, time(), tz).timestamp()) for one in (day, day + DAY))
    while offset(begin, tz) != offset(end, tz):
        middle = (begin + end) // 2
        if middle == begin:
            found.add(end)
            break
        if offset(middle, tz) != offset(begin, tz):
            end = middle
        else:
            begin = middle
    return found


def offset(at: int, tz: ZoneInfo) -> timedelta | None:
    return datetime.fromtimestamp(at, tz).utcoffset()


def holds(window: Window, local: datetime) -> bool:
    minute, weekday = local.hour * 60 + local.minute, local.isoweekday()
    if window.since < window.until:
        return weekday in window.days and window.since <= minute < window.until
    day_before = weekday - 1 or 7
    return (weekday in window.days and minute >= window.since) or (day_before in window.days and minute < window.until)


def is_holiday(region: str, day: date) -> bool:
    return region != "" and day in holidays_of(region, day.year)


@lru_cache(maxsize=256)
def holidays_of(region: str, year: int) -> frozenset[date]:
    """The public holidays of a country, or a part of it, in a year. Raises BadPolicy.

    Whole before anybody looks at it: a calendar that fills itself while others read it would let somebody through.
    """
    country, _dash, part = region.partition("-")
    try:
        return frozenset(calendars.country_holidays(country, subdiv=part or None, years=year, expand=False))
    except NotImplementedError:
        raise BadPolicy("there is no calendar of holidays for this region") from None


@lru_cache(maxsize=256)
def zone(name: str) -> ZoneInfo:
    """Raises BadPolicy."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadPolicy("there is no such time zone") from None
