"""How a vendor answers what people say to it: from its own desk, so that nothing of it is new to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

from sqlalchemy import Connection, and_, func, select

from vendor_api.desk.model import FROM_PERSON, TO_PERSON, TYPES
from vendor_api.desk.tables import desk_letters, desk_messages, desk_threads
from vendor_api.figures.promises import Promise
from vendor_api.figures.weeks import WEEK, monday

WEEKS: Final = 12  # the last of them is not over
MOST: Final = 20_000  # threads that are looked at, the latest
BESIDE: Final = 5  # threads whose own words stand beside a figure

_thread = desk_threads.c
_said = desk_messages.c


@dataclass(frozen=True, slots=True)
class Answered:
    """One thread: when the person wrote, whether the vendor read it, and when it was answered first, if it was."""

    thread_id: str
    type: str
    topic: str | None
    is_read: bool
    asked_at: int
    first_answer_at: int | None
    letter_people: int


def since(now: int) -> int:
    """With which the first of the weeks began."""
    return monday(now) - (WEEKS - 1) * WEEK


def by_type(some: Sequence[Answered], due: Sequence[Promise], *, most_alike: int) -> list[dict[str, Any]]:
    """Times in seconds, shares in percent. Types that nobody wrote and nothing was due of are left out."""
    parted = {
        name: ([one for one in some if one.type == name], [one for one in due if one.type == name]) for name in TYPES
    }
    return [{"type": name, **figure(*parts, most_alike)} for name, parts in parted.items() if any(parts)]


def by_week(some: Sequence[Answered], due: Sequence[Promise], *, most_alike: int, now: int) -> list[dict[str, Any]]:
    """Likewise, the latest first, from the first week of which there is something."""
    first = min([monday(one.asked_at) for one in some] + [monday(one.due_at) for one in due], default=now)
    return [
        {
            "week": week,
            **figure(
                [one for one in some if monday(one.asked_at) == week],
                [one for one in due if monday(one.due_at) == week],
                most_alike,
            ),
        }
        for week in range(monday(now), first - 1, -WEEK)
    ]


def threads(db: Connection, *, client_id: str, now: int) -> Sequence[Answered]:
    """The latest of them."""
    few = (
        select(_thread.thread_id, _thread.type, _thread.topic, _thread.state, _thread.opened_at)
        .where(_thread.client_id == client_id, _thread.opened_at >= since(now))
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
        Answered(row.thread_id, row.type, row.topic, row.state != "received", row.asked_at, row.first, row.alike or 0)
        for row in db.execute(found)
    ]


def figure(some: Sequence[Answered], due: Sequence[Promise], most_alike: int) -> dict[str, Any]:
    """Of what people wrote, and of what was due."""
    times = sorted(one.first_answer_at - one.asked_at for one in some if one.first_answer_at is not None)
    alike = sum(1 for one in some if one.first_answer_at is not None and one.letter_people > most_alike)
    threads_due = {one.thread_id for one in due}
    return {
        "threads": len(some),
        "unread_percent": percent(sum(not one.is_read for one in some), len(some)),
        "answered": len(times),
        "first_answer_median": int(median(times)) if times else None,
        "first_answer_90th": times[max(0, -(-9 * len(times) // 10) - 1)] if times else None,
        "due": len(threads_due),
        "late_percent": percent(len({one.thread_id for one in due if one.is_late}), len(threads_due)),
        "form_letter_percent": percent(alike, len(times)),
        "thread_ids": beside(some),
    }


def beside(some: Sequence[Answered]) -> list[str]:
    """The latest, whose own words stand beside a figure."""
    return [one.thread_id for one in some[:BESIDE]]


def percent(some: int, of: int) -> int | None:
    return round(100 * some / of) if of else None
