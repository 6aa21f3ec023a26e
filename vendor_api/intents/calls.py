"""POST /intents/followed, /intents/waiting and /intents/offers: what people look for, and what a vendor offers them.

The vendor proves itself as at the token endpoint. It learns what the person let it know, and not who that is.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, Final

from sqlalchemy import Connection

from vendor_api.call import Call
from vendor_api.errors import InvalidRequest
from vendor_api.host import Host
from vendor_api.intents import engine
from vendor_api.intents.given import offer_of
from vendor_api.intents.model import OPEN, STATES, Heard
from vendor_api.oauth.answers import Answer, as_json
from vendor_api.oauth.framework.client_assertion import received
from vendor_api.oauth.framework.gate import proven
from vendor_api.oauth.framework.shapes import Request
from vendor_api.vendors.model import Vendor

FOLLOWED: Final = "/intents/followed"
WAITING: Final = "/intents/waiting"
OFFERS: Final = "/intents/offers"

Form = Mapping[str, str]
Work = Callable[[Connection, Host, Vendor, Form, int], dict[str, Any]]


def followed(host: Host, call: Call) -> Answer:
    """The branches it follows; with `branches` (spaces between) these come in their place."""
    return done(host, call, follow)


def waiting(host: Host, call: Call) -> Answer:
    """Open intents, or as `state` says; `after` is where a page begins."""
    return done(host, call, list_of)


def offers(host: Host, call: Call) -> Answer:
    """Answer an intent, or change the answer until the deadline."""
    return done(host, call, offer)


def done(host: Host, call: Call, work: Work) -> Answer:
    """In one transaction with the proof of who asks."""
    now = host.now()
    return as_json(host.write(worked, host, received(host, call, now=now), work, now=now))


def worked(db: Connection, host: Host, sent: Request, work: Work, *, now: int) -> dict[str, Any]:
    vendor = proven(db, host, sent, "intents", now=now)
    return work(db, host, vendor, sent.form, now)


def follow(db: Connection, _host: Host, vendor: Vendor, form: Form, now: int) -> dict[str, Any]:
    if "branches" in form:
        engine.follow(db, form["branches"].split(), client_id=vendor.client_id, now=now)
    return {"branches": engine.followed(db, client_id=vendor.client_id)}


def list_of(db: Connection, host: Host, vendor: Vendor, form: Form, now: int) -> dict[str, Any]:
    state, limit = form.get("state", OPEN), form.get("limit", str(engine.PAGE))
    if state not in STATES:
        raise InvalidRequest(f"state must be one of: {', '.join(STATES)}")
    if not limit.isascii() or not limit.isdigit() or len(limit) > 3 or not 1 <= int(limit) <= 2 * engine.PAGE:
        raise InvalidRequest(f"limit must be a number from 1 to {2 * engine.PAGE}")
    how: dict[str, Any] = {"state": state, "after": form.get("after") or None, "limit": int(limit)}
    page = engine.listed(db, host.secrets, client_id=vendor.client_id, **how)
    said = {"intents": [described(one) for one in page.intents if state != OPEN or one.takes_offers(now)]}
    return said | ({"after": page.after} if page.after else {})


def offer(db: Connection, host: Host, vendor: Vendor, form: Form, now: int) -> dict[str, Any]:
    ids = {"client_id": vendor.client_id, "intent_id": form.get("intent_id", "")}
    heard = engine.find(db, host.secrets, **ids)
    said = offer_of(form.get("offer", ""), heard, vendor, now=now)
    return described(engine.offer(db, host, said, **ids, now=now))


def described(heard: Heard) -> dict[str, Any]:
    said: dict[str, Any] = {"intent_id": heard.intent_id, "state": heard.state, **heard.content}
    said |= {"published_at": heard.published_at, "deadline": heard.deadline}
    if heard.offer is not None:
        said |= {"offer": asdict(heard.offer), "version": heard.version, "offered_at": heard.offered_at}
    return said | dict(heard.said)
