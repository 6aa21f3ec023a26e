"""Where vendors say that they want events, and how (OpenID Shared Signals Framework 1.0 sections 7 and 8).

One stream for each vendor, about all people who have a relationship with it: subjects are neither added nor removed.
"""

from collections.abc import Mapping
from dataclasses import replace
from secrets import token_urlsafe
from typing import Any, Final

import orjson
from sqlalchemy import Connection

from consent.events import OFFERED
from vendor_api.call import Call, parameters
from vendor_api.errors import InvalidRequest, NotFound, SlowDown
from vendor_api.events import poll, streams
from vendor_api.events.delivery import delivery_of, given_delivery
from vendor_api.events.streams import METHODS, STATUSES, Stream
from vendor_api.host import Host
from vendor_api.oauth import access, vendor_tokens
from vendor_api.oauth.answers import NO_STORE, Answer, as_json
from vendor_api.oauth.vendor_tokens import MANAGE, READ
from vendor_api.vendors.model import Vendor

PATH: Final = "/oauth/events/stream"
STATUS_PATH: Final = "/oauth/events/status"
VERIFICATION_PATH: Final = "/oauth/events/verify"
METADATA_PATH: Final = "/.well-known/ssf-configuration"
LEAST_PAUSE: Final = 60  # seconds between two verifications
LONGEST_TEXT: Final = 300
MOST_EVENTS: Final = 100


class StreamExists(InvalidRequest):
    """SSF 1.0 section 8.1.1.1."""

    status = 409


class VerifiedTooOften(SlowDown):
    """SSF 1.0 section 8.1.4.2, RFC 6585 section 4."""

    status = 429

    def __init__(self, *, wait: int) -> None:
        super().__init__(f"a stream is verified at most every {LEAST_PAUSE} seconds")
        self.headers = {"Retry-After": str(wait)}


def metadata(host: Host, _call: Call) -> Answer:
    """Section 7.1."""
    described = {
        "spec_version": "1_0",
        "issuer": host.issuer,
        "jwks_uri": f"{host.issuer}/oauth/jwks",
        "delivery_methods_supported": list(METHODS),
        "configuration_endpoint": host.issuer + PATH,
        "status_endpoint": host.issuer + STATUS_PATH,
        "verification_endpoint": host.issuer + VERIFICATION_PATH,
        "authorization_schemes": [{"spec_urn": "urn:ietf:rfc:6749"}],
        "default_subjects": "ALL",
    }
    return as_json(described, headers={"Cache-Control": "public, max-age=300"})


@access.challenging
def create(host: Host, call: Call) -> Answer:
    given = access.presented(host, call, PATH, now=host.now())
    return as_json(host.write(begin, host, given, call, now=host.now()), status=201)


def begin(db: Connection, host: Host, given: access.Presented, call: Call, *, now: int) -> dict[str, Any]:
    vendor = vendor_tokens.holder(db, host, given, scopes=(MANAGE,), now=now)
    if streams.find(db, vendor.client_id):
        raise StreamExists("you have a stream; change that one, or delete it first")
    own = (vendor.client_id, vendor.sector, token_urlsafe(16))
    empty = Stream(*own, streams.POLL, None, None, [], None, "enabled", None, now, None)
    made = wanted(host, empty, {"events_requested": list(OFFERED), **body_of(call)})
    streams.save(db, made)
    return described(host, made)


@access.challenging
def read(host: Host, call: Call) -> Answer:
    """The stream by its id, or without one a list of all there are."""
    given = access.presented(host, call, PATH, now=host.now())
    found = host.write(shown, host, given, call, now=host.now())
    return Answer(200, {"Content-Type": "application/json", **NO_STORE}, orjson.dumps(found))


def shown(db: Connection, host: Host, given: access.Presented, call: Call, *, now: int) -> Any:
    vendor = vendor_tokens.holder(db, host, given, scopes=(READ, MANAGE), now=now)
    stream_id = parameters(call.query.encode()).get("stream_id")
    if stream_id is not None:
        return described(host, named(db, vendor, stream_id))
    stream = streams.find(db, vendor.client_id)
    return [described(host, stream)] if stream else []


@access.challenging
def change(host: Host, call: Call) -> Answer:
    """PATCH changes what is sent; PUT forgets what is not."""
    given = access.presented(host, call, PATH, now=host.now())
    return as_json(host.write(changed, host, given, call, now=host.now()))


def changed(db: Connection, host: Host, given: access.Presented, call: Call, *, now: int) -> dict[str, Any]:
    vendor, said = vendor_tokens.holder(db, host, given, scopes=(MANAGE,), now=now), body_of(call)
    stream = named(db, vendor, said.get("stream_id"))
    check_same(said, described(host, stream))
    if call.method == "PUT":
        said = {"events_requested": list(OFFERED), "delivery": None, "description": None, **said}
    made = wanted(host, stream, said)
    streams.change(db, made)
    return described(host, made)


@access.challenging
def remove(host: Host, call: Call) -> Answer:
    given = access.presented(host, call, PATH, now=host.now())
    host.write(removed, host, given, call, now=host.now())
    return Answer(204, NO_STORE)


def removed(db: Connection, host: Host, given: access.Presented, call: Call, *, now: int) -> None:
    vendor = vendor_tokens.holder(db, host, given, scopes=(MANAGE,), now=now)
    streams.remove(db, named(db, vendor, parameters(call.query.encode()).get("stream_id")))


@access.challenging
def read_status(host: Host, call: Call) -> Answer:
    given = access.presented(host, call, STATUS_PATH, now=host.now())
    return as_json(host.write(status_shown, host, given, call, now=host.now()))


def status_shown(db: Connection, host: Host, given: access.Presented, call: Call, *, now: int) -> dict[str, Any]:
    vendor = vendor_tokens.holder(db, host, given, scopes=(READ, MANAGE), now=now)
    return status_of(named(db, vendor, parameters(call.query.encode()).get("stream_id")))


@access.challenging
def change_status(host: Host, call: Call) -> Answer:
    """Paused keeps what happens meanwhile; disabled drops it."""
    given = access.presented(host, call, STATUS_PATH, now=host.now())
    return as_json(host.write(status_changed, host, given, call, now=host.now()))


def status_changed(db: Connection, host: Host, given: access.Presented, call: Call, *, now: int) -> dict[str, Any]:
    vendor, said = vendor_tokens.holder(db, host, given, scopes=(MANAGE,), now=now), body_of(call)
    stream = named(db, vendor, said.get("stream_id"))
    if said.get("status") not in STATUSES:
        raise InvalidRequest(f"status must be one of: {', '.join(STATUSES)}")
    made = replace(stream, status=said["status"], reason=text(said, "reason"))
    streams.change(db, made)
    return status_of(made)


@access.challenging
def verify(host: Host, call: Call) -> Answer:
    given = access.presented(host, call, VERIFICATION_PATH, now=host.now())
    host.write(verification_asked, host, given, call, now=host.now())
    return Answer(204, NO_STORE)


def verification_asked(db: Connection, host: Host, given: access.Presented, call: Call, *, now: int) -> None:
    vendor, said = vendor_tokens.holder(db, host, given, scopes=(MANAGE,), now=now), body_of(call)
    ask_verification(db, named(db, vendor, said.get("stream_id")), state=text(said, "state"), now=now)


def ask_verification(db: Connection, stream: Stream, *, state: str | None, now: int) -> None:
    """Raises VerifiedTooOften."""
    if stream.verified_at is not None and (wait := stream.verified_at + LEAST_PAUSE - now) > 0:
        raise VerifiedTooOften(wait=wait)
    streams.change(db, replace(stream, verified_at=now))
    streams.verify(db, stream, state=state, now=now)


def named(db: Connection, vendor: Vendor, stream_id: object) -> Stream:
    """Raises NotFound, also for another vendor's."""
    stream = streams.find(db, vendor.client_id)
    if stream is None or stream.stream_id != stream_id:
        raise NotFound("you have no stream with this stream_id")
    return stream


def body_of(call: Call) -> dict[str, Any]:
    said = call.json()
    if not isinstance(said, dict):
        raise InvalidRequest("send one JSON object")
    return said


def wanted(host: Host, stream: Stream, said: Mapping[str, Any]) -> Stream:
    """The stream with what the vendor said of it; what it left out stays. Raises InvalidRequest."""
    made = stream
    if "events_requested" in said:
        made = replace(made, events_requested=events(said["events_requested"]))
    if "description" in said:
        made = replace(made, description=text(said, "description"))
    return given_delivery(host, made, said["delivery"]) if "delivery" in said else made


def events(given: object) -> list[str]:
    """Kinds we do not know are kept and never sent."""
    if (
        not isinstance(given, list)
        or not 0 < len(given) <= MOST_EVENTS
        or not all(isinstance(kind, str) and len(kind) <= LONGEST_TEXT and kind.isprintable() for kind in given)
    ):
        raise InvalidRequest("events_requested must list the URIs of events")
    return list(dict.fromkeys(given))


def text(said: Mapping[str, Any], name: str) -> str | None:
    given = said.get(name)
    if given is not None and (not isinstance(given, str) or len(given) > LONGEST_TEXT or not given.isprintable()):
        raise InvalidRequest(f"{name} must be a text of at most {LONGEST_TEXT} printable characters")
    return given


def check_same(said: Mapping[str, Any], is_now: Mapping[str, Any]) -> None:
    """Section 8.1.1.3: what is ours to say may be repeated, and not changed."""
    for name in ("iss", "aud", "events_supported", "events_delivered", "min_verification_interval"):
        if name in said and said[name] != is_now[name]:
            raise InvalidRequest(f"{name} is not yours to change; leave it out")


def status_of(stream: Stream) -> dict[str, Any]:
    return {"stream_id": stream.stream_id, "status": stream.status} | (
        {"reason": stream.reason} if stream.reason else {}
    )


def described(host: Host, stream: Stream) -> dict[str, Any]:
    """Section 8.1.1. The header that a push carries is a secret, and is never shown."""
    return {
        "stream_id": stream.stream_id,
        "iss": host.issuer,
        "aud": stream.client_id,
        "events_supported": list(OFFERED),
        "events_requested": stream.events_requested,
        "events_delivered": stream.events_delivered,
        "delivery": delivery_of(host, stream, poll.PATH),
        "min_verification_interval": LEAST_PAUSE,
        **({"description": stream.description} if stream.description else {}),
    }
