"""ID tokens (OpenID Connect Core section 2), signed by the host's own key in the algorithm the vendor registered."""

import base64
import hashlib
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection

from consent.model import Grant
from vendor_api.host import Host
from vendor_api.model import Held
from vendor_api.oauth import reading
from vendor_api.oauth.asking.acr import ACR, AMR
from vendor_api.scopes import claims_from
from vendor_api.vendors import encryption
from vendor_api.vendors.model import Vendor

LIFETIME: Final = 3600


def make_id_token(
    db: Connection,
    host: Host,
    vendor: Vendor,
    grant: Grant,
    request: Mapping[str, Any],
    *,
    access_token: str | None,
    code: str | None = None,
    released: Mapping[str, Held] = reading.NOTHING,
    now: int,
) -> str:
    """With the hashes of what comes beside it.

    Values stand in it only if the vendor asked for them there; then their delivery is a read like any other.
    """
    algorithm = vendor.id_token_algorithm
    claims = {
        **values_asked_for(db, host, grant, request, released=released, now=now),
        "iss": host.issuer,
        "sub": grant.sub,
        "aud": vendor.client_id,
        "iat": now,
        "exp": now + LIFETIME,
    }
    beside = {"at_hash": access_token, "c_hash": code}
    claims |= {name: half_hash(given, algorithm) for name, given in beside.items() if given is not None}
    if "nonce" in request:
        claims["nonce"] = request["nonce"]
    if "sid" in request:
        claims["sid"] = request["sid"]
    known = {"auth_time": request["auth_time"], "acr": ACR, "amr": AMR}
    claims |= {name: known[name] for name in request["tells"]}
    signed = host.signing_keys().active[algorithm].sign(claims, typ="JWT")
    to = encryption.recipient(vendor.metadata, "id_token")
    return encryption.encrypted(signed, to) if to else signed


def values_asked_for(
    db: Connection, host: Host, grant: Grant, request: Mapping[str, Any], *, released: Mapping[str, Held], now: int
) -> dict[str, Any]:
    wanted = grant.attributes.intersection(request["id_token"])
    if not wanted:
        return {}
    values, _ = reading.read(db, host, grant, wanted, released=released, now=now)
    return claims_from(values)


def half_hash(given: str, algorithm: str) -> str:
    """Sections 3.1.3.6 and 3.3.2.11: the left half of the hash that belongs to the algorithm (EdDSA: SHA-512)."""
    digest = hashlib.sha512 if algorithm == "EdDSA" else hashlib.sha256
    hashed = digest(given.encode()).digest()
    return base64.urlsafe_b64encode(hashed[: len(hashed) // 2]).rstrip(b"=").decode()
