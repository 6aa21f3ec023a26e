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

    `taken_from` is the persona whose value it is, where this one takes it from there; `set_at` is when it was entered
    there.
    """

    attribute: str
    value: Json = field(repr=False)
    version: int
    set_at: int
    taken_from: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One line of an attribute's history; `value` is None when it was removed, or `taken_from` another persona."""

    value: Json | None = field(repr=False)
    at: int
    source: str
    taken_from: str | None = None
