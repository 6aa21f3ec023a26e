"""JWTs that look right and that whoever they name has never signed."""

import base64
import hmac
import json
from collections.abc import Iterator, Mapping
from typing import Any

import jwt
from asserting import key, public
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.jwk import Key
from jwt.algorithms import ECAlgorithm

THIEF = key("ES256", "thief")
BROUGHT: dict[str, Any] = {
    "jwk": public(THIEF)["keys"][0],
    "jku": "https://thief.test/jwks",
    "x5u": "https://thief.test/certificate",
    "x5c": ["MII"],
    "crit": ["exp"],
}
KIDS: tuple[Any, ...] = (
    "unknown",
    "../../../dev/null",
    "' or 1=1 --",
    "x" * 10_000,
    "\x00",
    "",
    7,
    ["thief"],
    {},
    True,
    None,
)


def packed(part: object) -> str:
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def forgeries(genuine: str, rsa: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What is wrong, and a JWT with the claims of a genuine one; `rsa` is a public key that everybody has."""
    header, claims = jwt.get_unverified_header(genuine), jwt.decode(genuine, options={"verify_signature": False})
    body, signature = genuine.split(".")[1:]
    for alg in ("none", "None", "NONE", "", None):
        for kept in ("", signature):
            yield f"alg {alg}", f"{packed({**header, 'alg': alg})}.{body}.{kept}"
    pem = jwt.PyJWK(dict(rsa)).key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for secret in (pem, json.dumps(rsa).encode(), rsa["n"].encode(), base64.urlsafe_b64decode(rsa["n"] + "==")):
        yield "a public key as the secret", by_secret({**header, "alg": "HS256", "kid": rsa.get("kid")}, body, secret)
    for name, value in BROUGHT.items():
        for kid in (header["kid"], "thief"):
            yield f"{name} of a thief", by_thief({**header, "kid": kid, name: value}, claims)
    for kid in KIDS:
        yield f"kid {kid!s:.20}", by_thief({**header, "kid": kid}, claims)
        yield f"kid {kid!s:.20}, signature kept", f"{packed({**header, 'kid': kid})}.{body}.{signature}"


def by_secret(header: Mapping[str, Any], body: str, secret: bytes) -> str:
    text = f"{packed(header)}.{body}"
    return f"{text}.{packed(hmac.digest(secret, text.encode(), 'sha256'))}"


def by_thief(header: Mapping[str, Any], claims: Mapping[str, Any]) -> str:
    return by_hand(header, claims, THIEF)


def by_hand(header: Mapping[str, Any], claims: Mapping[str, Any], signer: Key) -> str:
    """With a header that no library would sign."""
    text = f"{packed({**header, 'alg': 'ES256'})}.{packed(claims)}"
    return f"{text}.{packed(ECAlgorithm(ECAlgorithm.SHA256).sign(text.encode(), signer.private_key))}"
