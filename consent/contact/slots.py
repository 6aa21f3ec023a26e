"""Whether a call that lasts a while fits into what a person says of being spoken to, and when one would."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain, takewhile
from typing import Final

from sqlalchemy import Connection

from consent.contact import permission, policies, windows
from consent.contact.errors import OUTSIDE, NotPermitted
from consent.contact.model import Effective
from consent.contact.permission import Case, Wish
from consent.model import Grant
from keys.secrets import HostSecrets

CHECKS: Final = (
    permission.check_grant,
    permission.check_vendor,
    permission.check_topic,
    permission.check_pause,
    permission.check_channel,
)


@dataclass(frozen=True, slots=True)
class Slot:
    """From `start` to before `end`, epoch seconds."""

    start: int
    end: int


def fits(policy: Effective, slot: Slot) -> bool:
    """Whether all of it is inside, to the last second."""
    between = takewhile(lambda at: at < slot.end, windows.turns(policy, slot.start))
    moments = chain((slot.start, slot.end - 1), between)
    return all(windows.is_open(policy, at) for at in moments)


def next_fit(policy: Effective, since: int, length: int) -> int | None:
    """When something of this length could begin, from `since` on; None if not within some weeks."""
    begin = windows.next_open(policy, since)
    if begin is None:
        return None
    moments = chain((begin,), windows.turns(policy, begin))
    return next((at for at in moments if fits(policy, Slot(at, at + length))), None)


def misfits(policy: Effective, slots: Iterable[Slot], *, now: int) -> list[tuple[Slot, int | None]]:
    """Those that do not fit, each with the next time that would, and nothing else of the person's hours."""
    return [(one, next_fit(policy, max(now, one.start), one.end - one.start)) for one in slots if not fits(policy, one)]


def check_stands(db: Connection, secrets: HostSecrets, grant: Grant, wish: Wish, slot: Slot, *, now: int) -> None:
    """Whether the vendor may still call then, from now to the end of it. Raises NotPermitted."""
    place = {"person_id": grant.person_id, "persona_id": grant.persona_id}
    policy = policies.counting(db, secrets, grant.party.client_id, wish.topic, **place)
    for at in (max(now, slot.start), slot.end - 1):
        for check in CHECKS:
            check(Case(db, grant, wish, policy, at))
    if not fits(policy, slot):
        raise NotPermitted(OUTSIDE)
