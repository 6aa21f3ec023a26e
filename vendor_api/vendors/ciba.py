"""What a vendor registers in order to ask people who do not come from it (OpenID Connect CIBA Core section 4)."""

from collections.abc import Mapping
from typing import Any, Final

from vendor_api.errors import InvalidClientMetadata
from vendor_api.uris import is_link
from vendor_api.vendors.keys import SIGNING_ALGORITHMS

CIBA: Final = "urn:openid:params:grant-type:ciba"
MODES: Final = ("poll", "ping")
MODE: Final = "backchannel_token_delivery_mode"
ENDPOINT: Final = "backchannel_client_notification_endpoint"
SIGNED_BY: Final = "backchannel_authentication_request_signing_alg"
MEMBERS: Final = (MODE, ENDPOINT, SIGNED_BY)


def check(metadata: Mapping[str, Any]) -> None:
    """Raises InvalidClientMetadata."""
    if CIBA not in metadata["grant_types"]:
        if any(name in metadata for name in MEMBERS):
            raise InvalidClientMetadata(f"{', '.join(MEMBERS)} need {CIBA} among the grant_types")
        return
    if metadata["token_endpoint_auth_method"] == "none":
        raise InvalidClientMetadata(f"{CIBA} is for vendors that prove who they are")
    if metadata.get(MODE) not in MODES:
        raise InvalidClientMetadata(f"{MODE} must be one of: {', '.join(MODES)}")
    endpoint = metadata.get(ENDPOINT)
    if (endpoint is not None or metadata[MODE] == "ping") and not is_https(endpoint):
        raise InvalidClientMetadata(f"{ENDPOINT} must be an https address without fragment, and ping needs it")
    if metadata.get(SIGNED_BY, SIGNING_ALGORITHMS[0]) not in SIGNING_ALGORITHMS:
        raise InvalidClientMetadata(f"{SIGNED_BY} must be one of: {', '.join(SIGNING_ALGORITHMS)}")
    if metadata.get("require_signed_request_object") and SIGNED_BY not in metadata:
        raise InvalidClientMetadata(f"who signs its requests needs {SIGNED_BY} for {CIBA}")


def is_https(uri: object) -> bool:
    return is_link(uri) and str(uri).lower().startswith("https:")
