"""Work off what is due: ask the contact policy anew before each try, deliver, and keep what became of it.

Vendors take turns, and each channel is worked off by itself, so that nobody waits for who is slow or sends much.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Literal, Protocol

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from keys.errors import KeysError
from wallet.channels import addresses, deliveries
from wallet.channels.deliveries import Delivery, State
from wallet.channels.model import Address, Channel, Means, NeverHere, NotNow, Parcel, PerhapsArrived
from wallet.house import House

NEVER: Final = "never"
WHILE_PAUSED: Final = 3600  # seconds until what a pause holds back is looked at again
EACH_VENDOR: Final = 4  # of one vendor at its turn
AT_ONCE: Final = 4  # on one channel
MOST_TURNS: Final = 100  # of vendors, before the other side of the database has its say

Verdict = int | Literal["never"] | None

log = logging.getLogger(__name__)


class Permits(Protocol):
    """None: it may go now. A number: not before. NEVER: the person took the permission back."""

    def __call__(self, db: Connection, delivery: Delivery, /, *, now: int) -> Verdict: ...


class GoesOn(Protocol):
    """It failed here for good, in the transaction that keeps so: perhaps it goes by another channel."""

    def __call__(self, db: Connection, delivery: Delivery, /, *, now: int) -> None: ...


def nowhere_else(_db: Connection, _delivery: Delivery, /, *, now: int) -> None:
    """It lies in the inbox."""


class Packs(Protocol):
    """What is to be delivered; None where the message is no more."""

    def __call__(self, db: Connection, delivery: Delivery, /, *, now: int) -> Parcel | None: ...


@dataclass(frozen=True, slots=True)
class Sender:
    """A house that delivers: who says whether something may go, and what it is."""

    house: House
    permitted: Permits
    packed: Packs
    goes_on: GoesOn = nowhere_else


@dataclass(frozen=True, slots=True)
class Ready:
    """What one try has in hand."""

    claimed: Delivery
    parcel: Parcel
    found: Sequence[addresses.Kept]


def work_off(sender: Sender, channels: Mapping[str, Channel]) -> int:
    """One round over all channels, one after the other; returns how many deliveries were tried."""
    return sum(work_off_one(sender, channel) for channel in channels.values())


def work_off_one(sender: Sender, channel: Channel) -> int:
    """One round over the vendors that wait for this channel; a turn that fails for good fails alone."""
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix=f"deliver-{channel.kind}") as pool:
        return sum(pool.map(partial(attempt, sender, channel), waiting(sender.house, channel.kind)))


def waiting(house: House, kind: str) -> Iterator[Delivery]:
    after, now = "", house.clock()
    for _turn in range(MOST_TURNS):
        vendor = house.database.read(deliveries.next_vendor, channel=kind, after=after, now=now)
        if vendor is None:
            return
        what: dict[str, Any] = {"channel": kind, "client_id": vendor, "limit": EACH_VENDOR, "now": now}
        yield from house.database.read(deliveries.due, **what)
        after = vendor


def give_up_elsewhere(sender: Sender, channels: Mapping[str, Channel]) -> int:
    """What waits for a channel that is not set up here any more goes on by the next one; returns how much."""
    what: dict[str, Any] = {"channels": channels.keys(), "limit": MOST_TURNS, "now": sender.house.clock()}
    found = sender.house.database.read(deliveries.due_elsewhere, **what)
    return sum(sender.house.database.write(give_up, sender, one, now=sender.house.clock()) for one in found)


def give_up(db: Connection, sender: Sender, delivery: Delivery, /, *, now: int) -> bool:
    claimed = deliveries.claim(db, delivery, now=now)
    if claimed is not None:
        conclude(db, sender, claimed, "failed", "this channel is not set up here", now=now)
    return claimed is not None


def attempt(sender: Sender, channel: Channel, delivery: Delivery) -> bool:
    """Try one; whether it was tried. Never raises: the others go on."""
    house = sender.house
    try:
        ready = house.database.write(begin, sender, channel, delivery, now=house.clock())
        if ready is None:
            return False
        state, error = delivered_to_all(sender, channel, ready)
        house.database.write(conclude, sender, ready.claimed, state, error, now=house.clock())
    except SQLAlchemyError:
        return False  # the database is away; the turn ends with its lease
    except Exception:
        log.exception("unhandled, while delivering by %s", channel.kind)
    return True


def begin(db: Connection, sender: Sender, channel: Channel, delivery: Delivery, *, now: int) -> Ready | None:
    """Claim it, and see whether it may go; all of that or nothing."""
    claimed = deliveries.claim(db, delivery, now=now)
    if claimed is None:
        return None
    verdict = sender.permitted(db, claimed, now=now)
    if verdict == NEVER:
        deliveries.settle(db, claimed, "withdrawn", now=now)
        return None
    if verdict is not None:
        deliveries.put_off(db, claimed, until=int(verdict), now=now)
        return None
    parcel = sender.packed(db, claimed, now=now)
    if parcel is None:
        deliveries.settle(db, claimed, "withdrawn", error="the message is no more", now=now)
        return None
    whose = {"person_id": claimed.person_id, "persona_id": claimed.persona_id, "kind": channel.kind}
    try:
        found = addresses.usable(db, sender.house.secrets, channel, **whose)
    except KeysError:
        found = ()  # it is being erased
    if channel.needs and not found:
        conclude(db, sender, claimed, "failed", "there is no address for it", now=now)
        return None
    return Ready(claimed, parcel, found)


def delivered_to_all(sender: Sender, channel: Channel, ready: Ready) -> tuple[str, str | None]:
    """To every address; one that has it is enough."""
    if not channel.needs:
        return delivered(sender, channel, ready, {})
    outcomes = []
    for kept in ready.found:
        try:
            outcomes.append(delivered(sender, channel, ready, kept.address))
        except Gone:
            place = {"person_id": ready.claimed.person_id, "address_id": kept.address_id}
            sender.house.database.write(addresses.remove, **place)
            outcomes.append(("failed", "the address is no more"))
    by_state = dict(reversed(outcomes))
    best = next(state for state in ("delivered", "handed_over", "waiting", "failed") if state in by_state)
    return best, by_state[best]


class Gone(Exception):
    """The address is no more."""


def delivered(sender: Sender, channel: Channel, ready: Ready, address: Address) -> tuple[str, str | None]:
    """The state this leads to, and what went wrong. Raises Gone."""
    house = sender.house
    means = Means(
        house.settings, house.secrets, house.outbound, house.clock(), partial(hand_over, sender, ready.claimed)
    )
    try:
        channel.deliver(ready.parcel, address, means)
    except NotNow as error:
        return "waiting", str(error)
    except PerhapsArrived as error:
        return "handed_over", str(error)
    except NeverHere as error:
        if error.gone:
            raise Gone from None
        return "failed", str(error)
    except SQLAlchemyError:
        raise
    except Exception as error:  # noqa: BLE001 - what it says may hold an address, so only its kind is kept
        log.warning("the channel %s failed: %s", channel.kind, type(error).__name__)
        return "waiting", "the channel failed"
    return "delivered", None


def hand_over(sender: Sender, claimed: Delivery) -> None:
    """Right before it can not be taken back: the permission is looked at once more. Raises NotNow."""

    def work(db: Connection, *, now: int) -> None:
        if sender.permitted(db, claimed, now=now) is not None:
            raise NotNow("it may not go at this time")
        deliveries.hand_over(db, claimed, now=now)

    sender.house.database.write(work, now=sender.house.clock())


def conclude(db: Connection, sender: Sender, claimed: Delivery, state: str, error: str | None, /, *, now: int) -> None:
    if state == "waiting" and not deliveries.is_over(claimed, now):
        due_at = now + deliveries.wait(claimed.tries)
        deliveries.settle(db, claimed, "waiting", due_at=due_at, error=error, now=now)
    elif state in {"waiting", "failed"}:
        if deliveries.settle(db, claimed, "failed", error=error, now=now):  # so that it does not come twice
            sender.goes_on(db, claimed, now=now)
    else:
        done: State = "delivered" if state == "delivered" else "handed_over"
        deliveries.settle(db, claimed, done, error=error, now=now)
