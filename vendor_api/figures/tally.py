"""A count of many people that goes on where it stopped: some at a time, nobody twice, and noise drawn once.

What was counted by a clock that was ahead, before it was over, is as good as not counted.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, delete, select, update

from keys.inserts import insert_if_new
from vendor_api.figures.tables import tallies

DAY: Final = 24 * 3600
REMEMBERED: Final = 366 * DAY
AHEAD: Final = DAY  # by so much a clock is wrong; by less it is set right now and then

_row = tallies.c

Sums = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Tally:
    """`sums` are by what is counted; each person adds at most 1 to each."""

    name: str
    after_person: str
    after_persona: str
    sums: Sums


def closed(db: Connection, names: Collection[str], *, now: int) -> set[str]:
    """Which of these are counted."""
    done = (_row.name.in_(names), _row.closed_at.is_not(None), _row.began_at <= now + AHEAD)
    return set(db.execute(select(_row.name).where(*done)).scalars())


def begun(db: Connection, name: str, *, now: int) -> Tally | None:
    """As it is, or a new one; None where it is closed."""
    begin = {"name": name, "after_person": "", "after_persona": "", "sums": {}, "began_at": now, "closed_at": None}
    if not insert_if_new(db, tallies, begin):
        db.execute(update(tallies).where(_row.name == name, _row.began_at > now + AHEAD).values(begin))
    row = db.execute(select(tallies).where(_row.name == name)).one()
    return None if row.closed_at is not None else Tally(row.name, row.after_person, row.after_persona, row.sums)


def add(
    db: Connection,
    tally: Tally,
    found: Sums,
    *,
    after: tuple[str, str],
    close: Callable[[Connection, Sums], None] | None = None,
    now: int,
) -> bool:
    """In one transaction: what some more people add, and where to go on; with `close` it was the last of them.

    Whether nobody else did so before: then nothing is added.
    """
    sums = {name: tally.sums.get(name, 0) + found.get(name, 0) for name in {*tally.sums, *found}}
    seen = (_row.after_person == tally.after_person, _row.after_persona == tally.after_persona)
    this = (_row.name == tally.name, _row.closed_at.is_(None), *seen)
    further: dict[str, Any] = {"after_person": after[0], "after_persona": after[1]}
    further |= {"sums": {}, "closed_at": now} if close else {"sums": sums}
    if db.execute(update(tallies).where(*this).values(**further)).rowcount == 0:
        return False
    if close:
        close(db, sums)
    return True


def sweep(db: Connection, *, now: int) -> int:
    """Forget that it was counted, a year later. Returns how many."""
    return db.execute(delete(tallies).where(_row.began_at <= now - REMEMBERED)).rowcount
