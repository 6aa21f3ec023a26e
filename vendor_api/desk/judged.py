"""What the person does at the desk: judge an answer, take back what they said. One guarded UPDATE each."""

from sqlalchemy import Connection, update

from vendor_api.desk.tables import OPEN, desk_threads

ANSWERED = ("answered", "decided", "done", "declined")


def satisfied(db: Connection, *, client_id: str, thread_id: str, satisfied: bool) -> bool:
    """Whether there was an answer to be judged."""
    thread = desk_threads.c
    here = (thread.client_id == client_id, thread.thread_id == thread_id, thread.state.in_(ANSWERED))
    return db.execute(update(desk_threads).where(*here).values(satisfied=satisfied)).rowcount == 1


def withdrawn(db: Connection, *, client_id: str, thread_id: str, now: int) -> bool:
    """The person wants nothing any more. What was said stays; whether there was something to take back."""
    thread = desk_threads.c
    here = (thread.client_id == client_id, thread.thread_id == thread_id, OPEN)
    over = update(desk_threads).where(*here).values(state="withdrawn", state_at=now, due_at=None, assigned_to=None)
    return db.execute(over).rowcount == 1
