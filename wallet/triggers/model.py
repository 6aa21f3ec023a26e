"""What a trigger is: a condition, whom it tells, and what it releases."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final, TypeAlias

from consent.model import Span
from wallet import noticing
from wallet.triggers.dates import Every

MEASURES: Final = ("total", "highest", "latest")
COMPARISONS: Final = (">=", "<=")
MODES: Final = ("own", "delegated")


@dataclass(frozen=True, slots=True)
class Reach:
    """A column of a data set comes to at least, or at most, so much in a period.

    `measure`: what it comes to in all (of a counter: what was used), its highest, or its latest figure.
    """

    data_set_id: str
    column: str = field(repr=False)
    measure: str
    comparison: str
    amount: Decimal = field(repr=False)
    unit: str
    every: Every

    @property
    def is_judged_at_the_end(self) -> bool:
        """At most so much can only be said of a period that is over."""
        return self.comparison == "<=" and self.measure != "latest"


@dataclass(frozen=True, slots=True)
class Level:
    """A value comes to at least, or at most, so much; at most once a period, and again only after it was not so."""

    attribute: str
    comparison: str
    amount: Decimal = field(repr=False)
    every: Every


@dataclass(frozen=True, slots=True)
class Before:
    """So long before a day that is a value. Once for each such day."""

    attribute: str
    span: Span


@dataclass(frozen=True, slots=True)
class Change:
    """A value becomes another one. Once for each new one."""

    attribute: str


@dataclass(frozen=True, slots=True)
class Silence:
    """No row of these days comes for so long. Once after each last day."""

    data_set_id: str
    span: Span


Condition: TypeAlias = Reach | Level | Before | Change | Silence
KINDS: Final[Mapping[str, type[Condition]]] = {
    "reach": Reach,
    "level": Level,
    "before": Before,
    "change": Change,
    "silence": Silence,
}


@dataclass(frozen=True, slots=True)
class Draft:
    """What the person says of a trigger. `released` are names of attributes; `days` the vendor has to answer.

    `channel` is empty where the contact policy is to say.
    """

    name: str = field(repr=False)
    condition: Condition = field(repr=False)
    topic: str
    channel: str
    days: int
    released: tuple[str, ...] = ()
    mode: str = "own"


@dataclass(frozen=True, slots=True)
class Trigger:
    """`public_id` is what the vendor calls it. What fired before `restored_at` may be unknown here."""

    person_id: str
    trigger_id: str
    persona_id: str
    client_id: str
    sector: str
    public_id: str
    state: str
    version: int
    made_at: int
    due_at: int | None
    seen: str | None
    restored_at: int | None
    draft: Draft = field(repr=False)
    secret: bytes = field(repr=False)
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Firing:
    """`said` is what only the person and, as far as it was released, the vendor knows of it."""

    trigger_id: str
    firing_id: str
    period: str
    state: str
    fired_at: int
    until: int
    acknowledged_at: int | None
    opening_id: str | None
    grant_id: str | None
    said: Mapping[str, Any] = field(repr=False)


def source_of(condition: Condition) -> str:
    """What it watches."""
    if isinstance(condition, Reach | Silence):
        return noticing.data_set(condition.data_set_id)
    return noticing.value(condition.attribute)


def as_json(condition: Condition) -> dict[str, Any]:
    kind = next(name for name, made in KINDS.items() if isinstance(condition, made))
    said = asdict(condition)
    if "amount" in said:
        said["amount"] = str(said["amount"])
    if isinstance(condition, Reach | Level):
        begins = condition.every.begins
        said["every"] = {"unit": condition.every.unit, "months": condition.every.months}
        said["every"] |= {"begins": begins.isoformat()} if begins else {}
    return {"kind": kind, **said}


def from_json(said: Mapping[str, Any]) -> Condition:
    given = {name: value for name, value in said.items() if name != "kind"}
    if "amount" in given:
        given["amount"] = Decimal(given["amount"])
    if "span" in given:
        given["span"] = Span(**given["span"])
    if "every" in given:
        every = given["every"]
        begins = date.fromisoformat(every["begins"]) if "begins" in every else None
        given["every"] = Every(every["unit"], begins, every["months"])
    return KINDS[said["kind"]](**given)
