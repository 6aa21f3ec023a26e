"""The 128 random bits behind a way back, and what is derived from them: each branch tells nothing of the others."""

import hashlib
from secrets import token_bytes

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SECRET_BYTES = 16


def new_secret() -> bytes:
    return token_bytes(SECRET_BYTES)


def check_of(secret: bytes) -> str:
    """All that is stored of a secret. Nobody finds 128 random bits by trying, so a quick hash will do."""
    return hashlib.sha256(_branch(secret, "check")).hexdigest()


def wrapping_key(secret: bytes) -> bytes:
    """By which the secret opens the lock key (wallet/people/locking.py)."""
    return _branch(secret, "wrap")


def _branch(secret: bytes, name: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"hausrecht/recovery/v1/{name}".encode()).derive(secret)
