"""Look at what is due: all triggers of a person that watch the same thing, in one transaction.

Whatever they look at is read in that transaction too, so that no change is missed: who changes it meanwhile has them
looked at again (wallet/noticing.py). Many workers may look at once; a firing is kept once (wallet/triggers/tables.py).
"""

from collections.abc import Collection
from typing import Final

from sqlalchemy import Connection, bindparam, func, select, update

from wallet.house import House
from wallet.triggers import engine, waiting
from wallet.triggers.engine import digest
from wallet.triggers.firing import fire
from wallet.triggers.judging import Judged, judge
from wallet.triggers.model import Trigger
from wallet.triggers.sources import Sources
from wallet.triggers.tables import firings, triggers

AT_ONCE: Final = 100

_row = triggers.c


def look_at_all(house: House) -> int:
    """Everything that is due now; returns how many fired, or were told that had to wait."""
    fired = 0
    while some := house.database.read(due, now=house.clock()):
        for person_id, source in some:
            fired += house.database.write(look, house, person_id=person_id, source=source, now=house.clock())
        if len(some) < AT_ONCE:
            break
    return fired + waiting.go_on_with_all(house)


def due(db: Connection, *, now: int) -> list[tuple[str, str]]:
    """Who has something to be looked at, the longest waiting first."""
    first = func.min(_row.due_at)
    found = select(_row.person_id, _row.source).where(_row.due_at <= now).group_by(_row.person_id, _row.source)
    return [(row.person_id, row.source) for row in db.execute(found.order_by(first).limit(AT_ONCE))]


def look(db: Connection, house: House, *, person_id: str, source: str, now: int) -> int:
    """How many fired."""
    found = engine.watching(db, house.secrets, person_id=person_id, source=source, now=now)
    faces: dict[str, Sources] = {}
    known = fired_before(db, person_id=person_id, source=source)
    judged, fired = {}, 0
    for trigger in found:
        place = {"person_id": person_id, "persona_id": trigger.persona_id}
        sources = faces.setdefault(trigger.persona_id, Sources(db, house.secrets, **place))
        judged[trigger.trigger_id] = said = judge(trigger, sources, now=now)
        for one in said.found:
            if (trigger.trigger_id, digest(trigger, "period", one.period)) not in known:
                fired += fire(db, house, trigger, one, sources, now=now)
    put_off(db, found, judged, person_id=person_id, now=now)
    return fired


def fired_before(db: Connection, *, person_id: str, source: str) -> Collection[tuple[str, str]]:
    row = firings.c
    those = (_row.person_id == row.person_id) & (_row.trigger_id == row.trigger_id)
    query = select(row.trigger_id, row.period).join(triggers, those)
    found = db.execute(query.where(row.person_id == person_id, _row.source == source))
    return {(one.trigger_id, one.period) for one in found}


def put_off(db: Connection, found: Collection[Trigger], judged: dict[str, Judged], *, person_id: str, now: int) -> None:
    """Until it is time to look again, or something changes; what was seen is remembered."""
    rows = [
        {"of": one.trigger_id, "next": max(said.due_at, now + 1) if said.due_at is not None else None, "saw": said.seen}
        for one in found
        if (said := judged[one.trigger_id])
    ]
    if rows:
        mine = (_row.person_id == person_id, _row.trigger_id == bindparam("of"), _row.state == "active")
        db.execute(update(triggers).where(*mine).values(due_at=bindparam("next"), seen=bindparam("saw")), rows)
