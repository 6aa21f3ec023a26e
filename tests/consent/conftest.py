"""A vendor's asks and a person's answers, put straight to the engine."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection, select

from consent import asks, changes, engine, grants, ledger, using
from consent.changes import Signs
from consent.engine import Answer
from consent.errors import LedgerBroken
from consent.model import Ask, Grant, Item, Line, NewAsk, Party
from keys.tables import metadata
from wallet.house import House
from wallet.people.model import Person
from wallet.people.personas import face

ISSUER = "https://wallet.example"
BROWSER = "the asking browser's secret"
DAY = 24 * 3600
PURPOSES = {"email": "To send your bill", "birthdate": "To greet you", "phone_number": "To send your bill"}
STADTWERKE = Party(
    client_id="stadtwerke",
    name="Stadtwerke",
    host="stadtwerke.example",
    verified=True,
    sector="stadtwerke.example",
    policy_uri="https://stadtwerke.example/privacy",
    contact="privacy@stadtwerke.example",
    address="Am Markt 1, Berlin",
    jurisdiction="DE",
    storage_location="Germany",
    retention="P30D",
    recipients=("Druckerei",),
    language="en",
    notice="0" * 64,
)
BOOKSHOP = replace(STADTWERKE, client_id="bookshop", name="Bookshop", host="books.example", sector="books.example")


class Resident:
    """A person whose answers go straight to the engine."""

    def __init__(self, house: House, person: Person) -> None:
        self.house, self.person_id, self.persona_id = house, person.person_id, person.persona_id
        ids = {"person_id": person.person_id, "persona_id": person.persona_id}
        self.face = house.database.read(face, house.secrets, **ids)
        self.signs = Signs(self.face, ISSUER)

    @property
    def now(self) -> int:
        return self.house.clock()

    def is_asked(
        self, *optional: str, needing: Collection[str] = (), party: Party = STADTWERKE, to: str | None = None
    ) -> Ask:
        """A vendor's ask for these attributes, as it was shown to this person."""
        ask = self.house.database.write(asks.keep, wants(*optional, needing=needing, party=party, to=to), **self._at)
        self.house.database.write(engine.present, self.house.secrets, ask, person_id=self.person_id, now=self.now)
        return ask

    def grants(self, ask: Ask, chosen: Collection[str], *, until: int | None = None) -> Grant:
        answer = Answer(frozenset(chosen), self.now + 30 * DAY if until is None else until)
        ids = {"face": self.face, "issuer": ISSUER, "now": self.now}
        return self.house.database.write(engine.grant, self.house.secrets, ask, answer, **ids)

    def refuses(self, ask: Ask) -> None:
        self.house.database.write(engine.refuse, self.house.secrets, ask, person_id=self.person_id, now=self.now)

    def revokes(self, grant_id: str) -> None:
        ids = {"person_id": self.person_id, "signs": self.signs, "now": self.now}
        self.house.database.write(changes.revoke, self.house.secrets, grant_id, **ids)

    def wants_to_be_asked(self, grant_id: str) -> None:
        ids = {"person_id": self.person_id, "each_time": True, "now": self.now}
        self.house.database.write(changes.ask_each_time, self.house.secrets, grant_id, **ids)

    def is_read(self, grant_id: str, attributes: Sequence[str]) -> None:
        self.house.database.write(
            using.read, self.house.secrets, self.grant(grant_id), attributes=attributes, now=self.now
        )

    def grant(self, grant_id: str) -> Grant:
        """The grant as it is stored."""
        return self.house.database.read(grants.find, grant_id, person_id=self.person_id)

    def current(self, party: Party = STADTWERKE) -> Grant | None:
        """What stands between this person and a vendor, unless it was ended."""
        ids = {"person_id": self.person_id, "persona_id": self.persona_id, "client_id": party.client_id}
        found = self.house.database.read(grants.find_current, **ids)
        return found[0] if found else None

    def ledger(self) -> list[Line]:
        """Oldest first."""
        return list(reversed(self.house.database.read(ledger.lines, person_id=self.person_id)))

    def log(self) -> list[str]:
        return [line.action for line in self.ledger()]

    def verifies(self) -> int:
        return self.house.database.read(ledger.verify, self.house.secrets.ledger, person_id=self.person_id)

    @property
    def _at(self) -> dict[str, Any]:
        return {"browser": BROWSER, "now": self.now}


def wants(*optional: str, needing: Collection[str] = (), party: Party = STADTWERKE, to: str | None = None) -> NewAsk:
    items = [Item(name, PURPOSES.get(name), required=True) for name in needing]
    items += [Item(name, PURPOSES.get(name), required=False) for name in optional]
    return NewAsk(party, tuple(items), to or f"https://{party.host}/back", {"scope": "openid"})


@pytest.fixture
def ana_answers(house: House, ana: Person) -> Resident:
    return Resident(house, ana)


@pytest.fixture
def resident(house: House, moves_in: Callable[[str], Person]) -> Callable[[str], Resident]:
    """Somebody else who moves in."""
    return lambda login: Resident(house, moves_in(login))


@pytest.fixture
def contents(house: House) -> Callable[[], dict[str, list[Any]]]:
    """All that is stored, to see that nothing changed."""

    def everything(db: Connection) -> dict[str, list[Any]]:
        return {name: sorted(map(repr, db.execute(select(table)))) for name, table in metadata.tables.items()}

    return lambda: house.database.read(everything)


@pytest.fixture
def broken_at(house: House) -> Callable[..., int | None]:
    """Does `harm`, says where the person's ledger breaks (None: it holds) and undoes the harm."""

    def broken_at(person_id: str, harm: Callable[[Connection], object]) -> int | None:
        with house.database.engine.connect() as db:
            harm(db)
            try:
                ledger.verify(db, house.secrets.ledger, person_id=person_id)
            except LedgerBroken as broken:
                return broken.seq
            finally:
                db.rollback()
        return None

    return broken_at
