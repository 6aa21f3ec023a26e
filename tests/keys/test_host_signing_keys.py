"""The host's signing keys: every signature verifies from the JWKS, and no private key leaves."""

import base64
import json
import sqlite3
from typing import cast

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from keys.errors import CannotOpen, UnknownKey
from keys.jwk import thumbprint
from keys.secrets import HostSecrets
from keys.signing import ALGORITHMS, PrivateKey, ensure_signing_keys, list_keys, load_signing_keys
from keys.tables import host_keys


@pytest.fixture(autouse=True)
def keys(db: Connection, secrets: HostSecrets) -> None:
    ensure_signing_keys(db, secrets, now=1000)


def spellings(private: PrivateKey) -> list[bytes]:
    """The secret part of a key, in every form that could lie around."""
    secret = [private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())]
    if isinstance(private, RSAPrivateKey):
        numbers = private.private_numbers()
        secret += [number.to_bytes(256, "big").lstrip(b"\0") for number in (numbers.d, numbers.p, numbers.q)]
    elif isinstance(private, Ed25519PrivateKey):
        secret.append(private.private_bytes_raw())
    else:
        secret.append(private.private_numbers().private_value.to_bytes(32, "big"))
    return [form(raw) for raw in secret for form in (bytes, base64.b64encode, base64.urlsafe_b64encode)]


def test_every_algorithm_has_one_key_that_signs_and_one_that_is_next(db: Connection) -> None:
    assert sorted((key.alg, key.state) for key in list_keys(db)) == sorted(
        (alg, state) for alg in ALGORITHMS for state in ("active", "next")
    )


def test_starting_again_makes_no_new_keys(db: Connection, secrets: HostSecrets) -> None:
    before = list_keys(db)

    ensure_signing_keys(db, secrets, now=2000)

    assert list_keys(db) == before


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_a_signature_verifies_with_plain_pyjwt_from_the_published_keys(
    db: Connection, secrets: HostSecrets, alg: str
) -> None:
    keys = load_signing_keys(db, secrets, now=1000)

    signed = keys.active[alg].sign({"sub": "s", "iss": "https://wallet.example"}, typ="at+jwt")

    header = jwt.get_unverified_header(signed)
    published = {key.key_id: key for key in jwt.PyJWKSet.from_dict(keys.jwks()).keys}
    claims = {"sub": "s", "iss": "https://wallet.example"}
    assert header == {"alg": alg, "kid": keys.active[alg].kid, "typ": "at+jwt"}
    assert jwt.decode(signed, published[header["kid"]].key, algorithms=[alg]) == claims
    assert jwt.decode(signed, keys.public_key(header["kid"]), algorithms=[alg]) == claims


def test_the_kid_of_a_key_is_its_thumbprint(db: Connection, secrets: HostSecrets) -> None:
    for jwk in load_signing_keys(db, secrets, now=1000).jwks()["keys"]:
        assert jwk["kid"] == thumbprint(jwk)


def test_the_published_keys_hold_public_members_only(db: Connection, secrets: HostSecrets) -> None:
    jwks = load_signing_keys(db, secrets, now=1000).jwks()

    assert {member for jwk in jwks["keys"] for member in jwk} == {"kty", "crv", "x", "y", "n", "e", "use", "alg", "kid"}
    assert {jwk["use"] for jwk in jwks["keys"]} == {"sig"}
    assert len(jwks["keys"]) == 2 * len(ALGORITHMS)
    assert json.loads(json.dumps(jwks)) == jwks


def test_rsa_keys_have_2048_bits(db: Connection, secrets: HostSecrets) -> None:
    private = load_signing_keys(db, secrets, now=1000).active["RS256"].private

    assert isinstance(private, RSAPrivateKey)
    assert private.key_size == 2048


def test_a_key_never_published_is_unknown(db: Connection, secrets: HostSecrets) -> None:
    with pytest.raises(UnknownKey):
        load_signing_keys(db, secrets, now=1000).public_key("somebody-elses")


def test_private_keys_are_not_in_the_database_file(db: Connection, secrets: HostSecrets) -> None:
    keys = load_signing_keys(db, secrets, now=1000)

    stored = cast(sqlite3.Connection, db.connection.driver_connection).serialize()

    for key in keys.active.values():
        assert key.kid.encode() in stored
        assert not [form for form in spellings(key.private) if form in stored]
    assert b"PRIVATE KEY" not in stored


def test_private_keys_do_not_show_when_printed(db: Connection, secrets: HostSecrets) -> None:
    assert "private" not in repr(load_signing_keys(db, secrets, now=1000).active)


def test_another_master_key_is_noticed_before_anything_is_signed(db: Connection) -> None:
    with pytest.raises(CannotOpen):
        load_signing_keys(db, HostSecrets.derive(b"n" * 32), now=1000)


def test_a_private_key_moved_to_another_kid_does_not_open(db: Connection, secrets: HostSecrets) -> None:
    of_next = select(host_keys.c.private_sealed).where(host_keys.c.alg == "EdDSA", host_keys.c.state == "next")
    moved = update(host_keys).where(host_keys.c.alg == "EdDSA", host_keys.c.state == "active")
    db.execute(moved.values(private_sealed=db.execute(of_next).scalar_one()))

    with pytest.raises(CannotOpen):
        load_signing_keys(db, secrets, now=1000)


@pytest.mark.parametrize("state", ["active", "next"])
def test_the_database_itself_refuses_a_second_key_in_the_same_place(db: Connection, state: str) -> None:
    row = {"kid": "k", "alg": "ES256", "state": state, "public_jwk": {}, "private_sealed": b"", "created_at": 1}

    with pytest.raises(IntegrityError), db.begin_nested():
        db.execute(insert(host_keys).values(row))
