"""What other pages say of deposits: how many wait, and how far a vendor may go."""

from dataclasses import dataclass

from sqlalchemy import Connection

from consent.model import DEPOSIT, Grant
from wallet.deposits import engine, trust
from wallet.house import House
from wallet.people.visitor import visitor


@dataclass(frozen=True, slots=True)
class HandsBack:
    """Whether a vendor may hand data back, and whether that is kept without asking."""

    allowed: bool
    trusted: bool


def how_many(house: House) -> int:
    """None where nobody is signed in."""
    found = visitor(house)
    if found is None:
        return 0
    return house.database.read(engine.how_many_wait, person_id=found.person_id, persona_id=found.persona_id)


def hands_back(db: Connection, grant: Grant) -> HandsBack:
    place = {"person_id": grant.person_id, "persona_id": grant.persona_id}
    allowed = DEPOSIT in grant.attributes
    return HandsBack(allowed, allowed and trust.is_trusted(db, **place, client_id=grant.party.client_id))
