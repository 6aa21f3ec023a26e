"""A vendor's public keys, in its registered `jwks` or behind its `jwks_uri`, and what was signed with them."""

import base64
import binascii
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from joserfc import jws
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey

from vendor_api.call import from_json
from vendor_api.host import Host
from vendor_api.vendors.model import Vendor

# RFC 9864: EdDSA is now called Ed25519, and libraries write the one or the other.
SIGNING_ALGORITHMS: Final = ("ES256", "PS256", "EdDSA", "Ed25519", "RS256")
LONGEST_JWS: Final = 20_000
LONGEST_KID: Final = 300
MOST_KEYS: Final = 100
# RFC 7517 section 4 and RFC 7518 section 6: every member that makes a key private or symmetric.
PRIVATE: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
# RFC 7515 section 4.1: a header that brings or names its own key, or wants to be understood further than we do.
NEVER: Final = ("jwk", "jku", "x5u", "x5c", "crit", "b64")
KINDS: Final[Mapping[str, tuple[str, str | None]]] = {
    "ES256": ("EC", "P-256"),
    "EdDSA": ("OKP", "Ed25519"),
    "Ed25519": ("OKP", "Ed25519"),
    "PS256": ("RSA", None),
    "RS256": ("RSA", None),
}
IMPORT: Final[Mapping[str, Callable[[Any], Key]]] = {
    "EC": ECKey.import_key,
    "OKP": OKPKey.import_key,
    "RSA": RSAKey.import_key,
}
SHORTEST_RSA: Final = 2048
LARGEST_RSA: Final = 8192
MATERIAL: Final[Mapping[str, tuple[str, ...]]] = {"EC": ("crv", "x", "y"), "OKP": ("crv", "x"), "RSA": ("n", "e")}


class NotSigned(Exception):
    """This was not signed by that vendor; the message is a sentence it may read."""


@dataclass(frozen=True, slots=True)
class Unverified:
    """A compact JWS (RFC 7515 section 7.1), taken apart. Nothing in it is true yet."""

    compact: str
    header: Mapping[str, Any]
    claims: Mapping[str, Any]


class OneAlgorithm(jws.JWSRegistry):
    """RFC 7515 section 4: members of a header that nobody knows are ignored; NEVER is checked before.

    Without joserfc's warning of `EdDSA`, which RFC 9864 calls Ed25519 from now on and most libraries do not yet.
    """

    def __init__(self, alg: str) -> None:
        super().__init__(algorithms=[alg], strict_check_header=False)
        self.alg = alg

    def get_alg(self, name: str) -> Any:
        if name != self.alg:
            raise UnsupportedAlgorithmError
        return self.algorithms[name]


def opened(
    compact: str, *, algorithms: Collection[str], typ: Collection[str], longest: int = LONGEST_JWS
) -> Unverified:
    """Check what can be checked without a key; `typ` in lower case, "" where it may be missing. Raises NotSigned."""
    parts = compact.split(".") if len(compact) <= longest else []
    if len(parts) != 3:
        raise NotSigned("it is not a signed JWT")
    header, claims = decoded(parts[0]), decoded(parts[1])
    if any(name in header for name in NEVER):
        raise NotSigned(f"its header must have none of: {', '.join(NEVER)}")
    if header.get("alg") not in algorithms:
        raise NotSigned(f"its alg must be one of: {', '.join(algorithms)}")
    if media_type(header.get("typ", "")) not in typ:
        raise NotSigned("its typ is that of another kind of JWT")
    if not isinstance(kid := header.get("kid", ""), str) or len(kid) > LONGEST_KID:
        raise NotSigned("its kid must be a short text")
    return Unverified(compact, header, claims)


def decoded(part: str) -> dict[str, Any]:
    try:
        found = from_json(base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True))
    except (ValueError, binascii.Error):
        found = None
    if not isinstance(found, dict):
        raise NotSigned("it is not a signed JWT")
    return found


def media_type(typ: object) -> str | None:
    """RFC 7515 section 4.1.9: application/ may be left out, and case does not count."""
    return typ.lower().removeprefix("application/") if isinstance(typ, str) else None


def verify(host: Host, vendor: Vendor, given: Unverified, *, now: int) -> Mapping[str, Any]:
    """The claims, once a key of this vendor has signed them. May fetch, so never inside a transaction.

    Raises NotSigned, and CannotFetch where the keys are behind an address that gives none.
    """
    signed_by(host, vendor, given, now=now)
    return given.claims


def signed_by(host: Host, vendor: Vendor, given: Unverified, *, now: int) -> Key:
    """The key of this vendor that has signed it. Raises the same."""
    keys = signing_keys(host, vendor, given.header, now=now)
    found = next((key for key in keys if is_signed(given, key)), None)
    if found is None:
        raise NotSigned("none of your registered keys has signed it")
    return found


def verify_with_secret(given: Unverified, secret: bytes) -> Mapping[str, Any]:
    """The claims, once they are signed with HS256 and this secret. Raises NotSigned."""
    if not is_signed(given, OctKey.import_key(secret)):
        raise NotSigned("it is not signed with your secret")
    return given.claims


def is_signed(given: Unverified, key: Key) -> bool:
    try:
        jws.deserialize_compact(given.compact, key, registry=OneAlgorithm(str(given.header["alg"])))
    except (JoseError, ValueError):
        return False
    return True


def signing_keys(host: Host, vendor: Vendor, header: Mapping[str, Any], *, now: int) -> list[Key]:
    """The keys that may have made this signature; behind a `jwks_uri` one new to us is looked for once a minute.

    Raises CannotFetch.
    """
    if "jwks_uri" not in vendor.metadata:
        return candidates(vendor.metadata.get("jwks"), header)
    found = candidates(host.outbound.get_json(vendor.metadata["jwks_uri"], now=now), header)
    return found or candidates(host.outbound.get_json(vendor.metadata["jwks_uri"], refresh=True, now=now), header)


def candidates(jwks: object, header: Mapping[str, Any]) -> list[Key]:
    """By alg and kid; without a kid the one key that fits, as OpenID Connect Core section 10.1 has it."""
    fitting = [jwk for jwk in members(jwks) if fits(jwk, str(header["alg"]))]
    if "kid" in header:
        fitting = [jwk for jwk in fitting if jwk.get("kid") == header["kid"]]
    elif len(fitting) > 1:
        return []
    return [key for jwk in fitting if (key := imported(jwk)) is not None]


def members(jwks: object) -> list[Mapping[str, Any]]:
    """RFC 7517 section 5. A key set of the wrong shape has no keys."""
    keys = jwks.get("keys") if isinstance(jwks, dict) else None
    return [key for key in keys[:MOST_KEYS] if isinstance(key, dict)] if isinstance(keys, list) else []


def has_key_for(jwks: object, algorithms: Collection[str]) -> bool:
    return any(fits(jwk, alg) and imported(jwk) is not None for jwk in members(jwks) for alg in algorithms)


def fits(jwk: Mapping[str, Any], alg: str) -> bool:
    """RFC 7517 sections 4.1 to 4.4: a public key for signatures of this algorithm."""
    kty, crv = KINDS[alg]
    return (
        jwk.get("kty") == kty
        and (crv is None or jwk.get("crv") == crv)
        and jwk.get("use", "sig") == "sig"
        and jwk.get("alg", alg) == alg
        and may_verify(jwk.get("key_ops", ["verify"]))
        and is_public(jwk)
    )


def may_verify(key_ops: object) -> bool:
    return isinstance(key_ops, list) and "verify" in key_ops


def is_public(jwk: Mapping[str, Any]) -> bool:
    return PRIVATE.isdisjoint(jwk) and jwk.get("kty") != "oct"


def imported(jwk: Mapping[str, Any]) -> Key | None:
    """Of its material alone, so that nothing else in it has a say. None if it is no key, or a weak one."""
    kty = str(jwk.get("kty"))
    material = {name: jwk.get(name) for name in MATERIAL.get(kty, ())}
    if not material or not all(isinstance(value, str) for value in material.values()):
        return None
    if kty == "RSA" and not SHORTEST_RSA <= modulus_bits(str(material["n"])) <= LARGEST_RSA:
        return None
    try:
        return IMPORT[kty]({"kty": kty, **material})
    except (JoseError, ValueError, TypeError, KeyError):
        return None


def modulus_bits(encoded: str) -> int:
    """RFC 7518 section 3.3 wants 2048 or more."""
    try:
        return int.from_bytes(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))).bit_length()
    except (ValueError, binascii.Error):
        return 0
