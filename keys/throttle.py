"""Make guessing slow: after five wrong tries one waits, first 30 seconds, at last 15 minutes."""

from sqlalchemy import Connection, case, delete, insert, update
from sqlalchemy.exc import IntegrityError

from keys.errors import TooManyTries
from keys.tables import sign_in_failures

FREE_ATTEMPTS = 5
WAITS = {5: 30, 6: 60, 7: 120, 8: 240, 9: 480}
LONGEST_WAIT = 900
FORGOTTEN_AFTER = 24 * 3600
STRANGER = "unknown"

_row = sign_in_failures.c
_waits = case(
    (_row.count < FREE_ATTEMPTS, 0),
    *((_row.count == count, seconds) for count, seconds in WAITS.items()),
    else_=LONGEST_WAIT,
)


def begin_attempt(db: Connection, *, login_digest: str, device: str = STRANGER, now: int) -> None:
    """Counts before the password is looked at, so that many at once can not slip through. Raises TooManyTries."""
    db.execute(delete(sign_in_failures).where(_row.last_at <= now - FORGOTTEN_AFTER))
    mine = (_row.login_digest == login_digest) & (_row.device == device)
    allowed = update(sign_in_failures).where(mine, _row.last_at + _waits <= now)
    if db.execute(allowed.values(count=_row.count + 1, last_at=now)).rowcount:
        return
    first = insert(sign_in_failures).values(login_digest=login_digest, device=device, count=1, last_at=now)
    try:
        db.execute(first)
    except IntegrityError:
        raise TooManyTries("too many wrong tries; wait a little") from None


def take_back(db: Connection, *, login_digest: str, device: str = STRANGER) -> None:
    """This attempt was no mistake. Those before it still count, so that nobody's own codes buy them free guesses."""
    mine = (_row.login_digest == login_digest) & (_row.device == device)
    db.execute(update(sign_in_failures).where(mine).values(count=_row.count - 1))


def forget_failures(db: Connection, *, login_digest: str, device: str = STRANGER) -> None:
    """The password was right: the next mistake is a first mistake again."""
    db.execute(delete(sign_in_failures).where(_row.login_digest == login_digest, _row.device == device))
