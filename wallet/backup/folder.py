"""The folder of backups: generations side by side, each there whole or not at all, and one keyring for all of them."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex

from keys.secrets import HostSecrets
from wallet.backup import manifest
from wallet.backup.errors import BackupDamaged, BackupFailed, BackupRuns
from wallet.backup.manifest import Manifest

KEYRING = "keyring"
MANIFEST = "manifest.json"
DRAFT = ".draft-"
RUN_LOCK, KEYRING_LOCK = ".lock", ".keyring.lock"


@dataclass(frozen=True, slots=True)
class Generation:
    """One backup in the folder; its manifest was found true."""

    path: Path
    manifest: Manifest


def ready(folder: Path) -> None:
    """Make the folder where only itself is missing: a disk that is not there shall not be mistaken for one that is."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        probe = folder / f"{DRAFT}{token_hex(8)}"
        probe.touch(mode=0o600)
        probe.unlink()
    except OSError as error:
        raise unwritable(folder, error) from error


def unwritable(folder: Path, error: OSError) -> BackupFailed:
    return BackupFailed(
        f"The backup folder {folder} can not be written to ({error.strerror}); nothing in it was changed."
    )


@contextmanager
def alone(folder: Path, name: str, *, waiting: bool) -> Iterator[None]:
    """Nobody else in between, be it a thread, a process, or a host that shares the folder. Raises BackupRuns."""
    descriptor = os.open(folder / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if waiting else fcntl.LOCK_NB))
        yield
    except BlockingIOError:
        raise BackupRuns(f"Another process is making a backup in {folder} just now.") from None
    finally:
        os.close(descriptor)


@contextmanager
def draft(folder: Path) -> Iterator[Path]:
    """A folder that is gone afterwards, unless it was published."""
    place = folder / f"{DRAFT}{token_hex(8)}"
    place.mkdir(mode=0o700)
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def remove_drafts(folder: Path) -> None:
    """What crashed runs left; only for who holds RUN_LOCK."""
    for left in folder.glob(f"{DRAFT}*"):
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)


def publish(place: Path, folder: Path, made_at: int) -> Path:
    """Give a draft its name, at once and for good: what is listed was written to the disk before."""
    for path in place.iterdir():
        sync(path)
    sync(place)
    name = datetime.fromtimestamp(made_at, UTC).strftime("%Y-%m-%dT%H-%M-%SZ")
    found = next(path for path in names(folder, name) if not path.exists())
    place.rename(found)
    sync(folder)
    return found


def names(folder: Path, name: str) -> Iterator[Path]:
    yield folder / name
    for number in range(2, 1000):
        yield folder / f"{name}-{number}"


def sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def generations(folder: Path, secrets: HostSecrets) -> list[Generation]:
    """The good ones of this house, newest first; what is damaged, or somebody else's, is none."""
    found = []
    for path in folder.glob(f"*/{MANIFEST}"):
        try:
            said = manifest.read(path, secrets.backups)
            if (path.parent / said.file).stat().st_size == said.size:
                found.append(Generation(path.parent, said))
        except (BackupDamaged, OSError):
            continue
    return sorted(found, key=lambda each: (each.manifest.made_at, each.path.name), reverse=True)


def rotate(folder: Path, secrets: HostSecrets, *, keep: int) -> list[Path]:
    """Remove all but the `keep` newest good ones, at least one; returns what went. A name is given up first."""
    gone = [each.path for each in generations(folder, secrets)[max(keep, 1) :]]
    for path in gone:
        leaving = folder / f"{DRAFT}{token_hex(8)}"
        path.rename(leaving)
        shutil.rmtree(leaving, ignore_errors=True)
    return gone
