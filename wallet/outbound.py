"""The one place from which the wallet calls a vendor's server."""

from collections.abc import Mapping
from typing import Final

import httpx

SECONDS: Final = 5.0


def post_form(address: str, fields: Mapping[str, str]) -> int:
    """POST a form and say the status; redirects are not followed, and the answer is not read.

    Raises httpx.HTTPError.
    """
    with httpx.stream("POST", address, data=fields, timeout=SECONDS, follow_redirects=False) as response:
        return response.status_code
