"""Who has a thread: given by hand, given on when somebody is away, and handed up when an answer is late."""

from typing import Any, Final

from sqlalchemy import Connection, select, update

from keys.secrets import HostSecrets
from vendor_api.desk import directory, incoming, service, threads, weighing
from vendor_api.desk.directory import ContactPerson
from vendor_api.desk.errors import UnknownContactPerson, WrongState
from vendor_api.desk.model import Reason, Thread, Weight
from vendor_api.desk.routing import NO_PREFERENCE, Decision, is_absent
from vendor_api.desk.tables import OPEN, WAITING, desk_threads
from vendor_api.host import Host
from vendor_api.model import Said

AT_ONCE: Final = 100

Ids = tuple[str, str]  # client_id, thread_id


def assign(db: Connection, host: Host, *, client_id: str, thread_id: str, contact_person_id: str, now: int) -> Thread:
    """By hand. Raises UnknownThread, UnknownContactPerson, WrongState for what has ended."""
    directory.find(db, host.secrets, client_id=client_id, contact_person_id=contact_person_id)
    thread = threads.find(db, host.secrets, client_id=client_id, thread_id=thread_id)
    if not give(db, host, thread, Decision(contact_person_id, (Reason("by_hand"),)), OPEN, now=now):
        raise WrongState(f"this thread is {thread.state}; what has ended is nobody's")
    return threads.find(db, host.secrets, client_id=client_id, thread_id=thread_id)


def late(db: Connection, _secrets: HostSecrets, *, now: int) -> tuple[Ids, ...]:
    """Threads that waited longer than was promised, and were not handed up for it; of all vendors."""
    thread = desk_threads.c
    overdue = select(thread.client_id, thread.thread_id).where(thread.due_at <= now, thread.escalated_at.is_(None))
    return tuple((row[0], row[1]) for row in db.execute(overdue.where(WAITING).order_by(thread.due_at).limit(AT_ONCE)))


def escalate(db: Connection, host: Host, ids: Ids, *, now: int) -> bool:
    """Hand one of `late` up: to whom its service level names, or else to somebody who is there. Says whether it did."""
    client_id, thread_id = ids
    row = desk_threads.c
    this = (row.client_id == client_id, row.thread_id == thread_id, row.escalated_at.is_(None), row.due_at <= now)
    if db.execute(update(desk_threads).where(*this, WAITING).values(escalated_at=now)).rowcount != 1:
        return False
    thread = threads.find(db, host.secrets, client_id=client_id, thread_id=thread_id)
    weighing.add(db, host.secrets, thread, Weight("late", weighing.LATE), expected=thread.priority)
    level = service.service(db, client_id=client_id).level(thread.type, thread.topic)
    chosen = named(db, host, level.escalate_to, client_id=client_id) or anybody(db, host, thread, now=now)
    decision = Decision(chosen.contact_person_id or thread.assigned_to, (Reason("late"), *chosen.reasons))
    give(db, host, thread, decision, WAITING, is_late=True, now=now)
    return True


def named(db: Connection, host: Host, contact_person_id: str | None, *, client_id: str) -> Decision | None:
    """Whom a service level hands up to, if they are still there."""
    try:
        found = directory.find(db, host.secrets, client_id=client_id, contact_person_id=contact_person_id or "")
    except UnknownContactPerson:
        return None
    return Decision(found.contact_person_id, (Reason("escalates_to", found.contact_person_id),))


def of_absent(db: Connection, secrets: HostSecrets, *, now: int) -> tuple[Ids, ...]:
    """Threads that wait for somebody who is away or gone; not those whose person wants to wait for that one."""
    row = desk_threads.c
    held = select(row.client_id, row.assigned_to).where(WAITING, row.assigned_to.is_not(None)).distinct()
    found: list[Ids] = []
    entries: dict[str, dict[str, ContactPerson]] = {}
    for client_id, assigned_to in db.execute(held.order_by(row.client_id, row.assigned_to)):
        if client_id not in entries:
            listed = directory.directory(db, secrets, client_id=client_id)
            entries[client_id] = {one.contact_person_id: one for one in listed}
        one = entries[client_id].get(assigned_to)
        if one is None or is_absent(one, now):
            theirs = (row.client_id == client_id, row.assigned_to == assigned_to)
            query = select(row.client_id, row.thread_id).where(*theirs, WAITING).order_by(row.rank).limit(AT_ONCE)
            found += [(ids[0], ids[1]) for ids in db.execute(query)]
    return tuple(found)


def reroute(db: Connection, host: Host, ids: Ids, *, now: int) -> bool:
    """Give one of `of_absent` to somebody who is there; says whether it did."""
    client_id, thread_id = ids
    thread = threads.find(db, host.secrets, client_id=client_id, thread_id=thread_id)
    if any(reason.code == "waits_for" for reason in thread.reasons):
        return False
    chosen = anybody(db, host, thread, now=now)
    if chosen.contact_person_id in {None, thread.assigned_to}:
        return False
    reasons = (Reason("absent", thread.assigned_to), *chosen.reasons)
    return give(db, host, thread, Decision(chosen.contact_person_id, reasons), WAITING, now=now)


def anybody(db: Connection, host: Host, thread: Thread, *, now: int) -> Decision:
    ids = {"client_id": thread.client_id, "thread_id": thread.thread_id}
    return incoming.choose(db, host.secrets, incoming.as_incoming(thread), NO_PREFERENCE, **ids, now=now)


def give(
    db: Connection, host: Host, thread: Thread, decision: Decision, while_: Any, *, is_late: bool = False, now: int
) -> bool:
    """Hand a thread over, and tell the person who has it; unless it was handed to somebody else meanwhile."""
    ids = {"client_id": thread.client_id, "thread_id": thread.thread_id}
    row = desk_threads.c
    mine = (row.client_id == thread.client_id, row.thread_id == thread.thread_id)
    unchanged = (*mine, row.assigned_to.is_not_distinct_from(thread.assigned_to))
    sealed = threads.sealed_parts(host.secrets, **ids, reasons=incoming.reasons_as_data(decision))
    to = decision.contact_person_id
    given = update(desk_threads).where(*unchanged, while_).values(assigned_to=to, **sealed)
    if db.execute(given).rowcount != 1:
        return False
    entries = directory.directory(db, host.secrets, client_id=thread.client_id)
    name = next((one.name for one in entries if one.contact_person_id == to), None)
    said = Said(thread.client_id, thread.state, is_late=is_late, author=to, name=name)
    host.desk_said(db, thread.thread_id, said, now=now)
    return True
