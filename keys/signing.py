"""The host's own signing keys: published before they sign, and for a while after."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from sqlalchemy import Connection, RowMapping, insert, or_, select, update

from keys.errors import UnknownKey
from keys.jwk import PublicKey, public_jwk, thumbprint
from keys.sealing import seal, unseal
from keys.secrets import HostSecrets
from keys.tables import host_keys

ALGORITHMS = ("ES256", "RS256", "PS256", "EdDSA")
PUBLISHED_AFTER_RETIRING = 30 * 24 * 3600  # seconds; nothing signed by the host may live longer

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | Ed25519PrivateKey

_NEW: dict[str, Callable[[], PrivateKey]] = {
    "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "RS256": lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048),
    "PS256": lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048),
    "EdDSA": Ed25519PrivateKey.generate,
}


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A host key that signs; `kid` is its RFC 7638 thumbprint."""

    kid: str
    alg: str
    private: PrivateKey = field(repr=False)
    public_jwk: dict[str, str]

    def sign(self, payload: Mapping[str, Any], *, typ: str) -> str:
        """A compact JWS under this key."""
        return jwt.encode(dict(payload), self.private, algorithm=self.alg, headers={"typ": typ, "kid": self.kid})


@dataclass(frozen=True, slots=True)
class SigningKeys:
    """What the host signs with, by algorithm, and every public key that vendors may still meet."""

    active: dict[str, SigningKey]
    published: tuple[dict[str, str], ...]

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """RFC 7517 section 5, public members only."""
        return {"keys": [dict(jwk) for jwk in self.published]}

    def public_key(self, kid: str) -> PublicKey:
        """Raises UnknownKey for a key that was never published or no longer is."""
        for jwk in self.published:
            if jwk["kid"] == kid:
                return cast(PublicKey, jwt.PyJWK(jwk).key)
        raise UnknownKey("This host has published no such signing key.")


@dataclass(frozen=True, slots=True)
class HostKey:
    """One line of the list of keys. `retired_at` is None until then."""

    kid: str
    alg: str
    state: str
    created_at: int
    retired_at: int | None


def ensure_signing_keys(db: Connection, secrets: HostSecrets, *, now: int) -> None:
    """Give every algorithm the active and the next key it lacks. Where two meet, the index refuses one of them."""
    found = select(host_keys.c.alg, host_keys.c.state).where(host_keys.c.state != "retired")
    present = {(alg, state) for alg, state in db.execute(found)}
    for alg in ALGORITHMS:
        for state in ("active", "next"):
            if (alg, state) not in present:
                _add(db, secrets, alg=alg, state=state, now=now)


def rotate(db: Connection, secrets: HostSecrets, *, now: int) -> list[str]:
    """Returns the kids that sign from now on: the keys that were published as next."""
    retire = update(host_keys).where(host_keys.c.state == "active")
    retire = retire.values(state="retired", retired_at=now, private_sealed=None)
    # Only who retired the old key may put another in its place: of two rotations at once, one does nothing.
    retired = db.execute(retire.returning(host_keys.c.alg)).scalars().all()
    promote = update(host_keys).where(host_keys.c.state == "next", host_keys.c.alg.in_(retired))
    promote = promote.values(state="active", signs_from=now)
    signing = db.execute(promote.returning(host_keys.c.kid)).scalars().all()
    ensure_signing_keys(db, secrets, now=now)
    return list(signing)


def load_signing_keys(db: Connection, secrets: HostSecrets, *, now: int) -> SigningKeys:
    """One statement. Raises CannotOpen when the keys were sealed under another master key."""
    still_published = or_(
        host_keys.c.state != "retired",
        host_keys.c.retired_at > now - PUBLISHED_AFTER_RETIRING,
    )
    found = select(host_keys).where(still_published).order_by(host_keys.c.created_at, host_keys.c.kid)
    rows = db.execute(found).mappings().all()
    return SigningKeys(
        active={row["alg"]: _open(secrets, row) for row in rows if row["state"] == "active"},
        published=tuple(row["public_jwk"] | {"use": "sig", "alg": row["alg"], "kid": row["kid"]} for row in rows),
    )


def list_keys(db: Connection) -> list[HostKey]:
    """Every key this host ever had, oldest first."""
    columns = (host_keys.c.kid, host_keys.c.alg, host_keys.c.state, host_keys.c.created_at, host_keys.c.retired_at)
    found = select(*columns).order_by(host_keys.c.created_at, host_keys.c.kid)
    return [HostKey(**row) for row in db.execute(found).mappings()]


def _add(db: Connection, secrets: HostSecrets, *, alg: str, state: str, now: int) -> None:
    private = _NEW[alg]()
    jwk = public_jwk(private.public_key())
    kid = thumbprint(jwk)
    secret = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    row = {
        "kid": kid,
        "alg": alg,
        "state": state,
        "public_jwk": jwk,
        "private_sealed": seal(secrets.sealing, secret, "host_key", kid),
        "created_at": now,
        "signs_from": now if state == "active" else None,
    }
    db.execute(insert(host_keys).values(row))


def _open(secrets: HostSecrets, row: RowMapping) -> SigningKey:
    secret = unseal(secrets.sealing, row["private_sealed"], "host_key", row["kid"])
    # We made this key and the seal proves it unchanged; checking the primes again would cost 40 ms at every load.
    private = cast(PrivateKey, load_der_private_key(secret, password=None, unsafe_skip_rsa_key_validation=True))
    return SigningKey(kid=row["kid"], alg=row["alg"], private=private, public_jwk=row["public_jwk"])
