"""Prove an address: a code is sent there, and typed in here. How many may be sent is counted."""

import hashlib
import hmac
from secrets import randbelow
from typing import Any, Final

from sqlalchemy import Connection, delete, func, insert, select, update
from ulid import ULID

from keys.secrets import HostSecrets
from wallet.channels.errors import TooManyCodes, WrongCode
from wallet.channels.tables import channel_codes

GOOD_FOR: Final = 15 * 60
MOST_WRONG: Final = 5
DAY: Final = 24 * 3600
A_PERSON: Final = 10  # a day
A_TARGET: Final = 5  # a day, whoever has them sent: a stranger's mailbox is not to be filled


def make(db: Connection, secrets: HostSecrets, *, person_id: str, address_id: str, target: str, now: int) -> str:
    """A code of six digits for this address; the earlier ones are over. Raises TooManyCodes."""
    end(db, person_id=person_id, address_id=address_id)
    code = f"{randbelow(10**6):06}"
    kept = digest(secrets, person_id, address_id, code)
    count(db, secrets, person_id=person_id, address_id=address_id, target=target, code_digest=kept, now=now)
    return code


def count(
    db: Connection,
    secrets: HostSecrets,
    *,
    person_id: str,
    address_id: str,
    target: str,
    code_digest: str = "",
    now: int,
) -> None:
    """Something is sent there because the person asks for it. Raises TooManyCodes."""
    seen = digest(secrets, "target", target)
    counted = select(func.count()).select_from(channel_codes).where(channel_codes.c.sent_at > now - DAY)
    mine = db.execute(counted.where(channel_codes.c.person_id == person_id)).scalar_one()
    there = db.execute(counted.where(channel_codes.c.target_digest == seen)).scalar_one()
    if mine >= A_PERSON or there >= A_TARGET:
        raise TooManyCodes
    row = {"person_id": person_id, "code_id": str(ULID()), "address_id": address_id, "target_digest": seen}
    db.execute(insert(channel_codes).values(**row, code_digest=code_digest, wrong=0, sent_at=now))


def check(db: Connection, secrets: HostSecrets, *, person_id: str, address_id: str, code: str, now: int) -> bool:
    """Whether this is the code; a wrong one is counted, so the transaction has to be kept. It is good once."""
    mine = (channel_codes.c.person_id == person_id, channel_codes.c.address_id == address_id)
    good = (channel_codes.c.sent_at > now - GOOD_FOR, channel_codes.c.wrong < MOST_WRONG)
    typed = digest(secrets, person_id, address_id, "".join(code.split()))
    spent = update(channel_codes).where(*mine, *good, channel_codes.c.code_digest == typed).values(code_digest="")
    if db.execute(spent).rowcount:
        return True
    db.execute(update(channel_codes).where(*mine).values(wrong=channel_codes.c.wrong + 1))
    return False


def end(db: Connection, *, person_id: str, address_id: str) -> None:
    """No code opens anything any more; they stay counted."""
    mine: Any = (channel_codes.c.person_id == person_id, channel_codes.c.address_id == address_id)
    db.execute(update(channel_codes).where(*mine).values(code_digest=""))


def check_typed(is_right: bool) -> None:
    """Outside of the transaction that counted. Raises WrongCode."""
    if not is_right:
        raise WrongCode


def sweep(db: Connection, *, now: int) -> int:
    return db.execute(delete(channel_codes).where(channel_codes.c.sent_at <= now - DAY)).rowcount


def digest(secrets: HostSecrets, *parts: str) -> str:
    said = "\n".join(("channel code", *parts)).encode()
    return hmac.new(secrets.logins, said, hashlib.sha256).hexdigest()
