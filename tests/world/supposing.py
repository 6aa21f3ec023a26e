"""What is supposed to hold between a person and their vendors: sets and numbers, and none of the engine's own words."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace

from consent.errors import EmptyRange, NotTighter
from consent.model import Limits, Range, Span

SERVICE, COUNTING = "dpv:ServiceProvision", "dpv:ServiceMonitoring"
# For which purposes something may be read under an agreement: by the vendor, and by who processes it for the vendor.
ALLOWED = {
    ("SD-BASE", False): {None, SERVICE},
    ("SD-BASE", True): {None, SERVICE},
    ("SD-BASE-A", False): {None, SERVICE, COUNTING},
    ("SD-BASE-A", True): {None, SERVICE},
}
SECONDS = {"hour": 3600, "day": 24 * 3600}
TOLD_ANEW = 3600  # a failure of which the ledger has told already is only counted, for so long
STORED = Limits(mode="store")


@dataclass(frozen=True)
class Given:
    """One value, as it was asked for and as the person tightened it."""

    purpose: str | None
    limits: Limits | None
    tighter: Limits | None = None

    @property
    def in_force(self) -> Limits | None:
        return self.tighter or self.limits

    def is_like(self, other: "Given") -> bool:
        return (self.purpose, self.limits) == (other.purpose, other.limits)


@dataclass
class Agreement:
    name: str
    until: int
    over: str | None = None

    def counts(self, now: int) -> bool:
        return self.over is None and now < self.until


@dataclass
class Round:
    """A negotiation: the vendor may accept while it is open."""

    until: int
    is_open: bool


@dataclass
class Agreed:
    """One grant. `kinds` are those of its receipts; `counted` says since when a value was read, and how often."""

    grant_id: str
    vendor: str
    items: dict[str, Given] = field(default_factory=dict)
    refused: dict[str, Given] = field(default_factory=dict)
    given_at: int = 0
    until: int = 0
    ended_at: int | None = None
    paused_until: int = 0
    agreement: Agreement | None = None
    round: Round | None = None
    kinds: list[str] = field(default_factory=list)
    digests: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    counted: dict[str, tuple[int, int]] = field(default_factory=dict)
    failed: dict[str, tuple[int, int]] = field(default_factory=dict)
    verified: int = 0  # so many receipts had their signatures verified

    @property
    def ended(self) -> bool:
        return self.ended_at is not None

    def is_paused(self, now: int) -> bool:
        return now < self.paused_until

    def is_live(self, now: int) -> bool:
        return not self.ended and now < self.until

    def takes(self, asked: dict[str, Given], chosen: Collection[str], *, until: int, now: int) -> None:
        """The newest word on what was asked, the older word on the rest, if that still holds."""
        goes_on = self.is_live(now)
        items, refused = (self.items, self.refused) if goes_on else ({}, {})
        rest = {name: given for name, given in items.items() if name not in asked}
        unwanted = {name: given for name, given in refused.items() if name not in asked}
        self.items = rest | {name: given for name, given in asked.items() if name in chosen}
        self.refused = unwanted | {name: given for name, given in asked.items() if name not in chosen}
        self.given_at, self.until, self.paused_until = now, until, 0

    def still_tight(self, asked: dict[str, Given]) -> dict[str, Given]:
        """What is asked again as it was asked before stays as tight as it was made."""
        return {
            name: replace(given, tighter=self.items[name].tighter)
            if name in self.items and self.items[name].is_like(given)
            else given
            for name, given in asked.items()
        }

    def answers(self, asked: dict[str, Given], required: Collection[str]) -> bool:
        """Whether all that is asked was answered before, as it is asked now."""
        answered = self.refused | self.items
        like = all(name in answered and answered[name].is_like(given) for name, given in asked.items())
        return like and set(required) <= self.items.keys()

    def fails(self, reason: str, *, now: int) -> int:
        """How many lines this failure has in the ledger, beside those of others before it."""
        since, count = self.failed.get(reason, (now, 0))
        if count and now - since < TOLD_ANEW:
            self.failed[reason] = (since, count + 1)
            return 0
        self.failed[reason] = (now, 1)
        return 2 if count > 1 else 1

    def holds_back(self, name: str, *, recipient: str | None, set_at: int, now: int) -> str | None:
        """Why a value that is granted may not leave now; None where it may, and then it is counted."""
        item, agreement = self.items[name], self.agreement
        if agreement is not None and not agreement.counts(now):
            return "terms_ended"
        if agreement is not None and item.purpose not in ALLOWED[agreement.name, recipient is not None]:
            return "terms_prohibit"
        limits = item.in_force or STORED
        reasons = (
            ("limit_ended", limits.until is not None and now >= limits.until),
            ("recipient_not_allowed", not may_have(recipient, limits.recipients)),
            ("outside_data_range", not is_of(limits.data_range, set_at)),
        )
        return next((reason for reason, is_it in reasons if is_it), None) or self.used_up(name, limits, now=now)

    def used_up(self, name: str, limits: Limits, *, now: int) -> str | None:
        if limits.fetch == "once":
            return None if self.counts(name, since=self.given_at, most=1) else "already_fetched"
        if limits.frequency is None:
            return None
        since = now - (now - self.given_at) % SECONDS[limits.frequency.unit]
        return None if self.counts(name, since=since, most=limits.frequency.value) else "frequency_exceeded"

    def counts(self, name: str, *, since: int, most: int) -> bool:
        """Count a read of a span of time; a span that was made longer has what was counted in the last shorter one."""
        begun, count = self.counted.get(name, (since, 0))
        begun, count = (since, 0) if begun < since else (begun, count)
        if count >= most:
            return False
        self.counted[name] = (begun, count + 1)
        return True


def is_prohibited(agreement: Agreement, wanted: Collection[Given]) -> bool:
    """Whether the agreement prohibits any of it to the vendor, for what it is asked for."""
    return any(given.purpose not in ALLOWED[agreement.name, False] for given in wanted)


def may_have(recipient: str | None, recipients: Collection[str] | None) -> bool:
    return recipient is None or recipients is None or recipient in recipients


def is_of(span: Range | None, at: int) -> bool:
    return span is None or ((span.since is None or span.since <= at) and (span.until is None or at < span.until))


def stricter(before: Limits | None, part: str, value: int | str | Span | Range | tuple[str, ...]) -> Limits:
    """The limits after one part of them was made stricter. Raises NotTighter, EmptyRange."""
    old = before or STORED
    if part == "fetch":
        return replace(old, fetch="once", frequency=None)
    if part == "frequency" and isinstance(value, Span):
        is_looser = old.fetch == "once" or (old.frequency is not None and not is_seldom(value, old.frequency))
    elif part == "until":
        is_looser = old.until is not None and old.until < value
    elif part == "recipients":
        is_looser = old.recipients is not None and not set(value) <= set(old.recipients)
    else:
        return replace(old, data_range=later(old.data_range, value.since))
    if is_looser:
        raise NotTighter
    return replace(old, **{part: value})


def is_seldom(new: Span, old: Span) -> bool:
    return new.value <= old.value and SECONDS[new.unit] >= SECONDS[old.unit]


def later(old: Range | None, since: int) -> Range:
    """A stretch of time that begins later."""
    until = old.until if old else None
    if until is not None and until <= since:
        raise EmptyRange
    if old and old.since is not None and since < old.since:
        raise NotTighter
    return Range(since, until)
