"""ID tokens that come back to us as hints: ours, for this vendor, possibly expired (OpenID Connect Core 3.1.2.2)."""

from typing import Any

import jwt

from keys.errors import UnknownKey
from vendor_api.errors import InvalidRequest
from vendor_api.host import Host


def subject_of(host: Host, hint: str, *, client_id: str) -> str:
    """Raises InvalidRequest."""
    return str(claims_of(host, hint, client_id=client_id)["sub"])


def claims_of(host: Host, hint: str, *, client_id: str | None) -> dict[str, Any]:
    """The claims of an ID token for this vendor (None: for any), signed by a key of ours that may be retired.

    Raises InvalidRequest.
    """
    try:
        header = jwt.get_unverified_header(hint)
        published = {jwk["kid"]: jwk for jwk in host.signing_keys().published}[header["kid"]]
        if header.get("typ", "JWT") != "JWT":
            raise InvalidRequest("id_token_hint is not an ID token")
        claims: dict[str, Any] = jwt.decode(
            hint,
            host.signing_keys().public_key(header["kid"]),
            algorithms=[published["alg"]],
            audience=client_id,
            issuer=host.issuer,
            options={
                "require": ["iss", "sub", "aud", "iat"],
                "verify_exp": False,
                "verify_aud": client_id is not None,
                "verify_iat": False,
            },
        )
    except (jwt.PyJWTError, KeyError, TypeError, ValueError, UnknownKey):
        raise InvalidRequest("id_token_hint is not an ID token that this wallet gave you") from None
    return claims
