"""Copy an SQLite file while it is written to, and leave the keyring out of the copy."""

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from wallet.backup import keyring
from wallet.backup.errors import BackupFailed
from wallet.house import House

FILE = "wallet.db"
PAGES = 2000  # at a time: 8 MiB


def copy(house: House, place: Path) -> dict[str, int]:
    """A copy in this folder, as of one moment; returns how many rows it has, by table. Raises BackupFailed."""
    whole = place / "whole.db"
    try:
        with closing(sqlite3.connect(str(house.database.url.database), isolation_level=None)) as source:
            # In a transaction of its own the copy sees one moment, and need not begin again with each write.
            source.execute("begin")
            source.execute("select count(*) from sqlite_schema").fetchone()
            with closing(sqlite3.connect(whole, isolation_level=None)) as target:
                source.backup(target, pages=PAGES)
        with closing(sqlite3.connect(whole, isolation_level=None)) as target:
            counts = leave_out_keyring(target, place / FILE)
        for left in place.glob("whole.db*"):
            left.unlink()
    except (sqlite3.Error, OSError) as error:
        raise BackupFailed(
            f"The copy could not be written ({error}); no backup was made, and those before stay."
        ) from error
    (place / FILE).chmod(0o600)
    return counts


def leave_out_keyring(db: sqlite3.Connection, into: Path) -> dict[str, int]:
    """What was deleted is overwritten, and then not even the free pages are taken along."""
    db.execute("pragma journal_mode = off")
    db.execute("pragma secure_delete = on")
    for table in keyring.TABLES:
        db.execute(f"delete from {table.name}")  # noqa: S608 - our own names
    names = [
        name
        for (name,) in db.execute("select name from sqlite_schema where type = 'table' and name not like 'sqlite%'")
    ]
    counts = {name: db.execute(f'select count(*) from "{name}"').fetchone()[0] for name in sorted(names)}  # noqa: S608 - SQLite's own list
    db.execute("vacuum into ?", (str(into),))
    return counts


def opened(path: Path) -> sqlite3.Connection:
    """To read alone, without a file beside it."""
    return sqlite3.connect(f"file:{quote(str(path))}?mode=ro&immutable=1", uri=True, isolation_level=None)
