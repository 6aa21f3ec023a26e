"""An item that a vendor published, and how many people it is meant for, in bands."""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

BANDS: Final = (10, 100, 1_000, 10_000, 100_000)


@dataclass(frozen=True, slots=True)
class NewPublication:
    """What a vendor wants to be brought to whoever allowed `topic`, and to nobody from `valid_until` on.

    `predicate` is what a person has to have released to it, and what has to hold of them.
    """

    publication_id: str
    topic: str
    title: str = field(repr=False)
    text: str = field(repr=False)
    reason: str = field(repr=False)
    predicate: str | None
    valid_until: int


@dataclass(frozen=True, slots=True)
class Publication:
    """`meant_for` is how many people, of all that were looked at until now; vendors read of it by `reach` alone."""

    client_id: str
    publication_id: str
    topic: str
    title: str = field(repr=False)
    text: str = field(repr=False)
    reason: str = field(repr=False)
    predicate: str | None
    published_at: int
    valid_until: int
    withdrawn_at: int | None
    digest: str
    meant_for: int
    after_person: str
    after_persona: str
    spread_at: int | None

    def is_good(self, now: int) -> bool:
        return self.withdrawn_at is None and now < self.valid_until

    @property
    def reach(self) -> str | None:
        """Such as 10-99; None while not everybody was looked at."""
        return None if self.spread_at is None else band(self.meant_for)


def band(people: int) -> str:
    """Never the number: it would tell whether one more came, and so who."""
    if people < BANDS[0]:
        return f"0-{BANDS[0] - 1}"
    for least, most in pairwise(BANDS):
        if people < most:
            return f"{least}-{most - 1}"
    return f"{BANDS[-1]}+"
