"""What is stricter than what: a person may tighten the limits of a value, and only a vendor's ask can loosen them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from consent.errors import EmptyRange, NotAsked, NotTighter
from consent.model import Item, Limits, Range, Span, carries_data

DAY: Final = 24 * 3600
SECONDS: Final = {"hour": 3600, "day": DAY, "week": 7 * DAY, "month": 30 * DAY, "year": 365 * DAY}
UNLIMITED: Final = Limits(mode="store")  # what holds where the vendor asked without limits: no promise either

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Tightening:
    """What a person wants for one value from now on; None leaves that part as it is."""

    attribute: str
    mode: str | None = None
    fetch: str | None = None
    frequency: Span | None = None
    data_life: Span | None = None
    until: int | None = None
    data_range: Range | None = None
    recipients: tuple[str, ...] | None = None
    storage_place: tuple[str, ...] | None = None

    def of(self, item: Item) -> Limits:
        """The limits as they would then be. What is not kept has no life and place, what is read once no frequency."""
        before = item.in_force or UNLIMITED
        mode, fetch = self.mode or before.mode, self.fetch or ("periodic" if self.frequency else before.fetch)
        return Limits(
            mode=mode,
            fetch=fetch,
            frequency=None if fetch == "once" else self.frequency or before.frequency,
            data_life=None if mode == "view" else self.data_life or before.data_life,
            until=self.until or before.until,
            data_range=within(self.data_range, before.data_range),
            recipients=before.recipients if self.recipients is None else self.recipients,
            storage_place=None if mode == "view" else self.storage_place or before.storage_place,
        )


def within(new: Range | None, old: Range | None) -> Range | None:
    """The new range, with the old end where it names none."""
    if new is None or old is None:
        return new or old
    return Range(
        old.since if new.since is None else new.since,
        old.until if new.until is None else new.until,
    )


def tightened(item: Item, tightening: Tightening) -> Item:
    """The item under stricter limits; the very same where nothing changes. Raises NotTighter, EmptyRange."""
    before, after = item.in_force or UNLIMITED, tightening.of(item)
    if after.data_range is not None and after.data_range.is_empty:
        raise EmptyRange("the first day of a stretch of time comes before its last")
    if not is_as_tight(after, before):
        raise NotTighter("limits become looser only when the vendor asks, and you allow it")
    return item if after == before else replace(item, tighter=after)


def all_tightened(
    items: Collection[Item], tightenings: Iterable[Tightening], *, chosen: Collection[str]
) -> tuple[Item, ...]:
    """The items as somebody wants them who answers an ask. Raises NotTighter, EmptyRange, and NotAsked for
    what is not among them.

    What is not chosen stays as it was asked, so that it can be asked again.
    """
    wanted = {tightening.attribute: tightening for tightening in tightenings}
    if not wanted.keys() <= {item.attribute for item in items if carries_data(item.attribute)}:
        raise NotAsked("only the limits of a value that was asked for can be tightened")
    return tuple(
        tightened(item, wanted[item.attribute]) if item.attribute in wanted and item.attribute in chosen else item
        for item in items
    )


def is_as_tight(new: Limits, old: Limits) -> bool:
    """Whether nothing is allowed or promised under the new limits that was not under the old."""
    return (
        is_no_later(new.until, old.until)
        and (new.fetch == "once" or seldom(new, old))
        and is_kept_as_little(new, old)
        and is_inside(new.data_range, old.data_range)
        and is_among(new.recipients, old.recipients)
    )


def is_no_later(new: int | None, old: int | None) -> bool:
    return old is None or (new is not None and new <= old)


def seldom(new: Limits, old: Limits) -> bool:
    """As seldom: no more reads, in the same span of time or in one that holds it a whole number of times."""
    if old.fetch == "once" or old.frequency is None:
        return old.fetch != "once"
    if new.frequency is None:
        return False
    longer = SECONDS[new.frequency.unit] % SECONDS[old.frequency.unit] == 0
    return longer and new.frequency.value <= old.frequency.value


def is_kept_as_little(new: Limits, old: Limits) -> bool:
    """No copy at all, or one for no longer and nowhere else; without a `data_life` nobody said how long."""
    if new.mode == "view" or old.mode == "view":
        return new.mode == "view"
    shorter = old.data_life is None or (new.data_life is not None and seconds(new.data_life) <= seconds(old.data_life))
    return shorter and is_among(new.storage_place, old.storage_place)


def seconds(span: Span) -> int:
    return span.value * SECONDS[span.unit]


def is_inside(new: Range | None, old: Range | None) -> bool:
    new, old = new or Range(), old or Range()
    begins = old.since is None or (new.since is not None and new.since >= old.since)
    return begins and is_no_later(new.until, old.until)


def is_among(new: tuple[T, ...] | None, old: tuple[T, ...] | None) -> bool:
    """None is for all there are."""
    return old is None or (new is not None and set(new) <= set(old))
