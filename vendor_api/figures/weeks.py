"""Weeks and periods that figures are told of, in epoch seconds (UTC)."""

from typing import Final

DAY: Final = 24 * 3600
WEEK: Final = 7 * DAY
FIRST_MONDAY: Final = 4 * DAY  # the first day was a Thursday
PERIOD: Final = 4 * WEEK
CAUGHT_UP: Final = 8  # weeks that are still counted where nobody counted them in time


def monday(now: int) -> int:
    """With which this week began."""
    return now - (now - FIRST_MONDAY) % WEEK


def to_count(now: int) -> list[int]:
    """The last weeks of whose messages people had a whole week more to read them, the oldest first."""
    return [monday(now) - (number + 1) * WEEK for number in range(CAUGHT_UP, 0, -1)]


def period_to_count(now: int) -> int:
    """The beginning of the last period that is over."""
    return now - (now - FIRST_MONDAY) % PERIOD - PERIOD
