"""Write an Ed25519 key as a did:key and read it back, so that a signature can be checked with nothing but its name."""

import re

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from keys.errors import UnknownKey

_ED25519 = b"\xed\x01"  # multicodec ed25519-pub as an unsigned varint
_LETTERS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_PREFIXED_BYTES = len(_ED25519) + 32
# 34 bytes that begin with 0xed01 give 47 letters that begin with 6Mk; "z" is multibase for base58btc.
_DID = re.compile(rf"did:key:(?P<name>z6Mk[{_LETTERS}]{{44}})(#(?P=name))?")


def did_key(public: Ed25519PublicKey) -> str:
    return "did:key:z" + _base58(_ED25519 + public.public_bytes_raw())


def public_key_of(did: object) -> Ed25519PublicKey:
    """Takes a did:key or a `kid` made of one; a fragment has to name the very same key. Raises UnknownKey."""
    match = _DID.fullmatch(did) if isinstance(did, str) else None
    raw = _unbase58(match["name"].removeprefix("z")) if match else b""
    if not raw.startswith(_ED25519):
        raise UnknownKey("This is not the did:key of an Ed25519 key.")
    return Ed25519PublicKey.from_public_bytes(raw.removeprefix(_ED25519))


def _base58(data: bytes) -> str:
    """Base58btc for data that does not begin with a zero byte."""
    number, letters = int.from_bytes(data, "big"), ""
    while number:
        number, rest = divmod(number, 58)
        letters = _LETTERS[rest] + letters
    return letters


def _unbase58(letters: str) -> bytes:
    number = 0
    for letter in letters:
        number = number * 58 + _LETTERS.index(letter)
    return number.to_bytes(_PREFIXED_BYTES, "big")
