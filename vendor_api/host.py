"""What the door needs from the house. The wallet implements it; nothing here knows the wallet."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from sqlalchemy import Connection

from consent.changes import Signs
from consent.contact.permission import Permission
from consent.model import Grant, NewAsk
from keys.secrets import HostSecrets
from keys.signing import SigningKeys
from vendor_api.model import Handed, Held, Offer, Proposal, Report, Said, Spoken, Taken, Visitor
from vendor_api.outbound.client import Outbound
from vendor_api.proxies import Proxies
from vendor_api.signed_lists import SignedLists

P = ParamSpec("P")
T = TypeVar("T")


class Host(Protocol):
    """The house as seen from the door."""

    @property
    def issuer(self) -> str: ...

    @property
    def secrets(self) -> HostSecrets: ...

    @property
    def registration(self) -> str:
        """Who may register: "open", "token" (holders of an initial access token) or "closed"."""

    @property
    def response_types(self) -> Collection[str]:
        """The response types vendors may register and use: `code`, and others where the operator allows them."""

    @property
    def attributes(self) -> Collection[str]:
        """Names of the attributes every wallet knows."""

    @property
    def feedback_page(self) -> str:
        """Where people tell a vendor something, whose client_id stands behind it; vendors may link to it."""

    @property
    def outbound(self) -> Outbound:
        """The way to what vendors name; never taken inside a transaction."""

    @property
    def proxies(self) -> Proxies | None:
        """Who hands on the certificates of clients; None where nobody does."""

    @property
    def status_lists(self) -> SignedLists:
        """Kept as long as the application runs."""

    def now(self) -> int:
        """Epoch seconds."""

    def write(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run work in one write transaction; it may run more than once, and is kept only if it returns."""

    def read(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T: ...

    def signing_keys(self) -> SigningKeys: ...

    def visitor(self) -> Visitor | None:
        """Who sits at the browser that sent this request."""

    def recognised(self, db: Connection, cookies: str, *, now: int) -> Visitor | None:
        """Who sits at the browser with this Cookie header; None also where a page should look more closely."""

    def browser(self) -> str:
        """The secret of the browser that sent this request."""

    def language(self, suggested: str | None = None) -> str:
        """The language of the person at this browser, as a BCP 47 tag.

        `suggested` by a vendor (`ui_locales`) counts where the person chose none.
        """

    def sign_up_page(self, ask_id: str) -> str:
        """Where somebody without a wallet begins, and then answers an ask."""

    def form_page(self, address: str, fields: Mapping[str, str]) -> str:
        """A page that sends these fields to the vendor's address by itself, or by one button."""

    def consent_page(self, ask_id: str) -> str:
        """Where the person answers an ask."""

    def sign_out_page(self, said: Mapping[str, str]) -> str:
        """Where the person decides whether to sign out; `said` is what the vendor's request left."""

    def device_page(self, *, allowed: bool) -> str:
        """A page that says that a device has its answer, and that the person can go back to it."""

    def request_page(self, vendor_name: str, *, allowed: bool) -> str:
        """A page that says that the vendor, which asked the person by itself, has its answer."""

    def consent_preview(self, asked: NewAsk) -> str:
        """The very page on which a person would answer this ask, with sample values; nobody can answer it."""

    def signs(self, db: Connection, grant: Grant) -> Signs:
        """By whose key a change of this grant is signed."""

    def values(
        self, db: Connection, grant: Grant, *, attributes: Collection[str], lock_key: bytes | None = None
    ) -> Mapping[str, Held]:
        """Current values of those attributes that have one, and of predicates that have an answer, for this grant.

        What is locked, and what follows from it, comes closed, but for its person's key.
        """

    def fired(self, db: Connection, client_id: str, sector: str, *, most: int, now: int) -> Mapping[str, Any]:
        """Which triggers fired that this vendor has not confirmed, and which conditions it looks after itself."""

    def heard(self, db: Connection, client_id: str, sector: str, firing_id: str, *, now: int) -> None:
        """The vendor has heard of this one."""

    def reported(self, db: Connection, report: Report, *, now: int) -> Mapping[str, Any]:
        """Raises VendorApiError where it is none of its own, or was reported before."""

    def released(self, db: Connection, person_id: str, firing_id: str) -> Mapping[str, Any]:
        """What the person released when this fired, as far as they still do."""

    def deposit(self, db: Connection, grant: Grant, handed: Handed, *, now: int) -> tuple[str, int, bool]:
        """Keep it for the person to look at: its id, when it came, and whether that is now.

        Raises VendorApiError where it is not what it says, another one came under its id, or too many wait.
        """

    def said_before(self, db: Connection, grant: Grant, message_id: str) -> Taken | None:
        """Whether this vendor's message with this id is here."""

    def say(self, db: Connection, permission: Permission, said: Spoken, *, now: int) -> Taken:
        """Take a message that is permitted, and see to its delivery.

        Raises VendorApiError where its thread is none of the two, or its contact person none of the vendor's.
        """

    def appoint(
        self, db: Connection, permission: Permission, said: Spoken, proposal: Proposal, *, now: int
    ) -> Mapping[str, Any]:
        """Take a message that asks for a call, as `say` does, and what it proposes."""

    def asked_for(self, db: Connection, grant: Grant, message_id: str, *, now: int) -> Mapping[str, Any]:
        """What this vendor asked for in this message of its own."""

    def appointment(
        self, db: Connection, client_id: str, sector: str, appointment_id: str, action: str, *, now: int
    ) -> Mapping[str, Any]:
        """How it stands, after what the vendor does about it; while it lasts, with the number.

        Raises VendorApiError where it is none of its own, or this can not be done.
        """

    def desk_said(self, db: Connection, thread_id: str, said: Said, *, now: int) -> None:
        """Tell the person, in the same transaction. Raises VendorApiError where there is no such thread."""

    def intent_offered(
        self, db: Connection, client_id: str, intent_id: str, offer: Offer, *, version: int, now: int
    ) -> None:
        """Hand the person what this vendor offers. Raises IntentOver where they take no offers any more."""
