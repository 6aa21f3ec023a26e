"""Count, week by week, how many people read, rated, allowed and took back: at each person's side, and once.

A week is counted when people have had a whole week more to read, and found the same when it is counted later. Each
persona that a vendor knows adds at most 1 to each count; what the vendor is told is drawn when all were looked at, and
never changes again. So there is no yesterday's figure to take from today's, and nothing to watch while it grows.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection, select, tuple_

from consent import receipts
from consent.standing import Whose
from consent.tables import grants as all_grants
from vendor_api.figures import engine, tally
from vendor_api.figures.engine import GAINED, LOST, RATED, REACHED, RELEVANT, UNREAD
from vendor_api.figures.weeks import WEEK, to_count
from vendor_api.vendors import registry
from vendor_api.vendors.model import Vendor
from vendor_api.vendors.topics import declared
from wallet.dialogue.model import RELEVANT as RATED_RELEVANT
from wallet.dialogue.model import VENDOR
from wallet.dialogue.tables import messages
from wallet.house import House

AT_ONCE: Final = 200

_said = messages.c


def count_all(house: House) -> int:
    """Every week that is due, for every vendor with topics; returns how many of them it was."""
    done = 0
    for vendor in house.database.read(registry.everyone):
        if topics := declared(vendor.metadata):
            for week in house.database.read(due, vendor, now=house.clock()):
                count(house, vendor.client_id, topics, week)
                done += 1
    return done


def due(db: Connection, vendor: Vendor, *, now: int) -> list[int]:
    """The weeks that this vendor has been here in and that were not counted, the oldest first."""
    weeks = [week for week in to_count(now) if week > vendor.created_at - WEEK]
    closed = tally.closed(db, [named(vendor.client_id, week) for week in weeks], now=now)
    return [week for week in weeks if named(vendor.client_id, week) not in closed]


def named(client_id: str, week: int) -> str:
    return f"week {client_id} {week}"


def count(house: House, client_id: str, topics: Collection[str], week: int) -> None:
    """Go on with it where it was left; once it is closed, this does nothing."""
    while under_way := house.database.write(tally.begun, named(client_id, week), now=house.clock()):
        some = house.database.read(next_personas, client_id, under_way)
        found = house.database.read(of_some, some, client_id=client_id, week=week)
        last = (some[-1].person_id, some[-1].persona_id) if some else (under_way.after_person, under_way.after_persona)
        close = (
            partial(engine.keep_week, client_id=client_id, topics=topics, week=week) if len(some) < AT_ONCE else None
        )
        house.database.write(tally.add, under_way, found, after=last, close=close, now=house.clock())


def next_personas(db: Connection, client_id: str, under_way: tally.Tally) -> list[Whose]:
    """Some of those that the vendor knows or knew, in their order."""
    row = all_grants.c
    after = tuple_(row.person_id, row.persona_id) > (under_way.after_person, under_way.after_persona)
    known = select(row.person_id, row.persona_id).where(row.client_id == client_id, after).distinct()
    some = known.order_by(row.person_id, row.persona_id).limit(AT_ONCE)
    return [Whose(one.person_id, one.persona_id) for one in db.execute(some)]


def of_some(db: Connection, some: Sequence[Whose], *, client_id: str, week: int) -> Counter[str]:
    found: Counter[str] = Counter()
    for who in some:
        found.update(of_one(db, who, client_id=client_id, week=week))
    return found


def of_one(db: Connection, who: Whose, *, client_id: str, week: int) -> dict[str, int]:
    """What one persona adds, by "topic name": 1 or nothing."""
    place = {"person_id": who.person_id, "persona_id": who.persona_id, "client_id": client_id}
    return read_and_rated(db, **place, week=week) | gained_and_lost(db, **place, week=week)


def read_and_rated(db: Connection, *, person_id: str, persona_id: str, client_id: str, week: int) -> dict[str, int]:
    """Of what came in that week; read is what was read before the next one was over."""
    mine = (_said.person_id == person_id, _said.persona_id == persona_id, _said.client_id == client_id)
    came = (_said.said_by == VENDOR, _said.topic.is_not(None), _said.at >= week, _said.at < week + WEEK)
    by_topic: dict[str, list[Any]] = {}
    for row in db.execute(select(_said.topic, _said.read_at, _said.rating).where(*mine, *came)):
        by_topic.setdefault(row.topic, []).append(row)
    found: dict[str, int] = {}
    for topic, some in by_topic.items():
        unread = sum(one.read_at is None or one.read_at >= week + 2 * WEEK for one in some)
        rated = [one.rating for one in some if one.rating]
        relevant = sum(rating == RATED_RELEVANT for rating in rated)
        found[f"{topic} {REACHED}"] = 1
        found[f"{topic} {UNREAD}"] = int(2 * unread > len(some))
        found[f"{topic} {RATED}"] = int(bool(rated))
        found[f"{topic} {RELEVANT}"] = int(2 * relevant > len(rated))
    return found


def gained_and_lost(db: Connection, *, person_id: str, persona_id: str, client_id: str, week: int) -> dict[str, int]:
    """What was allowed when the week began, against what was when it was over."""
    before, after = (
        {
            topic
            for held in receipts.held_at(db, person_id=person_id, persona_id=persona_id, client_id=client_id, at=at)
            for topic in held.get("contact", ())
        }
        for at in (week, week + WEEK)
    )
    return {f"{topic} {GAINED}": 1 for topic in after - before} | {f"{topic} {LOST}": 1 for topic in before - after}
