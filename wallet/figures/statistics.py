"""Statistics of how people want to be spoken to, of those who contribute: one answer to each question, from one person.

Counted once when a period of four weeks is over, from what then stands in the contact policy for all vendors; for
everybody, and among those of their age for those who want that.
"""

from collections import Counter
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection, delete, select, update

from consent.contact import policies
from consent.contact.model import EVERY, Effective, Window
from consent.standing import Whose
from keys.inserts import insert_if_new
from vendor_api.figures import engine, tally
from vendor_api.figures.engine import AGES, ANY_AGE, CHANNEL, FREQUENCY, HOURS
from vendor_api.figures.weeks import PERIOD, period_to_count
from wallet.data.known import known_values
from wallet.figures.tables import contributors
from wallet.house import House

AT_ONCE: Final = 200
PARTS_OF_DAY: Final = {"morning": (6 * 60, 12 * 60), "afternoon": (12 * 60, 18 * 60), "evening": (18 * 60, 22 * 60)}

_row = contributors.c


def contribute(db: Connection, who: Whose, *, by_age: bool = False, now: int) -> None:
    """With how old the person is, or without."""
    place = {"person_id": who.person_id, "persona_id": who.persona_id}
    if not insert_if_new(db, contributors, {**place, "since": now, "by_age": by_age}):
        db.execute(update(contributors).filter_by(**place).values(by_age=by_age))


def stop(db: Connection, who: Whose) -> None:
    """From the next count on; what was counted holds nobody any more."""
    db.execute(delete(contributors).where(_row.person_id == who.person_id, _row.persona_id == who.persona_id))


def contributes(db: Connection, who: Whose) -> tuple[int, bool] | None:
    """Since when, and whether among those of their age too."""
    mine = (_row.person_id == who.person_id, _row.persona_id == who.persona_id)
    row = db.execute(select(_row.since, _row.by_age).where(*mine)).one_or_none()
    return (row.since, row.by_age) if row else None


def count(house: House) -> bool:
    """The last period that is over, if it was not counted before; whether that was now."""
    period, is_new = period_to_count(house.clock()), False
    while under_way := house.database.write(tally.begun, f"period {period}", now=house.clock()):
        is_new = True
        some = house.database.read(next_people, under_way, before=period + PERIOD)
        found: Counter[str] = Counter()
        for who in some:
            found.update(house.database.read(of_one, house, who))
        last = (some[-1].person_id, some[-1].persona_id) if some else (under_way.after_person, under_way.after_persona)
        close = partial(engine.keep_period, period=period) if len(some) < AT_ONCE else None
        house.database.write(tally.add, under_way, found, after=last, close=close, now=house.clock())
    return is_new


def next_people(db: Connection, under_way: tally.Tally, *, before: int) -> list[Whose]:
    """Some of those who contributed before the period was over: one persona of each person, the first."""
    others = contributors.alias()
    earlier = select(others.c.persona_id).where(
        others.c.person_id == _row.person_id, others.c.persona_id < _row.persona_id, others.c.since < before
    )
    mine = (_row.person_id > under_way.after_person, _row.since < before, ~earlier.exists())
    some = select(_row.person_id, _row.persona_id).where(*mine).order_by(_row.person_id).limit(AT_ONCE)
    return [Whose(one.person_id, one.persona_id) for one in db.execute(some)]


def of_one(db: Connection, house: House, who: Whose) -> dict[str, int]:
    """What leaves: one answer to each question, for everybody and for those of this age."""
    place = {"person_id": who.person_id, "persona_id": who.persona_id}
    said = answers(policies.counting(db, house.secrets, EVERY, EVERY, **place)).items()
    _since, by_age = contributes(db, who) or (None, False)
    age = age_of(db, house, who) if by_age else None
    return {f"{group} {question} {answer}": 1 for group in (ANY_AGE, age) if group for question, answer in said}


def age_of(db: Connection, house: House, who: Whose) -> str | None:
    """One of AGES, by the date of birth of this persona; None where it has none, or has it locked."""
    place = {"person_id": who.person_id, "persona_id": who.persona_id}
    facts = {f"age_over_{years:02}": name for name, years in AGES.items()}
    wanted: dict[str, Any] = {**place, "attributes": tuple(facts), "totals": house.totals}
    found = known_values(db, house.secrets, **wanted, now=house.clock())
    reached = [name for fact, name in facts.items() if fact in found and found[fact].value is True]
    return reached[-1] if reached else None


def answers(policy: Effective) -> dict[str, str]:
    first = policy.channels[0]
    return {
        CHANNEL: first if first in engine.ANSWERS[CHANNEL] else "another",
        HOURS: hours(policy),
        FREQUENCY: frequency(policy),
    }


def hours(policy: Effective) -> str:
    """The part of the day that most of the windows are in."""
    if not policy.windows:
        return "any"
    found = {
        name: sum(
            len(window.days) * max(0, min(until, end_of(window)) - max(since, window.since))
            for window in policy.windows
        )
        for name, (since, until) in PARTS_OF_DAY.items()
    }
    best = max(found, key=lambda name: found[name])
    return best if found[best] else "night"


def end_of(window: Window) -> int:
    return window.until if window.until > window.since else window.until + 24 * 60


def frequency(policy: Effective) -> str:
    return f"per_{policy.frequency.unit}" if policy.frequency.value else "no_limit"
