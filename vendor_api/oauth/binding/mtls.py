"""Mutual TLS (RFC 8705): vendors that prove themselves by a certificate, and tokens that are bound to one.

Authlib has none. TLS ends at a proxy, which hands the certificate on (vendor_api/proxies.py).
"""

import base64
from collections.abc import Mapping
from typing import Any, Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import Certificate

from vendor_api.errors import CannotFetch, InvalidClient, InvalidDpopProof, InvalidGrant, InvalidRequest, InvalidToken
from vendor_api.host import Host
from vendor_api.oauth.binding.dpop import Proof
from vendor_api.vendors import certificates, registry
from vendor_api.vendors.certificates import BOUND, BY_AUTHORITY, METHODS
from vendor_api.vendors.model import Vendor

MEMBER: Final = "x5t#S256"
LONGEST_ID: Final = 500
FAILED: Final = "client authentication failed: check client_id, your certificate, its dates and what you registered"


def proven(host: Host, client_id: str, certificate: Certificate, *, now: int) -> Vendor | None:
    """Section 2: the vendor, None where it proves itself otherwise. May fetch, so never inside a transaction.

    Raises InvalidClient.
    """
    can_be_one = len(client_id) <= LONGEST_ID and client_id.isprintable()
    vendor = host.read(registry.find, client_id) if can_be_one else None
    if vendor is None or vendor.auth_method not in METHODS:
        return None
    is_theirs = is_certified if vendor.auth_method == BY_AUTHORITY else is_registered
    if not is_theirs(host, vendor, certificate, now=now):
        raise InvalidClient(FAILED)
    return vendor


def is_certified(host: Host, vendor: Vendor, certificate: Certificate, *, now: int) -> bool:
    """Section 2.1: one of the host's authorities says that this is the vendor."""
    authorities = host.proxies.authorities if host.proxies else ()
    if not certificates.is_issued(certificate, authorities, now=now):
        return False
    return certificates.is_named(certificate, vendor.metadata)


def is_registered(host: Host, vendor: Vendor, certificate: Certificate, *, now: int) -> bool:
    """Section 2.2: it is one the vendor registered; behind a `jwks_uri` one new to us is looked for once a minute."""
    if not certificates.is_current(certificate, now=now):
        return False
    if "jwks_uri" not in vendor.metadata:
        return certificate in certificates.registered(vendor.metadata.get("jwks"))
    try:
        return any(
            certificate
            in certificates.registered(host.outbound.get_json(vendor.metadata["jwks_uri"], refresh=refresh, now=now))
            for refresh in (False, True)
        )
    except CannotFetch as error:
        raise InvalidClient(f"your keys can not be fetched from your jwks_uri: {error}") from None


def check_redemption(
    vendor: Vendor, redeemed: Mapping[str, Any], certificate: Certificate | None, proof: Proof | None
) -> None:
    """Sections 3 and 4: the certificate where the vendor registered so, and the same one for what is bound to it.

    Raises InvalidDpopProof, InvalidRequest or InvalidGrant.
    """
    bound_to = thumbprint_in(redeemed)
    if not vendor.binds_to_certificate and bound_to is None:
        return
    if proof is not None:
        raise InvalidDpopProof("your tokens are bound to your certificate; leave the DPoP proof out")
    if certificate is None and bound_to is None:
        raise InvalidRequest(f"you registered {BOUND}, so present your certificate")
    if bound_to is not None and (certificate is None or thumbprint(certificate) != bound_to):
        raise InvalidGrant("this is bound to a certificate; present it")


def confirmation(vendor: Vendor, redeemed: Mapping[str, Any], certificate: Certificate | None) -> dict[str, Any]:
    """Section 3.1: what a bound token remembers. What was bound once stays so, whatever is registered later."""
    if certificate is None or not (vendor.binds_to_certificate or thumbprint_in(redeemed)):
        return {}
    return {"cnf": {MEMBER: thumbprint(certificate)}}


def thumbprint(certificate: Certificate) -> str:
    return base64.urlsafe_b64encode(certificate.fingerprint(SHA256())).rstrip(b"=").decode()


def thumbprint_in(request: Mapping[str, Any]) -> str | None:
    """The certificate a token is bound to, if any."""
    found: str | None = request.get("cnf", {}).get(MEMBER)
    return found


def check_read(request: Mapping[str, Any], certificate: Certificate | None) -> None:
    """Section 3: a bound token is of use with its certificate alone. Raises InvalidToken."""
    bound_to = thumbprint_in(request)
    if bound_to is not None and (certificate is None or thumbprint(certificate) != bound_to):
        raise InvalidToken("this access token is bound to a certificate; present it")
