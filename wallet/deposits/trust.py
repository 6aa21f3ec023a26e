"""The vendors whose deposits a persona keeps without looking."""

from typing import Final

from sqlalchemy import ColumnElement, Connection, delete, func, select

from keys.inserts import insert_if_new
from wallet.deposits.tables import deposits, trusted_depositors

MOST_KEPT_IN_A_DAY: Final = 100
DAY: Final = 24 * 3600


def trust(db: Connection, *, person_id: str, persona_id: str, client_id: str, now: int) -> None:
    """From now on keep what this vendor hands over, without asking."""
    place = {"person_id": person_id, "persona_id": persona_id, "client_id": client_id}
    insert_if_new(db, trusted_depositors, {**place, "since": now})


def distrust(db: Connection, *, person_id: str, persona_id: str, client_id: str) -> None:
    db.execute(delete(trusted_depositors).where(*_trust(person_id, persona_id, client_id)))


def is_trusted(db: Connection, *, person_id: str, persona_id: str, client_id: str) -> bool:
    found = select(trusted_depositors.c.since).where(*_trust(person_id, persona_id, client_id))
    return db.execute(found).one_or_none() is not None


def trusted(db: Connection, *, person_id: str, persona_id: str) -> frozenset[str]:
    """The client_ids of the vendors whose deposits are kept without asking."""
    mine = (trusted_depositors.c.person_id == person_id, trusted_depositors.c.persona_id == persona_id)
    return frozenset(db.execute(select(trusted_depositors.c.client_id).where(*mine)).scalars())


def kept_in_a_day(db: Connection, *mine: ColumnElement[bool], now: int) -> int:
    """How many of these deposits were kept. What trust lets in has an end, too: the rest waits for the person."""
    lately = (deposits.c.state.in_({"kept", "partly_kept"}), deposits.c.received_at > now - DAY)
    return db.execute(select(func.count()).where(*mine, *lately)).scalar_one()


def _trust(person_id: str, persona_id: str, client_id: str) -> tuple[ColumnElement[bool], ...]:
    table = trusted_depositors.c
    return table.person_id == person_id, table.persona_id == persona_id, table.client_id == client_id
