"""What a kind of channel is, and what it is given: all that an author of a plug-in has to know (docs/channels.md)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from flask_babel.speaklater import LazyString

from consent.contact.model import CALLS
from keys.secrets import HostSecrets
from vendor_api.outbound.client import Outbound
from wallet.settings import Settings

Address = Mapping[str, str]
Title = str | LazyString

PHONE, VIDEO = CALLS


class NotNow(Exception):
    """It could not be delivered and is tried again. The message names no person, no address and nothing said."""


class NeverHere(Exception):
    """It can not be delivered to this address, now or later. `gone`: the address itself is no more."""

    def __init__(self, why: str, *, gone: bool = False) -> None:
        super().__init__(why)
        self.gone = gone


class PerhapsArrived(Exception):
    """It was handed over, and nobody said what became of it: it is never sent again."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """`media_type` was found out from the content, not believed. `method`: of the wallet's own files for calendars."""

    name: str
    media_type: str
    content: bytes = field(repr=False)
    method: str = ""


@dataclass(frozen=True, slots=True)
class Appointment:
    """When a vendor calls; seconds since 1970. `uid` and `sequence` are what calendars know it by (RFC 5545)."""

    starts: int
    ends: int
    kind: str
    note: str = field(default="", repr=False)
    uid: str = ""
    sequence: int = 0
    is_cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message on its way to one person. `subject`, `text` and all names are foreign text and nothing else.

    `delivery_id` is random and the same at every try. `withdraw_link` ends the permission by one POST, without a
    sign-in (RFC 8058); `reply_to` is the address at which an answer by mail finds its way into the thread.
    """

    delivery_id: str
    vendor_name: str
    vendor_host: str
    topic_name: str
    subject: str = field(repr=False)
    text: str = field(repr=False)
    thread_link: str
    written_at: int
    withdraw_link: str = field(default="", repr=False)
    answer_link: str = field(default="", repr=False)
    reply_to: str = field(default="", repr=False)
    attachments: tuple[Attachment, ...] = ()
    language: str = "en"
    appointment: Appointment | None = None

    @property
    def is_own(self) -> bool:
        """What the wallet itself says, and no vendor."""
        return not self.topic_name


@dataclass(frozen=True, slots=True)
class Means:
    """What a channel may use. Whoever can not be told twice calls `handing_over` right before it is too late to stop.

    `handing_over` raises NotNow where the person withdrew the permission meanwhile, or it is no time for it any more.
    """

    settings: Settings
    secrets: HostSecrets = field(repr=False)
    outbound: Outbound = field(repr=False)
    now: int
    handing_over: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Need:
    """One field of an address, as the page asks for it; the rest are attributes of the HTML control."""

    name: str
    label: Title
    type: str = "text"
    autocomplete: str = "off"
    lines: int = 1


class Channel(Protocol):
    """A kind of channel. An object like this is what an entry point of the group `hausrecht.channels` names."""

    @property
    def kind(self) -> str:
        """What policies call it: lower-case letters, digits and `_`."""

    @property
    def title(self) -> Title: ...

    @property
    def needs(self) -> tuple[Need, ...]:
        """The fields of an address; none where the wallet itself knows it all."""

    @property
    def proves(self) -> bool:
        """Whether an address counts only after a code sent there was typed in."""

    @property
    def several(self) -> bool:
        """Whether a persona may have more than one, each of which gets everything; it must not mind a second try."""

    def is_ready(self, settings: Settings) -> bool:
        """Whether the operator has set up what it needs."""

    def check_address(self, typed: Address) -> Address:
        """In its one spelling. Raises wallet.channels.errors.BadAddress."""

    def shown(self, address: Address) -> str:
        """So that the person recognises it."""

    def deliver(self, parcel: Parcel, address: Address, means: Means) -> None:
        """Raises NotNow, NeverHere or PerhapsArrived; whatever else it raises counts as NotNow. At most 60 seconds."""
