"""Run work in transactions on SQLite or PostgreSQL, so that nothing below needs to know which of them it is."""

import random
import sqlite3
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from threading import Lock
from typing import Any, Concatenate, ParamSpec, TypeVar

import orjson
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

from wallet.errors import SetupError

P = ParamSpec("P")
T = TypeVar("T")

ATTEMPTS = 60
LOST_RACES = {"40001", "40P01"}
BUSY_SECONDS = 15
KEPT_OPEN = 8  # of the pool's 16 and 10 more, which nested reads and many threads at once may need
ALWAYS: dict[str, Any] = {
    "pool_size": 16,
    "hide_parameters": True,
    "json_serializer": lambda content: orjson.dumps(content).decode(),
    "json_deserializer": orjson.loads,
}
DRIVERS = {"sqlite": "sqlite"} | dict.fromkeys(("postgres", "postgresql", "postgresql+psycopg"), "postgresql+psycopg")


class Database:
    """An SQLite file or a PostgreSQL database, by URL.

    `write` and `read` call `work(connection, ...)` inside one transaction and give back what it returns. If `work`
    raises, nothing is kept. On PostgreSQL a transaction that lost a race (40001, 40P01) is run again, so `work` may run
    more than once.
    """

    def __init__(self, url: str, *, synchronous: str = "normal") -> None:
        """Raises SetupError if the URL is not one of ours. `synchronous` is SQLite's setting: normal or full."""
        self.url = parse_url(url)
        self.engine = open_engine(self.url, synchronous)
        self._connections = Connections(self.engine)
        # SQLite lets one writer in and makes the others poll; among our own threads a queue is quicker and fairer.
        self._turn: AbstractContextManager[object] = Lock() if self.is_sqlite else nullcontext()

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    def write(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        for attempt in range(ATTEMPTS):
            try:
                with self._turn:
                    return self._connections.transact("BEGIN IMMEDIATE", lambda db: work(db, *args, **kwargs))
            except DBAPIError as error:
                if attempt == ATTEMPTS - 1 or not lost_a_race(error):
                    raise
                time.sleep(random.uniform(0, min(0.1, 0.002 * 2**attempt)))  # noqa: S311 - spreads retries, guards nothing
        raise AssertionError("the last attempt returns or raises")

    def read(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        return self._connections.transact("BEGIN", lambda db: work(db, *args, **kwargs))

    def leave_no_trace(self) -> None:
        """Empty SQLite's write-ahead log, so that it keeps no page as it was before; done in part while others read."""
        if self.is_sqlite:
            with self._turn, self.engine.connect() as db:
                driver: Any = db.connection.dbapi_connection
                driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close every connection that is idle; the next use opens new ones."""
        self._connections.close()
        self.engine.dispose()

    def check(self) -> None:
        """Raise SetupError with the reason if the database can not be reached."""
        try:
            with self.engine.connect() as db:
                db.exec_driver_sql("select 1")
        except DBAPIError as error:
            raise SetupError(unreachable(self.url, error)) from error


class Connections:
    """Connections that stay open, each taken for one transaction: borrowing from the pool takes as long as a read."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._idle: list[Connection] = []

    def transact(self, begin: str, work: Callable[[Connection], T]) -> T:
        """Run `work` in a transaction begun by `begin`; on another connection if one broke while it was idle."""
        while True:
            was_idle, db = self._take()
            try:
                db.info["begin"] = begin
                db.begin()
                done = work(db)
            except DBAPIError as error:
                db.close()
                if not (was_idle and error.connection_invalidated):
                    raise
            except BaseException:
                db.rollback()
                self._keep(db)
                raise
            else:
                self._commit(db)
                return done

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()

    def _take(self) -> tuple[bool, Connection]:
        try:
            return True, self._idle.pop()
        except IndexError:
            return False, self._engine.connect()

    def _commit(self, db: Connection) -> None:
        try:
            db.commit()
        except BaseException:
            db.close()
            raise
        self._keep(db)

    def _keep(self, db: Connection) -> None:
        if len(self._idle) < KEPT_OPEN:
            self._idle.append(db)
        else:
            db.close()


def lost_a_race(error: DBAPIError) -> bool:
    return getattr(error.orig, "sqlstate", None) in LOST_RACES


def parse_url(url: str) -> URL:
    """The SQLAlchemy URL; plain `postgresql://` is driven by psycopg 3. Raises SetupError."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # ValueError: the port is no number
        raise SetupError(
            "WALLET_DATABASE_URL is not a database URL; write postgresql://user:password@host/name."
        ) from None
    if parsed.drivername not in DRIVERS or (parsed.get_backend_name() == "sqlite" and parsed.host):
        raise SetupError("WALLET_DATABASE_URL must begin with sqlite:/// or postgresql://.")
    return parsed.set(drivername=DRIVERS[parsed.drivername])


def open_engine(url: URL, synchronous: str) -> Engine:
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url, pool_reset_on_return=None, connect_args={"timeout": BUSY_SECONDS}, **ALWAYS)
        event.listen(engine, "connect", lambda connection, _record: prepare_sqlite(connection, synchronous))
        event.listen(engine, "begin", begin_sqlite)
        return engine
    try:
        return create_engine(url, isolation_level="REPEATABLE READ", **ALWAYS)
    except ImportError:
        raise SetupError("PostgreSQL needs the psycopg driver: pip install 'hausrecht[postgresql]'.") from None


def begin_sqlite(db: Connection) -> None:
    driver: Any = db.connection.dbapi_connection
    try:
        driver.execute(db.info.get("begin", "BEGIN"))
    except sqlite3.OperationalError as error:
        raise OperationalError("BEGIN", None, error) from error


def prepare_sqlite(connection: Any, synchronous: str) -> None:
    """WAL lets readers work beside one writer; transactions are begun by us, so that writers take the lock first.

    A WAL of 16 MiB moves into the database a quarter as often as the usual one; each time, somebody waits for a disk.
    """
    connection.isolation_level = None
    for pragma in (
        "journal_mode = WAL",
        "wal_autocheckpoint = 4000",
        "secure_delete = ON",
        f"synchronous = {synchronous}",
        "foreign_keys = ON",
        f"busy_timeout = {BUSY_SECONDS * 1000}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def unreachable(url: URL, error: DBAPIError) -> str:
    """One sentence for the operator; never the password, never a driver's trace."""
    if url.get_backend_name() == "sqlite":
        folder = Path(url.database or "").parent
        return (
            f"The database {url.database} can not be opened ({reason(error)}); "
            f"check that {folder} exists and that you may write to it."
        )
    return (
        f"The database at {url.host}:{url.port or 5432} can not be reached ({reason(error)}); "
        "check WALLET_DATABASE_URL."
    )


def reason(error: DBAPIError) -> str:
    """What the driver says, without the indented hints and details it adds, which may repeat what was to be stored."""
    said = [line for line in str(error.orig).splitlines() if line.strip() and not line[0].isspace()]
    return said[0].strip().rstrip(".:") if said else "no answer"
