"""What a person was told of what became of something they said: how far it has come at the desk."""

from dataclasses import dataclass, field
from typing import Final

from vendor_api.desk.model import ENDED, WAITING, Weight

KINDS: Final = ("wish", "idea", "hint", "complaint", "praise", "question")
MOST_STEPS: Final = 200
LATE: Final = "late"
ASSIGNED: Final = "assigned"
WITHDRAWN: Final = "withdrawn"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened: a state of the desk's, ASSIGNED or LATE. `about` is a name or an outcome."""

    what: str
    at: int
    about: str = field(default="", repr=False)


def newest(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """As many as are kept. Who had it goes first: nothing that was done or left undone is pushed out by that."""
    if len(steps) <= MOST_STEPS:
        return steps
    gone = next((number for number, one in enumerate(steps) if one.what == ASSIGNED), 0)
    return (*steps[:gone], *steps[gone + 1 :])


@dataclass(frozen=True, slots=True)
class Details:
    """`who` is the name of whom it lies with. `weights` say why it weighs `priority`, as estimated when it came."""

    who: str = field(default="", repr=False)
    priority: int = 0
    weights: tuple[Weight, ...] = ()
    reason: str = field(default="", repr=False)
    link: str = field(default="", repr=False)
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Feedback:
    """How far it has come, as the vendor said."""

    person_id: str
    thread_id: str
    persona_id: str
    state: str
    state_at: int
    due_at: int | None
    late_at: int | None
    outcome: str | None
    satisfied: bool | None
    unseen: int
    details: Details = field(repr=False)

    def is_late(self, now: int) -> bool:
        return self.state in WAITING and self.due_at is not None and now >= self.due_at

    def days_over(self, now: int) -> int:
        """Whole days since the answer was due."""
        return (now - self.due_at) // (24 * 3600) if self.due_at is not None and now >= self.due_at else 0

    @property
    def has_ended(self) -> bool:
        return self.state in ENDED
