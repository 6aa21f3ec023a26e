"""Whether a condition holds: for each kind one function, which looks at the sources and says what it found."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from wallet.data.figures import is_full_date
from wallet.data.model import Value
from wallet.data.predicates import COMPARISONS, exact
from wallet.records.totals import Series
from wallet.triggers.dates import EARLIEST, LATEST, Period, before, day_at, moved, period_of, start_of
from wallet.triggers.engine import digest
from wallet.triggers.model import Before, Change, Level, Reach, Silence, Trigger
from wallet.triggers.sources import Sources
from wallet.triggers.units import in_unit, smallest


@dataclass(frozen=True, slots=True)
class Found:
    """The condition holds: in `period`, for which it fires once. It can not have held before `since`."""

    period: str
    since: int
    observed: str = field(default="", repr=False)
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """What was found, when to look again if nothing changes before, and what to remember of this look."""

    found: tuple[Found, ...] = ()
    due_at: int | None = None
    seen: str | None = None


NOTHING: Final = Judged()


def judge(trigger: Trigger, sources: Sources, *, now: int) -> Judged:
    return JUDGES[type(trigger.draft.condition)](trigger, trigger.draft.condition, sources, now)


def reach(trigger: Trigger, asked: Reach, sources: Sources, now: int) -> Judged:
    """Looks at the period that goes on and the one before it, whose last rows may have come late; never at one that
    was over before the trigger was made."""
    data_set, series = sources.data_set(asked.data_set_id), sources.series(asked.data_set_id, asked.column)
    if data_set is None or series is None:
        return NOTHING
    tz, unit = data_set.shape.tz, unit_of(sources, asked)
    today = day_at(now, tz)
    current = period_of(asked.every, today)
    periods = (before(asked.every, current), current)
    found = []
    for period in periods:
        since, until = start_of(period.since, tz), start_of(period.until, tz)
        over = until <= now
        if until <= trigger.made_at or (asked.is_judged_at_the_end and not over):
            continue
        value = measured(series, asked, period.since, period.until)
        if value is not None and holds(value, unit, asked):
            found.append(Found(period.name, until if asked.is_judged_at_the_end else since, str(value), unit))
    return Judged(tuple(found), start_of(current.until, tz))


def unit_of(sources: Sources, asked: Reach) -> str:
    found = sources.data_set(asked.data_set_id)
    place = found.shape.place(asked.column) if found else None
    return found.shape.columns[place].unit if found and place is not None else ""


def measured(series: Series, asked: Reach, since: date, until: date) -> Decimal | None:
    if asked.measure == "total":
        return series.total(since, until)
    within = series.between(since, until)
    if not within:
        return None
    return max(one.high for one in within) if asked.measure == "highest" else within[-1].last[1]


def holds(value: Decimal, unit: str, asked: Reach) -> bool:
    """Compared in the smallest unit both have, so exactly. Never where the units have nothing in common."""
    wanted = in_unit(asked.amount, asked.unit, unit)
    return wanted is not None and COMPARISONS[asked.comparison](smallest(value, unit), wanted)


def level(trigger: Trigger, asked: Level, sources: Sources, now: int) -> Judged:
    held = sources.value(asked.attribute)
    is_so = is_level(held, asked)
    seen = digest(trigger, "level", str(is_so))
    if held is None or not is_so or seen == trigger.seen:
        return Judged(seen=seen)
    period = period_of(asked.every, day_at(now, sources.zone))
    return Judged((Found(period.name, start_of(period.since, sources.zone), str(exact(held.value))),), seen=seen)


def is_level(held: Value | None, asked: Level) -> bool:
    if held is None or held.value is None:
        return False
    value = exact(held.value)
    return isinstance(value, Decimal) and COMPARISONS[asked.comparison](value, asked.amount)


def ahead(_trigger: Trigger, asked: Before, sources: Sources, now: int) -> Judged:
    """From the first moment of that day on; no more once the day itself is over."""
    held = sources.value(asked.attribute)
    day = day_of(held)
    if day is None:
        return NOTHING
    at, over = start_of(moved(day, asked.span, -1), sources.zone), start_of(day + timedelta(days=1), sources.zone)
    if now < at:
        return Judged(due_at=at)
    return Judged((Found(day.isoformat(), at, day.isoformat()),) if now < over else ())


def day_of(held: Value | None) -> date | None:
    """None for what is closed, or no day of a calendar."""
    if held is None or not is_full_date(held.value):
        return None
    day = date.fromisoformat(str(held.value))
    return day if EARLIEST <= day < LATEST else None


def changed(trigger: Trigger, asked: Change, sources: Sources, _now: int) -> Judged:
    """What was removed is no other value; the next one is, unless it is the same again."""
    held = sources.value(asked.attribute)
    if held is None:
        return Judged(seen=trigger.seen)
    seen = digest(trigger, "value", held.lock or repr(held.value))
    if trigger.seen in {None, seen}:
        return Judged(seen=seen)
    return Judged((Found(f"{held.set_at}/{held.version}", held.set_at),), seen=seen)


def silent(trigger: Trigger, asked: Silence, sources: Sources, now: int) -> Judged:
    """So many whole days after the last one with a row; where there never was one, after the trigger was made."""
    data_set = sources.data_set(asked.data_set_id)
    if data_set is None or data_set.shape.date is None:
        return NOTHING
    tz = data_set.shape.tz
    days = [day for day in sources.days(asked.data_set_id) if day <= day_at(now, tz)]
    last = max(days[-1] if days else EARLIEST, EARLIEST)
    counted = last if days else day_at(trigger.made_at, tz)
    at = start_of(moved(counted, asked.span, 1) + timedelta(days=1), tz)
    if now < at:
        return Judged(due_at=at)
    return Judged((Found(last.isoformat() if days else "none", at, last.isoformat() if days else ""),))


JUDGES: Final[Mapping[type, Callable[[Trigger, Any, Sources, int], Judged]]] = {
    Reach: reach,
    Level: level,
    Before: ahead,
    Change: changed,
    Silence: silent,
}

__all__ = ["Found", "Judged", "Period", "day_of", "holds", "is_level", "judge", "measured", "unit_of"]
