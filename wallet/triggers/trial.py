"""When a condition would have held in the past: for the person to look at before anybody is told anything."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Final

from flask_babel import gettext as _

from wallet.data.model import Change as Past
from wallet.data.model import Value
from wallet.languages import written_day
from wallet.records.cells import EXACT
from wallet.records.plot import Plot, plot
from wallet.records.totals import Series
from wallet.triggers.dates import EARLIEST, LATEST, Every, Period, before, day_at, moved, period_of
from wallet.triggers.judging import day_of, holds, is_level, measured, unit_of
from wallet.triggers.model import Before, Change, Condition, Level, Reach, Silence
from wallet.triggers.sources import Sources
from wallet.triggers.units import turned
from wallet.triggers.words import amount_text, period_name

LOOKED_BACK: Final = {"day": 31, "week": 26, "month": 24, "quarter": 12, "year": 10, "own": 10}
MOST: Final = 24


@dataclass(frozen=True, slots=True)
class Line:
    """`fires` says when it would have fired, and is empty where it would not."""

    name: str = field(repr=False)
    value: str = field(repr=False)
    fires: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Trial:
    lines: tuple[Line, ...]
    plot: Plot | None = None
    mark: str = ""

    @property
    def times(self) -> int:
        return sum(bool(line.fires) for line in self.lines)


def tried(condition: Condition, sources: Sources, past: list[Past], *, now: int) -> Trial:
    """`past` is the history of the value it looks at, the latest first."""
    if isinstance(condition, Reach):
        return of_column(condition, sources, now=now)
    if isinstance(condition, Silence):
        return of_days(condition, sources, now=now)
    values = [one for one in reversed(past) if one.value is not None]
    if isinstance(condition, Level):
        return of_values(condition, values, sources)
    lines = of_change(values, sources) if isinstance(condition, Change) else of_dates(condition, values)
    return Trial(tuple(lines[-MOST:]))


def of_column(asked: Reach, sources: Sources, *, now: int) -> Trial:
    data_set, series = sources.data_set(asked.data_set_id), sources.series(asked.data_set_id, asked.column)
    if data_set is None or series is None or not series.days:
        return Trial(())
    unit, last = unit_of(sources, asked), within_calendar(date.fromisoformat(series.days[-1]))
    end = min(last, within_calendar(day_at(now, data_set.shape.tz)))
    periods = back_from(asked.every, end)
    values = [measured(series, asked, period.since, period.until) for period in periods]
    empty = next((place for place, value in enumerate(values) if value is not None), len(values))
    periods, values = periods[empty:], values[empty:]
    lines = []
    for period, value in zip(periods, values, strict=True):
        day = reached_on(series, asked, unit, period) if value is not None else None
        text = amount_text(value, unit) if value is not None else "–"
        lines.append(Line(period_name(asked.every, period), text, written_day(day) if day else ""))
    mark = turned(asked.amount, asked.unit, unit)
    labels = [period_name(asked.every, period, short=True) for period in periods]
    return Trial(tuple(lines), plot(values, labels, mark=mark), amount_text(asked.amount, asked.unit))


def within_calendar(day: date) -> date:
    return min(max(day, EARLIEST), LATEST)


def back_from(every: Every, end: date) -> list[Period]:
    """The one with this day in it and those before, the oldest first."""
    periods = [period_of(every, end)]
    while len(periods) < LOOKED_BACK[every.unit]:
        periods.append(before(every, periods[-1]))
    return periods[::-1]


def reached_on(series: Series, asked: Reach, unit: str, period: Period) -> date | None:
    """The first day after which it held, or the day after the period where that has to be over."""
    if asked.is_judged_at_the_end:
        value = measured(series, asked, period.since, period.until)
        return period.until if value is not None and holds(value, unit, asked) else None
    sums = asked.measure == "total" and not series.is_counter
    total = Decimal(0)
    for day, figures in series.by_day(period.since, period.until):
        total = EXACT.add(total, figures.total)
        value = total if sums else measured(series, asked, period.since, day + timedelta(days=1))
        if value is not None and holds(value, unit, asked):
            return day
    return None


def of_days(asked: Silence, sources: Sources, *, now: int) -> Trial:
    """The gaps between days with rows that were long enough."""
    days = [day for day in sources.days(asked.data_set_id) if EARLIEST <= day < LATEST]
    data_set = sources.data_set(asked.data_set_id)
    if data_set is None or not days:
        return Trial(())
    today, lines = day_at(now, data_set.shape.tz), []
    for last, following in zip(days, [*days[1:], today + timedelta(days=1)], strict=True):
        told = moved(last, asked.span, 1) + timedelta(days=1)
        if told < following:
            lines.append(Line(_("last row on %(day)s", day=written_day(last)), "", written_day(told)))
    return Trial(tuple(lines[-MOST:]))


def of_values(asked: Level, values: list[Past], sources: Sources) -> Trial:
    """Each value there was, and whether it came to that then."""
    lines, known, was = [], [], False
    fired: set[str] = set()
    for one in values[-MOST:]:
        held = Value(asked.attribute, one.value, 0, one.at)
        is_so, day = is_level(held, asked), day_at(one.at, sources.zone)
        period = period_of(asked.every, day).name
        fires = is_so and not was and period not in fired
        fired |= {period} if fires else set()
        was = is_so
        if isinstance(one.value, int | float) and not isinstance(one.value, bool):
            known.append(Decimal(repr(one.value)))
            text = amount_text(known[-1], "")
            lines.append(Line(written_day(day), text, written_day(day) if fires else ""))
    drawn = plot(known, [line.name for line in lines], mark=asked.amount)
    return Trial(tuple(lines), drawn, amount_text(asked.amount, ""))


def of_change(values: list[Past], sources: Sources) -> list[Line]:
    lines = []
    for earlier, one in pairwise(values):
        if earlier.value != one.value:
            day = written_day(day_at(one.at, sources.zone))
            lines.append(Line(day, "", day))
    return lines


def of_dates(asked: Before, values: list[Past]) -> list[Line]:
    lines = []
    for one in values:
        day = day_of(Value(asked.attribute, one.value, 0, one.at))
        if day is not None:
            lines.append(Line(written_day(day), "", written_day(moved(day, asked.span, -1))))
    return lines
