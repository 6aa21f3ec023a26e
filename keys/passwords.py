"""Hash passwords slowly. None of this belongs into a transaction: it takes so long that others would wait."""

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from keys.errors import WrongPassword

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 1024
HASHER = PasswordHasher()


def hashed(password: str) -> str:
    """The argon2id hash of a new password; whether it is long enough, the caller has looked."""
    return HASHER.hash(canonical(password))


def check(password: str, password_hash: str) -> None:
    """Raises WrongPassword."""
    if len(password) > LONGEST_PASSWORD:
        raise WrongPassword("this is not the password")
    try:
        HASHER.verify(password_hash, canonical(password))
    except (VerificationError, InvalidHashError):
        raise WrongPassword("this is not the password") from None


def renewed_hash(password: str, password_hash: str) -> str | None:
    """A hash with today's parameters for a password just checked, or None if it has them already."""
    return hashed(password) if HASHER.check_needs_rehash(password_hash) else None


def nobodys_hash() -> str:
    """A hash that costs as much to check as anybody's, and that no password is known for."""
    parameters = f"m={HASHER.memory_cost},t={HASHER.time_cost},p={HASHER.parallelism}"
    return f"$argon2id$v=19${parameters}${_zeros(HASHER.salt_len)}${_zeros(HASHER.hash_len)}"


def _zeros(size: int) -> str:
    """So many zero bytes in base64 without padding."""
    return "A" * -(-size * 4 // 3)


def canonical(password: str) -> bytes:
    """NIST SP 800-63B section 3.1.1.2: keyboards spell the same letter in different ways."""
    return unicodedata.normalize("NFKC", password).encode(errors="surrogatepass")
