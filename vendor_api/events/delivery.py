"""How events reach a vendor, as it says in its stream's `delivery` (SSF 1.0 section 10.3)."""

import re
from dataclasses import replace
from typing import Any, Final

from vendor_api.errors import InvalidRequest
from vendor_api.events.streams import METHODS, POLL, PUSH, Stream, sealed
from vendor_api.host import Host
from vendor_api.vendors.ciba import is_https

HEADER: Final = re.compile(r"[!-~](?:[ -~]{0,1998}[!-~])?", re.ASCII)  # RFC 9110 section 5.5


def given_delivery(host: Host, stream: Stream, given: object) -> Stream:
    """Without any it is polled. Raises InvalidRequest."""
    given = {"method": POLL} if given is None else given
    if not isinstance(given, dict) or given.get("method") not in METHODS:
        raise InvalidRequest(f"the method of delivery must be one of: {', '.join(METHODS)}")
    if given["method"] == POLL:
        return replace(stream, method=POLL, endpoint_url=None, authorization_sealed=None)
    url = given.get("endpoint_url")
    if not isinstance(url, str) or not is_https(url):
        raise InvalidRequest("endpoint_url must be an https address without fragment")
    keeps = "authorization_header" not in given and url == stream.endpoint_url
    header = stream.authorization_sealed if keeps else sealed_header(host, stream, url, given)
    return replace(stream, method=PUSH, endpoint_url=url, authorization_sealed=header)


def sealed_header(host: Host, stream: Stream, url: str, given: dict[str, Any]) -> bytes | None:
    """It goes to the address it was given with, and nowhere else."""
    header = given.get("authorization_header")
    if header is None:
        return None
    if not isinstance(header, str) or not HEADER.fullmatch(header):
        raise InvalidRequest("authorization_header must be one line of printable ASCII")
    return sealed(host.secrets, header, client_id=stream.client_id, endpoint_url=url)


def delivery_of(host: Host, stream: Stream, poll_path: str) -> dict[str, Any]:
    return {"method": stream.method, "endpoint_url": stream.endpoint_url or host.issuer + poll_path}
