"""Who holds a consent token learns whether it still counts, and asks about nobody (draft-ietf-oauth-status-list).

A list is the same for everybody who fetches it. It is signed by the host, and kept for so short that a change is seen
within a minute: KEPT seconds here, and TTL by whoever fetched it.
"""

import base64
import zlib
from typing import Final
from urllib.parse import parse_qs

from sqlalchemy import Connection

from consent import statuses
from consent.statuses import BITS, PATH
from vendor_api.call import Call
from vendor_api.errors import NoHistory, NoStatusList
from vendor_api.host import Host
from vendor_api.oauth.answers import Answer
from vendor_api.signed_lists import KEPT

__all__ = ["PATH", "status_list"]

TYPE: Final = "statuslist+jwt"
ALGORITHM: Final = "ES256"
TTL: Final = 60 - KEPT
LIVES: Final = 300
HEADERS: Final = {"Content-Type": f"application/{TYPE}", "Cache-Control": f"public, max-age={TTL}"}


def status_list(host: Host, call: Call) -> Answer:
    """Section 8.1. Without history (section 8.4): what was is no business of others. Raises NoStatusList, NoHistory."""
    if "time" in parse_qs(call.query, keep_blank_values=True):
        raise NoHistory
    now = host.now()
    return Answer(200, HEADERS, host.status_lists.get(call.rest, lambda: signed(host, call.rest, now=now), now=now))


def signed(host: Host, list_id: str, *, now: int) -> bytes:
    """Section 5.1. Raises NoStatusList."""
    lst = base64.urlsafe_b64encode(zlib.compress(host.read(bits, list_id, now=now), 9)).rstrip(b"=").decode()
    said = {
        "iss": host.issuer,
        "sub": statuses.address(list_id, issuer=host.issuer),
        "iat": now,
        "exp": now + LIVES,
        "ttl": TTL,
        "status_list": {"bits": BITS, "lst": lst},
    }
    return host.signing_keys().active[ALGORITHM].sign(said, typ=TYPE).encode()


def bits(db: Connection, list_id: str, *, now: int) -> bytes:
    """Raises NoStatusList."""
    if not statuses.is_list(db, list_id):
        raise NoStatusList
    return statuses.bits(db, list_id, now=now)
