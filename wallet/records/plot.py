"""A bar for each total, as numbers that a template draws."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

WIDTH, HEIGHT, FLOOR, LEFT = 640, 220, 200, 8


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    label: str
    shows_label: bool


@dataclass(frozen=True, slots=True)
class Plot:
    """`base` is the line that stands for nothing, `mark` one for the amount that is to be reached."""

    bars: tuple[Bar, ...]
    base: float
    mark: float | None = None


def plot(values: Sequence[Decimal | None], labels: Sequence[str], *, mark: Decimal | None = None) -> Plot | None:
    """None where there is nothing to draw."""
    known = [float(value) for value in values if value is not None]
    if not known or not any(known):
        return None
    line = float(mark or 0)
    low, high = min(0.0, line, *known), max(0.0, line, *known)
    scale = (FLOOR - 10) / (high - low)
    base = 10 + high * scale
    step = (WIDTH - LEFT) / len(values)
    every = -(-len(values) // 14)
    bars = tuple(
        Bar(
            round(LEFT + n * step, 1),
            round(base - max(amount, 0.0) * scale, 1),
            round(step * 0.8, 1),
            round(max(abs(amount) * scale, 1.0 if amount else 0.0), 1),
            label,
            n % every == 0,
        )
        for n, (amount, label) in enumerate(
            (float(value or 0), label) for value, label in zip(values, labels, strict=True)
        )
    )
    return Plot(bars, round(base, 1), None if mark is None else round(base - line * scale, 1))
