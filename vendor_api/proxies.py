"""The proxies that end TLS before the wallet, and the client certificate they hand on in a header (RFC 9440)."""

import base64
import re
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Final
from urllib.parse import unquote

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import Certificate, load_der_x509_certificate

from vendor_api.call import Call
from vendor_api.errors import InvalidRequest
from vendor_api.outbound.addresses import Network

# No hyphen: behind WSGI nobody can tell Client-Cert from Client_Cert, and a proxy may overwrite only the one.
HEADER_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9]{0,59}")
LONGEST: Final = 16_000
SHORTEST_RSA: Final = 2048
NO_CERTIFICATE: Final = ("", "::")
BYTES: Final = re.compile(r":([A-Za-z0-9+/]+={0,2}):")
PEM: Final = re.compile(r"-----BEGIN CERTIFICATE-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END CERTIFICATE-----\r?\n?")


@dataclass(frozen=True, slots=True)
class Proxies:
    """Those in `networks` are believed what they say in `header`. Whom the `authorities` certify may be a vendor."""

    header: str
    networks: tuple[Network, ...]
    authorities: tuple[Certificate, ...] = ()


def presented(proxies: Proxies | None, call: Call) -> Certificate | None:
    """The certificate with which somebody called, if any. From elsewhere than a trusted proxy the header says nothing.

    Raises InvalidRequest where it can not be understood: then somebody else than the proxy has written in it.
    """
    given = call.headers.get(proxies.header, "") if proxies else ""
    if proxies is None or given in NO_CERTIFICATE or not is_one_of(proxies.networks, call.peer):
        return None
    try:
        return opened(given)
    except ValueError:
        raise InvalidRequest("your client certificate can not be read") from None


def is_one_of(networks: tuple[Network, ...], peer: str) -> bool:
    try:
        address = ip_address(peer)
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return any(address in network for network in networks)


def opened(given: str) -> Certificate:
    """Exactly one, as the bytes of RFC 9440 section 2.1 or as nginx's $ssl_client_escaped_cert. Raises ValueError."""
    if len(given) > LONGEST:
        raise ValueError
    found = BYTES.fullmatch(given) if given.startswith(":") else PEM.fullmatch(unquote(given, errors="strict"))
    if found is None:
        raise ValueError
    certificate = load_der_x509_certificate(base64.b64decode("".join(found[1].split()), validate=True))
    key = certificate.public_key()
    if isinstance(key, RSAPublicKey) and key.key_size < SHORTEST_RSA:
        raise ValueError
    return certificate
