"""Dump and restore a PostgreSQL database by its own programs; passwords go through the environment alone."""

import hashlib
import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from shutil import which

from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from vendor_api.outbound.addresses import NONE
from wallet.backup import keyring
from wallet.backup.errors import BackupFailed, BackupRuns
from wallet.errors import SetupError
from wallet.house import House
from wallet.settings import Settings

FILE = "wallet.pgdump"
ONE_AT_A_TIME = 0x68617573  # an advisory lock: other hosts may share this database, and not the folder
QUIETLY = ("--no-owner", "--no-privileges")


def copy(house: House, place: Path) -> dict[str, int]:
    """A copy in this folder, as of one moment; returns how many rows it has, by table. Raises BackupFailed."""
    with house.database.engine.connect() as db:
        if not db.execute(text("select pg_try_advisory_xact_lock(:lock)"), {"lock": ONE_AT_A_TIME}).scalar():
            raise BackupRuns("Another host makes a backup of this database just now.")
        snapshot = str(db.execute(text("select pg_export_snapshot()")).scalar_one())
        left_out = {table.name for table in keyring.TABLES}
        counts = {
            name: 0 if name in left_out else int(db.execute(text(f'select count(*) from "{name}"')).scalar_one())  # noqa: S608 - PostgreSQL's own list
            for name in sorted(inspect(db).get_table_names())
        }
        run(
            house.settings,
            "pg_dump",
            *("--format=custom", f"--file={place / FILE}", f"--snapshot={snapshot}", *QUIETLY),
            *(f"--exclude-table-data={name}" for name in sorted(left_out)),
            url=house.database.url,
        )
    (place / FILE).chmod(0o600)
    return counts


def restore(settings: Settings, file: Path, url: URL) -> None:
    """All or nothing, into an empty database. Raises BackupFailed."""
    run(settings, "pg_restore", "--single-transaction", "--exit-on-error", *QUIETLY, str(file), url=url)


def listed(settings: Settings, file: Path) -> str:
    """The table of contents. Raises BackupFailed."""
    return run(settings, "pg_restore", "--list", str(file))


@contextmanager
def scratch(url: URL) -> Iterator[URL | None]:
    """A database to try a restore in, gone afterwards; None where this role may make none."""
    name = f"hausrecht_check_{hashlib.sha256(str(url.database).encode()).hexdigest()[:16]}"
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with admin.connect() as db:
            try:
                db.exec_driver_sql(f'drop database if exists "{name}" with (force)')  # of a run that was killed
                db.exec_driver_sql(f'create database "{name}" template template0')
            except DBAPIError:
                yield None
                return
            try:
                yield url.set(database=name)
            finally:
                db.exec_driver_sql(f'drop database if exists "{name}" with (force)')
    finally:
        admin.dispose()


def run(settings: Settings, program: str, *arguments: str, url: URL | None = None) -> str:
    """What the program printed. Raises BackupFailed, with its first complaint."""
    found = program_file(settings, program)
    connection, environment = connecting(url) if url else ((), {})
    done = subprocess.run(  # noqa: S603 - the operator's own program, with arguments we made
        [found, *connection, *arguments],
        env={**os.environ, **environment, "LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        raise BackupFailed(complaint(program, done.stderr.decode(errors="replace")))
    return done.stdout.decode(errors="replace")


def program_file(settings: Settings, program: str) -> str:
    folder = None if settings.postgresql_programs == NONE else settings.postgresql_programs
    found = which(program, path=folder)
    if found is None:
        raise SetupError(
            f"There is no {program} in {folder or 'the PATH'}; set WALLET_POSTGRESQL_PROGRAMS to its folder."
        )
    return found


def connecting(url: URL) -> tuple[Sequence[str], dict[str, str]]:
    """Arguments that everybody on this machine may read, and the environment, which they may not."""
    from psycopg.conninfo import make_conninfo  # only there where PostgreSQL is used

    _positional, wanted = url.get_dialect()().create_connect_args(url)
    password = wanted.pop("password", None)
    known = {name: value for name, value in wanted.items() if name != "sslpassword"}
    return (f"--dbname={make_conninfo(**known)}",), {"PGPASSWORD": str(password)} if password else {}


def complaint(program: str, said: str) -> str:
    if "version mismatch" in said or "unsupported version" in said:
        versions = ", ".join(re.findall(r"version:? ([0-9.()]+)", said))
        return (
            f"{program} is of another version than the server or the file ({versions}); "
            "set WALLET_POSTGRESQL_PROGRAMS to the folder with the server's own."
        )
    first = next((line for line in said.splitlines() if "error" in line.lower()), said.strip() or "no reason given")
    return f"{program} failed ({first.strip().rstrip('.')}); no backup was made or restored, and those before stay."
