"""Open a house: make what is missing on the first start, and refuse with one sentence what can not be opened."""

from collections.abc import Callable

from sqlalchemy import Connection

from keys.errors import CannotOpen, KeysError
from keys.master import create_master_key, load_master_key
from keys.roots import has_root, make_root, open_root
from keys.secrets import HostSecrets
from keys.signing import ensure_signing_keys, list_keys, load_signing_keys
from wallet.database import Database
from wallet.errors import SetupError
from wallet.house import House, clock
from wallet.migrations import migrate
from wallet.records.totals import called, totals
from wallet.settings import Settings, load_settings


def open_here() -> House:
    """The house that the environment and wallet.toml describe. Raises SetupError."""
    return open_house(load_settings())


def open_house(settings: Settings, *, clock: Callable[[], int] = clock) -> House:
    """The house in `settings.home`, with home, schema, master key and signing keys made where they are missing.

    Raises SetupError. A master key is only ever made for a database that holds no keys yet.
    """
    make_home(settings)
    database = Database(settings.database_url, synchronous=settings.synchronous)
    database.check()
    migrate(database)
    try:
        if database.read(is_unfurnished):
            create_master_key(settings.master_key_file)
        secrets = database.write(furnish, load_master_key(settings.master_key_file), now=clock())
        database.read(load_signing_keys, secrets, now=clock())
    except CannotOpen:
        raise SetupError(
            f"The master key in {settings.master_key_file} is not the one this database was sealed with; "
            "put the right one back."
        ) from None
    except KeysError as error:
        raise SetupError(str(error)) from error
    except OSError as error:
        raise SetupError(
            f"{settings.master_key_file} can not be written ({error.strerror}); choose another WALLET_MASTER_KEY_FILE."
        ) from error
    return House(settings, database, secrets, clock, totals, called)


def is_unfurnished(db: Connection) -> bool:
    return not has_root(db) and not list_keys(db)


def furnish(db: Connection, master: bytes, *, now: int) -> HostSecrets:
    """Root and signing keys, made where the house has none. Raises CannotOpen."""
    if is_unfurnished(db):
        make_root(db, master, now=now)
    secrets = HostSecrets.derive(open_root(db, master))
    ensure_signing_keys(db, secrets, now=now)
    return secrets


def make_home(settings: Settings) -> None:
    try:
        settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SetupError(
            f"The wallet's home {settings.home} can not be made ({error.strerror}); "
            "set WALLET_HOME to a folder you may write to."
        ) from error
