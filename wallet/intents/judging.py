"""Whether an offer is what was looked for, to the last digit and whatever the unit; and which comes first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from vendor_api.model import Offer
from wallet.intents.model import NUMBER, YES_NO, Asked, Condition
from wallet.triggers.units import family

MET: Final = "met"
NOT_MET: Final = "not_met"
UNSAID: Final = "unsaid"
OTHER_UNIT: Final = "other_unit"  # nobody can compare them
BEST: Final = "best"
NEWEST: Final = "newest"


@dataclass(frozen=True, slots=True)
class Cell:
    """What an offer says of one condition, and whether that is met."""

    said: Mapping[str, Any]
    verdict: str
    size: Fraction | None


@dataclass(frozen=True, slots=True)
class Row:
    """An offer beside others."""

    asked: Asked
    cells: tuple[Cell, ...]

    @property
    def met(self) -> int:
        return sum(cell.verdict == MET for cell in self.cells)


def row_of(asked: Asked, offer: Offer, conditions: Sequence[Condition]) -> Row:
    return Row(asked, tuple(judged(one, offer.values.get(one.id)) for one in conditions))


def judged(condition: Condition, said: Mapping[str, Any] | None) -> Cell:
    if said is None:
        return Cell({}, UNSAID, None)
    if condition.kind == YES_NO:
        return Cell(said, MET if said["value"] == (condition.value == "yes") else NOT_MET, None)
    if condition.kind != NUMBER:
        same = str(said["value"]).strip().casefold() == condition.value.strip().casefold()
        return Cell(said, MET if same else NOT_MET, None)
    size = in_unit(said["value"], said.get("unit", ""), condition.unit)
    if size is None:
        return Cell(said, OTHER_UNIT, None)
    wanted = Fraction(condition.value)
    holds = {"<=": size <= wanted, ">=": size >= wanted, "=": size == wanted}[condition.comparison]
    return Cell(said, MET if holds else NOT_MET, size)


def in_unit(amount: str, unit: str, other: str) -> Fraction | None:
    """So many of `unit` as that many of `other`; both may be one of something by something else, as ct/kWh."""
    if unit == other:
        return Fraction(amount)
    parts, others = [part.strip() for part in unit.split("/")], [part.strip() for part in other.split("/")]
    if len(parts) != len(others) or len(parts) > 2:
        return None
    factors = []
    for one, another in zip(parts, others, strict=True):
        known = family(another)
        if one not in known:
            return None
        factors.append(Fraction(known[one], known[another]))
    return Fraction(amount) * factors[0] / (factors[1] if len(factors) == 2 else 1)


def ordered(rows: Sequence[Row], conditions: Sequence[Condition], by: str) -> list[Row]:
    """The best first: by how many conditions are met, by one of them, or the newest."""
    newest = sorted(rows, key=lambda row: -(row.asked.offered_at or 0))
    if by == NEWEST:
        return newest
    best = sorted(newest, key=lambda row: -row.met)
    place = next((number for number, one in enumerate(conditions) if one.id == by), None)
    if place is None:
        return best
    up = conditions[place].comparison == ">="

    def rank(row: Row) -> tuple[int, Fraction]:
        cell = row.cells[place]
        if cell.size is None:
            return (0 if cell.verdict == MET else 2 if cell.verdict == UNSAID else 1), Fraction(0)
        return 0, (-cell.size if up else cell.size)

    return sorted(best, key=rank)
