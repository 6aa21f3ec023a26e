"""What a person looks for, what of it leaves the wallet, and what vendors offer."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from vendor_api.model import Offer

NUMBER: Final = "number"
YES_NO: Final = "boolean"
WORD: Final = "text"
COMPARISONS: Final = ("<=", ">=", "=")
REGIONS: Final = ("", "country", "area")
OUTCOMES: Final = ("", "bought", "not_bought")
SEEK: Final = ""
HAVE: Final = "have"


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing an offer is to be. `value` is a decimal number as a text, `yes` or `no`, or a word."""

    id: str
    label: str = field(repr=False)
    comparison: str
    kind: str
    value: str = field(repr=False)
    unit: str = field(default="", repr=False)

    def as_told(self) -> dict[str, Any]:
        told: dict[str, Any] = {"id": self.id, "label": self.label, "comparison": self.comparison, "kind": self.kind}
        told["value"] = self.value == "yes" if self.kind == YES_NO else self.value
        return told | ({"unit": self.unit} if self.unit else {})


@dataclass(frozen=True, slots=True)
class Draft:
    """What the person says. `region` is nothing, country or area; `facts` are names of predicates.

    `everybody`: who follows the branch, beside those of `to`. `kind` is HAVE where the person has it to give: power,
    an old car, a day's work; else they look for it.
    """

    branch: str
    text: str = field(repr=False)
    conditions: tuple[Condition, ...] = field(repr=False)
    more: str = field(repr=False)
    region: str
    facts: tuple[str, ...]
    terms: tuple[str, ...]
    to: tuple[str, ...] = field(repr=False)
    everybody: bool
    deadline: int
    kind: str = SEEK


@dataclass(frozen=True, slots=True)
class Intent:
    """`told` is all that leaves the wallet, letter for letter. `outcome` is what became of an accepted offer."""

    person_id: str
    intent_id: str
    persona_id: str
    state: str
    version: int
    changes: int
    made_at: int
    publish_at: int | None
    deadline: int
    ended_at: int | None
    draft: Draft = field(repr=False)
    told: Mapping[str, Any] = field(repr=False)
    outcome: str = field(repr=False)
    key: bytes = field(repr=False)

    def takes_offers(self, now: int) -> bool:
        return self.state == "open" and now < self.deadline


@dataclass(frozen=True, slots=True)
class Asked:
    """A vendor that an intent was sent to, and its offer if it made one."""

    client_id: str
    public_id: str
    state: str
    version: int
    offered_at: int | None
    thread_id: str | None
    agreement_id: str | None
    offer: Offer | None = field(repr=False)

    def can_be_accepted(self, now: int) -> bool:
        return self.state == "offered" and self.offer is not None and now < self.offer.valid_until


def draft_as_json(draft: Draft) -> dict[str, Any]:
    return asdict(draft)


def draft_from(said: Mapping[str, Any]) -> Draft:
    lists = {name: tuple(said[name]) for name in ("facts", "terms", "to")}
    conditions = tuple(Condition(**one) for one in said["conditions"])
    return Draft(**{**said, **lists, "conditions": conditions})
