"""A key that this host can not open by itself, wrapped once by the password and once by each way back.

Nothing wraps one yet: locked attributes will. What they need of a changed or forgotten password is already here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from secrets import token_bytes
from typing import Any, Final

from argon2.low_level import Type, hash_secret_raw
from sqlalchemy import Connection, delete, insert, select, update

from keys.sealing import seal, unseal
from wallet.people import passwords
from wallet.people.recovery.secret import wrapping_key
from wallet.people.recovery.tables import wrapped_keys

PASSWORD: Final = "password"  # noqa: S105 - a kind of secret, not one


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A lock key under one secret. `derived` says how a password becomes 32 bytes."""

    kind: str
    wrapped: bytes = field(repr=False)
    derived: Mapping[str, Any] | None = None


def wrap(secret: bytes, kind: str, key: bytes, *, person_id: str) -> Wrapped:
    """Under the secret of a way back."""
    return Wrapped(kind, seal(wrapping_key(secret), key, "wrapped_keys", person_id, kind))


def unwrap(secret: bytes, wrapped: Wrapped, *, person_id: str) -> bytes:
    """Raises CannotOpen."""
    return unseal(wrapping_key(secret), wrapped.wrapped, "wrapped_keys", person_id, wrapped.kind)


def wrap_by_password(password: str, key: bytes, *, person_id: str) -> Wrapped:
    """Slow: belongs into no transaction."""
    hasher = passwords.HASHER
    derived = {
        "salt": token_bytes(16).hex(),
        "time_cost": hasher.time_cost,
        "memory_cost": hasher.memory_cost,
        "parallelism": hasher.parallelism,
    }
    wrapped = seal(_from_password(password, derived), key, "wrapped_keys", person_id, PASSWORD)
    return Wrapped(PASSWORD, wrapped, derived)


def unwrap_by_password(password: str, wrapped: Wrapped, *, person_id: str) -> bytes:
    """Slow, too. Raises CannotOpen."""
    key = _from_password(password, wrapped.derived or {})
    return unseal(key, wrapped.wrapped, "wrapped_keys", person_id, PASSWORD)


def find(db: Connection, *, person_id: str, kind: str) -> Wrapped | None:
    mine = (wrapped_keys.c.person_id == person_id) & (wrapped_keys.c.kind == kind)
    row = db.execute(select(wrapped_keys).where(mine)).one_or_none()
    return Wrapped(row.kind, row.wrapped, row.derived) if row else None


def keep(db: Connection, wrapped: Wrapped, *, person_id: str) -> None:
    """In place of what the same kind of secret opened before."""
    values = {"wrapped": wrapped.wrapped, "derived": wrapped.derived}
    mine = (wrapped_keys.c.person_id == person_id) & (wrapped_keys.c.kind == wrapped.kind)
    if not db.execute(update(wrapped_keys).where(mine).values(values)).rowcount:
        db.execute(insert(wrapped_keys).values(person_id=person_id, kind=wrapped.kind, **values))


def forget(db: Connection, *, person_id: str, kind: str) -> None:
    db.execute(delete(wrapped_keys).where(wrapped_keys.c.person_id == person_id, wrapped_keys.c.kind == kind))


def _from_password(password: str, derived: Mapping[str, Any]) -> bytes:
    return hash_secret_raw(
        passwords.canonical(password),
        bytes.fromhex(derived["salt"]),
        time_cost=derived["time_cost"],
        memory_cost=derived["memory_cost"],
        parallelism=derived["parallelism"],
        hash_len=32,
        type=Type.ID,
    )
