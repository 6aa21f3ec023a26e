"""POST /oauth/par: a vendor pushes its request here and sends the person with a reference only (RFC 9126).

Authlib has none.
"""

from dataclasses import replace
from secrets import token_urlsafe
from typing import Final

from sqlalchemy import Connection, delete, insert

from keys.opaque import digest
from vendor_api.call import Call
from vendor_api.errors import InvalidRequest
from vendor_api.host import Host
from vendor_api.oauth.answers import Answer, as_json
from vendor_api.oauth.asking import jar
from vendor_api.oauth.asking.request import Request
from vendor_api.oauth.binding import dpop
from vendor_api.oauth.checks import check_all
from vendor_api.oauth.framework.client_assertion import received
from vendor_api.oauth.framework.gate import Gate
from vendor_api.oauth.framework.shapes import Request as VendorRequest
from vendor_api.tables import pushed_requests
from vendor_api.vendors import documents
from vendor_api.vendors.metadata import AUTH_METHODS
from vendor_api.vendors.model import Vendor

PATH: Final = "/oauth/par"
LIFETIME: Final = 90
REFERENCE: Final = "urn:ietf:params:oauth:request_uri:"
PROVES_THE_VENDOR: Final = frozenset({"client_secret", "client_assertion", "client_assertion_type"})


@dpop.tells_nonce
def push(host: Host, call: Call) -> Answer:
    """Section 2. Raises what the authorization endpoint would have told the vendor by redirect."""
    now = host.now()
    documents.known(host, call.form().get("client_id", ""))  # so that it is stored when it proves itself
    proof, sent = dpop.proof_of(host, call, PATH, now=now), received(host, call, now=now)
    vendor = host.read(authenticated, host, sent, now=now)
    request = bound(request_in(host, vendor, sent), proof)
    check_pushed(request)
    check_all(host, request)
    return host.write(store, request, proof, now=now)


def authenticated(db: Connection, host: Host, sent: VendorRequest, *, now: int) -> Vendor:
    return Gate(db, host, now=now).authenticate_client(sent, list(AUTH_METHODS), "pushed_authorization_request").vendor


def request_in(host: Host, vendor: Vendor, sent: VendorRequest) -> Request:
    """What was pushed: the parameters, or a request object with nothing beside it (section 3)."""
    if "request" in sent.form:
        parameters = jar.parameters_in(host, vendor, sent.form["request"])
    else:
        parameters = {name: value for name, value in sent.form.items() if name not in PROVES_THE_VENDOR}
    was_signed = "request" in sent.form
    return Request(vendor, {**parameters, "client_id": vendor.client_id}, was_pushed=True, was_signed=was_signed)


def bound(request: Request, proof: dpop.Proof | None) -> Request:
    """RFC 9449 section 10.1: a proof here binds the code, as dpop_jkt does; the two must not differ."""
    if proof is None:
        return request
    if request.parameters.get("dpop_jkt", proof.jkt) != proof.jkt:
        raise InvalidRequest("dpop_jkt is not the key of the DPoP proof")
    return replace(request, parameters={**request.parameters, "dpop_jkt": proof.jkt})


def check_pushed(request: Request) -> None:
    """Section 2.1: what a redirect could not safely tell is told here."""
    if "request_uri" in request.parameters:
        raise InvalidRequest("push the parameters themselves; a request_uri can not be pushed")
    if not request.vendor.answers_at(request.parameters.get("redirect_uri", "")):
        raise InvalidRequest("redirect_uri is missing or not registered for this vendor")


def store(db: Connection, request: Request, proof: dpop.Proof | None, *, now: int) -> Answer:
    if proof is not None:
        dpop.check_algorithm(request.vendor, proof)
        dpop.spend(db, proof, needs_nonce=request.vendor.binds_tokens)
    reference = REFERENCE + token_urlsafe(32)
    row = {
        "client_id": request.vendor.client_id,
        "parameters": dict(request.parameters),
        "was_signed": request.was_signed,
        "expires_at": now + LIFETIME,
    }
    db.execute(insert(pushed_requests).values(request_digest=digest(reference), **row))
    return as_json({"request_uri": reference, "expires_in": LIFETIME}, status=201)


def take(db: Connection, reference: str, vendor: Vendor, *, now: int) -> Request | None:
    """The request behind a reference, once; None if it is not this vendor's, was used or is too old."""
    mine = delete(pushed_requests).where(
        pushed_requests.c.request_digest == digest(reference),
        pushed_requests.c.client_id == vendor.client_id,
        pushed_requests.c.expires_at > now,
    )
    row = db.execute(mine.returning(pushed_requests.c.parameters, pushed_requests.c.was_signed)).one_or_none()
    return Request(vendor, row.parameters, was_pushed=True, was_signed=row.was_signed) if row else None


def sweep(db: Connection, *, now: int) -> int:
    """Forget what nobody came for; returns how many."""
    return db.execute(delete(pushed_requests).where(pushed_requests.c.expires_at <= now)).rowcount
