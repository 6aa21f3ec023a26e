"""The values the engine works with: what was asked, what was granted, what stands in the ledger."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

# Asked and answered like an attribute, though it is none: may the vendor go on when the person has signed out?
WHILE_AWAY: Final = "offline_access"
# The same with: may the vendor know the person by the number that other vendors know them by?
PUBLIC: Final = "public_subject"
# The scope by which a vendor may hand data back to the person.
DEPOSIT: Final = "deposit"
# The scopes by which a vendor may speak to the person: each names a topic.
CONTACT: Final = "contact:"
NO_DATA: Final = frozenset({WHILE_AWAY, PUBLIC, DEPOSIT})


def carries_data(name: str) -> bool:
    """Whether what is asked for by this name is a value, which has a purpose and limits; else it is a permission."""
    return name not in NO_DATA and not name.startswith(CONTACT)


@dataclass(frozen=True, slots=True)
class Span:
    """So many of an hour, day, week, month or year."""

    value: int
    unit: str


@dataclass(frozen=True, slots=True)
class Range:
    """A stretch of time, from `since` to before `until` (epoch seconds); None where that end is open."""

    since: int | None = None
    until: int | None = None

    @property
    def is_empty(self) -> bool:
        return self.since is not None and self.until is not None and self.until <= self.since

    def holds(self, at: int) -> bool:
        return (self.since is None or self.since <= at) and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class Limits:
    """What may be done with a value. `mode`, `data_life` and `storage_place` are promises; the wallet holds vendors to
    the rest.

    `mode`: "view" and keep no copy, or "store" one, for `data_life`, in a `storage_place` (consent/places.py).
    `fetch`: "once" or "periodic". `frequency`: at most so many reads in one such unit, counted from the moment of the
    grant. `until`: epoch seconds, exclusive. `data_range`: only what the person entered then. `recipients`: to whom the
    vendor may pass it on, by name; () for nobody, None for all whom the vendor named.
    """

    mode: str = "view"
    fetch: str = "periodic"
    frequency: Span | None = None
    data_life: Span | None = None
    until: int | None = None
    data_range: Range | None = None
    recipients: tuple[str, ...] | None = None
    storage_place: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """A text that counts for a value, pinned by its digest ("sha-256:" and 64 hex digits)."""

    uri: str
    digest: str


@dataclass(frozen=True, slots=True)
class Item:
    """One attribute a vendor asks for. `purpose` is the vendor's sentence, or None where it gave no reason.

    `meant` is the same sentence in the vendor's own language: the one that counts when answers are compared. Without
    `limits` a value may be read as often as the vendor likes, and kept. `tighter` are those the person put in their
    place; what the answer was an answer to does not change with them. `purpose_type` is the kind of purpose, a term of
    consent.purposes, or None where the vendor names none. `longest` is for how many seconds it may be granted at most.
    """

    attribute: str
    purpose: str | None
    required: bool
    meant: str | None = None
    limits: Limits | None = None
    terms: Terms | None = None
    tighter: Limits | None = None
    purpose_type: str | None = None
    longest: int | None = None

    @property
    def in_force(self) -> Limits | None:
        return self.tighter or self.limits

    @property
    def conditions(self) -> tuple[str | None, str | None, Limits | None, Terms | None]:
        """What an answer to this item was an answer to: another reason, limit or text is another question."""
        return self.meant or self.purpose, self.purpose_type, self.limits, self.terms


@dataclass(frozen=True, slots=True)
class Trimmed:
    """An item of which more was asked than caps allow: the `limits` it was asked with, or that it was `left_out`."""

    attribute: str
    limits: Limits | None
    purpose_type: str | None
    required: bool
    left_out: bool


@dataclass(frozen=True, slots=True)
class Agreed:
    """The agreement under which a grant stands: which of the roster, and the record of it, by its digest.

    `over` says why it no longer counts ("ended" or "violated"); `until` is its own end (epoch seconds, exclusive).
    """

    agreement_id: str
    agreement: str
    digest: str
    until: int
    over: str | None = None

    def is_in_force(self, now: int) -> bool:
        return self.over is None and now < self.until


@dataclass(frozen=True, slots=True)
class Party:
    """The vendor as the person was shown it. `host` is where the answer goes; `verified` says TLS proves that host.

    `notice` is the digest of everything about the vendor that, once changed, makes the person decide anew.
    """

    client_id: str
    name: str
    host: str
    verified: bool
    sector: str
    policy_uri: str | None
    contact: str | None
    address: str | None
    jurisdiction: str | None
    storage_location: str | None
    retention: str | None
    recipients: tuple[str, ...]
    language: str
    notice: str


@dataclass(frozen=True, slots=True)
class NewAsk:
    """What a vendor wants. `destination` is where the answer goes; `request` is the protocol's, carried unread.

    `trimmed` is what it wanted beyond that, and caps cut away.
    """

    party: Party
    items: tuple[Item, ...]
    destination: str
    request: Mapping[str, Any]
    trimmed: tuple[Trimmed, ...] = field(default=(), kw_only=True)

    @property
    def required(self) -> frozenset[str]:
        return frozenset(item.attribute for item in self.items if item.required)

    @property
    def attributes(self) -> frozenset[str]:
        return frozenset(item.attribute for item in self.items)

    @property
    def lacks_required(self) -> bool:
        """Whether something was cut away without which the vendor does not go on."""
        return any(one.required and one.left_out for one in self.trimmed)


@dataclass(frozen=True, slots=True)
class Ask(NewAsk):
    """An ask that is kept until its answer is on its way. `grant_id` is None while it is open, or if refused."""

    ask_id: str
    created_at: int
    expires_at: int
    person_id: str | None
    answered_at: int | None
    grant_id: str | None


@dataclass(frozen=True, slots=True)
class Grant:
    """A person's answer to one vendor: exactly these attributes for these purposes, until then; and the refused.

    `public_sub` is there only where the person allowed it. `asks_each_time`: the person wants to see the page at every
    sign-in, also where nothing new is asked. `reachable`: the vendor may ask them also when they do not come from it.
    `paused_until`: nothing leaves before that second; None where the grant is not paused. `agreed` is None where no
    agreement was ever made. `ruled`: the person has standing answers or caps of their own; only who looks a grant up
    by its vendor learns that.
    """

    person_id: str
    grant_id: str
    persona_id: str
    pairwise_sub: str
    public_sub: str | None
    party: Party
    items: tuple[Item, ...]
    refused: tuple[Item, ...]
    destinations: tuple[str, ...]
    granted_at: int
    expires_at: int
    ended_at: int | None
    asks_each_time: bool
    reachable: bool
    paused_until: int | None
    consent_token: str
    consent_token_id: str
    agreed: Agreed | None = None
    ruled: bool = False

    @property
    def sub(self) -> str:
        """By what the vendor knows the person, in all it is told (OpenID Connect Core section 8)."""
        return self.public_sub or self.pairwise_sub

    @property
    def attributes(self) -> frozenset[str]:
        return frozenset(item.attribute for item in self.items)

    @property
    def topics(self) -> tuple[str, ...]:
        """What the vendor may speak to the person about."""
        return tuple(name.removeprefix(CONTACT) for name in sorted(self.attributes) if name.startswith(CONTACT))

    @property
    def tightened(self) -> Mapping[str, Limits]:
        """The limits the person tightened, by attribute."""
        return {item.attribute: item.tighter for item in self.items if item.tighter}

    def is_live(self, now: int) -> bool:
        return self.ended_at is None and now < self.expires_at

    def is_paused(self, now: int) -> bool:
        return self.paused_until is not None and now < self.paused_until

    def covers(self, ask: NewAsk) -> bool:
        """True if this answer already says all there is to say to the ask, so that nobody needs to be asked again."""
        answered = {item.attribute: item for item in (*self.refused, *self.items)}
        return (
            self.party.notice == ask.party.notice
            and ask.destination in self.destinations
            and ask.required <= self.attributes
            and (self.public_sub is None or PUBLIC in ask.attributes)
            and all(
                item.attribute in answered and answered[item.attribute].conditions == item.conditions
                for item in ask.items
            )
        )


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a person's ledger. `previous` and `hash` are SHA-256 in hex and chain the lines; `salt` is random."""

    seq: int
    at: int
    action: str
    client_id: str | None
    grant_id: str | None
    detail: Mapping[str, Any]
    previous: str
    hash: str
    salt: str = ""


@dataclass(frozen=True, slots=True)
class Cover:
    """The ledger's cover: how many lines there are and the hash of the last."""

    last: int
    hash: str
