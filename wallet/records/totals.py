"""Add up a column of a data set over time, from the summaries of its blocks alone."""

from bisect import bisect_left
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection

from keys.secrets import HostSecrets
from wallet.house import Summed
from wallet.records import blocks, engine
from wallet.records.cells import EXACT
from wallet.records.errors import UnknownDataSet
from wallet.records.model import DataSet, Shape
from wallet.records.summaries import UNDATED, Figures, Summary, by_day


def totals(
    db: Connection,
    secrets: HostSecrets,
    *,
    person_id: str,
    persona_id: str,
    data_set_id: str,
    column: str,
    since: date,
    until: date,
) -> Decimal | None:
    """What a numeric column comes to from `since` until before `until`, in days of the data set's time zone.

    Of a counter: its last stand there minus the last one before, or minus the first of all where there is none before.
    None where no row says anything, or there is no such data set any more.
    """
    whose = {"person_id": person_id, "persona_id": persona_id, "data_set_id": data_set_id}
    there = _there(db, secrets, **whose, column=column)
    if there is None:
        return None
    found, place = there
    series = Series((head.summary for head in blocks.heads(db, found)), found.shape, place)
    return series.total(since, until)


def called(
    db: Connection, secrets: HostSecrets, *, person_id: str, persona_id: str, data_set_id: str, column: str
) -> Summed | None:
    """The name of the data set and the unit of the column; None where there is no such one any more."""
    whose = {"person_id": person_id, "persona_id": persona_id, "data_set_id": data_set_id}
    there = _there(db, secrets, **whose, column=column)
    return Summed(there[0].name, there[0].shape.columns[there[1]].unit) if there else None


def _there(
    db: Connection, secrets: HostSecrets, *, person_id: str, persona_id: str, data_set_id: str, column: str
) -> tuple[DataSet, int] | None:
    """The data set and the place of the column in it, if that is a number."""
    try:
        found = engine.find(db, secrets, person_id=person_id, persona_id=persona_id, data_set_id=data_set_id)
    except UnknownDataSet:
        return None
    place = found.shape.place(column)
    return (found, place) if place in found.shape.numeric and place is not None else None


class Series:
    """The figures of one numeric column, day by day."""

    def __init__(self, summaries: Iterable[Summary], shape: Shape, place: int) -> None:
        self.is_counter = shape.columns[place].kind == "counter"
        found = by_day(summaries, place)
        self.undated = found.pop(UNDATED, None)
        self.days = sorted(found)
        self.figures = [found[day] for day in self.days]

    def total(self, since: date, until: date) -> Decimal | None:
        """Of the days from `since` until before `until`."""
        first, behind = self._at(since), self._at(until)
        within = self.figures[first:behind]
        if not within:
            return None
        if self.is_counter:
            start = self.figures[first - 1].last if first else within[0].first
            return EXACT.subtract(within[-1].last[1], start[1])
        return added(figures.total for figures in within)

    def count(self, since: date, until: date) -> int:
        """How many rows have a figure then."""
        return sum(figures.count for figures in self.between(since, until))

    def between(self, since: date, until: date) -> list[Figures]:
        """The figures of each day that has one."""
        return self.figures[self._at(since) : self._at(until)]

    def by_day(self, since: date, until: date) -> list[tuple[date, Figures]]:
        days = self.days[self._at(since) : self._at(until)]
        return list(zip(map(date.fromisoformat, days), self.between(since, until), strict=True))

    def _at(self, day: date) -> int:
        return bisect_left(self.days, day.isoformat())


def added(values: Iterable[Decimal]) -> Decimal | None:
    total: Decimal | None = None
    for value in values:
        total = value if total is None else EXACT.add(total, value)
    return total
