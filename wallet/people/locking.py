"""The lock key of a person: random, and kept only wrapped, once for each way back to it.

What a person locks is sealed under it (wallet/data/locks.py). It opens with what only they know: their password
(PASSWORD), and whatever else wraps it, such as a recovery secret. Whoever changes a password takes `open_lock` with the
old one and `rewrap` with the new one; a new way is `wrap_lock` with a key of its own, for which `make_lock` gives the
lock key also to who has locked nothing yet. Without any way what is locked is lost.
"""

from dataclasses import dataclass, field
from secrets import token_bytes

from argon2.low_level import Type, hash_secret_raw
from flask_babel import lazy_gettext as _
from sqlalchemy import Connection, delete, insert, select, update

from keys.errors import CannotOpen
from keys.sealing import seal, unseal
from wallet.errors import WalletError
from wallet.house import House
from wallet.people import passwords
from wallet.people.tables import lock_keys, sessions

PASSWORD = "password"  # noqa: S105 - the name of a way
KEY_BYTES = 32


class LockStaysShut(WalletError):
    """The password is right, and yet does not open the lock: it was changed without taking the lock along."""

    status = 409

    def __init__(self) -> None:
        super().__init__(_("What you locked opens with an earlier password only, or with your recovery kit."))


@dataclass(frozen=True, slots=True)
class Wrapped:
    """The lock key as one way holds it. `salt` and `cost` are those of argon2id, where the way is a password."""

    wrapped: bytes = field(repr=False)
    salt: bytes = b""
    cost: str = ""


def find_wrapped(db: Connection, *, person_id: str, way: str = PASSWORD) -> Wrapped | None:
    row = lock_keys.c
    found = select(row.wrapped, row.salt, row.cost).where(row.person_id == person_id, row.way == way)
    one = db.execute(found).one_or_none()
    return Wrapped(*one) if one else None


def unwrapped(wrapped: Wrapped, *, person_id: str, way: str, key_encryption_key: bytes) -> bytes:
    """The lock key. Raises CannotOpen."""
    return unseal(key_encryption_key, wrapped.wrapped, "lock_key", person_id, way)


def wrap_lock(
    db: Connection,
    *,
    person_id: str,
    way: str,
    key_encryption_key: bytes,
    lock_key: bytes,
    salt: bytes = b"",
    cost: str = "",
) -> None:
    """Keep one more way to the lock key, or another one in its place."""
    drop_way(db, person_id=person_id, way=way)
    wrapped = seal(key_encryption_key, lock_key, "lock_key", person_id, way)
    row = {"person_id": person_id, "way": way, "wrapped": wrapped, "salt": salt, "cost": cost}
    db.execute(insert(lock_keys).values(row))


def drop_way(db: Connection, *, person_id: str, way: str) -> None:
    db.execute(delete(lock_keys).where(lock_keys.c.person_id == person_id, lock_keys.c.way == way))


def drop_lock(db: Connection, *, person_id: str) -> None:
    """Forget the lock key in every way, browsers that hold it too; what is sealed under it is lost."""
    db.execute(delete(lock_keys).where(lock_keys.c.person_id == person_id))
    here = (sessions.c.person_id == person_id) & sessions.c.presence_key.is_not(None)
    db.execute(update(sessions).where(here).values(presence_key=token_bytes(32)))


def open_lock(house: House, *, person_id: str, password: str) -> bytes | None:
    """The lock key by a password; None where there is none, or where this password does not open it."""
    found = house.database.read(find_wrapped, person_id=person_id)
    if found is None:
        return None
    key = key_of(password, salt=found.salt, cost=found.cost)
    try:
        return unwrapped(found, person_id=person_id, way=PASSWORD, key_encryption_key=key)
    except CannotOpen:
        return None


def make_lock(house: House, *, person_id: str, password: str) -> bytes:
    """The lock key of a person whose password was just checked, made if there is none. Raises LockStaysShut."""
    made, salt, cost = token_bytes(KEY_BYTES), token_bytes(16), cost_now()
    wrapping = key_of(password, salt=salt, cost=cost)

    def first(db: Connection) -> None:
        if find_wrapped(db, person_id=person_id) is None:
            wrap_lock(
                db,
                person_id=person_id,
                way=PASSWORD,
                key_encryption_key=wrapping,
                lock_key=made,
                salt=salt,
                cost=cost,
            )

    house.database.write(first)
    opened = open_lock(house, person_id=person_id, password=password)  # somebody else may have been first
    if opened is None:
        raise LockStaysShut
    return opened


def rewrap(house: House, *, person_id: str, lock_key: bytes, password: str) -> None:
    """Carry the lock key over to a new password; the old one opens it no more."""
    salt, cost = token_bytes(16), cost_now()
    key = key_of(password, salt=salt, cost=cost)
    house.database.write(
        wrap_lock,
        person_id=person_id,
        way=PASSWORD,
        key_encryption_key=key,
        lock_key=lock_key,
        salt=salt,
        cost=cost,
    )


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
    hasher = passwords.HASHER
    return f"{hasher.time_cost},{hasher.memory_cost},{hasher.parallelism}"
