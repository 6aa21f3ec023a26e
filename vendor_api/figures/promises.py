"""What a vendor promised, and whether it kept it: the first answer to what a person said, by when it was due."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, and_, func, select

from vendor_api.desk.model import TO_PERSON
from vendor_api.desk.tables import desk_messages, desk_threads

MOST: Final = 20_000  # that are looked at, the latest
TAKEN_BACK: Final = "withdrawn"


@dataclass(frozen=True, slots=True)
class Promise:
    thread_id: str
    type: str
    due_at: int
    is_late: bool


def promises(db: Connection, *, client_id: str, since: int, now: int) -> Sequence[Promise]:
    """All that came due from `since` until now; what was taken back before is due no more."""
    said, thread, answer = desk_messages.c, desk_threads.c, desk_messages.alias()
    few = (
        select(said.thread_id, said.number, said.due_at)
        .where(said.client_id == client_id, said.due_at >= since, said.due_at <= now)
        .order_by(said.due_at.desc())
        .limit(MOST)
        .subquery()
    )
    its = and_(thread.client_id == client_id, thread.thread_id == few.c.thread_id)
    to_it = and_(
        answer.c.client_id == client_id,
        answer.c.thread_id == few.c.thread_id,
        answer.c.direction == TO_PERSON,
        answer.c.number > few.c.number,
    )
    columns = (*few.c, thread.type, thread.state, thread.state_at)
    found = (
        select(*columns, func.min(answer.c.at).label("first"))
        .select_from(few)
        .join(desk_threads, its)
        .outerjoin(answer, to_it)
        .group_by(*columns)
    )
    return [
        Promise(row.thread_id, row.type, row.due_at, row.first is None or row.first >= row.due_at)
        for row in db.execute(found)
        if row.first is not None or row.state != TAKEN_BACK or row.state_at >= row.due_at
    ]
