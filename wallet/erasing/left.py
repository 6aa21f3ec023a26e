"""What a persona has before it is erased, and what is left of it afterwards: grants that ended, receipts, requests."""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Table, func, select

from consent import receipts
from consent.grants import SELECT, grant_from
from consent.rights import requests
from consent.rights.tables import rights
from consent.tables import grants
from wallet.data.tables import attribute_values
from wallet.people.tables import personas
from wallet.sharing.receipt_views import WHAT
from wallet.sharing.rights.views import request_row

SHOWN: Final = 50


@dataclass(frozen=True, slots=True)
class Remains:
    """One grant of a persona that is no more, by its vendor, with its receipts as (id, what, when)."""

    grant_id: str
    name: str
    host: str
    since: int
    ended_at: int | None
    receipts: tuple[tuple[str, str, int], ...]


def counted(db: Connection, *, person_id: str, persona_id: str) -> dict[str, Any]:
    """How many values and requests by right a persona has."""
    values = (attribute_values.c.person_id == person_id, attribute_values.c.persona_id == persona_id)
    asked = (rights.c.person_id == person_id, rights.c.persona_id == persona_id, rights.c.closed_at.is_(None))
    return {
        "values": db.execute(
            select(func.count()).select_from(attribute_values).where(*values, attribute_values.c.replaced_at.is_(None))
        ).scalar_one(),
        "requests": db.execute(select(func.count()).select_from(rights).where(*asked)).scalar_one(),
    }


def of_erased(db: Connection, *, person_id: str, limit: int, offset: int = 0) -> list[Remains]:
    """The newest first."""
    query = SELECT.where(grants.c.person_id == person_id, is_no_more(grants, person_id))
    newest = query.order_by(grants.c.granted_at.desc(), grants.c.grant_id).limit(limit).offset(offset)
    found = [grant_from(row) for row in db.execute(newest)]
    return [
        Remains(
            grant.grant_id,
            grant.party.name,
            grant.party.host,
            grant.granted_at,
            grant.ended_at,
            tuple(
                (one.receipt_id, WHAT[one.kind](), one.at)
                for one in receipts.of_grant(db, grant.grant_id, person_id=person_id)
            ),
        )
        for grant in found
    ]


def requests_of_erased(db: Connection, *, person_id: str, now: int) -> list[dict[str, Any]]:
    found = requests.matching(db, rights.c.person_id == person_id, is_no_more(rights, person_id))
    return [request_row(one, now=now) for one in found]


def is_no_more(table: Table, person_id: str) -> ColumnElement[bool]:
    there = select(personas.c.persona_id).where(personas.c.person_id == person_id)
    return table.c.persona_id.not_in(there)
