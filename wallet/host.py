"""The house as the door sees it: the wallet's implementation of vendor_api.host.Host."""

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar
from urllib.parse import urlencode, urlsplit

from cryptography.x509 import load_pem_x509_certificates
from flask import render_template, url_for
from sqlalchemy import Connection

from consent.changes import Signs
from consent.contact.permission import Permission
from consent.model import Grant, NewAsk
from keys.secrets import HostSecrets
from keys.signing import SigningKeys, load_signing_keys
from vendor_api.model import Handed, Held, Offer, Proposal, Report, Said, Spoken, Taken, Visitor
from vendor_api.outbound.addresses import NONE, networks
from vendor_api.proxies import Proxies
from vendor_api.signed_lists import SignedLists
from vendor_api.vendors.response_types import offered
from wallet.appointments import asking
from wallet.appointments import telling as telling_of_calls
from wallet.data.catalogue import CATALOGUE
from wallet.data.known import known_values
from wallet.deposits import engine as deposits
from wallet.dialogue import hearing
from wallet.dispatch import answering
from wallet.dispatch.parcels import send_on
from wallet.headers import allow_form_to_reach
from wallet.house import House
from wallet.intents import offers
from wallet.languages import chosen_language, suggest_language
from wallet.people import presence
from wallet.people import visitor as door
from wallet.people.granted import signs
from wallet.people.sessions import recognise
from wallet.personas import pictures
from wallet.personas.picture_links import PICTURE, link
from wallet.settings import Settings
from wallet.sharing.preview import consent_preview
from wallet.triggers import telling

P = ParamSpec("P")
T = TypeVar("T")

KEYS_KEPT = 10


class WalletHost:
    """One for each running application. Keeps signing keys for KEYS_KEPT seconds: a rotation elsewhere is soon seen."""

    def __init__(self, house: House, peek: Callable[[str], Mapping[str, Any]]) -> None:
        """`peek` reads what we wrote into a browser's cookies from its Cookie header."""
        self.house, self.peek = house, peek
        self.issuer = house.settings.issuer
        self.registration = house.settings.registration
        self.response_types = offered(front_channel=house.settings.front_channel_tokens == "on")
        self.feedback_page = f"{self.issuer}/feedback/to/"
        self.outbound = house.outbound
        self.proxies = proxies_of(house.settings)
        self.status_lists = SignedLists()
        self.attributes: Collection[str] = tuple(CATALOGUE)
        self._keys: SigningKeys | None = None
        self._keys_read_at = 0

    @property
    def secrets(self) -> HostSecrets:
        return self.house.secrets

    def now(self) -> int:
        return self.house.clock()

    def write(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        return self.house.database.write(work, *args, **kwargs)

    def read(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        return self.house.database.read(work, *args, **kwargs)

    def signing_keys(self) -> SigningKeys:
        now = self.now()
        if self._keys is None or not 0 <= now - self._keys_read_at < KEYS_KEPT:
            self._keys, self._keys_read_at = self.read(load_signing_keys, self.secrets, now=now), now
        return self._keys

    def visitor(self) -> Visitor | None:
        found = door.visitor(self.house)
        if found is None:
            return None
        states, lock_key = door.states(), presence.lock_key(self.house, found)
        return Visitor(found.person_id, found.persona_id, found.auth_time, found.session_digest, states, lock_key)

    def recognised(self, db: Connection, cookies: str, *, now: int) -> Visitor | None:
        said = self.peek(cookies)
        token = said.get("session")
        found = recognise(db, self.secrets, token=token, now=now) if token else None
        if found is None:
            return None
        person_id, persona_id, auth_time, session_digest, presence_key = found
        kept = presence.in_header(self.house, cookies)
        lock_key = presence.opened(kept, person_id=person_id, session_digest=session_digest, presence_key=presence_key)
        return Visitor(person_id, persona_id, auth_time, session_digest, said.get("states", ""), lock_key)

    def browser(self) -> str:
        return door.browser()

    def language(self, suggested: str | None = None) -> str:
        suggest_language(suggested)
        return chosen_language(self.house.settings.language, lambda: own_language(self.house))

    def consent_page(self, ask_id: str) -> str:
        return url_for("sharing.consent", ask_id=ask_id)

    def sign_out_page(self, said: Mapping[str, str]) -> str:
        return f"{url_for('people.sign_out')}?{urlencode(said)}"

    def sign_up_page(self, ask_id: str) -> str:
        """The sign-in page where sign-up is not open to everybody."""
        answered_at = self.consent_page(ask_id)
        is_open = self.house.settings.sign_up == "open"
        return url_for("people.sign_up", next=answered_at) if is_open else answered_at

    def form_page(self, address: str, fields: Mapping[str, str]) -> str:
        allow_form_to_reach(address)
        return render_template("send.html", address=address, fields=fields, host=urlsplit(address).netloc)

    def device_page(self, *, allowed: bool) -> str:
        return render_template("sharing/device_answered.html", allowed=allowed)

    def request_page(self, vendor_name: str, *, allowed: bool) -> str:
        return render_template("sharing/request_answered.html", vendor_name=vendor_name, allowed=allowed)

    def consent_preview(self, asked: NewAsk) -> str:
        return consent_preview(asked, self.language(), now=self.now())

    def signs(self, db: Connection, grant: Grant) -> Signs:
        return signs(db, self.house, grant)

    def fired(self, db: Connection, client_id: str, sector: str, *, most: int, now: int) -> Mapping[str, Any]:
        return telling.fired(db, self.house, client_id, sector, most=most, now=now)

    def heard(self, db: Connection, client_id: str, sector: str, firing_id: str, *, now: int) -> None:
        telling.heard(db, client_id, sector, firing_id, now=now)

    def reported(self, db: Connection, report: Report, *, now: int) -> Mapping[str, Any]:
        return telling.reported(db, self.house, report, now=now)

    def released(self, db: Connection, person_id: str, firing_id: str) -> Mapping[str, Any]:
        return telling.released(db, self.house, person_id, firing_id, now=self.now())

    def deposit(self, db: Connection, grant: Grant, handed: Handed, *, now: int) -> tuple[str, int, bool]:
        return deposits.receive(db, self.secrets, grant, handed, now=now)

    def said_before(self, db: Connection, grant: Grant, message_id: str) -> Taken | None:
        return hearing.said_before(db, grant, message_id)

    def say(self, db: Connection, permission: Permission, said: Spoken, *, now: int) -> Taken:
        taken = hearing.say(db, self.secrets, permission, said, now=now)
        send_on(db, permission, taken, now=now)
        return taken

    def appoint(
        self, db: Connection, permission: Permission, said: Spoken, proposal: Proposal, *, now: int
    ) -> Mapping[str, Any]:
        permission = asking.by_message(permission)
        taken, asked = asking.ask(db, self.secrets, permission, said, proposal, now=now)
        send_on(db, permission, taken, now=now)
        return telling_of_calls.seen(db, self.house, asked, now=now)

    def asked_for(self, db: Connection, grant: Grant, message_id: str, *, now: int) -> Mapping[str, Any]:
        return telling_of_calls.asked_for(db, self.house, grant, message_id, now=now)

    def appointment(
        self, db: Connection, client_id: str, sector: str, appointment_id: str, action: str, *, now: int
    ) -> Mapping[str, Any]:
        one = telling_of_calls.find(db, self.house, client_id, sector, appointment_id)
        return telling_of_calls.appointment(db, self.house, one, action, now=now)

    def desk_said(self, db: Connection, thread_id: str, said: Said, *, now: int) -> None:
        new = hearing.desk_said(db, self.secrets, thread_id, said, now=now)
        if new is not None:
            answering.send_on(db, self.house.secrets, *new, now=now)

    def intent_offered(
        self, db: Connection, client_id: str, intent_id: str, offer: Offer, *, version: int, now: int
    ) -> None:
        offers.arrive(db, self.secrets, offer, client_id=client_id, public_id=intent_id, version=version, now=now)

    def values(
        self, db: Connection, grant: Grant, *, attributes: Collection[str], lock_key: bytes | None = None
    ) -> Mapping[str, Held]:
        if not attributes:
            return {}
        whose, now = {"person_id": grant.person_id, "persona_id": grant.persona_id}, self.now()
        how: dict[str, Any] = {**whose, "totals": self.house.totals, "lock_key": lock_key, "now": now}
        found = known_values(db, self.secrets, **how, attributes=attributes)
        held = {name: Held(one.value, one.set_at, one.assurance, one.lock) for name, one in found.items()}
        if PICTURE in attributes and PICTURE not in held:
            chosen_at = pictures.chosen_at(db, **whose)
            if chosen_at is not None:
                held[PICTURE] = Held(link(self.issuer, self.secrets, grant, now=now), chosen_at)
        return held


def proxies_of(settings: Settings) -> Proxies | None:
    if settings.client_certificate_header == NONE:
        return None
    file = settings.client_ca_file
    authorities = () if file == NONE else tuple(load_pem_x509_certificates(Path(file).read_bytes()))
    return Proxies(settings.client_certificate_header, networks(settings.trusted_proxies), authorities)


def own_language(house: House) -> str | None:
    """The language the signed-in person chose, or None."""
    found = door.visitor(house)
    return found.language if found else None
