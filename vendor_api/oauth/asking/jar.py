"""Request objects (RFC 9101): the parameters in a JWT the vendor signed; nothing beside it counts but the client_id.

Authlib takes unsigned ones, and those for another audience or without an end.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any, Final

import orjson

from vendor_api.call import REPEATABLE
from vendor_api.errors import CannotFetch, InvalidRequestObject
from vendor_api.host import Host
from vendor_api.vendors import fapi, keys
from vendor_api.vendors.keys import SIGNING_ALGORITHMS, NotSigned
from vendor_api.vendors.model import Vendor

TYPES: Final = ("oauth-authz-req+jwt", "jwt", "")
LONGEST_LIFE: Final = 3600
SKEW: Final = 30
OF_THE_JWT: Final = frozenset({"iss", "aud", "exp", "nbf", "iat", "jti"})
SAYABLE: Final = re.compile(r"[a-z_]{1,50}")  # of names that somebody chose, in a refusal
IN_JSON: Final = frozenset({"claims", "authorization_details"})


def parameters_in(host: Host, vendor: Vendor, compact: str) -> dict[str, str]:
    """What a request object asks. May fetch the vendor's keys. Raises InvalidRequestObject."""
    claims = verified(host, vendor, compact, algorithms=algorithms_of(vendor))
    if claims.get("client_id") != vendor.client_id:
        raise InvalidRequestObject("client_id of the request object must be your client_id")
    return parameters_of(claims)


def verified(host: Host, vendor: Vendor, compact: str, *, algorithms: Collection[str]) -> Mapping[str, Any]:
    """The claims of a request object that this vendor signed for this wallet. Raises InvalidRequestObject."""
    now = host.now()
    try:
        given = keys.opened(compact, algorithms=algorithms, typ=TYPES)
        claims = keys.verify(host, vendor, given, now=now)
    except (NotSigned, CannotFetch) as error:
        raise InvalidRequestObject(f"the request object can not be accepted: {error}") from None
    check_parties(claims, vendor, issuer=host.issuer)
    check_times(claims, vendor, now=now)
    check_not_nested(claims)
    return claims


def parameters_of(claims: Mapping[str, Any]) -> dict[str, str]:
    return {name: as_text(name, value) for name, value in claims.items() if name not in OF_THE_JWT and value != ""}


def algorithms_of(vendor: Vendor) -> tuple[str, ...]:
    """The one it registered, else all that its profile allows."""
    registered = vendor.metadata.get("request_object_signing_alg")
    allowed = fapi.ALGORITHMS if vendor.is_strict else SIGNING_ALGORITHMS
    return (registered,) if registered else allowed


def check_parties(claims: Mapping[str, Any], vendor: Vendor, *, issuer: str) -> None:
    """Sections 4 and 10.8: from this vendor, for this wallet, and not to be mistaken for a client assertion."""
    if claims.get("iss") != vendor.client_id:
        raise InvalidRequestObject("iss of the request object must be your client_id")
    if claims.get("aud") not in (issuer, [issuer]):
        raise InvalidRequestObject(f"aud of the request object must be {issuer}")
    if claims.get("sub") == vendor.client_id:
        raise InvalidRequestObject("a request object must not have your client_id as its sub")


def check_times(claims: Mapping[str, Any], vendor: Vendor, *, now: int) -> None:
    """FAPI 2.0 Message Signing section 5.3.1: it ends within an hour of its beginning, which was not long ago."""
    expires_at, begins_at, issued_at = (claims.get(name) for name in ("exp", "nbf", "iat"))
    if type(expires_at) is not int or not now - SKEW < expires_at <= now + LONGEST_LIFE + SKEW:
        raise InvalidRequestObject("exp of the request object must lie ahead, at most an hour")
    if vendor.wants_signed_answers and begins_at is None:
        raise InvalidRequestObject("nbf of the request object is missing")
    for name, at in (("nbf", begins_at), ("iat", issued_at)):
        if at is not None and (type(at) is not int or not now - LONGEST_LIFE - SKEW <= at <= now + SKEW):
            raise InvalidRequestObject(f"{name} of the request object must lie within the last hour")


def check_not_nested(claims: Mapping[str, Any]) -> None:
    """Section 4."""
    if "request" in claims or "request_uri" in claims:
        raise InvalidRequestObject("a request object must not contain another, nor the address of one")


def as_text(name: str, value: object) -> str:
    """As it would stand in an address, where a zero byte can not stand either. Raises InvalidRequestObject."""
    if isinstance(value, str) and "\x00" not in value:
        return value
    if type(value) is int:
        return str(value)
    if name in IN_JSON and isinstance(value, dict | list):
        return orjson.dumps(value).decode()
    if name == REPEATABLE and isinstance(value, list) and all(isinstance(one, str) for one in value):
        return " ".join(value)
    called = name if SAYABLE.fullmatch(name) else "a member"
    raise InvalidRequestObject(f"{called} has the wrong type in the request object, or a zero byte")
