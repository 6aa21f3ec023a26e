"""Make a backup while the house is lived in: copy, keyring, try to open it, and only then is it one."""

import logging
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, select
from sqlalchemy.exc import DBAPIError

from keys.tables import host_roots
from vendor_api.outbound.addresses import NONE
from wallet.backup import folder as shelf
from wallet.backup import keyring, postgresql, sqlite
from wallet.backup.checking import check
from wallet.backup.errors import BackupFailed
from wallet.backup.folder import KEYRING, MANIFEST, RUN_LOCK, Generation
from wallet.backup.manifest import Manifest, digest_of, written
from wallet.database import reason
from wallet.house import House
from wallet.migrations import schema_version

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Made:
    """A new generation, and those that went for it."""

    generation: Generation
    gone: tuple[Path, ...]


def make(house: House, folder: Path) -> Made:
    """Raises SetupError (BackupFailed and others); then no backup came and none went."""
    shelf.ready(folder)
    try:
        with shelf.alone(folder, RUN_LOCK, waiting=False):
            shelf.remove_drafts(folder)
            with shelf.draft(folder) as place:
                generation = published(house, folder, place)
            gone = shelf.rotate(folder, house.secrets, keep=int(house.settings.backup_keep))
    except OSError as error:
        raise shelf.unwritable(folder, error) from error
    except DBAPIError as error:
        raise BackupFailed(f"The database failed ({reason(error)}); no backup was made.") from error
    return Made(generation, tuple(gone))


def published(house: House, folder: Path, place: Path) -> Generation:
    """The order matters: the keyring is read after the copy, so every row of the copy has its key in it."""
    kind = sqlite if house.database.is_sqlite else postgresql
    made_at = house.clock()
    counts = kind.copy(house, place)
    keyring.write(house, folder, since=made_at)
    checked = check(house, place / kind.FILE, folder / KEYRING, counts)
    schema, opened_by = house.database.read(about)
    size, sha256 = digest_of(place / kind.FILE)
    manifest = Manifest(
        made_at=made_at,
        engine=house.database.engine.dialect.name,
        schema=schema,
        issuer=house.settings.issuer,
        file=kind.FILE,
        size=size,
        sha256=sha256,
        counts=counts,
        master_keys=opened_by,
        checked=checked,
    )
    (place / MANIFEST).write_bytes(written(manifest, house.secrets.backups))
    (place / MANIFEST).chmod(0o600)
    return Generation(shelf.publish(place, folder, made_at), manifest)


def about(db: Connection) -> tuple[str, tuple[str, ...]]:
    """Schema revision, and the ids of the master keys that open this house."""
    return str(schema_version(db)), tuple(db.execute(select(host_roots.c.key_id).order_by("key_id")).scalars())


def warning(house: House, folder: Path) -> str | None:
    """Where one misfortune would take both, and what else an operator should think of."""
    home, place = house.settings.home.resolve(), folder.resolve()
    if house.settings.master_key_file.resolve().is_relative_to(place):
        return f"The master key is in {folder} too: whoever takes this folder opens everything; keep it elsewhere."
    if place.is_relative_to(home) or home.is_relative_to(place):
        return (
            f"{folder} and the wallet's home {home} are in the same place: what takes one takes the other; "
            "choose a folder on another disk or machine."
        )
    return None


def is_due(house: House) -> bool:
    """Whether the newest good backup is older than the operator wants it, or there is none."""
    every = int(house.settings.backup_every) * 3600
    if house.settings.backup_folder == NONE or every == 0:
        return False
    age = age_of_last(house)
    return age is None or age >= every


def age_of_last(house: House) -> int | None:
    """Seconds since the last good backup; None where there is none."""
    if house.settings.backup_folder == NONE:
        return None
    found = shelf.generations(Path(house.settings.backup_folder), house.secrets)
    return max(house.clock() - found[0].manifest.made_at, 0) if found else None
