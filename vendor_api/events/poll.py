"""POST /oauth/events/poll: a vendor comes for its events, and says which it has (RFC 8936).

It gets the first event of each relationship; the next one follows when that is acknowledged, so that none overtakes
another. Long polling is not held: the answer comes at once, whatever `returnImmediately` says.
"""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection

from consent import outbox
from consent.events import EVENT
from vendor_api.call import Call
from vendor_api.errors import InvalidRequest, NotFound
from vendor_api.events import streams
from vendor_api.events.push import named
from vendor_api.events.streams import POLL, Stream
from vendor_api.events.tokens import event_token
from vendor_api.host import Host
from vendor_api.oauth import access, vendor_tokens
from vendor_api.oauth.answers import Answer, as_json
from vendor_api.oauth.vendor_tokens import MANAGE, READ
from vendor_api.vendors.model import Vendor

PATH: Final = "/oauth/events/poll"
MOST: Final = outbox.AT_ONCE
MOST_TOLD: Final = 1000


@access.challenging
def poll(host: Host, call: Call) -> Answer:
    given = access.presented(host, call, PATH, now=host.now())
    return as_json(host.write(answer, host, given, call, now=host.now()))


def answer(db: Connection, host: Host, given: access.Presented, call: Call, *, now: int) -> dict[str, Any]:
    vendor = vendor_tokens.holder(db, host, given, scopes=(READ, MANAGE), now=now)
    said, stream = checked(call.json()), streams.find(db, vendor.client_id)
    if stream is None or stream.method != POLL:
        raise NotFound("you have no stream that is polled")
    take(db, vendor, said, now=now)
    return handed_out(db, host, vendor, stream, most=min(said.get("maxEvents", MOST), MOST), now=now)


def checked(said: object) -> Mapping[str, Any]:
    """Section 2.2. Raises InvalidRequest."""
    if not isinstance(said, dict):
        raise InvalidRequest("send one JSON object")
    most, acks, errors = said.get("maxEvents", MOST), said.get("ack", []), said.get("setErrs", {})
    if type(most) is not int or most < 0:
        raise InvalidRequest("maxEvents must be a whole number, 0 or more")
    if type(said.get("returnImmediately", True)) is not bool:
        raise InvalidRequest("returnImmediately must be true or false")
    if not isinstance(acks, list) or len(acks) > MOST_TOLD or not all(isinstance(jti, str) for jti in acks):
        raise InvalidRequest(f"ack must list the jti of at most {MOST_TOLD} events")
    if not isinstance(errors, dict) or len(errors) > MOST_TOLD or not all(map(named, errors.values())):
        raise InvalidRequest("setErrs must map the jti of events to objects with err and description")
    return said


def take(db: Connection, vendor: Vendor, said: Mapping[str, Any], *, now: int) -> None:
    """Sections 2.3 and 2.6: what it has, and what it could not use, which is handed out again later."""
    about = {"event": EVENT, "client_id": vendor.client_id}
    for jti in said.get("ack", []):
        if telling := outbox.find(db, jti, **about):
            outbox.confirm(db, telling, now=now)
    for jti, error in said.get("setErrs", {}).items():
        if (telling := outbox.find(db, jti, **about)) and outbox.claim(db, telling, now=now):
            outbox.fail(db, telling, named(error) or "")


def handed_out(db: Connection, host: Host, vendor: Vendor, stream: Stream, *, most: int, now: int) -> dict[str, Any]:
    """Section 2.5."""
    wanted = {"event": EVENT, "client_id": vendor.client_id}
    found = outbox.due(db, **wanted, limit=most + 1, now=now) if stream.status == "enabled" else ()
    for telling in found[:most]:
        outbox.hand_out(db, telling)
    sets = {telling.telling_id: event_token(db, host, vendor, telling) for telling in found[:most]}
    return {"sets": sets, "moreAvailable": len(found) > most}
