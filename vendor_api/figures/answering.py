"""How a vendor answers what people say to it: from its own desk, so that nothing of it is new to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

from sqlalchemy import Connection, and_, func, select

from vendor_api.desk import letters
from vendor_api.desk.model import FROM_PERSON, TO_PERSON, TYPES
from vendor_api.desk.tables import desk_letters, desk_messages, desk_threads
from vendor_api.figures.weeks import WEEK, monday

WEEKS: Final = 12
MOST: Final = 20_000  # threads that are looked at, the latest
BESIDE: Final = 5  # threads whose own words stand beside a figure

_thread = desk_threads.c
_said = desk_messages.c


@dataclass(frozen=True, slots=True)
class Answered:
    """One thread: when the person wrote, when it was answered first, if it was, and by when it should have been."""

    thread_id: str
    type: str
    asked_at: int
    first_answer_at: int | None
    due_at: int | None
    escalated_at: int | None
    letter_people: int


def answering(db: Connection, *, client_id: str, now: int) -> list[dict[str, Any]]:
    """By type, of the last twelve weeks; times in seconds, shares in percent. Types without a thread are left out."""
    most_alike = letters.most_alike(db, client_id=client_id)
    found = threads(db, client_id=client_id, since=monday(now) - WEEKS * WEEK)
    by_type = {name: [one for one in found if one.type == name] for name in TYPES}
    return [figure(name, some, most_alike, now) for name, some in by_type.items() if some]


def threads(db: Connection, *, client_id: str, since: int) -> Sequence[Answered]:
    """The latest of them."""
    few = (
        select(_thread.thread_id, _thread.type, _thread.opened_at, _thread.due_at, _thread.escalated_at)
        .where(_thread.client_id == client_id, _thread.opened_at >= since)
        .order_by(_thread.opened_at.desc())
        .limit(MOST)
        .subquery()
    )
    mine = and_(_said.client_id == client_id, _said.thread_id == few.c.thread_id)
    asked = (
        select(few, func.min(_said.number).label("number"), func.min(_said.at).label("asked_at"))
        .join(desk_messages, and_(mine, _said.direction == FROM_PERSON))
        .group_by(*few.c)
        .subquery()
    )
    its = and_(_said.client_id == client_id, _said.thread_id == asked.c.thread_id)
    answer = and_(its, _said.direction == TO_PERSON, _said.number > asked.c.number)
    letter = and_(desk_letters.c.client_id == client_id, desk_letters.c.letter_id == _said.letter_id)
    found = (
        select(asked, func.min(_said.at).label("first"), func.max(desk_letters.c.people).label("alike"))
        .select_from(asked)
        .outerjoin(desk_messages, answer)
        .outerjoin(desk_letters, letter)
        .group_by(*asked.c)
        .order_by(asked.c.opened_at.desc())
    )
    return [
        Answered(row.thread_id, row.type, row.asked_at, row.first, row.due_at, row.escalated_at, row.alike or 0)
        for row in db.execute(found)
    ]


def figure(type_: str, some: Sequence[Answered], most_alike: int, now: int) -> dict[str, Any]:
    times = sorted(one.first_answer_at - one.asked_at for one in some if one.first_answer_at is not None)
    alike = sum(1 for one in some if one.first_answer_at is not None and one.letter_people > most_alike)
    return {
        "type": type_,
        "threads": len(some),
        "answered": len(times),
        "first_answer_median": int(median(times)) if times else None,
        "first_answer_90th": times[max(0, -(-9 * len(times) // 10) - 1)] if times else None,
        "late_percent": percent(sum(1 for one in some if is_late(one, now)), len(some)),
        "form_letter_percent": percent(alike, len(times)),
        "thread_ids": [one.thread_id for one in some[:BESIDE]],
    }


def is_late(one: Answered, now: int) -> bool:
    """It was handed up, or should have been answered by now; whoever answers has nothing due any more."""
    return one.escalated_at is not None or (one.due_at is not None and now > one.due_at)


def percent(some: int, of: int) -> int | None:
    return round(100 * some / of) if of else None
