"""All figures of one vendor, each with the latest threads in which people said something about it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, and_, func, select

from keys.secrets import HostSecrets
from vendor_api.desk import letters
from vendor_api.desk.model import FROM_PERSON
from vendor_api.desk.sealing import open_content
from vendor_api.desk.tables import desk_messages
from vendor_api.figures import answering, engine
from vendor_api.figures.promises import promises
from vendor_api.figures.weeks import WEEK


def report(db: Connection, *, client_id: str, now: int) -> dict[str, Any]:
    """What the desk knows, by type and by week; and what is told of people, by topic and week."""
    most_alike = letters.most_alike(db, client_id=client_id)
    some = answering.threads(db, client_id=client_id, now=now)
    due = promises(db, client_id=client_id, since=answering.since(now), now=now)
    told = engine.weeks(db, client_id=client_id, now=now)
    return {
        "answering": answering.by_type(some, due, most_alike=most_alike),
        "answering_weeks": answering.by_week(some, due, most_alike=most_alike, now=now),
        "weeks": [{**one, "thread_ids": about(one["topic"], one["week"], some)} for one in told],
    }


def about(topic: str, week: int, some: Sequence[answering.Answered]) -> list[str]:
    """Of what people wrote of this topic in that week, and in the next one, in which they read."""
    return answering.beside([one for one in some if one.topic == topic and week <= one.asked_at < week + 2 * WEEK])


def words(db: Connection, secrets: HostSecrets, thread_ids: set[str], *, client_id: str) -> dict[str, str]:
    """What a person said first in each of these threads, word for word."""
    said, first = desk_messages.c, func.min(desk_messages.c.number).label("number")
    theirs = (said.client_id == client_id, said.thread_id.in_(thread_ids), said.direction == FROM_PERSON)
    firsts = select(said.thread_id, first).where(*theirs).group_by(said.thread_id).subquery()
    its = and_(said.thread_id == firsts.c.thread_id, said.number == firsts.c.number)
    found = (
        select(said.thread_id, said.message_id, said.text_sealed).join(firsts, its).where(said.client_id == client_id)
    )
    return {
        row.thread_id: open_content(
            secrets, row.text_sealed, "message", row.thread_id, row.message_id, client_id=client_id
        )
        for row in db.execute(found)
    }
