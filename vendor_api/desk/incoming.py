"""What becomes of a message when it comes in: weighed, due on a day, and given to somebody."""

from collections.abc import Mapping
from dataclasses import astuple, replace
from typing import Any

from sqlalchemy import Connection, func, select

from keys.secrets import HostSecrets
from vendor_api.desk import directory, routing, service, threads, weighing
from vendor_api.desk.model import Incoming, Thread
from vendor_api.desk.routing import Decision, Preference
from vendor_api.desk.tables import WAITING, desk_threads


def arrived(
    db: Connection,
    secrets: HostSecrets,
    *,
    client_id: str,
    thread_id: str,
    about: Incoming,
    text: str,
    preference: Preference,
    released: Mapping[str, Any],
    now: int,
) -> dict[str, Any]:
    """The columns of a thread that begins its way, for the first time or anew."""
    promised = service.service(db, client_id=client_id)
    weights = weighing.weigh(about, text, service=promised, released=released)
    priority, due_at = weighing.priority_of(weights), promised.due_at(about.type, about.topic, now=now)
    about = replace(about, due_at=due_at)
    chosen = choose(db, secrets, about, preference, client_id=client_id, thread_id=thread_id, now=now)
    sealed = threads.sealed_parts(
        secrets,
        client_id=client_id,
        thread_id=thread_id,
        explanation=weighing.as_data(weights),
        reasons=reasons_as_data(chosen),
    )
    return {
        "state": "received",
        "state_at": now,
        "due_at": due_at,
        "escalated_at": None,
        "satisfied": None,
        "assigned_to": chosen.contact_person_id,
        "priority": priority,
        "rank": weighing.rank_of(priority, now),
        **sealed,
    }


def choose(
    db: Connection,
    secrets: HostSecrets,
    incoming: Incoming,
    preference: Preference,
    *,
    client_id: str,
    thread_id: str,
    now: int,
) -> Decision:
    """By the directory and the load of this vendor; the thread itself is no load."""
    entries = directory.directory(db, secrets, client_id=client_id)
    return routing.route(incoming, entries, load(db, client_id=client_id, but=thread_id), preference, now)


def load(db: Connection, *, client_id: str, but: str = "") -> Mapping[str, int]:
    """How many threads wait for each, `but` this one."""
    thread = desk_threads.c
    mine = (thread.client_id == client_id, thread.assigned_to.is_not(None), thread.thread_id != but, WAITING)
    counted = select(thread.assigned_to, func.count().label("waiting")).where(*mine).group_by(thread.assigned_to)
    return {row.assigned_to: row.waiting for row in db.execute(counted)}


def as_incoming(thread: Thread) -> Incoming:
    return Incoming(thread.type, thread.topic, thread.language, thread.due_at)


def reasons_as_data(chosen: Decision) -> list[list[Any]]:
    return [list(astuple(one)) for one in chosen.reasons]
