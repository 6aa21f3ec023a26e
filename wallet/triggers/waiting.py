"""Firings that wait while the person wants peace: told when that ends, or never, where the time to answer is over.

The period is used up from the first moment on, so however long it waits, and whatever is edited, it fires once.
"""

from typing import Any, Final

from sqlalchemy import Connection, Row, select, update

from wallet.house import House
from wallet.triggers import engine
from wallet.triggers.engine import firing_from
from wallet.triggers.errors import UnknownTrigger
from wallet.triggers.firing import AGAIN, deadline, grant_of, note_held, sealed, tell_later, this_one
from wallet.triggers.hindrances import ENDED, MISSED, RESTORED, hindrance
from wallet.triggers.model import Trigger
from wallet.triggers.sources import Sources
from wallet.triggers.tables import firings

AT_ONCE: Final = 100

_row = firings.c


def go_on_with_all(house: House) -> int:
    """Everything that is due now; returns how many vendors were told."""
    told = 0
    while some := house.database.read(due, now=house.clock()):
        told += sum(house.database.write(go_on, house, row, now=house.clock()) for row in some)
        if len(some) < AT_ONCE:
            break
    return told


def due(db: Connection, *, now: int) -> list[Row[Any]]:
    """The longest waiting first."""
    return list(db.execute(select(firings).where(_row.due_at <= now).order_by(_row.due_at).limit(AT_ONCE)))


def go_on(db: Connection, house: House, row: Row[Any], *, now: int) -> bool:
    """Whether the vendor was told."""
    try:
        trigger = engine.find(db, house.secrets, row.trigger_id, person_id=row.person_id, persona_id=row.persona_id)
    except UnknownTrigger:  # it is being erased
        db.execute(update(firings).where(*this_one(row)).values(due_at=None))
        return False
    grant = grant_of(db, trigger)
    stop = hindrance(db, house.secrets, trigger, grant, now=now)
    if trigger.restored_at is not None and row.fired_at < trigger.restored_at:
        return hold(db, house, trigger, row, RESTORED, now=now)
    if now >= row.until:
        return hold(db, house, trigger, row, MISSED, now=now)
    if trigger.state == "paused" or (stop and stop.ends_at is not None):
        ends_at = stop.ends_at if stop and stop.ends_at else now + AGAIN
        later = update(firings).where(*this_one(row), _row.state == "waiting")
        db.execute(later.values(due_at=min(ends_at, row.until, now + AGAIN)))
        return False
    if stop is not None or grant is None:
        return hold(db, house, trigger, row, stop.reason if stop else ENDED, now=now)
    return tell_later(db, house, trigger, grant, row, until=row.until, now=now)


def hold(db: Connection, house: House, trigger: Trigger, row: Row[Any], reason: str, *, now: int) -> bool:
    """It is never told by itself any more; the person reads why."""
    said = {**firing_from(trigger.key, row).said, "reason": reason}
    held = {"state": "held", "due_at": None, "said_sealed": sealed(trigger, row.period, said)}
    if db.execute(update(firings).where(*this_one(row), _row.state == "waiting").values(held)).rowcount == 1:
        note_held(db, house.secrets, trigger, grant_of(db, trigger), reason, now=now)
    return False


def tell_after_all(db: Connection, house: House, trigger: Trigger, period: str, *, now: int) -> bool:
    """The person has a firing told that was held. Whether it was."""
    grant = grant_of(db, trigger)
    mine = (_row.person_id == trigger.person_id, _row.trigger_id == trigger.trigger_id)
    row = db.execute(select(firings).where(*mine, _row.period == period, _row.state == "held")).one_or_none()
    if row is None or grant is None or hindrance(db, house.secrets, trigger, grant, now=now) is not None:
        return False
    sources = Sources(db, house.secrets, person_id=trigger.person_id, persona_id=trigger.persona_id)
    return tell_later(db, house, trigger, grant, row, until=deadline(trigger, sources, now=now), now=now)
