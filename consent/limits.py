"""How far an answer reaches: how often a vendor may read a value, until when, and whether it may keep a copy.

The words are those of India's Account Aggregator artefact; a month has 30 days here, and a year 365.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, text

from consent.model import Grant, Item, Limits, Span

DAY: Final = 24 * 3600
SECONDS: Final = {"hour": 3600, "day": DAY, "week": 7 * DAY, "month": 30 * DAY, "year": 365 * DAY}
MODES: Final = ("view", "store")
FETCHES: Final = ("once", "periodic")

ENDED: Final = "limit_ended"
FETCHED: Final = "already_fetched"
TOO_OFTEN: Final = "frequency_exceeded"

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


def delivery(db: Connection, grant: Grant, attributes: Collection[str], *, now: int) -> Delivery:
    """Count a read of each of these attributes that may be read now. What has no limits costs no statement."""
    limited = [item for item in grant.items if item.attribute in attributes and item.in_force is not None]
    if not limited:
        return Delivery(frozenset(attributes))
    withheld = tuple(found for item in limited if (found := used(db, grant, item, now=now)) is not None)
    return Delivery(frozenset(attributes) - {found.attribute for found in withheld}, withheld)


def used(db: Connection, grant: Grant, item: Item, *, now: int) -> Withheld | None:
    """Count this read, or say why it may not be."""
    limits = item.in_force or Limits()
    if limits.until is not None and now >= limits.until:
        return Withheld(item.attribute, ENDED, None)
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
    place = {"person_id": grant.person_id, "grant_id": grant.grant_id, "attribute": item.attribute}
    return db.execute(COUNT, {**place, "since": since, "most": most}).one_or_none() is not None


def is_as_tight(new: Limits, old: Limits) -> bool:
    """Whether no read is allowed under the new limits that was not under the old; promises stay as they are."""
    in_time = old.until is None or (new.until is not None and new.until <= old.until)
    return (
        in_time and (new.mode, new.data_life) == (old.mode, old.data_life) and (new.fetch == "once" or seldom(new, old))
    )


def seldom(new: Limits, old: Limits) -> bool:
    """As seldom: no more reads, in the same span of time or in one that holds it a whole number of times."""
    if old.fetch == "once" or old.frequency is None:
        return old.fetch != "once"
    if new.frequency is None:
        return False
    longer = SECONDS[new.frequency.unit] % SECONDS[old.frequency.unit] == 0
    return longer and new.frequency.value <= old.frequency.value


def span_from(stored: Mapping[str, Any]) -> Span:
    return Span(**stored)


def limits_from(stored: Mapping[str, Any] | None) -> Limits | None:
    """Limits as they were asked for, or as they lie in the database."""
    if stored is None:
        return None
    spans = {name: Span(**stored[name]) if stored.get(name) else None for name in ("frequency", "data_life")}
    return Limits(**{**stored, **spans})
