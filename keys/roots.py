"""The host's root, from which all its secrets come, sealed under the master key: only that seal changes with it."""

import hashlib
from secrets import token_bytes

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Connection, delete, exists, select

from keys.errors import CannotOpen
from keys.inserts import insert_if_new
from keys.master import KEY_BYTES
from keys.sealing import seal, unseal
from keys.tables import host_roots

_ID_BYTES = 8


def key_id(master: bytes) -> str:
    """What a master key is called where it is not: a hash of a branch of it, which tells nothing of the others."""
    return hashlib.sha256(_branch(master, "id")).digest()[:_ID_BYTES].hex()


def has_root(db: Connection) -> bool:
    return bool(db.execute(select(exists().where(host_roots.c.key_id.is_not(None)))).scalar_one())


def make_root(db: Connection, master: bytes, *, now: int) -> None:
    """For a house that has none; one that is there stays as it is."""
    if not has_root(db):
        wrap_root(db, master, token_bytes(KEY_BYTES), now=now)


def wrap_root(db: Connection, master: bytes, root: bytes, *, now: int) -> None:
    """Let this master key open the house too; nothing happens where it already does."""
    row = {"key_id": key_id(master), "root_sealed": seal_root(master, root), "created_at": now}
    insert_if_new(db, host_roots, row)


def open_root(db: Connection, master: bytes) -> bytes:
    """The 32 bytes of keys.secrets.HostSecrets.derive. Raises CannotOpen for another master key."""
    found = select(host_roots.c.root_sealed).where(host_roots.c.key_id == key_id(master))
    sealed = db.execute(found).scalar_one_or_none()
    if sealed is None:
        raise CannotOpen("This master key opens nothing here.")
    return unseal_root(master, sealed)


def shut_out_others(db: Connection, master: bytes) -> int:
    """From now on only this master key opens the house; returns how many others did. Raises CannotOpen."""
    open_root(db, master)
    return db.execute(delete(host_roots).where(host_roots.c.key_id != key_id(master))).rowcount


def seal_root(master: bytes, root: bytes) -> bytes:
    return seal(_branch(master, "wrapping"), root, "host_root", key_id(master))


def unseal_root(master: bytes, sealed: bytes) -> bytes:
    """Raises CannotOpen."""
    return unseal(_branch(master, "wrapping"), sealed, "host_root", key_id(master))


def _branch(master: bytes, name: str) -> bytes:
    if len(master) != KEY_BYTES:
        raise ValueError(f"a master key has {KEY_BYTES} bytes, not {len(master)}")
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"hausrecht/master/v1/{name}".encode()).derive(master)
