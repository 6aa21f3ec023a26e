"""Device codes (RFC 8628): a device waits with one, a person answers by the short code it shows; each counts once."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from secrets import choice, token_urlsafe
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, insert, or_, select, update

from consent.errors import AskExpired
from consent.model import Ask
from keys.opaque import digest
from keys.secrets import HostSecrets
from vendor_api.errors import InvalidGrant, SpentTwice, VendorApiError
from vendor_api.oauth import polling
from vendor_api.oauth.polling import INTERVAL, StillWaiting
from vendor_api.oauth.spending import Spent
from vendor_api.tables import device_codes
from vendor_api.vendors import registry
from vendor_api.vendors.model import DEVICE_CODE, Vendor

LIFETIME: Final = 600
REMEMBERED: Final = 24 * 3600
LETTERS: Final = "BCDFGHJKLMNPQRSTVWXZ"
LENGTH: Final = 8
IN_ASK: Final = "device"

_row = device_codes.c


@dataclass(frozen=True, slots=True)
class Pair:
    """Freshly made; only here do they exist in clear."""

    device_code: str
    user_code: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A device that waits for a person, and that this person has found by the code it shows."""

    device_digest: str
    user_code: str
    vendor: Vendor
    parameters: Mapping[str, str]
    expires_at: int


def issue(db: Connection, secrets: HostSecrets, vendor: Vendor, parameters: Mapping[str, str], *, now: int) -> Pair:
    pair = Pair(token_urlsafe(32), shown("".join(choice(LETTERS) for _ in range(LENGTH))))
    row = {
        "client_id": vendor.client_id,
        "parameters": dict(parameters),
        "pause": INTERVAL,
        "expires_at": now + LIFETIME,
    }
    digests = {"device_digest": digest(pair.device_code), "user_digest": user_digest(secrets, pair.user_code)}
    db.execute(insert(device_codes).values(**digests, **row))
    return pair


def shown(letters: str) -> str:
    """Section 6.1: in two halves, which are easier to read and to type."""
    return f"{letters[: LENGTH // 2]}-{letters[LENGTH // 2 :]}"


def letters_of(given: str) -> str:
    """Section 6.1: upper or lower case, dashes and spaces make no difference."""
    return "".join(letter for letter in given.upper() if letter.isalnum())


def user_digest(secrets: HostSecrets, user_code: str) -> str:
    """Under a key of the host, because eight letters alone are soon found for a plain digest."""
    letters = letters_of(user_code).encode(errors="surrogatepass")
    return hmac.digest(secrets.user_codes, letters, "sha256").hex()


def claim(db: Connection, secrets: HostSecrets, user_code: str, *, person_id: str, now: int) -> Waiting | None:
    """The device that shows this code, from now on for this person alone; None if none waits for them."""
    mine = update(device_codes).where(
        _row.user_digest == user_digest(secrets, user_code),
        _row.expires_at > now,
        _row.answered_at.is_(None),
        or_(_row.person_id.is_(None), _row.person_id == person_id),
    )
    found = mine.values(person_id=person_id).returning(
        _row.device_digest, _row.client_id, _row.parameters, _row.expires_at
    )
    row = db.execute(found).one_or_none()
    vendor = registry.find(db, row.client_id) if row else None
    if row is None or vendor is None or DEVICE_CODE not in vendor.grant_types:
        return None
    return Waiting(row.device_digest, shown(letters_of(user_code)), vendor, row.parameters, row.expires_at)


def settle(db: Connection, ask: Ask, *, person_id: str, auth_time: int, now: int) -> None:
    """Leave the person's answer for the device, once. Raises AskExpired where it no longer waits."""
    waiting = update(device_codes).where(
        _row.device_digest == ask.request[IN_ASK]["digest"],
        _row.person_id == person_id,
        _row.answered_at.is_(None),
        _row.expires_at > now,
    )
    kept = {name: value for name, value in ask.request.items() if name != IN_ASK}
    answer = {"grant_id": ask.grant_id, "family": token_urlsafe(16), "request": {**kept, "auth_time": auth_time}}
    if db.execute(waiting.values(answered_at=now, **answer)).rowcount != 1:
        raise AskExpired("the device no longer waits for this answer")


def spend(db: Connection, _secrets: HostSecrets, device_code: str, *, client_id: str, now: int) -> Spent:
    """What the person allowed, once. Raises why there is nothing to have, or not yet."""
    mine = (_row.device_digest == digest(device_code), _row.client_id == client_id)
    allowed = update(device_codes).where(
        *mine, _row.grant_id.is_not(None), _row.expires_at > now, _row.spent_at.is_(None)
    )
    spent = allowed.values(spent_at=now).returning(_row.person_id, _row.grant_id, _row.family, _row.request)
    row = db.execute(spent).one_or_none()
    if row is None:
        raise why_not(db.execute(select(device_codes).where(*mine)).one_or_none(), now=now)
    return Spent(row.person_id, row.grant_id, row.family, row.request)


def why_not(row: Row[Any] | None, *, now: int) -> VendorApiError:
    """Section 3.5."""
    if row is None:
        return InvalidGrant("this device code is not valid")
    if row.spent_at is not None:
        return SpentTwice(row.person_id, row.family)
    waits = StillWaiting(device_codes, _row.device_digest == row.device_digest)
    return polling.why_not(row, waits, called="device code", now=now)


def sweep(db: Connection, *, now: int) -> int:
    """Forget device codes a day after they expired; until then a second use is recognised. Returns how many."""
    return db.execute(delete(device_codes).where(_row.expires_at <= now - REMEMBERED)).rowcount
