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
    """`days`: by day (YYYY-MM-DD) the figures of each numeric column as they are kept; see `by_day`.

    `first` and `last` are None where no row has a date.
    """

    count: int
    first: int | None
    last: int | None
    days: dict[str, list[list[Any]]] = field(repr=False)


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
    return Summary(count, first, last, {day: _kept(found) for day, found in days.items()})


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


def _kept(found: dict[int, list[Any]]) -> list[list[Any]]:
    """Numbers as text: place, count, total, low, high, and the first and last with the moment they are of."""
    return [
        [place, count, str(total), str(low), str(high), first[0], str(first[1]), last[0], str(last[1])]
        for place, (count, total, low, high, first, last) in found.items()
    ]


def by_day(summaries: Iterable[Summary], place: int) -> dict[str, Figures]:
    """The figures of one column over several blocks."""
    days: dict[str, Figures] = {}
    for summary in summaries:
        for day, columns in summary.days.items():
            for kept in columns:
                if kept[0] == place:
                    there, known = _figures(kept), days.get(day)
                    days[day] = known.merged(there) if known else there
    return days


def _figures(kept: list[Any]) -> Figures:
    _place, count, total, low, high, begins, first, ends, last = kept
    return Figures(count, Decimal(total), Decimal(low), Decimal(high), (begins, Decimal(first)), (ends, Decimal(last)))


def packed(summary: Summary) -> bytes:
    return orjson.dumps([summary.count, summary.first, summary.last, summary.days])


def unpacked(content: bytes) -> Summary:
    return Summary(*orjson.loads(content))
