"""Open a DPoP proof (RFC 9449 section 4.2): a JWT signed with the very key that stands in its header."""

from collections.abc import Mapping
from typing import Any, Final

import orjson
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwa import EdDSAAlgorithm
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from keys.errors import UnknownKey
from keys.jwk import thumbprint
from vendor_api.errors import InvalidDpopProof
from vendor_api.vendors.keys import SHORTEST_RSA, is_public, modulus_bits

Key = ECKey | OKPKey | RSAKey

# What the key of each algorithm looks like.
KEYS: Final[Mapping[str, tuple[type[Key], Mapping[str, str]]]] = {
    "ES256": (ECKey, {"kty": "EC", "crv": "P-256"}),
    "EdDSA": (OKPKey, {"kty": "OKP", "crv": "Ed25519"}),
    "Ed25519": (OKPKey, {"kty": "OKP", "crv": "Ed25519"}),
    "PS256": (RSAKey, {"kty": "RSA"}),
    "RS256": (RSAKey, {"kty": "RSA"}),
}
ALGORITHMS: Final = tuple(KEYS)
# RFC 7518 section 6, RFC 8037 section 2
LONGEST_PROOF: Final = 6000
NOT_A_PROOF: Final = "the DPoP header must hold exactly one proof, a signed JWT"


class Ed25519(EdDSAAlgorithm):
    """By the name that RFC 9864 deprecates and most vendors' libraries still write; joserfc warns of each use."""

    security_warning = ""


class Registry(JWSRegistry):
    """joserfc's own limit of 512 bytes for a header is too small for one with an RSA key in it."""

    max_header_length = max_payload_length = LONGEST_PROOF
    algorithms = {**JWSRegistry.algorithms, "EdDSA": Ed25519()}


REGISTRY: Final = Registry(algorithms=ALGORITHMS, strict_check_header=False)


def opened(given: str) -> tuple[str, str, Mapping[str, Any]]:
    """The thumbprint of the key (RFC 7638), the algorithm and the claims. Raises InvalidDpopProof."""
    if len(given) > LONGEST_PROOF:
        raise InvalidDpopProof("the DPoP proof is too long")
    try:
        signed = jws.extract_compact(given.encode(), registry=REGISTRY)
        claims = orjson.loads(signed.payload or b"")
    except (JoseError, ValueError, RecursionError):
        raise InvalidDpopProof(NOT_A_PROOF) from None
    header = signed.protected
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise InvalidDpopProof(NOT_A_PROOF)
    check_header(header)
    jkt, key = public_key(header["alg"], header.get("jwk"))
    try:
        is_signed = jws.validate_compact(signed, key, registry=REGISTRY)
    except (JoseError, ValueError):
        is_signed = False
    if not is_signed:
        raise InvalidDpopProof("the proof must be signed with the key in its header")
    return jkt, header["alg"], claims


def check_header(header: Mapping[str, Any]) -> None:
    if header.get("typ") != "dpop+jwt":
        raise InvalidDpopProof("typ must be dpop+jwt")
    if header["alg"] not in ALGORITHMS:
        raise InvalidDpopProof(f"alg must be one of: {', '.join(ALGORITHMS)}")


def public_key(algorithm: str, jwk: object) -> tuple[str, Key]:
    """The key in the header, if it is a public one of the right kind, with its thumbprint."""
    kind, wanted = KEYS[algorithm]
    if not isinstance(jwk, dict) or not wanted.items() <= jwk.items() or not is_public(jwk):
        raise InvalidDpopProof(f"jwk must be a public key with {', '.join(map(':'.join, wanted.items()))}")
    if wanted["kty"] == "RSA" and modulus_bits(str(jwk.get("n"))) < SHORTEST_RSA:
        raise InvalidDpopProof(f"an RSA key must have at least {SHORTEST_RSA} bits")
    try:
        return thumbprint(jwk), kind.import_key(jwk)
    except (UnknownKey, JoseError, ValueError):
        raise InvalidDpopProof("jwk is not a usable key") from None
