"""Count, week by week, how many people read, rated, allowed and took back: at each person's side, and once.

A week is counted when people have had a whole week more to read. Each persona that a vendor knows is looked at in a
transaction of its own and adds at most 1 to each count; what the vendor is told is drawn when all were looked at, and
never changes again. So there is no yesterday's figure to take from today's, and nothing to watch while it grows.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection, select, tuple_, update

from consent import grants
from consent.standing import Whose
from consent.tables import grants as all_grants
from keys.inserts import insert_if_new
from vendor_api.figures import engine, tally
from vendor_api.figures.engine import GAINED, LOST, RATED, REACHED, RELEVANT, UNREAD
from vendor_api.figures.weeks import WEEK, to_count
from vendor_api.vendors import registry
from vendor_api.vendors.topics import declared
from wallet.dialogue.model import RELEVANT as RATED_RELEVANT
from wallet.dialogue.model import VENDOR
from wallet.dialogue.tables import messages
from wallet.figures.tables import counted_topics
from wallet.house import House

AT_ONCE: Final = 200

_said = messages.c
_topic = counted_topics.c


def count_all(house: House) -> int:
    """The week that is to be counted now, for every vendor with topics; returns for how many it was."""
    week = to_count(house.clock())
    vendors = [one for one in house.database.read(registry.everyone) if declared(one.metadata)]
    return sum(count(house, vendor.client_id, declared(vendor.metadata), week) for vendor in vendors)


def count(house: House, client_id: str, topics: Collection[str], week: int) -> bool:
    """Whether it was not counted before."""
    name, is_new = f"week {client_id} {week}", False
    while under_way := house.database.write(tally.begun, name, now=house.clock()):
        is_new = True
        some = house.database.read(next_personas, client_id, under_way)
        found: Counter[str] = Counter()
        for who in some:
            found.update(house.database.write(of_one, who, client_id=client_id, week=week, now=house.clock()))
        last = (some[-1].person_id, some[-1].persona_id) if some else (under_way.after_person, under_way.after_persona)
        close = (
            partial(engine.keep_week, client_id=client_id, topics=topics, week=week) if len(some) < AT_ONCE else None
        )
        house.database.write(tally.add, under_way, found, after=last, close=close, now=house.clock())
    return is_new


def next_personas(db: Connection, client_id: str, under_way: tally.Tally) -> list[Whose]:
    """Some of those that the vendor knows or knew, in their order."""
    row = all_grants.c
    after = tuple_(row.person_id, row.persona_id) > (under_way.after_person, under_way.after_persona)
    known = select(row.person_id, row.persona_id).where(row.client_id == client_id, after).distinct()
    some = known.order_by(row.person_id, row.persona_id).limit(AT_ONCE)
    return [Whose(one.person_id, one.persona_id) for one in db.execute(some)]


def of_one(db: Connection, who: Whose, *, client_id: str, week: int, now: int) -> Mapping[str, int]:
    """What one persona adds, by "topic name": 1 or nothing."""
    said = read_and_rated(db, who, client_id=client_id, week=week)
    return {**said, **gained_and_lost(db, who, client_id=client_id, week=week, now=now)}


def read_and_rated(db: Connection, who: Whose, *, client_id: str, week: int) -> dict[str, int]:
    mine = (_said.person_id == who.person_id, _said.persona_id == who.persona_id, _said.client_id == client_id)
    came = (_said.said_by == VENDOR, _said.topic.is_not(None), _said.at >= week, _said.at < week + WEEK)
    by_topic: dict[str, list[Any]] = {}
    for row in db.execute(select(_said.topic, _said.read_at, _said.rating).where(*mine, *came)):
        by_topic.setdefault(row.topic, []).append(row)
    found: dict[str, int] = {}
    for topic, some in by_topic.items():
        unread, rated = sum(one.read_at is None for one in some), [one.rating for one in some if one.rating]
        relevant = sum(rating == RATED_RELEVANT for rating in rated)
        found[f"{topic} {REACHED}"] = 1
        found[f"{topic} {UNREAD}"] = int(2 * unread > len(some))
        found[f"{topic} {RATED}"] = int(bool(rated))
        found[f"{topic} {RELEVANT}"] = int(2 * relevant > len(rated))
    return found


def gained_and_lost(db: Connection, who: Whose, *, client_id: str, week: int, now: int) -> dict[str, int]:
    """Against what was found when it was last counted. Whoever counts the same week again finds the same."""
    place: dict[str, Any] = {"person_id": who.person_id, "persona_id": who.persona_id, "client_id": client_id}
    known = grants.find_current(db, **place)
    allowed = set(known[0].topics) if known and known[0].is_live(now) else set()
    before = {row.topic: row for row in db.execute(select(counted_topics).filter_by(**place))}
    found: dict[str, int] = {}
    for topic in allowed | before.keys():
        last = before.get(topic)
        this = update(counted_topics).filter_by(**place, topic=topic)
        if last is None:
            insert_if_new(db, counted_topics, {**place, "topic": topic, "gained": week, "lost": None})
        elif topic in allowed and last.lost is not None and last.lost < week:
            db.execute(this.values(gained=week, lost=None))
        elif topic not in allowed and last.lost is None:
            db.execute(this.values(lost=week))
        is_gain = topic in allowed and (last is None or last.gained == week or (last.lost or week) < week)
        is_loss = topic not in allowed and last is not None and last.lost in {None, week}
        found |= {f"{topic} {GAINED}": int(is_gain), f"{topic} {LOST}": int(is_loss)}
    return found
