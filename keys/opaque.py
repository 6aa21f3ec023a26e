"""Tokens that tell this host whose they are and tell everybody else nothing."""

import base64
import hashlib
from secrets import token_bytes

from keys.errors import BadToken, CannotOpen
from keys.sealing import seal, unseal

LONGEST_TOKEN = 400
_RANDOM_BYTES = 16
_REFUSED = "This token is not valid here."


def mint(key: bytes, kind: str, person_id: str) -> str:
    """A new unguessable base64url token. A token of one kind is refused as any other kind."""
    token = _encode(seal(key, token_bytes(_RANDOM_BYTES) + person_id.encode(), "token", kind))
    if len(token) > LONGEST_TOKEN:
        raise ValueError("the person's id is too long for a token")
    return token


def person_of(key: bytes, kind: str, token: object) -> str:
    """Whose token this is, without a look-up; it says nothing about still being valid. Raises BadToken."""
    try:
        return unseal(key, _decode(token), "token", kind)[_RANDOM_BYTES:].decode()
    except CannotOpen:
        raise BadToken(_REFUSED) from None


def digest(token: str) -> str:
    """SHA-256 in hex: all that is stored of a token. Never fails, whatever a stranger sent."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()


def _decode(token: object) -> bytes:
    """Accepts exactly one spelling of each token: base64 alone would skip over unknown letters."""
    if not isinstance(token, str) or len(token) > LONGEST_TOKEN:
        raise BadToken(_REFUSED)
    try:
        sealed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        raise BadToken(_REFUSED) from None
    if _encode(sealed) != token:
        raise BadToken(_REFUSED)
    return sealed


def _encode(sealed: bytes) -> str:
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()
