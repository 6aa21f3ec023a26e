"""Browsers at the wallet's door, and a look into everything it has stored."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import actors
import pytest
from actors import PersonActor
from flask import Flask
from mailing import Mailbox, mail_server
from packing import exported, has_lived
from settling import copy_of, furnished
from sqlalchemy import event, select
from werkzeug.test import TestResponse

from keys.tables import metadata
from wallet.house import House
from wallet.people.model import Person


class Browser(actors.Browser):
    def signs_in(self, login: str = "ana", password: str = "correct horse battery", **fields: str) -> TestResponse:
        return self.post("/sign-in", login=login, password=password, **fields)

    def is_signed_in(self) -> bool:
        return self.get("/data").status_code == 200


@pytest.fixture
def ids(ana: Person) -> dict[str, str]:
    """Ana and the persona she began with."""
    return {"person_id": ana.person_id, "persona_id": ana.persona_id}


@pytest.fixture
def mails() -> Iterator[tuple[str, Mailbox]]:
    """The address of a mail server, and what came in there."""
    with mail_server() as found:
        yield found


@pytest.fixture
def opens_browser(app: Flask) -> Callable[[], Browser]:
    return lambda: Browser(app)


@pytest.fixture
def browser(opens_browser: Callable[[], Browser]) -> Browser:
    return opens_browser()


@pytest.fixture
def statements(house: House) -> list[str]:
    """What SQLite has run since this list was last cleared, but for BEGIN and COMMIT."""
    ran: list[str] = []

    def note(statement: str) -> None:
        if not statement.startswith(("BEGIN", "COMMIT", "ROLLBACK")):
            ran.append(statement)

    house.database.close()  # what is open already was checked out before
    event.listen(house.database.engine.pool, "checkout", lambda driver, *_: driver.set_trace_callback(note))
    return ran


@pytest.fixture
def stored(house: House) -> Callable[[], str]:
    """All that a thief of the database finds, sealed bytes with what can be read in them."""

    def stored() -> str:
        cells = []
        for table in metadata.sorted_tables:
            for row in house.database.read(lambda db, table=table: db.execute(select(table)).all()):
                cells += [cell.decode(errors="replace") if isinstance(cell, bytes) else str(cell) for cell in row]
        return "\n".join(cells)

    return stored


@pytest.fixture
def full(app: Flask, house: House, person: PersonActor, clock: Callable[[], int]) -> PersonActor:
    """Somebody of whom there is something in every table."""
    has_lived(app, house, person, clock)
    return person


@pytest.fixture
def vault(house: House, full: PersonActor) -> sqlite3.Connection:
    return exported(house, full)


@pytest.fixture
def new(house: House, sqlite: Path, tmp_path: Path) -> Iterator[House]:
    """Another host, with nobody on it, at the same address."""
    with furnished(house, copy_of(sqlite, tmp_path), issuer=house.settings.issuer) as new:
        yield new
