"""Run work in transactions on SQLite or PostgreSQL, so that nothing below needs to know which of them it is."""

import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError

from wallet.errors import SetupError

P = ParamSpec("P")
T = TypeVar("T")

ATTEMPTS = 60
LOST_RACES = {"40001", "40P01"}
BUSY_SECONDS = 15


class Database:
    """An SQLite file or a PostgreSQL database, by URL.

    `write` and `read` call `work(connection, ...)` inside one transaction and give back what it returns. If `work` raises, nothing
    is kept. On PostgreSQL a transaction that lost a race (40001, 40P01) is run again, so `work` may run more than once.
    """

    def __init__(self, url: str, *, synchronous: str = "normal") -> None:
        """Raises SetupError if the URL is not one of ours. `synchronous` is SQLite's setting: normal or full."""
        self.url = parse_url(url)
        self.engine = open_engine(self.url, synchronous)
        self._writer = self.engine.execution_options(begin="BEGIN IMMEDIATE")

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    def write(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        for attempt in range(ATTEMPTS):
            try:
                with self._writer.begin() as db:
                    return work(db, *args, **kwargs)
            except DBAPIError as error:
                if attempt == ATTEMPTS - 1 or not lost_a_race(error):
                    raise
                time.sleep(random.uniform(0, min(0.1, 0.002 * 2**attempt)))  # noqa: S311 - spreads retries, guards nothing
        raise AssertionError("the last attempt returns or raises")

    def read(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        with self.engine.begin() as db:
            return work(db, *args, **kwargs)

    def check(self) -> None:
        """Raise SetupError with the reason if the database can not be reached."""
        try:
            with self.engine.connect() as db:
                db.exec_driver_sql("select 1")
        except OperationalError as error:
            raise SetupError(unreachable(self.url, error)) from error


def lost_a_race(error: DBAPIError) -> bool:
    return getattr(error.orig, "sqlstate", None) in LOST_RACES


def parse_url(url: str) -> URL:
    """The SQLAlchemy URL; plain `postgresql://` is driven by psycopg 3. Raises SetupError."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise SetupError("WALLET_DATABASE_URL is not a database URL; write postgresql://user:password@host/name.") from None
    if parsed.drivername in {"postgres", "postgresql"}:
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() not in {"sqlite", "postgresql"}:
        raise SetupError("WALLET_DATABASE_URL must begin with sqlite:// or postgresql://.")
    return parsed


def open_engine(url: URL, synchronous: str) -> Engine:
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url, pool_size=16, connect_args={"timeout": BUSY_SECONDS})
        event.listen(engine, "connect", lambda connection, _record: prepare_sqlite(connection, synchronous))
        event.listen(engine, "begin", lambda db: db.exec_driver_sql(db.get_execution_options().get("begin", "BEGIN")))
        return engine
    try:
        return create_engine(url, isolation_level="REPEATABLE READ", pool_size=16, pool_pre_ping=True)
    except (ImportError, NoSuchModuleError):
        raise SetupError("PostgreSQL needs the psycopg driver: pip install 'hausrecht[postgresql]'.") from None


def prepare_sqlite(connection: Any, synchronous: str) -> None:
    """WAL lets readers and one writer work side by side; transactions are begun by us, so that writers can take the lock first."""
    connection.isolation_level = None
    for pragma in ("journal_mode = WAL", "secure_delete = ON", f"synchronous = {synchronous}", "foreign_keys = ON", f"busy_timeout = {BUSY_SECONDS * 1000}"):
        connection.execute(f"PRAGMA {pragma}")


def unreachable(url: URL, error: OperationalError) -> str:
    """One sentence for the operator; never the password, never a driver's trace."""
    if url.get_backend_name() == "sqlite":
        folder = Path(url.database or "").parent
        return f"The database {url.database} can not be opened; check that {folder} exists and that you may write to it."
    reason = str(error.orig).strip().splitlines()[-1] if error.orig else "no answer"
    return f"The database at {url.host}:{url.port or 5432} can not be reached ({reason}); check WALLET_DATABASE_URL."
