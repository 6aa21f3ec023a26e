"""What is on its way to people: each delivery is tried by one sender at a time, and nothing is sent twice.

waiting -> sending -> delivered, failed or back to waiting; withdrawn when the person ended the permission before. A
sender that dies leaves `sending`, and its turn ends with its lease. `handed_over` is kept right before the last step
that can not be taken back: what is found there later was perhaps delivered, and is never sent again.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from secrets import token_urlsafe
from typing import Any, Final, Literal

from sqlalchemy import Connection, Row, delete, func, insert, or_, select, update

from wallet.channels.model import Appointment, NotNow
from wallet.channels.tables import deliveries

State = Literal["waiting", "sending", "handed_over", "delivered", "failed", "withdrawn"]

LEASE: Final = 180
FIRST_WAIT: Final = 30
LONGEST_WAIT: Final = 6 * 3600
MOST_TRIES: Final = 24
LATE: Final = 24 * 3600  # what waited so long for one channel goes by the next one
REMEMBERED: Final = 366 * 24 * 3600
LONGEST_ERROR: Final = 200
UNDER_WAY: Final = ("waiting", "sending")


@dataclass(frozen=True, slots=True)
class Delivery:
    """`due_at` is None once nothing more will be done; while it is `sending`, it is when the sender's turn ends."""

    person_id: str
    delivery_id: str
    thread_id: str
    message_id: str
    persona_id: str
    client_id: str
    grant_id: str | None
    topic: str
    channel: str
    state: State
    tries: int
    created_at: int
    due_at: int | None
    done_at: int | None
    starts_at: int | None = None
    ends_at: int | None = None
    error: str | None = None


def put(
    db: Connection,
    *,
    person_id: str,
    persona_id: str,
    thread_id: str,
    message_id: str,
    client_id: str,
    grant_id: str | None,
    topic: str,
    channel: str,
    appointment: Appointment | None = None,
    not_before: int | None = None,
    now: int,
) -> str:
    """Keep it in the transaction of the message itself; gives back its delivery_id."""
    delivery_id = token_urlsafe(16)
    when = (appointment.starts, appointment.ends) if appointment else (None, None)
    row: dict[str, Any] = {"person_id": person_id, "delivery_id": delivery_id, "thread_id": thread_id}
    row |= {"message_id": message_id}
    row |= {"persona_id": persona_id, "client_id": client_id, "grant_id": grant_id, "topic": topic, "channel": channel}
    begun = {"state": "waiting", "tries": 0, "created_at": now, "due_at": max(now, not_before or now)}
    db.execute(insert(deliveries).values(**row, **begun, starts_at=when[0], ends_at=when[1]))
    return delivery_id


def is_waiting(db: Connection, person_id: str, message_id: str) -> bool:
    """Whether one of this is on its way that nobody has tried yet."""
    its = (deliveries.c.person_id == person_id, deliveries.c.message_id == message_id)
    untried = (deliveries.c.state == "waiting", deliveries.c.tries == 0)
    return db.execute(select(deliveries.c.delivery_id).where(*its, *untried).limit(1)).first() is not None


def next_vendor(db: Connection, *, channel: str, after: str, now: int) -> str | None:
    """The next vendor by name with something due on this channel: each has its turn, however much others send."""
    found = select(func.min(deliveries.c.client_id)).where(
        deliveries.c.channel == channel, deliveries.c.client_id > after, deliveries.c.due_at <= now
    )
    return db.execute(found).scalar()


def due(db: Connection, *, channel: str, client_id: str, limit: int, now: int) -> tuple[Delivery, ...]:
    """The longest waiting first; among them what a sender left behind that died."""
    this = (deliveries.c.channel == channel, deliveries.c.client_id == client_id, deliveries.c.due_at <= now)
    found = select(deliveries).where(*this).order_by(deliveries.c.due_at, deliveries.c.delivery_id).limit(limit)
    return tuple(map(delivery_from, db.execute(found)))


def due_elsewhere(db: Connection, *, channels: Collection[str], limit: int, now: int) -> tuple[Delivery, ...]:
    """What waits for any other channel than these."""
    this = (deliveries.c.due_at <= now, deliveries.c.channel.not_in(channels))
    return tuple(map(delivery_from, db.execute(select(deliveries).where(*this).limit(limit))))


def claim(db: Connection, delivery: Delivery, *, now: int) -> Delivery | None:
    """As it is for the one sender that may try it now; None for every other."""
    seen = (deliveries.c.due_at == delivery.due_at, deliveries.c.tries == delivery.tries)
    claimed = {"state": "sending", "tries": delivery.tries + 1, "due_at": now + LEASE}
    mine = update(deliveries).where(*this_one(delivery), *seen, deliveries.c.state.in_(UNDER_WAY)).values(**claimed)
    if db.execute(mine).rowcount != 1:
        return None
    return replace(delivery, state="sending", tries=delivery.tries + 1, due_at=now + LEASE)


def hand_over(db: Connection, claimed: Delivery, *, now: int) -> None:
    """From here on it counts as sent. Raises NotNow where the turn is over, so that another sender may have it."""
    mine = (*this_one(claimed), *held(claimed), deliveries.c.state == "sending", deliveries.c.due_at > now)
    done = db.execute(update(deliveries).where(*mine).values(state="handed_over", due_at=None, done_at=now))
    if done.rowcount != 1:
        raise NotNow("it took too long")


def settle(
    db: Connection, claimed: Delivery, state: State, *, due_at: int | None = None, error: str | None = None, now: int
) -> bool:
    """Keep what became of it; whether it was still this sender's to say."""
    mine = (*this_one(claimed), *held(claimed), deliveries.c.state.in_(("sending", "handed_over")))
    kept: dict[str, Any] = {"state": state, "due_at": due_at, "error": error[:LONGEST_ERROR] if error else None}
    kept["done_at"] = now if due_at is None else None
    return db.execute(update(deliveries).where(*mine).values(**kept)).rowcount == 1


def put_off(db: Connection, claimed: Delivery, *, until: int, now: int) -> None:
    """It was no time for it: that counts as no try."""
    mine = (*this_one(claimed), *held(claimed), deliveries.c.state == "sending")
    db.execute(
        update(deliveries)
        .where(*mine)
        .values(state="waiting", due_at=max(until, now + 1), tries=claimed.tries - 1, error=None)
    )


def is_over(claimed: Delivery, now: int) -> bool:
    """Whether it was tried long enough here."""
    return claimed.tries >= MOST_TRIES or now >= claimed.created_at + LATE


def wait(tries: int) -> int:
    """Seconds until the next try: 30, then four times as long each time, at last 6 hours."""
    return min(int(FIRST_WAIT * 4 ** (tries - 1)), LONGEST_WAIT)


def withdraw(db: Connection, *, person_id: str, client_id: str, grant_id: str | None = None, now: int) -> int:
    """What has not left yet does not leave, when a permission ends; returns how many."""
    whose = [deliveries.c.person_id == person_id, deliveries.c.client_id == client_id]
    if grant_id is not None:
        whose.append(deliveries.c.grant_id == grant_id)
    over = update(deliveries).where(*whose, deliveries.c.state.in_(UNDER_WAY))
    return db.execute(over.values(state="withdrawn", due_at=None, done_at=now)).rowcount


def of_messages(db: Connection, *, person_id: str, message_ids: Sequence[str]) -> tuple[Delivery, ...]:
    """How these messages went out, for the pages that show them."""
    found = select(deliveries).where(deliveries.c.person_id == person_id, deliveries.c.message_id.in_(message_ids))
    return tuple(map(delivery_from, db.execute(found.order_by(deliveries.c.created_at, deliveries.c.delivery_id))))


def newest(db: Connection, *, person_id: str, persona_id: str, channel: str, limit: int) -> tuple[Delivery, ...]:
    """What was delivered to a persona on this channel, the latest first."""
    mine = (deliveries.c.person_id == person_id, deliveries.c.persona_id == persona_id)
    there = (deliveries.c.channel == channel, deliveries.c.state == "delivered")
    found = select(deliveries).where(*mine, *there).order_by(deliveries.c.done_at.desc()).limit(limit)
    return tuple(map(delivery_from, db.execute(found)))


def stuck(db: Connection, channel: str, *, now: int) -> tuple[int, int | None]:
    """How many are due or failed at their last try, and when the oldest was begun; not those that wait for hours."""
    table = deliveries.c
    late = (table.channel == channel, table.due_at.is_not(None), or_(table.due_at <= now, table.tries > 0))
    count, since = db.execute(select(func.count(), func.min(table.created_at)).where(*late)).one()
    return count, since


def sweep(db: Connection, *, now: int) -> int:
    return db.execute(delete(deliveries).where(deliveries.c.done_at <= now - REMEMBERED)).rowcount


def this_one(delivery: Delivery) -> tuple[Any, ...]:
    return deliveries.c.person_id == delivery.person_id, deliveries.c.delivery_id == delivery.delivery_id


def held(claimed: Delivery) -> tuple[Any, ...]:
    """As long as nobody else has claimed it since."""
    return (deliveries.c.tries == claimed.tries,)


def delivery_from(row: Row[Any]) -> Delivery:
    return Delivery(**row._mapping)
