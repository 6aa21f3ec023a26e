"""A thread at a vendor's desk, what was said in it, and what becomes of it."""

from dataclasses import dataclass, field
from typing import Final

TYPES: Final = ("message", "wish", "idea", "hint", "complaint", "praise", "question")
STATES: Final = ("received", "read", "answered", "decided", "done", "declined", "withdrawn")
ENDED: Final = ("done", "declined", "withdrawn")  # the last by the person alone
WAITING: Final = ("received", "read")  # for the vendor's answer
OUTCOMES: Final = ("used", "partly", "not")
MESSAGE: Final = "message"
FROM_PERSON: Final = "from_person"
TO_PERSON: Final = "to_person"


@dataclass(frozen=True, slots=True)
class Incoming:
    """What is known of a thread when it is weighed and somebody is chosen for it."""

    type: str
    topic: str | None
    language: str | None
    due_at: int | None = None


@dataclass(frozen=True, slots=True)
class Weight:
    """One reason for a priority: by how much, and the words that were found, if that is why."""

    reason: str
    weight: int
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason for a choice of the routing, as data that a page can make a sentence of."""

    code: str
    about: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done with what somebody said: OUTCOMES, why, and where it can be seen."""

    outcome: str
    reason: str = field(repr=False)
    link: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Thread:
    """`due_at` is when the first answer is due, while it is; `outcome` is there once it is decided.

    `satisfied` is what the person says of the answer, None while they say nothing.
    """

    client_id: str
    thread_id: str
    sub: str
    type: str
    topic: str | None
    language: str | None
    state: str
    state_at: int
    opened_at: int
    due_at: int | None
    escalated_at: int | None
    assigned_to: str | None
    reasons: tuple[Reason, ...]
    priority: int
    rank: int
    explanation: tuple[Weight, ...]
    outcome: Outcome | None
    satisfied: bool | None = None

    def is_late(self, now: int) -> bool:
        return self.state in WAITING and self.due_at is not None and now >= self.due_at


@dataclass(frozen=True, slots=True)
class File:
    """What came along with a message, without its content."""

    name: str = field(repr=False)
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Message:
    """One thing that one side said. `author` is a contact person's id; `alike` counts the people who got the same.

    `is_form_letter` where that is more than the vendor's desk allows; it is a warning, and not a refusal.
    """

    message_id: str
    direction: str
    at: int
    author: str | None
    text: str = field(repr=False)
    digest: str
    read_at: int | None
    alike: int = 0
    is_form_letter: bool = False
    attachments: tuple[File, ...] = ()
