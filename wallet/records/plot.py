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
    """`base` is the line that stands for nothing."""

    bars: tuple[Bar, ...]
    base: float


def plot(values: Sequence[Decimal | None], labels: Sequence[str]) -> Plot | None:
    """None where there is nothing to draw."""
    known = [float(value) for value in values if value is not None]
    if not known or not any(known):
        return None
    low, high = min(0.0, *known), max(0.0, *known)
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
    return Plot(bars, round(base, 1))
