"""What is known of a block without opening its rows: how many, from when to when, and the figures of each day."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import orjson

from wallet.records.cells import DAY, EXACT
from wallet.records.model import Cells, Shape

UNDATED = ""  # the day of rows without one
_EPOCH_DAY = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one numeric column over some rows; `first` and `last` with the moment they are of."""

    count: int
    total: Decimal
    low: Decimal
    high: Decimal
    first: tuple[int, Decimal]
    last: tuple[int, Decimal]

    def merged(self, other: "Figures") -> "Figures":
        return Figures(
            self.count + other.count,
            EXACT.add(self.total, other.total),
            min(self.low, other.low),
            max(self.high, other.high),
            min(self.first, other.first),
            max(self.last, other.last),
        )


@dataclass(frozen=True, slots=True)
class Summary:
    """`days`: by day (YYYY-MM-DD), by place of the column. `first` and `last` are None where no row has a date."""

    count: int
    first: int | None
    last: int | None
    days: dict[str, dict[int, Figures]] = field(repr=False)


def when(cells: Cells, shape: Shape) -> int | None:
    """The moment of a row in epoch seconds; of a day, its beginning in UTC."""
    cell = None if shape.date is None else cells[shape.date]
    if isinstance(cell, str):
        return (date.fromisoformat(cell).toordinal() - _EPOCH_DAY) * DAY
    return cell


def day_of(at: int | None, shape: Shape) -> str:
    """The day of that moment, in the data set's zone where it is a moment."""
    if at is None or shape.date is None:
        return UNDATED
    tz = shape.tz if shape.columns[shape.date].kind == "moment" else UTC
    return datetime.fromtimestamp(at, tz).date().isoformat()


def summarise(rows: Iterable[Cells | None], shape: Shape) -> Summary:
    """Over rows in any order; None is a row that was deleted."""
    count, first, last = 0, None, None
    days: dict[str, dict[int, list[Any]]] = {}
    numeric = shape.numeric
    for cells in rows:
        if cells is None:
            continue
        count += 1
        at = when(cells, shape)
        if at is not None:
            first = at if first is None or at < first else first
            last = at if last is None or at > last else last
        figures = days.setdefault(day_of(at, shape), {})
        for place in numeric:
            cell = cells[place]
            if cell is not None:
                _count(figures, place, at or 0, Decimal(cell))
    return Summary(count, first, last, {day: _figures(found) for day, found in days.items()})


def _count(figures: dict[int, list[Any]], place: int, at: int, value: Decimal) -> None:
    there = figures.get(place)
    if there is None:
        figures[place] = [1, value, value, value, (at, value), (at, value)]
        return
    there[0] += 1
    there[1] = EXACT.add(there[1], value)
    there[2] = min(there[2], value)
    there[3] = max(there[3], value)
    there[4] = min(there[4], (at, value))
    there[5] = max(there[5], (at, value))


def _figures(found: dict[int, list[Any]]) -> dict[int, Figures]:
    return {place: Figures(*there) for place, there in found.items()}


def by_day(summaries: Iterable[Summary], place: int) -> dict[str, Figures]:
    """The figures of one column over several blocks."""
    days: dict[str, Figures] = {}
    for summary in summaries:
        for day, columns in summary.days.items():
            there = columns.get(place)
            if there is not None:
                known = days.get(day)
                days[day] = known.merged(there) if known else there
    return days


def packed(summary: Summary) -> bytes:
    days = {
        day: [
            [place, one.count, *map(str, (one.total, one.low, one.high)), one.first[0], str(one.first[1]), one.last[0],
             str(one.last[1])]
            for place, one in columns.items()
        ]
        for day, columns in summary.days.items()
    }  # fmt: skip
    return orjson.dumps([summary.count, summary.first, summary.last, days])


def unpacked(content: bytes) -> Summary:
    count, first, last, days = orjson.loads(content)
    return Summary(
        count,
        first,
        last,
        {
            day: {
                place: Figures(
                    n, Decimal(total), Decimal(low), Decimal(high), (at, Decimal(begin)), (until, Decimal(end))
                )
                for place, n, total, low, high, at, begin, until, end in columns
            }
            for day, columns in days.items()
        },
    )
