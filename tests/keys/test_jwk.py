"""Public keys as JSON: complete, never private, and named as RFC 7638 says."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from keys.errors import UnknownKey
from keys.jwk import PublicKey, public_jwk, thumbprint

# RFC 7638 section 3.1
RSA_N = (
    "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc"
    "_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQ"
    "R0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bF"
    "TWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
)
RSA_EXAMPLE = {
    "kty": "RSA",
    "n": RSA_N,
    "e": "AQAB",
    "alg": "RS256",
    "kid": "2011-04-29",
}
# RFC 8037 appendix A.2 and A.3
OKP_EXAMPLE = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
OKP_BYTES = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")

NEW: list[PublicKey] = [
    ec.generate_private_key(ec.SECP256R1()).public_key(),
    ec.generate_private_key(ec.SECP384R1()).public_key(),
    rsa.generate_private_key(65537, 2048).public_key(),
    Ed25519PrivateKey.generate().public_key(),
]


def test_thumbprints_are_those_of_the_standards() -> None:
    assert thumbprint(RSA_EXAMPLE) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
    assert thumbprint(OKP_EXAMPLE) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_an_ed25519_key_is_written_as_rfc_8037_does() -> None:
    assert public_jwk(Ed25519PublicKey.from_public_bytes(OKP_BYTES)) == OKP_EXAMPLE


@pytest.mark.parametrize(
    ("key", "members"),
    [
        (NEW[0], {"kty", "crv", "x", "y"}),
        (NEW[1], {"kty", "crv", "x", "y"}),
        (NEW[2], {"kty", "n", "e"}),
        (NEW[3], {"kty", "crv", "x"}),
    ],
)
def test_a_public_jwk_holds_what_makes_the_key_and_nothing_else(key: PublicKey, members: set[str]) -> None:
    assert set(public_jwk(key)) == members


@pytest.mark.parametrize("key", NEW)
def test_what_is_added_to_a_jwk_does_not_change_its_thumbprint(key: PublicKey) -> None:
    jwk = public_jwk(key)

    assert thumbprint(dict(reversed(jwk.items())) | {"use": "sig", "kid": "1", "d": "private"}) == thumbprint(jwk)


@pytest.mark.parametrize(
    "jwk",
    [
        {},
        {"kty": "oct", "k": "c2VjcmV0"},
        {"kty": ["EC"]},
        {"kty": "OKP", "crv": "Ed25519"},
        OKP_EXAMPLE | {"x": 7},
        OKP_EXAMPLE | {"x": ""},
        OKP_EXAMPLE | {"x": "ü"},
        OKP_EXAMPLE | {"x": "\ud800"},
    ],
)
def test_a_jwk_that_is_no_public_key_has_no_thumbprint(jwk: dict[str, object]) -> None:
    with pytest.raises(UnknownKey):
        thumbprint(jwk)


def test_other_kinds_of_key_and_private_keys_are_refused() -> None:
    for key in (ed448.Ed448PrivateKey.generate().public_key(), Ed25519PrivateKey.generate()):
        with pytest.raises(UnknownKey):
            public_jwk(key)  # type: ignore[arg-type]
