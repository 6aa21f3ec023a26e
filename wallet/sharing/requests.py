"""The page of vendors that ask by themselves and wait for an answer (CIBA Core). It only leads to the question."""

from flask import redirect, render_template, url_for
from sqlalchemy import Connection
from werkzeug import Response

from consent import asks
from consent.model import Ask
from vendor_api.oauth import ciba_requests
from vendor_api.oauth.ciba import ANSWERED_AT, ask_of
from vendor_api.oauth.ciba_requests import Waiting
from vendor_api.routing import Route
from vendor_api.vendors import registry
from wallet.house import House
from wallet.languages import language
from wallet.people.model import Visitor
from wallet.people.visitor import browser, signed_in, visitor


def requests(house: House) -> str:
    found = house.database.read(all_waiting, house, signed_in(house))
    rows = [(waiting, registry.party(waiting.vendor, waiting.vendor.redirect_uris[0], language())) for waiting in found]
    return render_template("sharing/requests.html", rows=rows, nav="vendors")


def how_many(house: House) -> int:
    """How many vendors wait for whoever sits at this browser."""
    here = visitor(house)
    return len(house.database.read(all_waiting, house, here)) if here else 0


def open_request(house: House, request_digest: str) -> Response:
    """Begin the question in this browser. Raises UnknownAsk, also for somebody else's, and AskExpired."""
    here = signed_in(house)
    ask = house.database.write(begin, house, here, request_digest, browser=browser(), language=language())
    return redirect(url_for("sharing.consent", ask_id=ask.ask_id), 303)


def begin(db: Connection, house: House, visitor: Visitor, request_digest: str, *, browser: str, language: str) -> Ask:
    waiting = still_waiting(db, house, visitor, request_digest)
    new = ask_of(waiting, house.settings.issuer, language)
    return asks.keep(db, new, browser=browser, until=waiting.expires_at, now=house.clock())


def still_waiting(db: Connection, house: House, visitor: Visitor, request_digest: str) -> Waiting:
    """Raises UnknownAsk, also for somebody else's, and AskExpired."""
    return ciba_requests.find(db, house.secrets, request_digest, person_id=visitor.person_id, now=house.clock())


def all_waiting(db: Connection, house: House, visitor: Visitor) -> tuple[Waiting, ...]:
    return ciba_requests.of_person(db, house.secrets, person_id=visitor.person_id, now=house.clock())


ROUTES = (
    Route(ANSWERED_AT, requests),
    Route(f"{ANSWERED_AT}/<request_digest>", open_request, ("POST",)),
)
