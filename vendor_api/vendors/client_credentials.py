"""What a vendor registers in order to come in its own name, about no person (RFC 6749 section 4.4)."""

from collections.abc import Mapping
from typing import Any, Final

from vendor_api.errors import InvalidClientMetadata

CLIENT_CREDENTIALS: Final = "client_credentials"


def check(metadata: Mapping[str, Any]) -> None:
    """Raises InvalidClientMetadata."""
    if CLIENT_CREDENTIALS in metadata["grant_types"] and metadata["token_endpoint_auth_method"] == "none":
        raise InvalidClientMetadata(f"{CLIENT_CREDENTIALS} is for vendors that prove who they are")
