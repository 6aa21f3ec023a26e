"""Passwords of people: what is asked of a new one, and refusals in sentences (hashed by keys/passwords.py)."""

from flask_babel import lazy_gettext as _

from keys.errors import WrongPassword
from keys.passwords import LONGEST_PASSWORD, SHORTEST_PASSWORD, canonical, check, hashed, nobodys_hash, renewed_hash
from wallet.people.errors import BadPassword, WrongCredentials

__all__ = ["canonical", "check_new_password", "hash_password", "nobodys_hash", "renewed_hash", "verify_password"]


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
    return hashed(password)


def verify_password(password: str, password_hash: str) -> None:
    """Raises WrongCredentials."""
    try:
        check(password, password_hash)
    except WrongPassword:
        raise WrongCredentials from None
