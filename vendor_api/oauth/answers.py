"""HTTP answers as values, so that endpoints can be read and tested without a web framework."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import orjson

from vendor_api.errors import VendorApiError
from vendor_api.host import Host

NO_STORE: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


def as_json(content: Mapping[str, Any], *, status: int = 200, headers: Mapping[str, str] = NO_STORE) -> Answer:
    return Answer(status, {"Content-Type": "application/json", **headers}, orjson.dumps(content))


def problem(error: VendorApiError) -> Answer:
    """RFC 6749 section 5.2."""
    return as_json(
        {"error": error.error, "error_description": str(error)},
        status=error.status,
        headers={**NO_STORE, **error.headers},
    )


def redirect_to(host: Host, request: Mapping[str, Any], parameters: Mapping[str, str]) -> Answer:
    """303 to the vendor with `state` and `iss` (RFC 9207); never 307, which would repeat the person's form there."""
    added = dict(parameters)
    if request.get("state"):
        added["state"] = request["state"]
    added["iss"] = host.issuer
    address = request["redirect_uri"]
    joint = "&" if urlsplit(address).query else "?"
    return Answer(303, {"Location": f"{address}{joint}{urlencode(added)}", **NO_STORE})


def refusal(host: Host, request: Mapping[str, Any], error: VendorApiError) -> Answer:
    return redirect_to(host, request, {"error": error.error, "error_description": str(error)})
