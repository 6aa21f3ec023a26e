"""What the rest of the wallet knows of an attribute, its value and its past."""

from dataclasses import dataclass, field
from typing import TypeAlias

Json: TypeAlias = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Attribute:
    """`recognisable`: who learns the value can recognise the person elsewhere. `group` is a key of catalogue.GROUPS."""

    name: str
    kind: str
    label_en: str
    label_de: str
    group: str
    sensitivity: str = "normal"
    example: str = ""
    recognisable: bool = False

    @property
    def is_sensitive(self) -> bool:
        return self.sensitivity == "sensitive"

    def label(self, language: str) -> str:
        return self.label_de if language == "de" else self.label_en


@dataclass(frozen=True, slots=True)
class Value:
    """The current value. It stays out of every repr, so that it stays out of logs.

    `value` is None where it is locked and was not opened. `lock` tells this version of a locked value from any other,
    and is empty where nothing is locked.
    """

    attribute: str
    value: Json | None = field(repr=False)
    version: int
    set_at: int
    lock: str = ""

    @property
    def is_closed(self) -> bool:
        return self.value is None


@dataclass(frozen=True, slots=True)
class Change:
    """One line of an attribute's history; `value` is None when it was removed, or is locked and was not opened."""

    value: Json | None = field(repr=False)
    at: int
    source: str
    locked: bool = False
