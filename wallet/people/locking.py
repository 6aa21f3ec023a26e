"""The lock key of a person: random, and kept only wrapped, once for each way back to it.

What a person locks is sealed under it (wallet/data/locks.py). Its ways are their password (PASSWORD) and what lets
them in without it: "kit" and "shares" (wallet/people/recovery). All ways wrap the same key; the password's is made
first, and whoever adds another or changes the password has opened the lock before. Without any way what is locked is
lost.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from secrets import token_bytes

from argon2.low_level import Type, hash_secret_raw
from flask_babel import lazy_gettext as _
from sqlalchemy import Connection, delete, insert, select, update

from keys import passwords as hashing
from keys.errors import CannotOpen
from keys.sealing import seal, unseal
from wallet.errors import WalletError
from wallet.house import House
from wallet.people import passwords
from wallet.people.engine import password_hash_of, replace_password_hash
from wallet.people.errors import ChangedPasswordMeanwhile
from wallet.people.tables import lock_keys, sessions

PASSWORD = "password"  # noqa: S105 - the name of a way
KEY_BYTES = 32


class LockStaysShut(WalletError):
    """The password is right, and yet does not open the lock: it was changed without taking the lock along."""

    status = 409

    def __init__(self) -> None:
        super().__init__(_("What you locked opens with an earlier password only, or with your recovery kit."))


class LockGone(WalletError):
    """This browser held a lock key that was given up in another. The transaction it was raised in can not go on."""

    status = 409

    def __init__(self) -> None:
        super().__init__(_("Meanwhile your lock was given up in another browser. Enter your password, then try again."))


@dataclass(frozen=True, slots=True)
class Wrapped:
    """The lock key as one way holds it. `salt` and `cost` are those of argon2id, where the way is a password."""

    wrapped: bytes = field(repr=False)
    salt: bytes = b""
    cost: str = ""


@dataclass(frozen=True, slots=True)
class WrappingKey:
    """What opens the lock key in one way, and what has to be kept to find it again."""

    key: bytes = field(repr=False)
    salt: bytes = b""
    cost: str = ""


def find_ways(db: Connection, *, person_id: str) -> dict[str, Wrapped]:
    """By the name of the way; nothing where there is no lock key."""
    row = lock_keys.c
    found = select(row.way, row.wrapped, row.salt, row.cost).where(row.person_id == person_id)
    return {way: Wrapped(bytes(wrapped), bytes(salt), cost) for way, wrapped, salt, cost in db.execute(found)}


def opened(
    ways: Mapping[str, Wrapped], *, person_id: str, way: str, key_of_way: Callable[[Wrapped], bytes]
) -> bytes | None:
    """The lock key in one way; None where that way is none, or opens with another secret."""
    if way not in ways:
        return None
    try:
        return unseal(key_of_way(ways[way]), ways[way].wrapped, "lock_key", person_id, way)
    except CannotOpen:
        return None


def by_password(password: str) -> Callable[[Wrapped], bytes]:
    """Slow when it is called."""
    return lambda wrapped: key_of(password, salt=wrapped.salt, cost=wrapped.cost)


def wrap_lock(db: Connection, *, person_id: str, way: str, wrapping: WrappingKey, lock_key: bytes) -> None:
    """Keep one more way to the lock key, or another one in its place."""
    drop_way(db, person_id=person_id, way=way)
    wrapped = seal(wrapping.key, lock_key, "lock_key", person_id, way)
    row = {"person_id": person_id, "way": way, "wrapped": wrapped, "salt": wrapping.salt, "cost": wrapping.cost}
    db.execute(insert(lock_keys).values(row))


def drop_way(db: Connection, *, person_id: str, way: str) -> None:
    db.execute(delete(lock_keys).where(lock_keys.c.person_id == person_id, lock_keys.c.way == way))


def drop_lock(db: Connection, *, person_id: str, besides: str = "") -> None:
    """Forget the lock key in every way, browsers that hold it too; what is sealed under it is lost.

    `besides` is a session that does not hold it and is about to hold the next one.
    """
    db.execute(delete(lock_keys).where(lock_keys.c.person_id == person_id))
    here = (sessions.c.person_id == person_id) & sessions.c.presence_key.is_not(None)
    db.execute(update(sessions).where(here, sessions.c.session_digest != besides).values(presence_key=token_bytes(32)))


def new_lock_key() -> bytes:
    return token_bytes(KEY_BYTES)


def open_lock(house: House, *, person_id: str, password: str) -> bytes | None:
    """The lock key by a password; None where there is none, or where this password does not open it."""
    ways = house.database.read(find_ways, person_id=person_id)
    return opened(ways, person_id=person_id, way=PASSWORD, key_of_way=by_password(password))


def make_lock(house: House, *, person_id: str, password: str) -> bytes:
    """The lock key by the password of now, made if there is none.

    Raises WrongCredentials, LockStaysShut, and ChangedPasswordMeanwhile: no lock is made for a password that is over.
    """
    before = house.database.read(password_hash_of, person_id=person_id)
    passwords.verify_password(password, before)
    found = open_lock(house, person_id=person_id, password=password)
    if found is not None:
        return found
    made, wrapping = new_lock_key(), wrapping_key_of(password)

    def first(db: Connection) -> bool:
        if not replace_password_hash(db, person_id=person_id, old=before, new=before):
            raise ChangedPasswordMeanwhile
        if find_ways(db, person_id=person_id):
            return False
        wrap_lock(db, person_id=person_id, way=PASSWORD, wrapping=wrapping, lock_key=made)
        return True

    if house.database.write(first):
        return made
    found = open_lock(house, person_id=person_id, password=password)  # somebody else was first
    if found is None:
        raise LockStaysShut
    return found


def wrapping_key_of(password: str) -> WrappingKey:
    """For a password that is new to the lock. Slow."""
    salt, cost = token_bytes(16), cost_now()
    return WrappingKey(key_of(password, salt=salt, cost=cost), salt, cost)


def key_of(password: str, *, salt: bytes, cost: str) -> bytes:
    """RFC 9106, argon2id. Slow, so never inside a transaction; nothing of it is in the hash that sign-in checks."""
    time_cost, memory_cost, parallelism = (int(part) for part in cost.split(","))
    return hash_secret_raw(
        passwords.canonical(password),
        salt,
        time_cost=time_cost,
        memory_cost=memory_cost,
        parallelism=parallelism,
        hash_len=KEY_BYTES,
        type=Type.ID,
    )


def cost_now() -> str:
    """Time, memory and lanes of today's password hashes."""
    hasher = hashing.HASHER
    return f"{hasher.time_cost},{hasher.memory_cost},{hasher.parallelism}"
