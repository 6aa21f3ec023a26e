"""How far an answer reaches: how often and until when a value may be read, of what time it may be, who may get it.

The words are those of India's Account Aggregator artefact; a month has 30 days here, and a year 365.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, text

from consent.model import Grant, Item, Limits, Range, Span
from consent.tightening import SECONDS

MODES: Final = ("view", "store")
FETCHES: Final = ("once", "periodic")

ENDED: Final = "limit_ended"
FETCHED: Final = "already_fetched"
TOO_OFTEN: Final = "frequency_exceeded"
OUTSIDE: Final = "outside_data_range"
NOT_FOR_THEM: Final = "recipient_not_allowed"
AWAY: Final = "interaction_required"  # locked, and the person is not here
NEVER: Final[Mapping[str, int]] = {}

# One row for each attribute: the reads of the span it is in. Two reads at once can not both be the last one. A span
# that was made longer began before the one that was counted in, whose reads then count in it.
COUNT = text(
    "insert into uses (person_id, grant_id, attribute, since, count) "
    "values (:person_id, :grant_id, :attribute, :since, 1) "
    "on conflict (person_id, grant_id, attribute) do update "
    "set count = case when uses.since < excluded.since then 1 else uses.count + 1 end, "
    "since = case when uses.since < excluded.since then excluded.since else uses.since end "
    "where uses.since < excluded.since or uses.count < :most returning count"
)


@dataclass(frozen=True, slots=True)
class Withheld:
    """A value that may not be read now, and why. `next_at` is when it may be again (epoch seconds), None for never."""

    attribute: str
    reason: str
    next_at: int | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """What may leave of what was asked for."""

    attributes: frozenset[str]
    withheld: tuple[Withheld, ...] = ()


def delivery(
    db: Connection,
    grant: Grant,
    attributes: Collection[str],
    *,
    set_at: Mapping[str, int] = NEVER,
    recipient: str | None = None,
    now: int,
) -> Delivery:
    """Count a read of each of these attributes that may be read now. What has no limits costs no statement.

    `set_at` says when the person entered the values (epoch seconds), `recipient` which processor reads.
    """
    limited = [item for item in grant.items if item.attribute in attributes and item.in_force is not None]
    if not limited:
        return Delivery(frozenset(attributes))
    withheld = []
    for item in limited:
        at = set_at.get(item.attribute)
        found = out_of_reach(item, at, recipient, now=now) or used(db, grant, item, now=now)
        withheld += [found] if found else []
    return Delivery(frozenset(attributes) - {found.attribute for found in withheld}, tuple(withheld))


def out_of_reach(item: Item, set_at: int | None, recipient: str | None, *, now: int) -> Withheld | None:
    """Why no count can help; None where nothing stands against a read. A value of unknown time is in no range."""
    limits = item.in_force or Limits()
    if limits.until is not None and now >= limits.until:
        return Withheld(item.attribute, ENDED, None)
    if recipient is not None and limits.recipients is not None and recipient not in limits.recipients:
        return Withheld(item.attribute, NOT_FOR_THEM, None)
    if limits.data_range is not None and (set_at is None or not limits.data_range.holds(set_at)):
        return Withheld(item.attribute, OUTSIDE, None)
    return None


def used(db: Connection, grant: Grant, item: Item, *, now: int) -> Withheld | None:
    """Count this read, or say why it may not be."""
    limits = item.in_force or Limits()
    if limits.fetch == "once":
        counted = count(db, grant, item, since=grant.granted_at, most=1)
        return None if counted else Withheld(item.attribute, FETCHED, None)
    if limits.frequency is None:
        return None
    length = SECONDS[limits.frequency.unit]
    since = now - (now - grant.granted_at) % length
    counted = count(db, grant, item, since=since, most=limits.frequency.value)
    return None if counted else Withheld(item.attribute, TOO_OFTEN, since + length)


def count(db: Connection, grant: Grant, item: Item, *, since: int, most: int) -> bool:
    return count_named(db, grant, item.attribute, since=since, most=most)


def count_named(db: Connection, grant: Grant, name: str, *, since: int, most: int) -> bool:
    """The same for what is no attribute. Whether it is still one of so many since then."""
    place = {"person_id": grant.person_id, "grant_id": grant.grant_id, "attribute": name}
    return db.execute(COUNT, {**place, "since": since, "most": most}).one_or_none() is not None


def limits_from(stored: Mapping[str, Any] | None) -> Limits | None:
    """Limits as they were asked for, or as they lie in the database. Names in another order are the same names."""
    if stored is None:
        return None
    parts = {name: make(stored[name]) for name, make in PARTS.items() if stored.get(name) is not None}
    return Limits(**{**stored, **parts})


def names(listed: Collection[str]) -> tuple[str, ...]:
    return tuple(sorted(set(listed)))


PARTS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "frequency": lambda stored: Span(**stored),
    "data_life": lambda stored: Span(**stored),
    "data_range": lambda stored: Range(**stored),
    "recipients": names,
    "storage_place": names,
}
