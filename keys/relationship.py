"""One relationship, one key: what a persona is to one vendor, and to no other."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from secrets import token_bytes
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from jwt import api_jws

from keys.did import did_key
from keys.jwk import public_jwk, thumbprint

ROOT_BYTES = 32
_INFO = b"hausrecht/relationship/v1\x00"
_REVIEWER = b"hausrecht/review/v1\x00"
_EVERYBODY = "public:"  # no host, nor anything else a vendor's sector can be called; the same with the next
_ONESELF = "ledger:"
_ALL_VENDORS = "contact:"


@dataclass(frozen=True, slots=True)
class RelationshipKey:
    """`did` names the key to whoever checks a signature; `sub` is the pairwise subject the vendor knows."""

    private: Ed25519PrivateKey = field(repr=False)
    did: str
    sub: str

    @property
    def kid(self) -> str:
        return f"{self.did}#{self.did.removeprefix('did:key:')}"

    def sign(self, payload: Mapping[str, Any], typ: str) -> str:
        """A compact JWS that verifies from its `kid` alone."""
        return jwt.encode(dict(payload), self.private, algorithm="EdDSA", headers={"typ": typ, "kid": self.kid})

    def sign_bytes(self, payload: bytes, typ: str) -> str:
        """The same over bytes that are to stay what they are."""
        return api_jws.encode(payload, self.private, algorithm="EdDSA", headers={"typ": typ, "kid": self.kid})


def new_root() -> bytes:
    """A persona's root. It moves along when the person moves house, and is stored only sealed."""
    return token_bytes(ROOT_BYTES)


def relationship_key(root: bytes, sector: str) -> RelationshipKey:
    """The same root and sector give the same key, always. Sectors are compared letter by letter."""
    return _derived(root, _INFO, sector)


def _derived(root: bytes, info: bytes, sector: str) -> RelationshipKey:
    if len(root) != ROOT_BYTES or not sector:
        raise ValueError(f"a relationship needs a root of {ROOT_BYTES} bytes and a sector")
    seed = HKDF(algorithm=SHA256(), length=32, salt=None, info=info + sector.encode()).derive(root)
    private = Ed25519PrivateKey.from_private_bytes(seed)
    public = private.public_key()
    return RelationshipKey(private=private, did=did_key(public), sub=thumbprint(public_jwk(public)))


def public_subject(root: bytes) -> str:
    """The one number of a persona for all vendors it allows to know it; another for each persona."""
    return relationship_key(root, _EVERYBODY).sub


def ledger_key(root: bytes) -> RelationshipKey:
    """The key by which a person vouches for their own ledger; it moves along with them."""
    return relationship_key(root, _ONESELF)


def contact_key(root: bytes) -> RelationshipKey:
    """The key by which a persona says how all vendors may speak to it; none of them ever sees it."""
    return relationship_key(root, _ALL_VENDORS)


def review_key(root: bytes, sector: str) -> RelationshipKey:
    """By which a persona writes about a vendor that is not to recognise it: one for each relationship, always the same.

    Nobody but the persona can tell which relationship it belongs to; two reviews under it have one author.
    """
    return _derived(root, _REVIEWER, sector)
