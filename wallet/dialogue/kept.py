"""Keep how far it has come what a person said, sealed under the key of its thread."""

from dataclasses import asdict, replace
from typing import Any, Final

import orjson
from sqlalchemy import ColumnElement, Connection, Row, TextClause, func, insert, select, text, update

from keys.sealing import seal, unseal
from keys.secrets import HostSecrets
from vendor_api.desk.model import Weight
from wallet.dialogue import engine as dialogue
from wallet.dialogue.model import Thread
from wallet.dialogue.progress import Details, Feedback, Step
from wallet.dialogue.tables import feedback, threads

_it = feedback.c
UNSEEN: Final = text("feedback.unseen > 0")  # as its partial index says it
PLAIN: Final = tuple(column.name for column in feedback.c if column.name != "details_sealed")


def find(db: Connection, thread: Thread) -> Feedback | None:
    """None where the person has said nothing in it."""
    row = db.execute(select(feedback).where(*is_of(thread))).one_or_none()
    return feedback_of(thread, row) if row else None


def save(db: Connection, thread: Thread, said: Feedback) -> None:
    """In the place of what is there, or as the first."""
    values: dict[str, Any] = {name: getattr(said, name) for name in PLAIN}
    values["details_sealed"] = seal(thread.key, orjson.dumps(asdict(said.details)), *aad_of(thread))
    if db.execute(update(feedback).where(*is_of(thread)).values(**values)).rowcount == 0:
        db.execute(insert(feedback).values(**values))


def latest(
    db: Connection, secrets: HostSecrets, *, person_id: str, persona_id: str, skip: int = 0, limit: int
) -> tuple[tuple[Thread, Feedback], ...]:
    """What moved last comes first."""
    mine = (_it.person_id == person_id, _it.persona_id == persona_id)
    newest = select(feedback).where(*mine).order_by(_it.state_at.desc(), _it.thread_id.desc())
    return with_threads(db, secrets, db.execute(newest.offset(skip).limit(limit)).all(), person_id=person_id)


def late(
    db: Connection, secrets: HostSecrets, *, person_id: str, persona_id: str, limit: int, now: int
) -> tuple[tuple[Thread, Feedback], ...]:
    """What should have been answered by now, the longest overdue first."""
    mine = (_it.person_id == person_id, _it.persona_id == persona_id, _it.due_at <= now)
    overdue = select(feedback).where(*mine).order_by(_it.due_at).limit(limit)
    return with_threads(db, secrets, db.execute(overdue).all(), person_id=person_id)


def with_threads(
    db: Connection, secrets: HostSecrets, rows: Any, *, person_id: str
) -> tuple[tuple[Thread, Feedback], ...]:
    ids = [row.thread_id for row in rows]
    keyed = dialogue.keyed(person_id).where(threads.c.thread_id.in_(ids))
    of = {row.thread_id: dialogue.thread_of(secrets, row) for row in db.execute(keyed)} if ids else {}
    return tuple((of[row.thread_id], feedback_of(of[row.thread_id], row)) for row in rows)


def how_many(db: Connection, *, person_id: str, persona_id: str) -> int:
    mine = (_it.person_id == person_id, _it.persona_id == persona_id)
    return db.execute(select(func.count()).select_from(feedback).where(*mine)).scalar_one()


def how_many_late(db: Connection, *, person_id: str, persona_id: str, now: int) -> int:
    return counted(db, _it.person_id == person_id, _it.persona_id == persona_id, _it.due_at <= now)


def how_many_moved(db: Connection, *, person_id: str, persona_id: str) -> int:
    """Those with steps the person has not looked at."""
    return counted(db, _it.person_id == person_id, _it.persona_id == persona_id, UNSEEN)


def counted(db: Connection, *these: ColumnElement[bool] | TextClause) -> int:
    """No more than MOST_COUNTED."""
    some = select(_it.thread_id).where(*these).limit(dialogue.MOST_COUNTED).subquery()
    return db.execute(select(func.count()).select_from(some)).scalar_one()


def told_since(db: Connection, *, person_id: str, persona_id: str, client_id: str, since: int) -> int:
    """How many threads a persona began with this vendor in which something was said since then."""
    its = threads.c
    mine = (its.person_id == person_id, its.persona_id == persona_id, its.client_id == client_id)
    begun = select(func.count()).select_from(threads).where(*mine, its.last_at > since, its.opened_at > since)
    return db.execute(begun).scalar_one()


def seen(db: Connection, thread: Thread) -> None:
    """The person has all its steps before their eyes."""
    db.execute(update(feedback).where(*is_of(thread), _it.unseen > 0).values(unseen=0))


def judge(db: Connection, thread: Thread, satisfied: bool | None) -> None:
    db.execute(update(feedback).where(*is_of(thread)).values(satisfied=satisfied))


def is_of(thread: Thread) -> tuple[ColumnElement[bool], ...]:
    return _it.person_id == thread.person_id, _it.thread_id == thread.thread_id


def aad_of(thread: Thread) -> tuple[str, ...]:
    return "feedback", thread.person_id, thread.thread_id


def feedback_of(thread: Thread, row: Row[Any]) -> Feedback:
    content = orjson.loads(unseal(thread.key, row.details_sealed, *aad_of(thread)))
    details = Details(**content)
    weights = tuple(Weight(one["reason"], one["weight"], tuple(one["words"])) for one in content["weights"])
    details = replace(details, weights=weights, steps=tuple(Step(**one) for one in content["steps"]))
    return Feedback(**{name: row._mapping[name] for name in PLAIN}, details=details)
