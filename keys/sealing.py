"""Encrypt what we store, so that the database alone tells a thief nothing."""

from secrets import token_bytes

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from keys.errors import CannotOpen

VERSION = b"\x01"
_NONCE_BYTES = 12
_KEY_BYTES = 32


def cipher(key: bytes | AESGCM) -> AESGCM:
    """A key made ready, for who seals or unseals many things under it."""
    if isinstance(key, AESGCM):
        return key
    if len(key) != _KEY_BYTES:  # AESGCM would quietly take 16 bytes and be AES-128
        raise ValueError(f"a sealing key has {_KEY_BYTES} bytes, not {len(key)}")
    return AESGCM(key)


def seal(key: bytes | AESGCM, plain: bytes, *aad: str) -> bytes:
    """AES-256-GCM: version byte, nonce, ciphertext with tag. `aad` names the place where these bytes belong."""
    nonce = token_bytes(_NONCE_BYTES)
    return VERSION + nonce + cipher(key).encrypt(nonce, plain, _place(aad))


def unseal(key: bytes | AESGCM, sealed: bytes, *aad: str) -> bytes:
    """Raises CannotOpen."""
    head = len(VERSION)
    nonce, ciphertext = sealed[head : head + _NONCE_BYTES], sealed[head + _NONCE_BYTES :]
    if sealed[:head] != VERSION or len(nonce) != _NONCE_BYTES:
        raise CannotOpen("These bytes were not sealed by this wallet.")
    try:
        return cipher(key).decrypt(nonce, ciphertext, _place(aad))
    except InvalidTag:
        raise CannotOpen("This does not open: it was changed, moved, or sealed under another master key.") from None


def _place(aad: tuple[str, ...]) -> bytes:
    """Every part behind its length, so that ("a", "bc") and ("ab", "c") are two places."""
    place = b""
    for part in aad:
        encoded = part.encode()
        place += len(encoded).to_bytes(4, "big") + encoded
    return place
