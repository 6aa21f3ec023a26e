"""Units that can be turned into one another exactly, so that 2.5 MWh are 2,500 kWh to the last digit."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from wallet.records.cells import EXACT

# How many of the smallest each is.
FAMILIES: Final[tuple[Mapping[str, int], ...]] = (
    {"Wh": 1, "kWh": 1_000, "MWh": 1_000_000, "GWh": 1_000_000_000},
    {"W": 1, "kW": 1_000, "MW": 1_000_000},
    {"ml": 1, "l": 1_000, "m3": 1_000_000, "m³": 1_000_000},
    {"ct": 1, "Cent": 1, "EUR": 100, "€": 100, "Euro": 100},
    {"mm": 1, "cm": 10, "m": 1_000, "km": 1_000_000},
    {"g": 1, "kg": 1_000, "t": 1_000_000},
    {"s": 1, "min": 60, "h": 3_600},
    {"month": 1, "Monat": 1, "year": 12, "Jahr": 12},
)


def family(unit: str) -> Mapping[str, int]:
    """What this unit can be turned into; of one nobody knows, only itself."""
    return next((one for one in FAMILIES if unit in one), {unit: 1})


def in_unit(amount: Decimal, unit: str, other: str) -> Decimal | None:
    """So many of `unit` in the smallest both have; None where they have none. Compare it with `smallest`."""
    known = family(other)
    return EXACT.multiply(amount, Decimal(known[unit])) if unit in known else None


def smallest(amount: Decimal, unit: str) -> Decimal:
    return EXACT.multiply(amount, Decimal(family(unit)[unit]))


def turned(amount: Decimal, unit: str, other: str) -> Decimal | None:
    """So many of `unit` as that many of `other`, for pages and plots."""
    small, known = in_unit(amount, unit, other), family(other)
    return None if small is None else EXACT.divide(small, Decimal(known[other]))
