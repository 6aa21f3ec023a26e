"""Access tokens of a vendor for itself, about no person: signed (RFC 9068), short-lived and kept nowhere."""

from collections.abc import Mapping
from secrets import token_urlsafe
from typing import Any, Final

import jwt
from sqlalchemy import Connection

from vendor_api.errors import InsufficientScope, InvalidToken
from vendor_api.host import Host
from vendor_api.oauth.access import Presented
from vendor_api.oauth.binding import dpop, mtls
from vendor_api.vendors import registry
from vendor_api.vendors.model import Vendor

READ: Final = "ssf.read"
MANAGE: Final = "ssf.manage"
SCOPES: Final = (MANAGE, READ)
TYPE: Final = "at+jwt"
ALGORITHM: Final = "ES256"
LIFETIME: Final = 600
NOT_ONE: Final = "this access token is not valid; get one by the grant type client_credentials"


def mint(host: Host, vendor: Vendor, bound: Mapping[str, Any], *, scope: str, now: int) -> str:
    """Section 2.2. `bound` is what the token is bound to, as for any other access token."""
    claims = {
        "iss": host.issuer,
        "aud": host.issuer,
        "sub": vendor.client_id,
        "client_id": vendor.client_id,
        "jti": token_urlsafe(16),
        "iat": now,
        "exp": now + LIFETIME,
        "scope": scope,
        **bound,
    }
    return host.signing_keys().active[ALGORITHM].sign(claims, typ=TYPE)


def holder(db: Connection, host: Host, given: Presented, *, scopes: tuple[str, ...], now: int) -> Vendor:
    """The vendor behind a token with any of these scopes, if it is still registered for such tokens.

    Raises InvalidToken, InsufficientScope, InvalidDpopProof or UseDpopNonce.
    """
    claims = opened(host, given.token, now=now)
    mtls.check_read(claims, given.certificate)
    dpop.check_read(db, claims, given.proof)
    vendor = registry.find(db, claims["client_id"])
    if vendor is None or "client_credentials" not in vendor.grant_types:
        raise InvalidToken(NOT_ONE)
    if not set(scopes) & set(claims["scope"].split()):
        raise InsufficientScope(scopes[0])
    return vendor


def opened(host: Host, token: str, *, now: int) -> dict[str, Any]:
    """Section 4: one of ours, of this type, for this wallet, and not over."""
    try:
        header = jwt.get_unverified_header(token)
        [key] = [key for key in host.signing_keys().published if key["kid"] == header.get("kid")]
        if header.get("typ") != TYPE or key["alg"] != ALGORITHM:
            raise InvalidToken(NOT_ONE)
        claims: dict[str, Any] = jwt.decode(
            token,
            jwt.PyJWK(key),
            algorithms=[ALGORITHM],
            audience=host.issuer,
            issuer=host.issuer,
            options={"require": ["iss", "aud", "exp", "client_id", "scope"], "verify_exp": False, "verify_iat": False},
        )
    except (jwt.PyJWTError, ValueError):
        raise InvalidToken(NOT_ONE) from None
    if claims["exp"] <= now:
        raise InvalidToken("this access token has expired; get another by the grant type client_credentials")
    return claims
