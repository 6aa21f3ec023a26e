"""What the rest of the wallet knows of an attribute, its value and its past."""

from dataclasses import dataclass, field
from typing import Final, TypeAlias

Json: TypeAlias = str | int | float | bool | list[str]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the few values an attribute may have, and what pages call it."""

    value: str
    label_en: str
    label_de: str

    def label(self, language: str) -> str:
        return self.label_de if language == "de" else self.label_en


@dataclass(frozen=True, slots=True)
class Total:
    """The sum of a column of a data set of the person's, in a period that ends or goes on today."""

    data_set_id: str
    column: str
    period: str


@dataclass(frozen=True, slots=True)
class Fact:
    """How a predicate is worked out: an attribute (by name) or a total, compared with something.

    `comparison` is one of predicates.COMPARISONS, or AGE: at least `than` years since that day. `vouched` has an answer
    only where a vendor handed the value over.
    """

    of: str | Total
    comparison: str
    than: Json
    vouched: bool = False


@dataclass(frozen=True, slots=True)
class Attribute:
    """`recognisable`: who learns the value can recognise the person elsewhere. `group` is a key of catalogue.GROUPS.

    With a `fact` it is a predicate, which holds no value and is worked out at each read. `description` is for vendors.
    """

    name: str
    kind: str
    label_en: str
    label_de: str
    group: str
    sensitivity: str = "normal"
    example: str = ""
    recognisable: bool = False
    unit: str = ""
    least: int | float | None = None
    most: int | float | None = None
    choices: tuple[Choice, ...] = ()
    description: str = ""
    fact: Fact | None = None

    @property
    def is_sensitive(self) -> bool:
        return self.sensitivity == "sensitive"

    @property
    def is_own(self) -> bool:
        return self.group == "own"

    def label(self, language: str) -> str:
        return self.label_de if language == "de" else self.label_en


# Who answers for a value, by where it came from. Only what an issuer signed is verified, and only its own word for it.
ASSURANCE: Final = {
    "self": "self-asserted",
    "command": "self-asserted",
    "import": "self-asserted",
    "vendor": "deposited",
    "credential": "verified",
}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value came from: `source` is a key of ASSURANCE; `reference` says which one.

    That is the client_id of a vendor, the id of an import, the issuer of a credential.
    """

    source: str
    reference: str = ""

    def __post_init__(self) -> None:
        if self.source not in ASSURANCE:
            raise ValueError("a value comes from one of the sources of ASSURANCE")

    @property
    def assurance(self) -> str:
        return ASSURANCE[self.source]


SELF: Final = Origin("self")


@dataclass(frozen=True, slots=True)
class Value:
    """The current value. It stays out of every repr, so that it stays out of logs.

    `taken_from` is the persona whose value it is, where this one takes it from there; `set_at` is when it was entered
    there. `value` is None where it is locked, or follows from a locked one, and was not opened. `lock` tells this
    version of a locked value from any other, and is empty where nothing is locked.
    """

    attribute: str
    value: Json | None = field(repr=False)
    version: int
    set_at: int
    assurance: str = ASSURANCE["self"]
    taken_from: str | None = None
    lock: str = ""

    @property
    def is_closed(self) -> bool:
        return self.value is None


@dataclass(frozen=True, slots=True)
class Change:
    """One line of an attribute's history.

    `value` is None when it was removed, or `taken_from` another persona, or is locked and was not opened.
    """

    value: Json | None = field(repr=False)
    at: int
    origin: Origin = field(repr=False)
    taken_from: str | None = None
    locked: bool = False
