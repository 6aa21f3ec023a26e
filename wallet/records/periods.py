"""Which days, weeks, months or years a page shows side by side, and what lies before and behind them."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

PERIODS: Final = ("day", "week", "month", "year")
_YEARS = 10


@dataclass(frozen=True, slots=True)
class Window:
    """`parts`: each from its first day until before the next."""

    by: str
    parts: tuple[tuple[date, date], ...]

    @property
    def begins(self) -> date:
        return self.parts[0][0]

    @property
    def before(self) -> date:
        return max(self.begins, date(2, 1, 1)) - timedelta(days=1)

    @property
    def behind(self) -> date:
        return self.parts[-1][1]


def window(by: str, at: date) -> Window:
    """Days of a month, weeks or months of a year, or ten years, around this day."""
    at = min(max(at, date(11, 1, 1)), date(9980, 1, 1))
    if by == "day":
        first = at.replace(day=1)
        return Window(by, _steps(first, _month_behind(first), 1))
    if by == "week":
        monday = date.fromisocalendar(at.isocalendar().year, 1, 1)
        return Window(by, _steps(monday, date.fromisocalendar(at.isocalendar().year + 1, 1, 1), 7))
    if by == "month":
        months = [date(at.year, month, 1) for month in range(1, 13)]
        return Window(by, tuple((month, _month_behind(month)) for month in months))
    decade = at.year - at.year % _YEARS
    return Window(by, tuple((date(year, 1, 1), date(year + 1, 1, 1)) for year in range(decade, decade + _YEARS)))


def _month_behind(first: date) -> date:
    return (first + timedelta(days=32)).replace(day=1)


def _steps(first: date, behind: date, days: int) -> tuple[tuple[date, date], ...]:
    step = timedelta(days=days)
    return tuple((first + step * n, first + step * (n + 1)) for n in range((behind - first) // step))
