"""WebFinger (RFC 7033, OpenID Connect Discovery 1.0 section 2): from a person's address to this wallet.

Every name at this host gets the same answer, so that nobody learns who lives here.
"""

from typing import Final
from urllib.parse import parse_qs, urlsplit

from vendor_api.call import Call
from vendor_api.errors import InvalidRequest, NotFound
from vendor_api.host import Host
from vendor_api.oauth.answers import Answer, as_json

ISSUER: Final = "http://openid.net/specs/connect/1.0/issuer"
LONGEST_RESOURCE: Final = 500


def webfinger(host: Host, call: Call) -> Answer:
    """Raises InvalidRequest without exactly one resource, and NotFound for one that is not at this host."""
    asked = parse_qs(call.query)
    resources = asked.get("resource", [])
    if len(resources) != 1 or len(resources[0]) > LONGEST_RESOURCE:
        raise InvalidRequest("send one resource, such as acct:name@this-host")
    at = urlsplit(host.issuer).netloc.lower()
    if host_of(resources[0]) != at:
        raise NotFound(f"resource must be at {at}, such as acct:name@{at}")
    links = [{"rel": ISSUER, "href": host.issuer}] if ISSUER in asked.get("rel", [ISSUER]) else []
    content = {"subject": resources[0], "links": links}
    return as_json(content, headers={"Content-Type": "application/jrd+json", "Cache-Control": "public, max-age=300"})


def host_of(resource: str) -> str | None:
    """Of `acct:name@host` or of an address on the web; None for anything else."""
    if resource.startswith("acct:"):
        name, at, host = resource.removeprefix("acct:").rpartition("@")
        return host.lower() if name and at else None
    parts = urlsplit(resource)
    return parts.netloc.lower() if parts.scheme in {"http", "https"} else None
