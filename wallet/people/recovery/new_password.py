"""Put a new password in the place of one that is known or forgotten. Hashing stands outside the transactions."""

from dataclasses import dataclass, field

from sqlalchemy import Connection, select, update

from wallet.house import House
from wallet.people.errors import ChangedPasswordMeanwhile
from wallet.people.model import Visitor
from wallet.people.passwords import hash_password, verify_password
from wallet.people.recovery import locks
from wallet.people.recovery.locks import Wrapped
from wallet.people.sessions import end_session, live_sessions
from wallet.people.tables import people
from wallet.people.throttle import begin_attempt, forget_failures

DEVICE = "new_password"


@dataclass(frozen=True, slots=True)
class NewPassword:
    """Ready to be written: its hash, and the person's lock key under it, if there is one."""

    password_hash: str = field(repr=False)
    wrapped: Wrapped | None


def change_password(house: House, visitor: Visitor, *, old: str, new: str, stay: bool) -> int:
    """How many other browsers were signed out; none, if they are to stay.

    Raises WrongCredentials, TooManyAttempts, BadPassword and ChangedPasswordMeanwhile.
    """
    counted = {"login_digest": visitor.person_id, "device": DEVICE}
    house.database.write(begin_attempt, **counted, now=house.clock())
    before = house.database.read(_hash_of, person_id=visitor.person_id)
    verify_password(old, before)
    ready = prepare(house, person_id=visitor.person_id, old=old, new=new)

    def change(db: Connection) -> int:
        forget_failures(db, **counted)
        if not _replace(db, ready.password_hash, before=before, person_id=visitor.person_id):
            raise ChangedPasswordMeanwhile
        ended = 0 if stay else end_others(db, house, person_id=visitor.person_id, besides=visitor.session_digest)
        password_changed(db, ready, person_id=visitor.person_id)
        return ended

    return house.database.write(change)


def prepare(house: House, *, person_id: str, old: str, new: str) -> NewPassword:
    """Everything slow about a new password, for who knows the old one. Raises BadPassword and CannotOpen."""
    password_hash = hash_password(new)
    wrapped = house.database.read(locks.find, person_id=person_id, kind=locks.PASSWORD)
    if wrapped is None:
        return NewPassword(password_hash, None)
    lock_key = locks.unwrap_by_password(old, wrapped, person_id=person_id)
    return NewPassword(password_hash, locks.wrap_by_password(new, lock_key, person_id=person_id))


def prepare_by_way(house: House, *, person_id: str, kind: str, secret: bytes, new: str) -> NewPassword:
    """The same for who has the secret of a way back instead."""
    password_hash = hash_password(new)
    wrapped = house.database.read(locks.find, person_id=person_id, kind=kind)
    if wrapped is None:
        return NewPassword(password_hash, None)
    lock_key = locks.unwrap(secret, wrapped, person_id=person_id)
    return NewPassword(password_hash, locks.wrap_by_password(new, lock_key, person_id=person_id))


def set_password(db: Connection, ready: NewPassword, *, person_id: str) -> None:
    """Whatever it was before."""
    db.execute(update(people).where(people.c.person_id == person_id).values(password_hash=ready.password_hash))
    password_changed(db, ready, person_id=person_id)


def password_changed(db: Connection, ready: NewPassword, *, person_id: str) -> None:
    """The one place where what hangs on a password follows it."""
    if ready.wrapped:
        locks.keep(db, ready.wrapped, person_id=person_id)


def end_others(db: Connection, house: House, *, person_id: str, besides: str | None) -> int:
    """Sign the person out of all browsers but this one; returns how many. What vendors hold stays."""
    now = house.clock()
    live = live_sessions(db, house.secrets, person_id=person_id, now=now)
    others = {session.session_digest for session in live} - {besides}
    return sum(end_session(db, person_id=person_id, session_digest=each, now=now) for each in others)


def _hash_of(db: Connection, *, person_id: str) -> str:
    found: str = db.execute(select(people.c.password_hash).where(people.c.person_id == person_id)).scalar_one()
    return found


def _replace(db: Connection, password_hash: str, *, before: str, person_id: str) -> bool:
    same = (people.c.person_id == person_id) & (people.c.password_hash == before)
    return db.execute(update(people).where(same).values(password_hash=password_hash)).rowcount == 1
