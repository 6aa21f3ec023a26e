"""What a line of the ledger says, before it is a sentence."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Said:
    """What a line says, in words: the vendor by name, attributes by their labels."""

    vendor: str
    attributes: str
    refused: str
    withheld: str
    narrowed: str
    widened: str
    tightened: str
    detail: Mapping[str, Any]
    label: Callable[[str], str]


def in_short(told: Callable[[str, Mapping[str, Any]], str]) -> Callable[[Said], str]:
    """For sentences that need no more than the vendor's name and the detail."""
    return lambda said: told(said.vendor, said.detail)
