"""Which network addresses the wallet may reach for a vendor: public ones, and those the operator names."""

import re
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from socket import SOCK_STREAM, getaddrinfo
from typing import Final
from urllib.parse import SplitResult

from vendor_api.errors import CannotFetch
from vendor_api.uris import split

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

NONE: Final = "none"
NAME: Final = re.compile(r"[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*")
NUMBER: Final = re.compile(r"(.*\.)?([0-9]+|0x[0-9a-f]*)")  # what a browser, or a C library, may take for an address
UNICAST: Final = ip_network(
    "2000::/3"
)  # all that IPv6 has given to the public; mapped and translated forms lie outside
# IPv4 in disguise: 6to4 addresses and their relays.
DISGUISED: Final = (ip_network("2002::/16"), ip_network("192.88.99.0/24"))
NOT_FOUND: Final = "its host can not be found on the public internet"
LOOKING_UP: Final = ThreadPoolExecutor(4, thread_name_prefix="lookup")  # getaddrinfo knows no deadline


def networks(given: str) -> tuple[Network, ...]:
    """The networks of a setting such as `127.0.0.0/8, fd00::/8`, or `none`. Raises ValueError."""
    return () if given == NONE else tuple(ip_network(part.strip()) for part in given.split(","))


def target(url: str) -> SplitResult:
    """The parts of an address a vendor named: https or http, without fragment or user name. Raises CannotFetch."""
    parts = split(url)
    if parts is None or parts.scheme not in {"https", "http"} or not is_host(parts.hostname or ""):
        raise CannotFetch("it is not a plain https address")
    return parts


def is_host(host: str) -> bool:
    """A name, or an address in its usual form: not `0`, nor 127.0.0.1 in decimal, octal or hexadecimal."""
    try:
        ip_address(host)
    except ValueError:
        return NAME.fullmatch(host) is not None and NUMBER.fullmatch(host) is None
    return True


def reachable(parts: SplitResult, allowed: tuple[Network, ...], *, seconds: float) -> tuple[Address, ...]:
    """The addresses behind a host, resolved once: one that may not be reached spoils all. Raises CannotFetch."""
    found = resolved(str(parts.hostname), parts.port or (443 if parts.scheme == "https" else 80), seconds=seconds)
    for address in found:
        excepted = any(address in network for network in allowed)
        if parts.scheme != "https" and not excepted:
            raise CannotFetch("it is not a plain https address")
        if not excepted and not is_public(address):
            raise CannotFetch(NOT_FOUND)  # as if it were not there: nobody learns what is
    return found


def resolved(host: str, port: int, *, seconds: float) -> tuple[Address, ...]:
    """Raises CannotFetch."""
    looking = LOOKING_UP.submit(getaddrinfo, host, port, type=SOCK_STREAM)
    try:
        addresses = tuple(dict.fromkeys(ip_address(entry[4][0]) for entry in looking.result(timeout=seconds)))
    except (OSError, ValueError, TookTooLong):
        looking.cancel()
        addresses = ()
    if not addresses:
        raise CannotFetch(NOT_FOUND)
    return addresses


def is_public(address: Address) -> bool:
    """By an allow-list: what is not clearly public is not."""
    if isinstance(address, IPv6Address) and address not in UNICAST:
        return False
    return address.is_global and not address.is_multicast and not any(address in network for network in DISGUISED)
