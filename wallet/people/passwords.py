"""Hash passwords slowly. None of this belongs into a transaction: it takes so long that others would wait."""

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask_babel import lazy_gettext as _

from wallet.people.errors import BadPassword, WrongCredentials

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 1024
HASHER = PasswordHasher()


def check_new_password(password: str) -> None:
    """Raises BadPassword."""
    if len(password) < SHORTEST_PASSWORD:
        advice = _(
            "A password has at least %(shortest)s characters; a short sentence is good.", shortest=SHORTEST_PASSWORD
        )
        raise BadPassword(advice)
    if len(password) > LONGEST_PASSWORD:
        raise BadPassword(_("A password has at most %(longest)s characters.", longest=LONGEST_PASSWORD))


def hash_password(password: str) -> str:
    """The argon2id hash of a new password. Raises BadPassword."""
    check_new_password(password)
    return HASHER.hash(canonical(password))


def verify_password(password: str, password_hash: str) -> None:
    """Raises WrongCredentials."""
    if len(password) > LONGEST_PASSWORD:
        raise WrongCredentials
    try:
        HASHER.verify(password_hash, canonical(password))
    except (VerificationError, InvalidHashError):
        raise WrongCredentials from None


def renewed_hash(password: str, password_hash: str) -> str | None:
    """A hash with today's parameters for a password just verified, or None if it has them already."""
    return HASHER.hash(canonical(password)) if HASHER.check_needs_rehash(password_hash) else None


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
