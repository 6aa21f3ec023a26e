"""HTTP answers as values, so that endpoints can be read and tested without a web framework."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from vendor_api.errors import VendorApiError

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
