"""Put a new password in the place of one that is known or forgotten, and take the lock along.

Hashing stands outside the transactions. What it was done for is looked at again inside, and done anew if it changed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar

from sqlalchemy import Connection, update

from wallet.errors import WalletError
from wallet.house import House
from wallet.people import locking
from wallet.people.engine import password_hash_of, replace_password_hash
from wallet.people.errors import ChangedPasswordMeanwhile
from wallet.people.locking import PASSWORD, Wrapped, WrappingKey
from wallet.people.model import Visitor
from wallet.people.passwords import hash_password, verify_password
from wallet.people.sessions import end_session, live_sessions
from wallet.people.tables import people
from wallet.people.throttle import begin_attempt, forget_failures

DEVICE: Final = "new_password"
TRIES: Final = 3
T = TypeVar("T")
Opens = Callable[[Mapping[str, Wrapped]], bytes | None]


class LockMoved(WalletError):
    """The lock was made, wrapped anew or given up meanwhile. The transaction it was raised in can not go on."""


@dataclass(frozen=True, slots=True)
class NewPassword:
    """Ready to be written: its hash, and the lock key to be wrapped by it; none where it stays shut.

    `seen` are the ways to the lock of which it was made.
    """

    password_hash: str = field(repr=False)
    wrapping: WrappingKey = field(repr=False)
    lock_key: bytes | None = field(repr=False)
    seen: Mapping[str, Wrapped] = field(repr=False)


def change_password(house: House, visitor: Visitor, *, old: str, new: str, stay: bool) -> tuple[int, bytes | None]:
    """How many other browsers were signed out (none, if they are to stay), and the lock key, unless it stays shut.

    Raises WrongCredentials, TooManyAttempts, BadPassword and ChangedPasswordMeanwhile.
    """
    person_id, before = visitor.person_id, check_old(house, visitor, old)

    def change(db: Connection, ready: NewPassword) -> int:
        if not replace_password_hash(db, person_id=person_id, old=before, new=ready.password_hash):
            raise ChangedPasswordMeanwhile
        take_along(db, ready, person_id=person_id)
        forget_failures(db, login_digest=person_id, device=DEVICE)
        return 0 if stay else end_others(db, house, person_id=person_id, besides=visitor.session_digest)

    opens = by_password(old, person_id=person_id)
    ended, ready = put(house, person_id=person_id, opens=opens, new=new, change=change)
    return ended, ready.lock_key


def open_by_earlier(house: House, visitor: Visitor, *, password: str, earlier: str) -> bytes:
    """The lock key, which opens with the password of now from then on and no more with the earlier one.

    Raises WrongCredentials for the one of now, LockStaysShut for the earlier one, TooManyAttempts and
    ChangedPasswordMeanwhile.
    """
    person_id, before = visitor.person_id, check_old(house, visitor, password)
    opens = by_password(earlier, person_id=person_id)

    def change(db: Connection, ready: NewPassword) -> bytes:
        if not replace_password_hash(db, person_id=person_id, old=before, new=before):
            raise ChangedPasswordMeanwhile
        if ready.lock_key is None:
            raise locking.LockStaysShut
        take_along(db, ready, person_id=person_id)
        forget_failures(db, login_digest=person_id, device=DEVICE)
        return ready.lock_key

    lock_key, _ready = put(house, person_id=person_id, opens=opens, new=password, change=change)
    return lock_key


def check_old(house: House, visitor: Visitor, password: str) -> str:
    """The hash of who gives their password once more. Raises WrongCredentials and TooManyAttempts."""
    house.database.write(begin_attempt, login_digest=visitor.person_id, device=DEVICE, now=house.clock())
    before = house.database.read(password_hash_of, person_id=visitor.person_id)
    verify_password(password, before)
    return before


def by_password(password: str, *, person_id: str) -> Opens:
    key_of_way = locking.by_password(password)
    return lambda ways: locking.opened(ways, person_id=person_id, way=PASSWORD, key_of_way=key_of_way)


def put(
    house: House, *, person_id: str, opens: Opens, new: str, change: Callable[[Connection, NewPassword], T]
) -> tuple[T, NewPassword]:
    """Prepare a password outside the transaction of `change`, and anew where the lock moved in between.

    Raises BadPassword, ChangedPasswordMeanwhile and what `change` raises.
    """
    for _attempt in range(TRIES):
        ready = prepare(house, person_id=person_id, opens=opens, new=new)
        try:
            return house.database.write(change, ready), ready
        except LockMoved:
            continue
    raise ChangedPasswordMeanwhile


def prepare(house: House, *, person_id: str, opens: Opens, new: str) -> NewPassword:
    """Everything slow. Who has no lock key yet gets one. Raises BadPassword."""
    password_hash = hash_password(new)
    seen = house.database.read(locking.find_ways, person_id=person_id)
    lock_key = opens(seen) if seen else locking.new_lock_key()
    return NewPassword(password_hash, locking.wrapping_key_of(new), lock_key, seen)


def set_password(db: Connection, ready: NewPassword, *, person_id: str) -> None:
    """Whatever it was before. Raises LockMoved."""
    db.execute(update(people).where(people.c.person_id == person_id).values(password_hash=ready.password_hash))
    take_along(db, ready, person_id=person_id)


def take_along(db: Connection, ready: NewPassword, *, person_id: str) -> None:
    """The lock follows the password; the row of the person has been written before. Raises LockMoved."""
    if locking.find_ways(db, person_id=person_id) != ready.seen:
        raise LockMoved
    if ready.lock_key is not None:
        locking.wrap_lock(db, person_id=person_id, way=PASSWORD, wrapping=ready.wrapping, lock_key=ready.lock_key)


def end_others(db: Connection, house: House, *, person_id: str, besides: str | None) -> int:
    """Sign the person out of all browsers but this one; returns how many. What vendors hold stays."""
    now = house.clock()
    live = live_sessions(db, house.secrets, person_id=person_id, now=now)
    others = {session.session_digest for session in live} - {besides}
    return sum(end_session(db, person_id=person_id, session_digest=each, now=now) for each in others)
