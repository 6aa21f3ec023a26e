"""Encrypted ID tokens and userinfo (OpenID Connect Core section 10.2): for the key of a vendor that registered one.

Authlib has none. The key stands in the registration itself (`jwks`), so that nothing is fetched while a token is made.
"""

from collections.abc import Mapping
from typing import Any, Final

from joserfc import jwe

from vendor_api.vendors.keys import imported

KEY_TYPES: Final[Mapping[str, str]] = {
    "RSA-OAEP": "RSA",
    "RSA-OAEP-256": "RSA",
    "ECDH-ES": "EC",
    "ECDH-ES+A128KW": "EC",
    "ECDH-ES+A256KW": "EC",
}
KEY_ALGORITHMS: Final = tuple(KEY_TYPES)
CONTENT_ALGORITHMS: Final = ("A128CBC-HS256", "A256CBC-HS512", "A128GCM", "A256GCM")


def recipient(metadata: Mapping[str, Any], what: str) -> dict[str, Any] | None:
    """For whom `what` ("id_token" or "userinfo") is encrypted, as JSON; None if it is not."""
    alg = metadata.get(f"{what}_encrypted_response_alg")
    jwk = next(iter(usable(metadata.get("jwks"), alg)), None) if alg else None
    if jwk is None:
        return None
    return {"alg": alg, "enc": metadata.get(f"{what}_encrypted_response_enc", CONTENT_ALGORITHMS[0]), "jwk": jwk}


def usable(jwks: object, alg: str) -> list[dict[str, Any]]:
    """The public keys that may encrypt with this algorithm (RFC 7517 sections 4.2 to 4.4)."""
    keys = jwks.get("keys", []) if isinstance(jwks, dict) else []
    return [jwk for jwk in keys if is_usable(jwk, alg)]


def is_usable(jwk: Mapping[str, Any], alg: str) -> bool:
    fits = jwk.get("kty") == KEY_TYPES[alg] and jwk.get("use", "enc") == "enc" and jwk.get("alg", alg) == alg
    return fits and imported(jwk) is not None


def encrypted(content: str, to: Mapping[str, Any], *, is_jwt: bool = True) -> str:
    """A compact JWE; the content type says that there is a signed JWT inside (RFC 7519 section 5.2)."""
    header = {"alg": to["alg"], "enc": to["enc"]}
    if "kid" in to["jwk"]:
        header["kid"] = to["jwk"]["kid"]
    if is_jwt:
        header["cty"] = "JWT"
    key: Any = imported(to["jwk"])
    return jwe.encrypt_compact(header, content.encode(), key, algorithms=[to["alg"], to["enc"]])
