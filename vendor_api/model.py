"""What passes between the door and the house."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from consent.contact.slots import Slot


@dataclass(frozen=True, slots=True)
class Visitor:
    """The person signed in at this browser, in this session. `auth_time` is when they last proved who they are.

    `lock_key` opens what they have locked, while they are present.

    `states` are the browser's, as vendor_api.oauth.leaving.session_management makes them.
    """

    person_id: str
    persona_id: str
    auth_time: int
    session: str
    states: str = ""
    lock_key: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Held:
    """A person's current value, when it was entered (epoch seconds), and who answers for it.

    `assurance` is self-asserted, deposited (by a vendor) or verified (signed by an issuer).

    `lock` tells this version of a locked value from any other, and is empty where nothing is locked. A locked value
    that could not be opened is None, and so is what follows from one.
    """

    value: Any = field(repr=False)
    set_at: int
    assurance: str = "self-asserted"
    lock: str = ""


@dataclass(frozen=True, slots=True)
class Rows:
    """Records that a vendor hands over, in a data set of this name."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | int | float | bool | None, ...], ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Handed:
    """What a vendor hands over, under an id of its own: a compact JWS, and the digest of what that signs."""

    jti: str
    digest: str
    document: str = field(repr=False)
    values: Mapping[str, str | int | float | bool] = field(repr=False)
    records: Rows | None


@dataclass(frozen=True, slots=True)
class Attachment:
    """Its media type is what its bytes are, not what it was called."""

    name: str = field(repr=False)
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a vendor says to a person, under an id of its own; in a thread, or in a new one.

    `reason` says why it writes; `digest` is over text and attachments.
    """

    message_id: str
    subject: str = field(repr=False)
    text: str = field(repr=False)
    reason: str = field(repr=False)
    thread_id: str | None
    contact_person_id: str | None
    attachments: tuple[Attachment, ...] = field(repr=False)
    digest: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """When a vendor would like to call, by phone or video; `link` is where a video call takes place, or ""."""

    kind: str
    slots: tuple[Slot, ...]
    link: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Taken:
    """A message that is kept: in which thread, by which channel it goes on, and whether that is now."""

    message_id: str
    thread_id: str
    channel: str
    digest: str
    at: int
    is_new: bool = True


@dataclass(frozen=True, slots=True)
class Said:
    """What a vendor's desk says to the person of one of their threads: how far it has come (vendor_api/desk/model.py).

    With the answer, its author's id and name, once that is given; and with what was decided and why, once it is.
    `is_late` where nothing was answered in time, and somebody else looks at it now; who else looks at it (`author`,
    `name`) may also change by itself.
    """

    client_id: str
    state: str
    is_late: bool = False
    message_id: str | None = None
    text: str | None = field(default=None, repr=False)
    digest: str | None = None
    is_form_letter: bool = False
    author: str | None = None
    name: str | None = field(default=None, repr=False)
    outcome: str | None = None
    reason: str | None = field(default=None, repr=False)
    link: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Report:
    """What a vendor reports of a condition that a person lets it look after: it held in this period."""

    client_id: str
    sector: str
    trigger_id: str
    period: str
    observed: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Offer:
    """What a vendor offers to somebody who looks for something (vendor_api/intents).

    `values` by the id of the condition they answer: an amount with its unit, yes or no, or a word.
    """

    text: str
    values: Mapping[str, Mapping[str, Any]]
    valid_until: int
    terms_uri: str = ""
    link: str = ""
    agreement: str = ""
