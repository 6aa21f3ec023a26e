"""The keyring: all that can be destroyed alone, in one file that is replaced and never kept (decision 0031).

One line of JSON for the head, one for each row, one that vouches for those before it. It is always read after the
database was copied, so a copy finds every key it needs in it, but for those that were destroyed since.
"""

import base64
import hashlib
import hmac
import logging
import os
import time
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from secrets import token_hex
from typing import IO, Any

import orjson
from sqlalchemy import Connection, Table, insert, select
from sqlalchemy.exc import SQLAlchemyError

from keys.errors import CannotOpen
from keys.roots import key_id, unseal_root
from keys.secrets import HostSecrets
from keys.tables import data_keys, host_roots, person_keys
from vendor_api.outbound.addresses import NONE
from wallet.backup.errors import BackupDamaged, BackupFailed
from wallet.backup.folder import DRAFT, KEYRING, KEYRING_LOCK, alone, generations, sync, unwritable
from wallet.house import House

TABLES: tuple[Table, ...] = (host_roots, person_keys, data_keys)
BY_NAME = {table.name: table for table in TABLES}
FORMAT = "hausrecht-keyring/1"
LONGEST_LINE = 10_000
FRESH = 3600
AT_ONCE = 1000

log = logging.getLogger(__name__)


def rewrite(house: House) -> bool:
    """To be called after the commit of whatever destroyed keys, so that backups have them no longer.

    Nothing happens where no backup folder is set or nothing is in it. What fails now is done within the hour.
    """
    folder = Path(house.settings.backup_folder)
    if house.settings.backup_folder == NONE or not (folder / KEYRING).exists():
        return False
    try:
        write(house, folder)
    except (BackupFailed, SQLAlchemyError):
        log.exception(
            "the keyring in %s still has keys that were destroyed; this is tried again within the hour", folder
        )
        return False
    return True


def refresh(house: House) -> bool:
    """Rewrite a keyring that is an hour old: keys may have been destroyed by a host that does not see this folder."""
    try:
        written_at = (Path(house.settings.backup_folder) / KEYRING).stat().st_mtime
    except OSError:
        return False
    return abs(time.time() - written_at) >= FRESH and rewrite(house)


def write(house: House, folder: Path, *, since: int = 0) -> None:
    """Replace the keyring in this folder. `since`: when the copy was made that it must open. Raises BackupFailed."""
    draft = folder / f"{DRAFT}{KEYRING}-{token_hex(8)}"
    try:
        # Whoever reads the rows first writes them first, or a destroyed key could come back.
        with alone(folder, KEYRING_LOCK, waiting=True):
            refuse_anothers(folder, house.secrets)
            for left in folder.glob(f"{DRAFT}{KEYRING}-*"):
                left.unlink()
            for newest in generations(folder, house.secrets)[:1]:  # also where the clock was set back
                since = max(since, newest.manifest.made_at)
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                house.database.read(write_rows, file, house.secrets, made_at=max(house.clock(), since))
                file.flush()
                os.fsync(descriptor)
            draft.replace(folder / KEYRING)
            sync(folder)
    except OSError as error:
        raise unwritable(folder, error) from error
    finally:
        remove(draft)


def refuse_anothers(folder: Path, secrets: HostSecrets) -> None:
    """Two wallets with one folder would destroy each other's keyring. Raises BackupFailed."""
    try:
        _line, head = next(lines(folder / KEYRING))
    except (BackupDamaged, StopIteration):  # none, or one that is of no use to anybody
        return
    if head.get("house") not in {None, house_id(secrets)}:
        raise BackupFailed(f"{folder} has the backups of another wallet; choose a folder of its own for this one.")


def house_id(secrets: HostSecrets) -> str:
    return hmac.digest(secrets.backups, b"house\n", "sha256").hex()[:16]


def remove(draft: Path) -> None:
    try:
        draft.unlink(missing_ok=True)
    except OSError:  # the folder went away; the next run removes what is left in it
        log.warning("%s could not be removed", draft)


def write_rows(db: Connection, file: IO[bytes], secrets: HostSecrets, *, made_at: int) -> None:
    vouching = hmac.new(secrets.backups, b"keyring\n", hashlib.sha256)
    head = {"format": FORMAT, "made_at": made_at, "house": house_id(secrets)}
    for line in chain((head,), rows(db)):
        written = orjson.dumps(line) + b"\n"
        vouching.update(written)
        file.write(written)
    file.write(orjson.dumps({"mac": vouching.hexdigest()}) + b"\n")


def rows(db: Connection) -> Iterator[dict[str, Any]]:
    for table in TABLES:
        for row in db.execute(select(table).execution_options(yield_per=AT_ONCE)):
            cells = (base64.b64encode(cell).decode() if isinstance(cell, bytes) else cell for cell in row)
            yield {"table": table.name, "row": list(cells)}


def lines(path: Path) -> Iterator[tuple[bytes, dict[str, Any]]]:
    """Each line as it was written, and what it says. Raises BackupDamaged."""
    try:
        with path.open("rb") as file:
            while line := file.readline(LONGEST_LINE):
                said = orjson.loads(line)
                if not isinstance(said, dict):
                    raise BackupDamaged(f"The keyring {path} is damaged.")
                yield line, said
    except OSError as error:
        raise BackupDamaged(
            f"There is no readable keyring at {path} ({error.strerror}); without it no backup opens."
        ) from error
    except ValueError:
        raise BackupDamaged(f"The keyring {path} is damaged, or cut off.") from None


def check(path: Path, secrets: HostSecrets) -> int:
    """When it was made, once it is found whole. Raises BackupDamaged."""
    vouching = hmac.new(secrets.backups, b"keyring\n", hashlib.sha256)
    made_at, vouched = None, ""
    for line, said in lines(path):
        if made_at is None:
            made_at = said.get("made_at")
        vouched = str(said.get("mac", ""))
        if not vouched:
            vouching.update(line)
    if not isinstance(made_at, int) or not hmac.compare_digest(vouched.encode(), vouching.hexdigest().encode()):
        raise BackupDamaged(f"The keyring {path} was changed, or is cut off.")
    return made_at


def secrets_in(path: Path, master: bytes) -> HostSecrets:
    """Those of the house this keyring belongs to. Raises BackupDamaged, and CannotOpen for another master key."""
    wanted = key_id(master)
    try:
        for _line, said in lines(path):
            if said.get("table") == host_roots.name and said["row"][0] == wanted:
                return HostSecrets.derive(unseal_root(master, base64.b64decode(said["row"][1])))
            if said.get("table") not in {None, host_roots.name}:
                break
    except (LookupError, TypeError, ValueError):  # nobody has vouched for these bytes yet
        raise BackupDamaged(f"The keyring {path} is damaged.") from None
    raise CannotOpen(f"The master key {wanted} does not open the keyring {path}.")


def put_into(db: Connection, path: Path) -> int:
    """Fill the three tables from a keyring that was checked; returns how many rows they got."""
    waiting: dict[str, list[dict[str, Any]]] = {name: [] for name in BY_NAME}
    count = 0
    for _line, said in lines(path):
        if "table" not in said:
            continue
        table = BY_NAME[said["table"]]
        waiting[table.name].append(row_of(table, said["row"]))
        count += 1
        if len(waiting[table.name]) == AT_ONCE:
            db.execute(insert(table), waiting[table.name])
            waiting[table.name] = []
    for name, left in waiting.items():
        if left:
            db.execute(insert(BY_NAME[name]), left)
    return count


def row_of(table: Table, cells: list[Any]) -> dict[str, Any]:
    return {
        column.name: base64.b64decode(cell) if column.name.endswith("_sealed") else cell
        for column, cell in zip(table.columns, cells, strict=True)
    }
