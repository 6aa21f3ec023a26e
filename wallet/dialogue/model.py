"""A thread, and the messages in it, as its person sees them."""

from dataclasses import dataclass, field
from typing import Final

from vendor_api.model import Attachment

PERSON: Final = "person"
VENDOR: Final = "vendor"
NOTE: Final = "note"  # of the person's, about a call or a letter; the vendor never sees it
MESSAGE: Final = "message"
VIOLATED: Final = "violated"  # why the person noted something: it was outside what they allow
PUBLICATION: Final = "publication"  # what a vendor published to a topic; an answer to it is a message
RELEVANT: Final = "relevant"
NOT_RELEVANT: Final = "not_relevant"
RATINGS: Final = (RELEVANT, NOT_RELEVANT)
LONGEST_TEXT: Final = 10_000
LONGEST_SUBJECT: Final = 200


@dataclass(frozen=True, slots=True)
class Thread:
    """`unread`: so many the person has not opened; `unanswered`: so many the vendor said since they last did.

    `host` is the vendor's as the person was shown it. `sub` is a number for this thread alone, where the vendor is not
    to know who speaks, or has no other; else None.
    """

    person_id: str
    thread_id: str
    persona_id: str
    client_id: str
    grant_id: str | None
    public_id: str
    kind: str
    topic: str | None
    opened_by: str
    opened_at: int
    last_at: int
    unread: int
    unanswered: int
    closed_at: int | None
    vendor: str = field(repr=False)
    subject: str = field(repr=False)
    key: bytes = field(repr=False)
    host: str = ""
    sub: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which threads: of one vendor, of one kind, with something unread."""

    client_id: str | None = None
    kind: str | None = None
    unread: bool = False


EVERYTHING: Final = Wanted()


@dataclass(frozen=True, slots=True)
class NewMessage:
    """What is to be said. `public_id` is what the vendor knows it by; `digest` is the same on both sides.

    `author` is the name of the vendor's contact person, `reason` why it writes, as it says; `opening_id` on which
    occasion of the person's.
    """

    said_by: str
    text: str = field(repr=False)
    digest: str
    public_id: str
    channel: str
    topic: str | None = None
    author: str = field(default="", repr=False)
    reason: str = field(default="", repr=False)
    opening_id: str | None = None
    form_letter: bool = False
    attachments: tuple[Attachment, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Message:
    """One that is kept. `attachments` are the names of what came along, by number from 0."""

    message_id: str
    thread_id: str
    said_by: str
    channel: str
    topic: str | None
    public_id: str
    digest: str
    at: int
    read_at: int | None
    rating: str | None
    text: str = field(repr=False)
    author: str = field(repr=False)
    reason: str = field(repr=False)
    opening_id: str | None
    form_letter: bool
    attachments: tuple[tuple[str, str, int], ...] = field(repr=False)
