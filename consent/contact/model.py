"""The values a contact policy is made of, and what follows from several that hold at once."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

from consent.model import Span

EVERY: Final = "*"  # vendor, or topic
INBOX: Final = "inbox"
CALLS: Final = ("phone", "video")
ANYBODY: Final = "anybody"
NOBODY_ELSE: Final = "nobody"
SAME_SKILL: Final = "same_skill"
FALLBACKS: Final = (ANYBODY, SAME_SKILL, NOBODY_ELSE)
NO_LIMIT: Final = Span(0, "day")
FOR_EVER: Final = 253_402_300_799  # the last second of the year 9999


@dataclass(frozen=True, slots=True)
class Window:
    """On these days of the week (1 is Monday, 7 Sunday), from minute `since` of the day to before minute `until`.

    Where `until` is not after `since` it reaches into the next day; it belongs to the day on which it begins.
    """

    days: tuple[int, ...]
    since: int
    until: int


@dataclass(frozen=True, slots=True)
class ContactPolicy:
    """How a persona may be spoken to. None is what was not said here: then the wider policy counts.

    `channels` in the order they are liked. Outside `windows` (none: always) and within `quiet` nobody speaks, nor on a
    public holiday of `holidays` (a code such as DE or DE-BY, "" where holidays are days like all others), before
    `not_before` or from `not_after` on (epoch seconds, 0 where there is none). `frequency`: at most so many in such a
    span of time, NO_LIMIT for any number. `contact_person` is one of the vendor's ("" for whoever it is), `fallback`
    what happens without that one. `relevant_only`: only on an occasion the person made. `paused_until`: nothing before
    that second.
    """

    channels: tuple[str, ...] | None = None
    windows: tuple[Window, ...] | None = None
    quiet: tuple[Window, ...] | None = None
    time_zone: str | None = None
    holidays: str | None = None
    not_before: int | None = None
    not_after: int | None = None
    frequency: Span | None = None
    contact_person: str | None = None
    fallback: str | None = None
    relevant_only: bool | None = None
    paused_until: int | None = None

    @property
    def says_nothing(self) -> bool:
        return self == NOTHING_SAID


NOTHING_SAID: Final = ContactPolicy()


@dataclass(frozen=True, slots=True)
class Effective:
    """What counts in the end: every member said, by the narrowest policy that says it. Of pauses the longest counts.

    `counts_all`: the frequency was said of all topics together.
    """

    channels: tuple[str, ...] = (INBOX,)
    windows: tuple[Window, ...] = ()
    quiet: tuple[Window, ...] = ()
    time_zone: str = "UTC"
    holidays: str = ""
    not_before: int = 0
    not_after: int = 0
    frequency: Span = NO_LIMIT
    contact_person: str = ""
    fallback: str = ANYBODY
    relevant_only: bool = False
    paused_until: int = 0
    counts_all: bool = True

    def is_paused(self, now: int) -> bool:
        return now < self.paused_until


def effective(policies: Iterable[tuple[str, ContactPolicy]]) -> Effective:
    """Of several that hold at once, each with the topic it was said of, the narrowest first."""
    said: dict[str, Any] = {}
    for topic, policy in policies:
        for name, value in members(policy).items():
            if name == "paused_until":
                said[name] = max(value, said.get(name, 0))
            elif name not in said:
                said[name] = value
                if name == "frequency":
                    said["counts_all"] = topic == EVERY
    return Effective(**said)


def members(policy: ContactPolicy) -> dict[str, Any]:
    """What is said, by name."""
    return {one.name: value for one in fields(policy) if (value := getattr(policy, one.name)) is not None}


def as_json(policy: ContactPolicy) -> dict[str, Any]:
    return {name: value for name, value in asdict(policy).items() if value is not None}


def from_json(said: Mapping[str, Any]) -> ContactPolicy:
    read: Mapping[str, Callable[[Any], Any]] = {
        "channels": tuple,
        "windows": windows_from,
        "quiet": windows_from,
        "frequency": lambda span: Span(**span),
    }
    return ContactPolicy(**{name: read.get(name, as_it_is)(value) for name, value in said.items()})


def windows_from(said: Iterable[Mapping[str, Any]]) -> tuple[Window, ...]:
    return tuple(Window(tuple(one["days"]), one["since"], one["until"]) for one in said)


def as_it_is(value: Any) -> Any:
    return value
