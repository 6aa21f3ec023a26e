"""POST /oauth/par: a vendor pushes its request here and sends the person with a reference only (RFC 9126).

Authlib has none.
"""

from collections.abc import Mapping
from secrets import token_urlsafe
from typing import Final

from sqlalchemy import Connection, delete, insert

from keys.opaque import digest
from vendor_api import vendors
from vendor_api.call import Call
from vendor_api.errors import InvalidRequest
from vendor_api.host import Host
from vendor_api.metadata import AUTH_METHODS
from vendor_api.oauth.answers import Answer, as_json
from vendor_api.oauth.checks import check_all
from vendor_api.oauth.framework.desk import Desk
from vendor_api.oauth.framework.shapes import Request as VendorRequest
from vendor_api.oauth.request import Request
from vendor_api.tables import pushed_requests
from vendor_api.vendors import Vendor

LIFETIME: Final = 90
REFERENCE: Final = "urn:ietf:params:oauth:request_uri:"
PROVES_THE_VENDOR: Final = frozenset({"client_secret", "client_assertion", "client_assertion_type"})


def push(host: Host, call: Call) -> Answer:
    """Section 2. Raises what the authorization endpoint would have told the vendor by redirect."""
    return host.write(store, host, VendorRequest(call), now=host.now())


def store(db: Connection, host: Host, sent: VendorRequest, *, now: int) -> Answer:
    vendor = (
        Desk(db, host, now=now).authenticate_client(sent, list(AUTH_METHODS), "pushed_authorization_request").vendor
    )
    parameters = {name: value for name, value in sent.form.items() if name not in PROVES_THE_VENDOR}
    request = Request(vendor, {**parameters, "client_id": vendor.client_id}, was_pushed=True)
    check_pushed(request)
    check_all(host, request)
    reference = REFERENCE + token_urlsafe(32)
    row = {"client_id": vendor.client_id, "parameters": dict(request.parameters), "expires_at": now + LIFETIME}
    db.execute(insert(pushed_requests).values(request_digest=digest(reference), **row))
    return as_json({"request_uri": reference, "expires_in": LIFETIME}, status=201)


def check_pushed(request: Request) -> None:
    """Section 2.1: what a redirect could not safely tell is told here."""
    if "request_uri" in request.parameters:
        raise InvalidRequest("push the parameters themselves; a request_uri can not be pushed")
    if not vendors.matches(request.vendor, request.parameters.get("redirect_uri", "")):
        raise InvalidRequest("redirect_uri is missing or not registered for this vendor")


def take(db: Connection, reference: str, vendor: Vendor, *, now: int) -> Mapping[str, str] | None:
    """The parameters behind a reference, once; None if it is not this vendor's, was used or is too old."""
    mine = delete(pushed_requests).where(
        pushed_requests.c.request_digest == digest(reference),
        pushed_requests.c.client_id == vendor.client_id,
        pushed_requests.c.expires_at > now,
    )
    return db.execute(mine.returning(pushed_requests.c.parameters)).scalar_one_or_none()


def sweep(db: Connection, *, now: int) -> int:
    """Forget what nobody came for; returns how many."""
    return db.execute(delete(pushed_requests).where(pushed_requests.c.expires_at <= now)).rowcount
