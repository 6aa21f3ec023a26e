"""What a vendor's certificate proves, and what has to be registered for that (RFC 8705 sections 2 and 3.4)."""

import base64
from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any, Final

from cryptography import x509
from cryptography.x509 import verification

from vendor_api.errors import InvalidClientMetadata
from vendor_api.proxies import Proxies
from vendor_api.vendors.keys import members

BY_AUTHORITY: Final = "tls_client_auth"
SELF_SIGNED: Final = "self_signed_tls_client_auth"
METHODS: Final = (BY_AUTHORITY, SELF_SIGNED)
BOUND: Final = "tls_client_certificate_bound_access_tokens"
SKEW: Final = 30
LONGEST_NAME: Final = 300
# RFC 5280, as browsers hold servers to it; but vendors have names of other kinds, and old authorities name no key.
FOR_VENDORS: Final = (
    verification.ExtensionPolicy.webpki_defaults_ee()
    .may_be_present(x509.SubjectAlternativeName, verification.Criticality.AGNOSTIC, None)
    .may_be_present(x509.AuthorityKeyIdentifier, verification.Criticality.AGNOSTIC, None)
)


@dataclass(frozen=True, slots=True)
class Name:
    """One way to name a vendor: `parsed` from what was registered, and compared with all that are `found`."""

    parsed: Callable[[str], Hashable]
    found: Callable[[x509.Certificate], Collection[Hashable]]


def alternative(kind: type[Any], comparable: Callable[[Any], Hashable] = lambda name: name) -> Callable[..., Any]:
    def found(certificate: x509.Certificate) -> list[Hashable]:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        return [comparable(name) for name in names.get_values_for_type(kind)]

    return found


NAMES: Final[Mapping[str, Name]] = {
    "tls_client_auth_subject_dn": Name(x509.Name.from_rfc4514_string, lambda certificate: [certificate.subject]),
    "tls_client_auth_san_dns": Name(str.lower, alternative(x509.DNSName, str.lower)),
    "tls_client_auth_san_uri": Name(str, alternative(x509.UniformResourceIdentifier)),
    "tls_client_auth_san_ip": Name(ip_address, alternative(x509.IPAddress)),
    "tls_client_auth_san_email": Name(str, alternative(x509.RFC822Name)),
}


def offered(proxies: Proxies | None) -> tuple[str, ...]:
    """The methods a vendor can use here."""
    if proxies is None:
        return ()
    return METHODS if proxies.authorities else (SELF_SIGNED,)


def check_offered(proxies: Proxies | None, metadata: Mapping[str, Any]) -> None:
    """Whoever registers itself is told at once what there is not."""
    method = metadata["token_endpoint_auth_method"]
    if method in METHODS and method not in offered(proxies):
        raise InvalidClientMetadata(f"token_endpoint_auth_method {method} is not offered by this wallet")
    if metadata.get(BOUND) and proxies is None:
        raise InvalidClientMetadata(f"{BOUND} is not offered by this wallet")


def check_registered(metadata: Mapping[str, Any]) -> None:
    """Sections 2.1.2, 2.2.2 and 3.4; a token is bound to a certificate or to a DPoP key, not to both."""
    method, names = metadata["token_endpoint_auth_method"], [name for name in NAMES if name in metadata]
    if len(names) != (method == BY_AUTHORITY):
        raise InvalidClientMetadata(
            f"{BY_AUTHORITY}, and no other method, goes with exactly one of: {', '.join(NAMES)}"
        )
    for name in names:
        if not is_name(metadata[name], NAMES[name]):
            raise InvalidClientMetadata(f"{name} can not be understood")
    if method == SELF_SIGNED and "jwks_uri" not in metadata and not registered(metadata.get("jwks")):
        raise InvalidClientMetadata(f"{SELF_SIGNED} needs jwks_uri, or jwks with your certificate as x5c of its key")
    if metadata.get(BOUND) and metadata.get("dpop_bound_access_tokens"):
        raise InvalidClientMetadata(f"register {BOUND} or dpop_bound_access_tokens, not both")


def is_name(given: object, name: Name) -> bool:
    if not isinstance(given, str) or not 0 < len(given) <= LONGEST_NAME or not given.isprintable():
        return False
    try:
        return bool(name.parsed(given)) and given == given.strip()
    except ValueError:
        return False


def is_named(certificate: x509.Certificate, metadata: Mapping[str, Any]) -> bool:
    """Section 2.1.2: whether it names this vendor, by the one name that was registered."""
    try:
        return any(
            name.parsed(metadata[key]) in name.found(certificate) for key, name in NAMES.items() if key in metadata
        )
    except (ValueError, x509.ExtensionNotFound, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        return False


def is_issued(certificate: x509.Certificate, authorities: tuple[x509.Certificate, ...], *, now: int) -> bool:
    """Section 2.1: whether one of these authorities has issued it, for clients (RFC 5280 section 6)."""
    if not authorities or not is_current(certificate, now=now):
        return False
    starts, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    verifier = (
        verification.PolicyBuilder()
        .store(verification.Store(list(authorities)))
        .time(min(max(moment(now), starts), ends))
        .extension_policies(ca_policy=verification.ExtensionPolicy.webpki_defaults_ca(), ee_policy=FOR_VENDORS)
        .build_client_verifier()
    )
    try:
        verifier.verify(certificate, [])
    except (verification.VerificationError, ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        return False
    return True


def is_current(certificate: x509.Certificate, *, now: int) -> bool:
    """Clocks may differ by SKEW seconds."""
    starts, ends = moment(now + SKEW), moment(now - SKEW)
    return certificate.not_valid_before_utc <= starts and ends <= certificate.not_valid_after_utc


def moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def registered(jwks: object) -> list[x509.Certificate]:
    """Section 2.2.2: the certificate of each key, which is the first of its x5c (RFC 7517 section 4.7)."""
    chains = [jwk.get("x5c") for jwk in members(jwks)]
    first = [chain[0] for chain in chains if isinstance(chain, list) and chain]
    return [certificate for text in first if (certificate := decoded(text)) is not None]


def decoded(text: object) -> x509.Certificate | None:
    try:
        return x509.load_der_x509_certificate(base64.b64decode(text, validate=True)) if isinstance(text, str) else None
    except ValueError:  # binascii.Error is one
        return None
