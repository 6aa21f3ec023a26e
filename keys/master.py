"""Keep the one secret that opens everything else in a file only its owner can read."""

import base64
import binascii
import os
import stat
from pathlib import Path
from secrets import token_bytes, token_hex

from keys.errors import MasterKeyDamaged, MasterKeyMissing, MasterKeyUnsafe

KEY_BYTES = 32
_LONGEST_FILE = 1024


def create_master_key(path: Path) -> None:
    """Make a new master key; a file that is already there stays as it is."""
    if os.path.lexists(path):  # perhaps in a folder where we may not write
        return
    draft = path.with_name(f".{path.name}.{token_hex(8)}")
    try:
        _write_draft(draft)
        os.link(draft, path)  # all or nothing: nobody ever sees half a key, and the first of two wins
        _sync_folder(path.parent)
    except FileExistsError:
        return
    finally:
        draft.unlink(missing_ok=True)


def load_master_key(path: Path) -> bytes:
    """The 32 key bytes. Raises MasterKeyMissing, MasterKeyUnsafe or MasterKeyDamaged."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError as error:
        raise MasterKeyMissing(
            f"There is no readable master key at {path} ({error.strerror}). "
            "Restore it from your backup: without it nothing in this wallet can be opened."
        ) from error
    try:
        _check_file(path, os.fstat(descriptor).st_mode)
        return _decode(path, os.read(descriptor, _LONGEST_FILE))
    finally:
        os.close(descriptor)


def put_in_place(new: Path, path: Path) -> None:
    """The one file takes the place of the other at once. Raises OSError."""
    new.replace(path)
    _sync_folder(path.parent)


def _write_draft(draft: Path) -> None:
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(descriptor, 0o600)  # whatever the umask left of it
        file.write(base64.b64encode(token_bytes(KEY_BYTES)) + b"\n")
        file.flush()
        os.fsync(descriptor)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _check_file(path: Path, mode: int) -> None:
    if not stat.S_ISREG(mode):
        raise MasterKeyDamaged(f"{path} is not a file. Restore the master key there from your backup.")
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise MasterKeyUnsafe(
            f"Others on this machine can reach the master key at {path}. "
            f"Run: chmod 600 {path} (and think about who may have copied it)."
        )


def _decode(path: Path, text: bytes) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except binascii.Error:
        key = b""
    if len(key) != KEY_BYTES:
        raise MasterKeyDamaged(f"The master key at {path} is damaged. Restore it from your backup.")
    return key
