"""Public keys as JSON, and the one name such a key has everywhere."""

import base64
import hashlib
import json
import re
from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from keys.errors import UnknownKey

PublicKey = EllipticCurvePublicKey | RSAPublicKey | Ed25519PublicKey

# RFC 7638 section 3.2, RFC 8037 section 2: what makes the key, and nothing private among it.
_MEMBERS = {"EC": ("kty", "crv", "x", "y"), "RSA": ("kty", "n", "e"), "OKP": ("kty", "crv", "x")}
_PLAIN = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


def public_jwk(key: PublicKey) -> dict[str, str]:
    """Only the members that make the key: no `kid`, `use` or `alg`. Raises UnknownKey for other kinds of key."""
    if isinstance(key, EllipticCurvePublicKey):
        return _essence(ECAlgorithm.to_jwk(key, as_dict=True))
    if isinstance(key, RSAPublicKey):
        return _essence(RSAAlgorithm.to_jwk(key, as_dict=True))
    if isinstance(key, Ed25519PublicKey):
        return _essence(OKPAlgorithm.to_jwk(key, as_dict=True))
    raise UnknownKey("This kind of key is not used here; take EC, RSA or Ed25519.")


def thumbprint(jwk: Mapping[str, object]) -> str:
    """RFC 7638 with SHA-256, base64url. Raises UnknownKey for a JWK that is not an EC, RSA or OKP key."""
    text = json.dumps(_essence(jwk), sort_keys=True, separators=(",", ":"))
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def _essence(jwk: Mapping[str, object]) -> dict[str, str]:
    members = _MEMBERS.get(str(jwk.get("kty")))
    if members is None:
        raise UnknownKey("This JWK is no EC, RSA or OKP key.")
    return {name: _plain(jwk, name) for name in members}


def _plain(jwk: Mapping[str, object], name: str) -> str:
    value = jwk.get(name)
    if not isinstance(value, str) or not _PLAIN.fullmatch(value):
        raise UnknownKey(f"This JWK has no usable {name}.")
    return value
