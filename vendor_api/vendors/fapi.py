"""FAPI 2.0, for vendors that register `fapi_profile`: everything that is a choice elsewhere is on its strict side."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from vendor_api.errors import InvalidClientMetadata

SECURITY: Final = "fapi2_security_profile"
MESSAGE_SIGNING: Final = "fapi2_message_signing"
PROFILES: Final = (SECURITY, MESSAGE_SIGNING)
# Security Profile section 5.4: no RS256 anywhere.
ALGORITHMS: Final = ("PS256", "ES256", "EdDSA", "Ed25519")
SIGNED_BY: Final = (
    "id_token_signed_response_alg",
    "authorization_signed_response_alg",
    "introspection_signed_response_alg",
    "userinfo_signed_response_alg",
    "token_endpoint_auth_signing_alg",
    "request_object_signing_alg",
    "backchannel_authentication_request_signing_alg",
)
SWITCHED_ON: Final = ("require_pushed_authorization_requests", "require_pkce")
FORCED: Final[Mapping[str, tuple[str, ...]]] = {
    SECURITY: SWITCHED_ON,
    MESSAGE_SIGNING: (*SWITCHED_ON, "require_signed_request_object"),
}
# Section 5.3.2.1: tokens are bound, by the one or the other.
BOUND_BY: Final = ("dpop_bound_access_tokens", "tls_client_certificate_bound_access_tokens")
PROVEN_BY: Final = ("private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth")
USUAL: Final = {
    "token_endpoint_auth_method": "private_key_jwt",
    "id_token_signed_response_alg": "PS256",
    "authorization_signed_response_alg": "PS256",
    "introspection_signed_response_alg": "PS256",
}


def usual(given: Mapping[str, Any]) -> dict[str, Any]:
    """What counts where a vendor of a profile says nothing."""
    return dict(USUAL) if given.get("fapi_profile") in PROFILES else {}


def forced(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """What a profile switches on. Raises InvalidClientMetadata for an unknown one, and for who wants it otherwise."""
    profile = metadata.get("fapi_profile")
    if profile is None:
        return {}
    if profile not in PROFILES:
        raise InvalidClientMetadata(f"fapi_profile must be one of: {', '.join(PROFILES)}")
    dpop, mtls = BOUND_BY
    switched_on = (*FORCED[profile], mtls if metadata.get(mtls) is True else dpop)
    for name in switched_on:
        if metadata.get(name, True) is not True:
            raise InvalidClientMetadata(f"{name} must be true with this fapi_profile")
    check(metadata)
    return dict.fromkeys(switched_on, True)


def check(metadata: Mapping[str, Any]) -> None:
    """Security Profile section 5.3.2 and 5.4."""
    if metadata["token_endpoint_auth_method"] not in PROVEN_BY:
        raise InvalidClientMetadata(
            f"token_endpoint_auth_method must be one of: {', '.join(PROVEN_BY)} with a fapi_profile"
        )
    for name in SIGNED_BY:
        if metadata.get(name, ALGORITHMS[0]) not in ALGORITHMS:
            raise InvalidClientMetadata(f"{name} must be one of: {', '.join(ALGORITHMS)} with a fapi_profile")
    if metadata.get("response_types") != ["code"]:
        raise InvalidClientMetadata("response_types must be code alone with a fapi_profile")
    uris = metadata.get("redirect_uris")
    if isinstance(uris, list) and any(urlsplit(str(uri)).scheme != "https" for uri in uris):
        raise InvalidClientMetadata("redirect_uris must be https with a fapi_profile")
