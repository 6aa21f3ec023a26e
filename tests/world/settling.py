"""A second house, with secrets of its own, in which nobody lives yet; and people who come to it with a vault."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from actors import PersonActor, VendorActor
from flask import Flask
from sqlalchemy import delete

from keys.secrets import HostSecrets
from keys.signing import ensure_signing_keys
from keys.tables import host_keys
from wallet.database import Database
from wallet.house import House
from wallet.people.model import Person
from wallet.vault import reading
from wallet.vault.reading import Vault
from wallet.vault.restore import Restored, restore

NEW_MASTER = b"n" * 32
NEW_ADDRESS = "https://new.example"


@contextmanager
def furnished(house: House, url: str, *, issuer: str) -> Iterator[House]:
    """A house on a database that has the schema, and nothing else yet."""
    secrets, database = HostSecrets.derive(NEW_MASTER), Database(url)
    database.write(lambda db: db.execute(delete(host_keys)))
    database.write(ensure_signing_keys, secrets, now=house.clock())
    yield House(replace(house.settings, database_url=url, issuer=issuer), database, secrets, house.clock)
    database.close()


def copy_of(sqlite: Path, folder: Path) -> str:
    """The URL of an empty SQLite database with the schema."""
    path = folder / "new.db"
    shutil.copyfile(sqlite, path)
    return f"sqlite:///{path}"


def vault_of(db: sqlite3.Connection, spoil: Callable[[sqlite3.Connection], Any] | None = None) -> Vault:
    """What a host makes of such a file."""
    if spoil is not None:
        spoil(db)
        db.commit()
    return reading.vault_in(reading.deserialized(db.serialize()))


def settles(house: House, db: sqlite3.Connection, **more: Any) -> Restored:
    return restore(house, vault_of(db), **more)


def lives_on(app: Flask, house: House, before: PersonActor) -> PersonActor:
    """The same person, at the door of another house."""
    old = before.person
    person = Person(old.person_id, old.persona_id, old.login, old.language, old.created_at)
    return PersonActor(app, house, person, password=before.password)


def goes_on(app: Flask, house: House, vendor: VendorActor) -> None:
    """The vendor calls the new house from now on, with what it has."""
    vendor.client, vendor.house = app.test_client(), house


def recounted(db: sqlite3.Connection) -> None:
    """As somebody would who changes a vault and its hash with it."""
    db.commit()
    counted = reading.vault_in(reading.deserialized(db.serialize())).counted()
    db.execute("update vault set content_hash = ?", [counted])
    db.commit()


def copied(vault: sqlite3.Connection) -> sqlite3.Connection:
    copy = sqlite3.connect(":memory:")
    copy.deserialize(vault.serialize())
    return copy
