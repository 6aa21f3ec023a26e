"""A review as two signed documents: what its author says, and what this host knows of them (docs/reviews.md).

Nothing in them is finer than a day, and none of it is known to the vendor of its customers, unless the author chose to
be recognised. Whoever has both needs nobody else to check them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from consent.canonical import canonical, digest
from keys.relationship import RelationshipKey
from keys.signing import SigningKeys

REVIEW: Final = "review+jwt"
PROOF: Final = "review-proof+jwt"
ALGORITHM: Final = "ES256"
RELATIONSHIP, REVIEW_KEY = "relationship", "review"  # by which key it is signed
DAY: Final = 24 * 3600


@dataclass(frozen=True, slots=True)
class About:
    """The vendor as the author knows it."""

    client_id: str
    name: str
    host: str

    def as_data(self) -> dict[str, str]:
        return {"client_id": self.client_id, "name": self.name, "host": self.host}


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the author says. `name` is what they want to be called, empty for nothing."""

    stars: int
    title: str = field(repr=False)
    text: str = field(repr=False)
    language: str
    name: str = field(default="", repr=False)

    def as_data(self) -> dict[str, Any]:
        said = {"stars": self.stars, "title": self.title, "text": self.text, "language": self.language}
        return said | ({"name": self.name} if self.name else {})


@dataclass(frozen=True, slots=True)
class Known:
    """What is true of author and vendor: since which month or year ("" for what would give them away), on what grounds.

    `evidence` is grant, or deposit where the vendor itself handed something over to the author.
    """

    key: str
    since: str
    evidence: str

    def as_data(self) -> dict[str, str]:
        return {"key": self.key, "evidence": self.evidence} | ({"since": self.since} if self.since else {})


@dataclass(frozen=True, slots=True)
class Signed:
    """Compact JWS, both; the digest is that of the review's bytes."""

    document: str = field(repr=False)
    proof: str = field(repr=False)

    @property
    def digest(self) -> str:
        return digest(self.document.encode())


def midnight(now: int) -> int:
    return now - now % DAY


def sign(
    key: RelationshipKey,
    keys: SigningKeys,
    about: About,
    opinion: Opinion | None,
    known: Known,
    *,
    public_id: str,
    version: int,
    previous: str | None,
    issuer: str,
    now: int,
) -> Signed:
    """Without an opinion it is the end of the review. RFC 7515; the review by EdDSA, the proof by ES256."""
    said = {
        "iss": key.did,
        "jti": f"urn:uuid:{public_id}",
        "iat": midnight(now),
        "version": version,
        "vendor": about.as_data(),
        "relationship": known.as_data(),
        **({"review": opinion.as_data()} if opinion else {"ended": True}),
        **({"previous": previous} if previous else {}),
    }
    proof = {
        "iss": issuer,
        "sub": key.did,
        "iat": midnight(now),
        "vendor": about.as_data(),
        "relationship": known.as_data(),
    }
    return Signed(key.sign_bytes(canonical(said), REVIEW), keys.active[ALGORITHM].sign(proof, typ=PROOF))


def as_data(signed: Signed) -> Mapping[str, str]:
    return {"review": signed.document, "proof": signed.proof}
