"""Make a house of a backup, its keyring and the master key: all of it, or nothing."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from sqlalchemy import Connection, MetaData, inspect
from sqlalchemy.exc import DBAPIError

from keys.errors import CannotOpen
from keys.master import load_master_key
from keys.roots import key_id
from keys.secrets import HostSecrets
from keys.signing import load_signing_keys
from wallet.backup import keyring, postgresql
from wallet.backup.checking import compare
from wallet.backup.errors import BackupDamaged, RestoreRefused
from wallet.backup.folder import KEYRING, MANIFEST, sync
from wallet.backup.manifest import Manifest, digest_of, parsed, read
from wallet.backup.settling import Settled, settle
from wallet.database import Database, reason
from wallet.house import clock
from wallet.migrations import KNOWN, migrate
from wallet.opening import make_home
from wallet.settings import Settings


@dataclass(frozen=True, slots=True)
class Source:
    """A backup that was found whole, and what opens it."""

    file: Path
    keys: Path
    manifest: Manifest
    master_file: Path
    secrets: HostSecrets


@dataclass(frozen=True, slots=True)
class Restored:
    manifest: Manifest
    settled: Settled


def restore(
    settings: Settings,
    backup: Path,
    *,
    master_file: Path | None = None,
    keys: Path | None = None,
    clock: Callable[[], int] = clock,
) -> Restored:
    """Raises SetupError (RestoreRefused and others) and keys.errors.KeysError; then nothing was changed.

    `backup` is a generation's folder; `keys` the keyring, by itself the one beside it.
    """
    source = opened(settings, backup, master_file=master_file, keys=keys or backup.absolute().parent / KEYRING)
    house = Database(settings.database_url)
    check_engine(source.manifest, house)
    bring = into_sqlite if house.is_sqlite else into_postgresql
    try:
        settled = bring(settings, house, source, clock())
    except OSError as error:
        raise RestoreRefused(f"The backup could not be restored ({error.strerror}); nothing was changed.") from error
    except DBAPIError as error:
        raise RestoreRefused(f"The backup could not be restored ({reason(error)}); nothing was changed.") from error
    finally:
        house.close()
    return Restored(source.manifest, settled)


def opened(settings: Settings, backup: Path, *, master_file: Path | None, keys: Path) -> Source:
    """Everything that can be checked before anything is written."""
    found = chosen_master(settings, master_file)
    master = load_master_key(found)
    try:
        secrets = keyring.secrets_in(keys, master)
    except CannotOpen:
        wanted = ", ".join(map(str, parsed(backup / MANIFEST).get("master_keys", ())))
        raise RestoreRefused(
            f"The master key in {found} is {key_id(master)}, which does not open this keyring; "
            f"when the backup was made it was {wanted}. Nothing was changed."
        ) from None
    kept_at = keyring.check(keys, secrets)
    manifest = read(backup / MANIFEST, secrets.backups)
    if kept_at < manifest.made_at:
        raise RestoreRefused(f"The keyring {keys} is older than the backup and lacks keys of it; nothing was changed.")
    if manifest.schema not in KNOWN:
        raise RestoreRefused(
            f"This backup has schema {manifest.schema}; install the newer version. Nothing was changed."
        )
    return Source(backup / manifest.file, keys, manifest, found, secrets)


def chosen_master(settings: Settings, given: Path | None) -> Path:
    """Raises RestoreRefused where another key stands already in the place of the given one."""
    there = settings.master_key_file
    if given is None:
        return there
    if os.path.lexists(there) and load_master_key(there) != load_master_key(given):
        raise RestoreRefused(f"Another master key is in {there} already; nothing was changed.")
    return given


def check_engine(manifest: Manifest, house: Database) -> None:
    if manifest.engine != house.engine.dialect.name:
        raise RestoreRefused(
            f"This is a backup of {manifest.engine}, and WALLET_DATABASE_URL names another kind of database; "
            "a backup goes back to where it came from, and a person moves between them with an exported vault."
        )


def into_sqlite(settings: Settings, house: Database, source: Source, now: int) -> Settled:
    """In a draft beside the place, which is given the name at the end."""
    target = Path(str(house.url.database)).absolute()
    refuse_if_there(target)
    make_home(settings)
    for left in target.parent.glob(".restore-*.db*"):  # of one that was killed
        left.unlink()
    draft = target.with_name(f".restore-{token_hex(8)}.db")
    try:
        shutil.copyfile(source.file, draft)
        draft.chmod(0o600)
        compare_bytes(draft, source)
        settled = brought_in(
            Database(house.url.set(database=str(draft)).render_as_string(), synchronous="full"), source, now
        )
        sync(draft)
        with master_in_place(settings, source):
            os.link(draft, target)  # and not renamed: whoever put a database there meanwhile keeps it
            sync(target.parent)
    except FileExistsError:
        refuse_if_there(target)
        raise
    finally:
        for left in target.parent.glob(f"{draft.name}*"):
            left.unlink()
    return settled


def refuse_if_there(target: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        path = Path(f"{target}{suffix}")
        if os.path.lexists(path):
            raise RestoreRefused(f"There is a database already: {path}. A backup is restored into an empty home only.")


def into_postgresql(settings: Settings, house: Database, source: Source, now: int) -> Settled:
    house.check()
    if house.read(lambda db: inspect(db).get_table_names()):
        raise RestoreRefused("This database has tables already. A backup is restored into an empty database only.")
    compare_bytes(source.file, source)
    make_home(settings)
    postgresql.restore(settings, source.file, house.url)
    try:
        settled = brought_in(house, source, now)
        with master_in_place(settings, source):
            return settled
    except BaseException:
        house.write(empty)
        raise


def empty(db: Connection) -> None:
    found = MetaData()
    found.reflect(db)
    found.drop_all(db)


def compare_bytes(file: Path, source: Source) -> None:
    if digest_of(file) != (source.manifest.size, source.manifest.sha256):
        raise BackupDamaged(f"{source.file} is not the file that was backed up, or only a part; nothing was changed.")


def brought_in(database: Database, source: Source, now: int) -> Settled:
    def work(db: Connection) -> Settled:
        compare(db, source.manifest.counts)
        keyring.put_into(db, source.keys)
        load_signing_keys(db, source.secrets, now=now)
        return settle(db, source.secrets, made_at=source.manifest.made_at, now=now)

    try:
        migrate(database)
        return database.write(work)
    finally:
        database.close()


@contextmanager
def master_in_place(settings: Settings, source: Source) -> Iterator[None]:
    """A copy of the given master key where the wallet looks for it; gone again where the last step fails."""
    there = settings.master_key_file
    if source.master_file.absolute() == there.absolute() or os.path.lexists(there):
        yield
        return
    descriptor = os.open(there, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(source.master_file.read_bytes())
            file.flush()
            os.fsync(descriptor)
        sync(there.parent)
        yield
    except BaseException:
        there.unlink(missing_ok=True)
        raise
