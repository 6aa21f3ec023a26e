"""What the page of a person's sessions shows, gathered from sessions, sign-ins and what vendors have confirmed."""

from dataclasses import dataclass

from sqlalchemy import Connection

from consent import outbox
from consent.model import Party
from consent.outbox import Telling
from vendor_api.oauth.leaving import sign_ins
from vendor_api.oauth.leaving.sign_ins import SignIn
from vendor_api.vendors import registry
from vendor_api.vendors.model import Vendor
from wallet.house import House
from wallet.people.model import Session, Visitor
from wallet.people.sessions import live_sessions


@dataclass(frozen=True, slots=True)
class SignInView:
    """`told` is False for a vendor that can only be told by the browser that is signed in there."""

    client_id: str
    vendor_name: str
    vendor_host: str
    at: int
    told: bool


@dataclass(frozen=True, slots=True)
class SessionView:
    session: str
    browser: str | None
    since: int
    seen: int
    here: bool
    sign_ins: tuple[SignInView, ...]


@dataclass(frozen=True, slots=True)
class ToldView:
    """Whether a vendor has confirmed a sign-out. `waiting`: it will be tried again."""

    vendor_name: str
    at: int
    confirmed_at: int | None
    tries: int
    waiting: bool


@dataclass(frozen=True, slots=True)
class SessionsPage:
    here: tuple[SessionView, ...]
    others: tuple[SessionView, ...]
    told: tuple[ToldView, ...]


def page(db: Connection, house: House, visitor: Visitor, language: str) -> SessionsPage:
    found = sign_ins.of_person(db, person_id=visitor.person_id)
    tellings = outbox.of_person(db, person_id=visitor.person_id, event="logout")
    client_ids = {sign_in.client_id for sign_in in found} | {telling.client_id for telling in tellings}
    known = {client_id: registry.find(db, client_id) for client_id in client_ids}
    parties = {vendor.client_id: party(vendor, language) for vendor in known.values() if vendor}
    sessions = live_sessions(db, house.secrets, person_id=visitor.person_id, now=house.clock())
    views = tuple(
        session_view(
            session,
            [sign_in for sign_in in found if sign_in.session == session.session_digest],
            known,
            parties,
            here=session.session_digest == visitor.session_digest,
        )
        for session in sessions
    )
    return SessionsPage(
        here=tuple(view for view in views if view.here),
        others=tuple(view for view in views if not view.here),
        told=tuple(told_view(telling, parties[telling.client_id]) for telling in tellings),
    )


def party(vendor: Vendor, language: str) -> Party:
    return registry.party(vendor, vendor.redirect_uris[0], language)


def session_view(
    session: Session, found: list[SignIn], known: dict[str, Vendor | None], parties: dict[str, Party], *, here: bool
) -> SessionView:
    signed_in = []
    for sign_in in found:
        vendor = known[sign_in.client_id]
        told = here or (vendor is not None and bool(vendor.metadata.get("backchannel_logout_uri")))
        shown = parties[sign_in.client_id]
        signed_in.append(SignInView(sign_in.client_id, shown.name, shown.host, sign_in.at, told))
    return SessionView(
        session.session_digest, session.browser, session.created_at, session.seen_at, here, tuple(signed_in)
    )


def told_view(telling: Telling, shown: Party) -> ToldView:
    return ToldView(
        shown.name, telling.created_at, telling.confirmed_at, telling.tries, waiting=telling.due_at is not None
    )
