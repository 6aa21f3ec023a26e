"""Predicates: yes or no, worked out from a person's values and records at each read and released instead of them."""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from wallet.data.catalogue import AGE
from wallet.data.model import ASSURANCE, Fact, Json, Total, Value

COMPARISONS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "<=": operator.le,
    "<": operator.lt,
}
PERIODS: Final = (
    *("this_month", "last_month", "this_quarter", "last_quarter", "this_year", "last_year"),
    "last_12_months",
)
BIRTHDAY, ZONE = "birthdate", "zoneinfo"


@dataclass(frozen=True, slots=True)
class Sources:
    """What a predicate is worked out from, of one persona."""

    value: Callable[[str], Value | None]
    total: Callable[[Total, date, date], Decimal | None]


def answer(name: str, fact: Fact, sources: Sources, *, now: int) -> Value | None:
    """Yes or no, set when its source was; None where that is missing or does not tell.

    What follows from a locked value is locked as that is, and comes closed where that is closed.
    """
    today = today_of(sources.value(ZONE), now)
    if isinstance(fact.of, Total):
        total = sources.total(fact.of, *period(fact.of.period, today))
        said, set_at, assurance, lock = compared(total, fact), now, ASSURANCE["self"], ""
    else:
        held = sources.value(fact.of)
        if held is None or (fact.vouched and held.assurance != ASSURANCE["vendor"]):
            return None
        set_at, assurance, lock = held.set_at, held.assurance, held.lock
        if held.value is None:
            return Value(name, None, 0, set_at, assurance, lock=lock)
        said = reached(held.value, fact.than, today) if fact.comparison == AGE else compared(held.value, fact)
    return None if said is None else Value(name, said, 0, set_at, assurance, lock=lock)


def today_of(zone: Value | None, now: int) -> date:
    """The day it is where the person lives; in UTC where they did not say, or that is closed."""
    return datetime.fromtimestamp(now, ZoneInfo(str(zone.value)) if zone and zone.value else UTC).date()


def reached(born: Json, years: Json, today: date) -> bool | None:
    """Whether somebody is that old. Who was born on 29 February is a year older on 1 March, where the year has none.

    None for a birthdate without a year, and for a year alone in the year in which that birthday is.
    """
    text = str(born)
    if text.startswith("0000") or not isinstance(years, int):
        return None
    if len(text) == 4:
        least = today.year - int(text) - 1
        return True if least >= years else None if least + 1 >= years else False
    day = date.fromisoformat(text)
    age = today.year - day.year - ((today.month, today.day) < (day.month, day.day))
    return age >= years


def compared(found: Json | Decimal | None, fact: Fact) -> bool | None:
    """None where there is nothing, or something of another kind than what it is to be compared with."""
    one, other = exact(found), exact(fact.than)
    if isinstance(one, bool) and isinstance(other, bool):
        return one == other
    if type(one) is not type(other) or not isinstance(one, Decimal | str):
        return None
    return COMPARISONS[fact.comparison](one, other)


def exact(value: Json | Decimal | None) -> object:
    """Numbers as they are written, so that 0.1 is 0.1; days compare as their ISO 8601 texts do."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return Decimal(repr(value))


def period(name: str, today: date) -> tuple[date, date]:
    """The first day, and the first one after it. What goes on ends with today's day."""
    month, tomorrow = today.replace(day=1), date.fromordinal(today.toordinal() + 1)
    quarter, year = today.replace(month=today.month - (today.month - 1) % 3, day=1), today.replace(month=1, day=1)
    return {
        "this_month": (month, tomorrow),
        "last_month": (back(month, 1), month),
        "this_quarter": (quarter, tomorrow),
        "last_quarter": (back(quarter, 3), quarter),
        "this_year": (year, tomorrow),
        "last_year": (back(year, 12), year),
        "last_12_months": (back(month, 12), month),
    }[name]


def back(first: date, months: int) -> date:
    """The first day of a month that many months before this one."""
    count = first.year * 12 + first.month - 1 - months
    return date(count // 12, count % 12 + 1, 1)
