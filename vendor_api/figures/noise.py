"""What is told of a count of people: with noise of the discrete Laplace kind, and nothing below a threshold.

The two-sided geometric mechanism (Ghosh, Roughgarden, Sundararajan 2009): P(k) = (1-a)/(1+a) * a^|k| for
a = exp(-EPSILON).
Each person adds at most 1 to a count (sensitivity 1), so that each count alone is EPSILON-differentially private. Noise
is drawn once when a count is closed, and kept: who asks again is told the same. Whoever has FLOOR - 1 people of its own
in a count learns from a number that one more is there; by chance it sees one in less than one of a hundred.
"""

import math
from collections.abc import Callable
from secrets import randbits
from typing import Final

EPSILON: Final = 1.0
FLOOR: Final = 10  # people there have to be, in truth
LEAST: Final = 15  # as who are told of
STEP: Final = 5  # percent

BITS: Final = 53

Uniform = Callable[[], float]


def uniform() -> float:
    """From above 0 to 1, from the system's own randomness."""
    return (randbits(BITS) + 1) / (1 << BITS)


def geometric(draw: Uniform) -> int:
    """How often in a row something of probability exp(-EPSILON) happens."""
    return math.floor(math.log(draw()) / -EPSILON)


def noise(draw: Uniform = uniform) -> int:
    """The difference of two geometric numbers is distributed as above."""
    return geometric(draw) - geometric(draw)


def told(people: int, draw: Uniform = uniform) -> int | None:
    """None where there are fewer than FLOOR, or would be fewer than LEAST by what is told."""
    found = people + noise(draw)
    return found if people >= FLOOR and found >= LEAST else None


def part(people: int, draw: Uniform = uniform) -> int:
    """Of a number that was told: also few, and none, with noise; never below none."""
    return max(0, people + noise(draw))


def share(some: int | None, of: int | None) -> int | None:
    """In percent, by steps of STEP; None where that many are not told of."""
    if some is None or of is None:
        return None
    return min(100, round(100 * some / of / STEP) * STEP)
