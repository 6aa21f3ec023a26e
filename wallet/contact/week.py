"""A week in which somebody may speak, or not: as a picture of 7 times 24 hours, and in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from consent.contact.model import Effective, Window

HOURS: Final = 24
DAY: Final = HOURS * 60
WEEK: Final = 7 * DAY


@dataclass(frozen=True, slots=True)
class Day:
    """Of a weekday (1 is Monday): how much of each hour is open (0, 1 or 2: none, some, all), and from when to when."""

    weekday: int
    hours: tuple[int, ...]
    stretches: tuple[tuple[int, int], ...]

    @property
    def is_whole(self) -> bool:
        return self.stretches == ((0, DAY),)


def week(policy: Effective) -> tuple[Day, ...]:
    """By its windows and quiet hours alone: an ordinary week, without holidays."""
    free = painted(policy.windows) if policy.windows else set(range(WEEK))
    free -= painted(policy.quiet)
    return tuple(day(number, free) for number in range(1, 8))


def day(weekday: int, free: set[int]) -> Day:
    begin = (weekday - 1) * DAY
    inside = [begin + minute in free for minute in range(DAY)]
    hours = tuple(some(inside[hour * 60 : hour * 60 + 60]) for hour in range(HOURS))
    return Day(weekday, hours, tuple(stretches(inside)))


def some(minutes: list[bool]) -> int:
    return 2 if all(minutes) else int(any(minutes))


def stretches(inside: list[bool]) -> Iterable[tuple[int, int]]:
    since = None
    for minute, is_free in enumerate([*inside, False]):
        if is_free and since is None:
            since = minute
        if not is_free and since is not None:
            yield since, minute
            since = None


def painted(windows: Iterable[Window]) -> set[int]:
    """The minutes of a week in which one of them holds; a Sunday that reaches over midnight goes on on Monday."""
    found: set[int] = set()
    for window in windows:
        length = window.until - window.since if window.until > window.since else window.until + DAY - window.since
        for weekday in window.days:
            begin = (weekday - 1) * DAY + window.since
            found.update(minute % WEEK for minute in range(begin, begin + length))
    return found
