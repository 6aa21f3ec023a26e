"""A house with an empty database, a clock that stands still until it is moved, and Ana, who lives there."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from werkzeug.test import TestResponse

from keys.secrets import HostSecrets
from keys.tables import metadata
from wallet.app import create_app
from wallet.database import Database
from wallet.house import House
from wallet.people import engine, passwords
from wallet.people.model import Person
from wallet.settings import Settings

PASSWORD = "correct horse battery"
QUICK = PasswordHasher(time_cost=1, memory_cost=32, parallelism=1)


@dataclass
class Clock:
    now: int = 1_800_000_000

    def __call__(self) -> int:
        return self.now


@cache
def hashed(password: str) -> str:
    return passwords.hash_password(password)


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "HASHER", QUICK)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def house(tmp_path: Path, clock: Clock) -> Iterator[House]:
    settings = Settings(home=tmp_path, database_url="", master_key_file=tmp_path / "master.key", sign_up="open")
    database = Database(f"sqlite:///{tmp_path / 'wallet.db'}")
    database.write(metadata.create_all)
    yield House(settings, database, HostSecrets.derive(b"m" * 32), clock)
    database.engine.dispose()


class Browser:
    """A browser that keeps cookies and sends the very forms it was shown."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()

    def get(self, path: str, **kwargs: Any) -> TestResponse:
        return self.client.get(path, **kwargs)

    def post(self, path: str, *, form_at: str | None = None, **fields: str) -> TestResponse:
        """Fill in the form of a page (the one at `path` unless told otherwise) and send it to `path`."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.get(form_at or path).text)
        assert token, "the page has no form"
        return self.client.post(path, data={"csrf_token": token[1], **fields})

    def signs_in(self, login: str = "ana", password: str = PASSWORD, **fields: str) -> TestResponse:
        return self.post("/sign-in", login=login, password=password, **fields)

    def is_signed_in(self) -> bool:
        return self.get("/data").status_code == 200


@pytest.fixture
def app(house: House) -> Flask:
    return create_app(house)


@pytest.fixture
def opens_browser(app: Flask) -> Callable[[], Browser]:
    return lambda: Browser(app)


@pytest.fixture
def browser(opens_browser: Callable[[], Browser]) -> Browser:
    return opens_browser()


@pytest.fixture
def moves_in(house: House) -> Callable[[str], Person]:
    """Signs somebody up."""

    def moves_in(login: str) -> Person:
        return house.database.write(
            engine.sign_up,
            house.secrets,
            login=login,
            password_hash=hashed(PASSWORD),
            language=None,
            now=house.clock(),
        )

    return moves_in


@pytest.fixture
def ana(moves_in: Callable[[str], Person]) -> Person:
    return moves_in("Ana")
