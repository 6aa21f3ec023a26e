"""The same for people (keys/throttle.py): who guesses is told so in a sentence."""

from sqlalchemy import Connection

from keys import throttle
from keys.errors import TooManyTries
from keys.throttle import FORGOTTEN_AFTER, STRANGER, forget_failures, take_back
from wallet.people.errors import TooManyAttempts

__all__ = ["FORGOTTEN_AFTER", "STRANGER", "begin_attempt", "forget_failures", "take_back"]


def begin_attempt(db: Connection, *, login_digest: str, device: str, now: int) -> None:
    """Raises TooManyAttempts."""
    try:
        throttle.begin_attempt(db, login_digest=login_digest, device=device, now=now)
    except TooManyTries:
        raise TooManyAttempts from None
