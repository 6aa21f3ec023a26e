"""Add up a column of a data set over time, from the summaries of its blocks alone."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import Connection

from keys.secrets import HostSecrets
from wallet.records import blocks, engine
from wallet.records.cells import EXACT
from wallet.records.model import Shape
from wallet.records.summaries import UNDATED, Figures, by_day


def totals(
    db: Connection,
    secrets: HostSecrets,
    *,
    person_id: str,
    persona_id: str,
    data_set_id: str,
    column: str,
    since: int,
    until: int,
) -> Decimal | None:
    """What a numeric column comes to in [since, until), in whole days of the data set's zone: those that begin in it.

    Of a counter: its last stand there minus the last one before, or minus the first of all where there is none before.
    None where no row says anything. Raises UnknownDataSet.
    """
    place = {"person_id": person_id, "persona_id": persona_id}
    found = engine.find(db, secrets, **place, data_set_id=data_set_id)
    at = found.shape.place(column)
    if at is None or at not in found.shape.numeric:
        return None
    days = by_day((head.summary for head in blocks.heads(db, found)), at)
    kind = found.shape.columns[at].kind
    return total(days, kind, since=begins_at(since, found.shape), until=begins_at(until, found.shape))


def begins_at(at: int, shape: Shape) -> date:
    """The first day that begins at this moment or later."""
    moment = datetime.fromtimestamp(at, shape.tz)
    begun = moment.timetz().replace(tzinfo=None) != datetime.min.time()
    return moment.date() + timedelta(days=int(begun))


def total(days: dict[str, Figures], kind: str, *, since: date, until: date) -> Decimal | None:
    """Of the days from `since` until before `until`."""
    first, behind = since.isoformat(), until.isoformat()
    if kind == "counter":
        return consumed(days, first, behind)
    return added(figures.total for day, figures in days.items() if day != UNDATED and first <= day < behind)


def consumed(days: dict[str, Figures], first: str, behind: str) -> Decimal | None:
    within = [figures for day, figures in days.items() if day != UNDATED and first <= day < behind]
    if not within:
        return None
    before = [figures.last for day, figures in days.items() if day != UNDATED and day < first]
    start = max(before) if before else min(figures.first for figures in within)
    return EXACT.subtract(max(figures.last for figures in within)[1], start[1])


def added(values: Iterable[Decimal]) -> Decimal | None:
    total: Decimal | None = None
    for value in values:
        total = value if total is None else EXACT.add(total, value)
    return total


def today(now: int, shape: Shape) -> date:
    return datetime.fromtimestamp(now, shape.tz if shape.date is not None else UTC).date()
