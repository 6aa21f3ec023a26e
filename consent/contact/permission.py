"""May this vendor speak to this person now, of this, and how? One ordered list of checks says so, and nothing else.

The clock is the host's alone: no time that a vendor names is ever looked at.
"""

from collections.abc import Callable
from dataclasses import dataclass
from secrets import token_urlsafe
from typing import Final

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select

from consent import standing
from consent.contact import openings, policies, windows
from consent.contact.errors import (
    NOT_PERMITTED,
    NOT_RELEVANT,
    OTHER_CHANNEL,
    OTHER_PERSON,
    OUTSIDE,
    PAUSED,
    TOO_OFTEN,
    NotPermitted,
)
from consent.contact.model import CALLS, NOBODY_ELSE, Effective
from consent.contact.tables import contacts
from consent.model import Grant
from consent.tightening import SECONDS
from keys.persons import meet
from keys.secrets import HostSecrets

REMEMBERED: Final = 2 * 366 * 24 * 3600

_row = contacts.c


@dataclass(frozen=True, slots=True)
class Wish:
    """What a vendor wants: to speak of this topic, perhaps by one channel, perhaps on an occasion the person made.

    `channel` None leaves the choice to the person.
    """

    topic: str
    channel: str | None = None
    opening_id: str | None = None
    contact_person: str | None = None


@dataclass(frozen=True, slots=True)
class Permission:
    """It may, by this channel; `policy` is what counts."""

    grant: Grant
    wish: Wish
    channel: str
    policy: Effective


@dataclass(frozen=True, slots=True)
class Case:
    """Everything a check looks at."""

    db: Connection
    grant: Grant
    wish: Wish
    policy: Effective
    now: int


def permit(db: Connection, secrets: HostSecrets, grant: Grant, wish: Wish, *, now: int) -> Permission:
    """Raises NotPermitted, with the first reason there is."""
    place = {"person_id": grant.person_id, "persona_id": grant.persona_id}
    policy = policies.counting(db, secrets, grant.party.client_id, wish.topic, **place)
    case = Case(db, grant, wish, policy, now)
    for check in CHECKS:
        check(case)
    return Permission(grant, wish, wish.channel or policy.channels[0], policy)


def check_grant(case: Case) -> None:
    if not case.grant.is_live(case.now):
        raise NotPermitted(NOT_PERMITTED)


def check_vendor(case: Case) -> None:
    grant = case.grant
    if grant.persona_id in standing.blocking(case.db, person_id=grant.person_id, client_id=grant.party.client_id):
        raise NotPermitted(NOT_PERMITTED)


def check_topic(case: Case) -> None:
    if case.wish.topic not in case.grant.topics:
        raise NotPermitted(NOT_PERMITTED)


def check_pause(case: Case) -> None:
    """Until when, the vendor is not told (docs/decisions/0021)."""
    if case.grant.is_paused(case.now) or case.policy.is_paused(case.now):
        raise NotPermitted(PAUSED)


def check_occasion(case: Case) -> None:
    """One that is named has to be one, also where none is needed."""
    named = case.wish.opening_id
    found = openings.find(case.db, case.grant, named) if named else None
    is_good = found is not None and found.is_open(case.now) and found.topic == case.wish.topic
    if not is_good and (named or case.policy.relevant_only):
        raise NotPermitted(NOT_RELEVANT)


def check_channel(case: Case) -> None:
    """Where it comes by one that is named."""
    if case.wish.channel is not None and case.wish.channel not in case.policy.channels:
        raise NotPermitted(OTHER_CHANNEL)


def check_named_channel(case: Case) -> None:
    """The one liked best, the one chosen for the occasion, or a call; of others nobody learns whether there are any."""
    check_channel(case)
    named, (best, *_others) = case.wish.channel, case.policy.channels
    if named is None or named in {best, *CALLS}:
        return
    occasion = openings.find(case.db, case.grant, case.wish.opening_id or "")
    if occasion is None or occasion.channel != named:
        raise NotPermitted(OTHER_CHANNEL)


def check_person(case: Case) -> None:
    """Where the person wants to hear of one contact person and of nobody else."""
    policy = case.policy
    if policy.contact_person and policy.fallback == NOBODY_ELSE and case.wish.contact_person != policy.contact_person:
        raise NotPermitted(OTHER_PERSON)


def check_hours(case: Case) -> None:
    if not windows.is_open(case.policy, case.now):
        raise NotPermitted(OUTSIDE, windows.next_open(case.policy, case.now))


def check_frequency(case: Case) -> None:
    """In any span of that length; what a clock that was put back left in the future counts, too."""
    frequency = case.policy.frequency
    if not frequency.value:
        return
    since = case.now - SECONDS[frequency.unit]
    newest = select(_row.at).where(*counted(case), _row.at > since).order_by(_row.at.desc()).limit(frequency.value)
    found = list(case.db.execute(newest).scalars())
    if len(found) == frequency.value:
        next_at = found[-1] + SECONDS[frequency.unit]
        raise NotPermitted(TOO_OFTEN, windows.next_open(case.policy, next_at))


CHECKS: Final[tuple[Callable[[Case], None], ...]] = (
    check_grant,
    check_vendor,
    check_topic,
    check_pause,
    check_occasion,
    check_named_channel,
    check_person,
    check_hours,
    check_frequency,
)


def counted(case: Case) -> tuple[ColumnElement[bool], ...]:
    grant = case.grant
    mine = (_row.person_id == grant.person_id, _row.persona_id == grant.persona_id)
    of = (*mine, _row.client_id == grant.party.client_id)
    return of if case.policy.counts_all else (*of, _row.topic == case.wish.topic)


def note(db: Connection, permission: Permission, *, now: int) -> None:
    """That the vendor spoke, in the transaction in which it was permitted: of two at once, one is asked anew."""
    grant = permission.grant
    meet(db, person_id=grant.person_id)
    place = {"person_id": grant.person_id, "contact_id": token_urlsafe(12), "persona_id": grant.persona_id}
    said = {"client_id": grant.party.client_id, "grant_id": grant.grant_id, "topic": permission.wish.topic}
    db.execute(insert(contacts).values(place | said | {"channel": permission.channel, "at": now}))


def spoken(db: Connection, *, person_id: str, persona_id: str, client_id: str, since: int) -> int:
    """How often this vendor spoke since then."""
    mine = (_row.person_id == person_id, _row.persona_id == persona_id, _row.client_id == client_id)
    return db.execute(select(func.count()).where(*mine, _row.at >= since)).scalar_one()


def sweep(db: Connection, *, now: int) -> int:
    """Forget what no frequency counts any more. Returns how many."""
    return db.execute(delete(contacts).where(_row.at <= now - REMEMBERED)).rowcount
