"""Which addresses a vendor may name, judged by an allow-list: what is not clearly good is refused."""

import re
from ipaddress import ip_address
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

GREATEST_LENGTH: Final = 2000
PRINTABLE: Final = re.compile(r"[!-~]+")
AUTHORITY: Final = re.compile(r"[A-Za-z0-9._:\[\]-]*")
APP_SCHEME: Final = re.compile(r"[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+")


def is_loopback_host(host: str) -> bool:
    """RFC 8252 section 7.3: the literal addresses, and the name localhost alone."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_loopback_uri(uri: str) -> bool:
    parts = split(uri)
    return parts is not None and parts.scheme == "http" and is_loopback_host(parts.hostname or "")


def is_redirect_uri(uri: object) -> bool:
    """https anywhere, http on loopback, or an app's own scheme in reverse-domain form (RFC 8252 section 7.1)."""
    parts = split(uri)
    if parts is None or "*" in parts.netloc + parts.path:
        return False
    if parts.scheme in {"https", "http"}:
        return is_web(parts)
    return APP_SCHEME.fullmatch(parts.scheme) is not None


def is_link(uri: object) -> bool:
    """An address that may be shown as a link: https, or http on loopback."""
    parts = split(uri)
    return parts is not None and is_web(parts)


def is_web(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback_host(host)))


def origin(uri: str) -> str:
    """Scheme, host and port of an address that was judged good, as browsers compare them (RFC 6454 section 6.2)."""
    parts = urlsplit(uri)
    default = {"https": 443, "http": 80}.get(parts.scheme)
    port = f":{parts.port}" if parts.port not in {None, default} else ""
    host = parts.hostname or ""
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}"


def split(uri: object) -> SplitResult | None:
    """The parts of a clean absolute URI, or None: ASCII, a real port, no fragment, no user info, no dot segments."""
    if (
        not isinstance(uri, str)
        or len(uri) > GREATEST_LENGTH
        or not PRINTABLE.fullmatch(uri)
        or set(uri) & set('\\<>"^`{|}#')
    ):
        return None
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError:
        return None
    if not parts.scheme or not AUTHORITY.fullmatch(parts.netloc) or {".", ".."} & set(unquote(parts.path).split("/")):
        return None
    return parts
