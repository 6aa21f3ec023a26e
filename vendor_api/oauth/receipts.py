"""Receipts for the vendor: the same documents the person keeps, proven equal by digest, and countersigned once.

Who asks shows an access token of the grant; or, as tokens end with the grant and receipts do not, proves to be its
client and names the grant (docs/decisions/0023).
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection

from consent import grants, receipts, standing
from consent.errors import AlreadyCountersigned, UnknownGrant, UnknownReceipt
from consent.model import Grant
from consent.moving import homes
from consent.receipts import TYPE, Countersignature, Receipt
from keys.errors import BadToken
from vendor_api.call import Call
from vendor_api.errors import InsufficientScope, InvalidGrantId, InvalidRequest, NotFound, VendorApiError
from vendor_api.host import Host
from vendor_api.oauth import access
from vendor_api.oauth.answers import NO_STORE, Answer, as_json
from vendor_api.oauth.framework.client_assertion import received
from vendor_api.oauth.framework.gate import Gate
from vendor_api.oauth.framework.shapes import Request
from vendor_api.oauth.grant_management import QUERY
from vendor_api.vendors import fapi, registry
from vendor_api.vendors.keys import SIGNING_ALGORITHMS, NotSigned
from vendor_api.vendors.metadata import PROVING_METHODS
from vendor_api.vendors.model import Vendor
from vendor_api.vendors.statements import is_between, signed_statement

PATH: Final = "/oauth/receipts"
CHECK_PATH: Final = f"{PATH}/check"
COUNTERSIGNATURE: Final = "consent-countersignature+jwt"
SKEW: Final = 30
NOT_YOURS: Final = "there is no such grant, or it is not yours"

Asking = Callable[..., Grant]


class InvalidCountersignature(VendorApiError):
    """Not signed by this vendor, or not over this receipt."""

    error = "invalid_countersignature"


class CountersignedBefore(InvalidRequest):
    """RFC 9110 section 15.5.10."""

    status = 409

    def __init__(self) -> None:
        super().__init__("this receipt is countersigned already, and that is done once")


@access.challenging
def listed(host: Host, call: Call) -> Answer:
    """All receipts of the grant, oldest first, with the documents themselves."""
    grant, found = host.write(of_grant, asking(host, call, PATH), now=host.now())
    return as_json({"grant_id": grant.grant_id, "receipts": [described(one) for one in found]})


@access.challenging
def fetched(host: Host, call: Call) -> Answer:
    """One document, byte for byte. Raises NotFound."""
    _grant, found = host.write(one_of, asking(host, call, path_of(call)), call.rest, now=host.now())
    return Answer(200, {"Content-Type": f"application/{TYPE}", **NO_STORE}, found.document.encode())


@access.challenging
def checked(host: Host, call: Call) -> Answer:
    """Whether a copy with this digest is one of ours, byte for byte."""
    given = parameter(call, "digest")
    _grant, found = host.write(of_grant, asking(host, call, CHECK_PATH), now=host.now())
    same = [one for one in found if receipts.is_equal(one, given)]
    return as_json({"equal": bool(same), **({"receipt_id": same[0].receipt_id} if same else {})})


@access.challenging
def countersigned(host: Host, call: Call) -> Answer:
    """Take the vendor's signature over our digest. Raises NotFound, InvalidCountersignature, CountersignedBefore."""
    given, now = parameter(call, "countersignature"), host.now()
    grant, receipt, vendor = host.write(to_sign, asking(host, call, path_of(call)), call.rest, now=now)
    signature = verified(host, vendor, receipt, given, now=now)
    host.write(keep, host, grant, receipt, signature, now=now)
    return as_json({"receipt_id": receipt.receipt_id, "digest": receipt.digest, "countersigned_at": now})


def path_of(call: Call) -> str:
    return f"{PATH}/{call.rest}"


def parameter(call: Call, name: str) -> str:
    """Raises InvalidRequest."""
    given = call.form().get(name)
    if given is None:
        raise InvalidRequest(f"{name} is missing")
    return given


def asking(host: Host, call: Call, path: str) -> Asking:
    """What finds the grant, in the transaction of the request; who asks is proven before or there."""
    if call.method == "POST" and "grant_id" in call.form():
        request = received(host, call, now=host.now())
        return partial(of_client, host=host, request=request, grant_id=call.form()["grant_id"])
    return partial(of_token, host=host, given=access.presented(host, call, path, now=host.now()))


def of_token(db: Connection, *, host: Host, given: access.Presented, now: int) -> Grant:
    """Also while paused. Raises InvalidToken, InsufficientScope."""
    token = access.find_paused_too(db, host, given, now=now)
    if QUERY not in token.request["scope"].split():
        raise InsufficientScope(QUERY)
    return token.grant


def of_client(db: Connection, *, host: Host, request: Request, grant_id: str, now: int) -> Grant:
    """Also after its end. Raises InvalidClient, and InvalidGrantId for another vendor's as for one there never was.

    A vendor that is blocked gets the same answer, by as many statements.
    """
    vendor = Gate(db, host, now=now).authenticate_client(request, list(PROVING_METHODS)).vendor
    try:
        person_id = homes.owner(db, host.secrets, "grant", grant_id)
        blocking = standing.blocking(db, person_id=person_id, client_id=vendor.client_id)
        grant = grants.find(db, grant_id, person_id=person_id)
    except (BadToken, UnknownGrant):
        raise InvalidGrantId(NOT_YOURS) from None
    is_its_own = (grant.party.client_id, grant.party.sector) == (vendor.client_id, vendor.sector)
    if not is_its_own or grant.persona_id in blocking:
        raise InvalidGrantId(NOT_YOURS)
    return grant


def of_grant(db: Connection, asks: Asking, *, now: int) -> tuple[Grant, tuple[Receipt, ...]]:
    grant = asks(db, now=now)
    return grant, receipts.of_grant(db, grant.grant_id, person_id=grant.person_id)


def one_of(db: Connection, asks: Asking, receipt_id: str, *, now: int) -> tuple[Grant, Receipt]:
    """Raises NotFound."""
    grant = asks(db, now=now)
    try:
        return grant, receipts.find(db, receipt_id, grant_id=grant.grant_id, person_id=grant.person_id)
    except UnknownReceipt as error:
        raise NotFound(str(error)) from None


def to_sign(db: Connection, asks: Asking, receipt_id: str, *, now: int) -> tuple[Grant, Receipt, Vendor]:
    grant, receipt = one_of(db, asks, receipt_id, now=now)
    vendor = registry.find(db, grant.party.client_id)
    if vendor is None:
        raise NotFound(NOT_YOURS)
    if receipt.countersignature:
        raise CountersignedBefore
    return grant, receipt, vendor


def verified(host: Host, vendor: Vendor, receipt: Receipt, given: str, *, now: int) -> Countersignature:
    """May fetch the vendor's keys, so never inside a transaction. Raises InvalidCountersignature."""
    algorithms = fapi.ALGORITHMS if vendor.is_strict else SIGNING_ALGORITHMS

    def rules(claims: Mapping[str, Any]) -> tuple[tuple[str, bool], ...]:
        digest = claims.get("digest")
        is_equal = isinstance(digest, str) and receipts.is_equal(receipt, digest)
        in_time = is_between(claims.get("iat"), receipt.at - SKEW, now + SKEW)
        return (
            ("its digest is not that of this receipt", not is_equal),
            ("its iat must be between the receipt and now", not in_time),
        )

    try:
        _claims, key = signed_statement(
            host, vendor, given, typ=COUNTERSIGNATURE, rules=rules, algorithms=algorithms, now=now
        )
    except NotSigned as error:
        raise InvalidCountersignature(f"the countersignature is not valid: {error}") from None
    return Countersignature(given, key, now)


def keep(db: Connection, host: Host, grant: Grant, receipt: Receipt, signature: Countersignature, *, now: int) -> None:
    try:
        receipts.countersign(db, host.secrets, grant, receipt, signature, now=now)
    except AlreadyCountersigned:
        raise CountersignedBefore from None


def described(receipt: Receipt) -> dict[str, object]:
    return {
        "receipt_id": receipt.receipt_id,
        "number": receipt.number,
        "kind": receipt.kind,
        "at": receipt.at,
        "digest": receipt.digest,
        "document": receipt.document,
        **({"countersigned_at": receipt.countersignature.at} if receipt.countersignature else {}),
    }
