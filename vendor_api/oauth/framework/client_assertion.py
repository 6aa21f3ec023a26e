"""Closes: Authlib's assertions take an array or any URL as audience, fetch inside a transaction, and need no near end.

private_key_jwt and client_secret_jwt (RFC 7523 section 3, OpenID Connect Core section 9): a vendor proves itself by a
JWT. It is verified and spent before the transaction of its request begins, so that nothing is fetched inside one.
"""

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from authlib.oauth2.rfc6749 import InvalidClientError

from keys.sealing import unseal
from vendor_api import proxies
from vendor_api.call import Call
from vendor_api.errors import CannotFetch, InvalidClient, InvalidRequest
from vendor_api.host import Host
from vendor_api.oauth import replay
from vendor_api.oauth.binding import mtls
from vendor_api.oauth.framework.shapes import Client, Request
from vendor_api.vendors import certificates, fapi, registry
from vendor_api.vendors.keys import NotSigned, Unverified, opened, verify, verify_with_secret
from vendor_api.vendors.metadata import ASSERTION_ALGORITHMS
from vendor_api.vendors.model import Vendor

TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
TYP: Final = ("jwt", "client-authentication+jwt", "")
ALGORITHMS: Final = tuple(alg for algorithms in ASSERTION_ALGORITHMS.values() for alg in algorithms)
LONGEST_LIFE: Final = 3600
SKEW: Final = 30
LONGEST_ID: Final = 500
FAILED: Final = "client authentication failed: check client_id, client_assertion, its key and the registered method"


def received(host: Host, call: Call, *, now: int) -> Request:
    """A vendor's request; if it proves itself by an assertion or a certificate, that is done.

    Raises InvalidClient, InvalidRequest.
    """
    request = Request(call, certificate := proxies.presented(host.proxies, call))
    if "client_assertion" in request.form or "client_assertion_type" in request.form:
        request.proven = proven(host, request, now=now)
    elif certificate is not None and "Authorization" not in request.headers and "client_secret" not in request.form:
        request.proven = mtls.proven(host, request.form.get("client_id", ""), certificate, now=now)
    return request


def proven(host: Host, request: Request, *, now: int) -> Vendor:
    """The vendor that signed this assertion, which is spent with that, whatever becomes of the request."""
    check_alone(request)
    try:
        given = opened(request.form.get("client_assertion", ""), algorithms=ALGORITHMS, typ=TYP)
    except NotSigned as error:
        raise InvalidClient(f"client_assertion is not valid: {error}") from None
    client_id = given.claims.get("sub")
    if not isinstance(client_id, str) or not 0 < len(client_id) <= LONGEST_ID or not client_id.isprintable():
        raise InvalidClient("client_assertion is not valid: its sub must be your client_id")
    vendor = signer(host, client_id, given, now=now)
    check_claims(given.claims, client_id=client_id, issuer=host.issuer, now=now)
    if request.form.get("client_id", client_id) != client_id:
        raise InvalidClient("client_id is not that of the client_assertion")
    kept_until = math.ceil(given.claims["exp"]) + SKEW
    jti = given.claims["jti"]
    if not host.write(replay.is_first_time, "client_assertion", client_id, jti, expires_at=kept_until):
        raise InvalidClient("this client_assertion was already used; make one with a new jti for every request")
    return vendor


def check_alone(request: Request) -> None:
    """RFC 7521 section 4.2, and RFC 6749 section 2.3: one authentication method per request."""
    if "Authorization" in request.headers or "client_secret" in request.form:
        raise InvalidRequest("use one client authentication method, not two")
    if request.form.get("client_assertion_type") != TYPE:
        raise InvalidClient(f"client_assertion_type must be {TYPE}")


def signer(host: Host, client_id: str, given: Unverified, *, now: int) -> Vendor:
    """An unknown vendor, another method or algorithm and a wrong signature get the same answer."""
    vendor = host.read(registry.find, client_id)
    if vendor is None or given.header["alg"] not in algorithms_of(vendor):
        raise InvalidClient(FAILED)
    try:
        if vendor.auth_method == "private_key_jwt":
            verify(host, vendor, given, now=now)
        else:
            verify_with_secret(given, unseal(host.secrets.sealing, vendor.secret_sealed or b"", *place(vendor)))
    except NotSigned:
        raise InvalidClient(FAILED) from None
    except CannotFetch as error:
        raise InvalidClient(f"your keys can not be fetched from your jwks_uri: {error}") from None
    return vendor


def algorithms_of(vendor: Vendor) -> tuple[str, ...]:
    """The one it registered, else all of its method; none for the methods without a JWT."""
    registered = vendor.metadata.get("token_endpoint_auth_signing_alg")
    allowed = ASSERTION_ALGORITHMS.get(vendor.auth_method, ())
    strict = fapi.ALGORITHMS if vendor.is_strict else allowed
    return tuple(alg for alg in allowed if registered in {None, alg} and alg in strict)


def check_claims(claims: Mapping[str, Any], *, client_id: str, issuer: str, now: int) -> None:
    """RFC 7523 section 3, with the issuer alone as audience: an assertion made for somebody else opens nothing here."""
    jti = claims.get("jti")
    for said, wrong in (
        ("its iss must be your client_id, as sub is", claims.get("iss") != client_id),
        (f"its aud must be the text {issuer}", claims.get("aud") != issuer),
        ("its jti must be a short text", not isinstance(jti, str) or not 0 < len(jti) <= LONGEST_ID),
        ("its exp must be in the future", not is_between(claims.get("exp"), now - SKEW, math.inf)),
        ("its exp must be within an hour", not is_between(claims.get("exp"), 0, now + LONGEST_LIFE + SKEW)),
        ("its iat must be in the past", not is_between(claims.get("iat", now), 0, now + SKEW)),
        ("its nbf must be in the past", not is_between(claims.get("nbf", now), 0, now + SKEW)),
    ):
        if wrong:
            raise InvalidClient(f"client_assertion is not valid: {said}")


def is_between(date: object, least: float, most: float) -> bool:
    """RFC 7519 section 2: a number of seconds, more than `least`."""
    return isinstance(date, int | float) and not isinstance(date, bool) and least < date <= most


def place(vendor: Vendor) -> tuple[str, str]:
    """Where a vendor's sealed secret belongs."""
    return "client_secret", vendor.client_id


def authenticate(method: str, query_client: Callable[[str], Client | None], request: Request) -> Client | None:
    """Authlib's hook, for both: the vendor that was proven, if it is still what it was a moment ago."""
    if request.proven is None or request.proven.auth_method != method:
        return None
    client = query_client(request.proven.client_id)
    if client is None or client.vendor.metadata != request.proven.metadata:
        raise InvalidClientError
    return client


METHODS: Final = {method: partial(authenticate, method) for method in (*ASSERTION_ALGORITHMS, *certificates.METHODS)}
