"""What is granted, item by item: who may read a value is answered without opening every grant."""

from collections.abc import Collection
from typing import Final

from sqlalchemy import Connection, delete, func, insert, select, update

from consent.model import Grant
from consent.tables import grant_items, grants

MOST_NAMED: Final = 20

_row = grant_items.c


def keep(db: Connection, grant: Grant) -> None:
    """Put down what this grant says, in place of what it said before."""
    forget(db, grant.grant_id, person_id=grant.person_id)
    place = {"person_id": grant.person_id, "grant_id": grant.grant_id, "persona_id": grant.persona_id}
    said = [(item, grant.expires_at) for item in grant.items] + [(item, None) for item in grant.refused]
    rows = {
        item.attribute: {**place, "attribute": item.attribute, "purpose": item.purpose, "until": until}
        for item, until in reversed(said)
    }
    if rows:
        db.execute(insert(grant_items), list(rows.values()))


def end(db: Connection, grant_id: str, *, person_id: str, now: int) -> None:
    """From now on nothing is read under this grant."""
    mine = (_row.person_id == person_id, _row.grant_id == grant_id, _row.until > now)
    db.execute(update(grant_items).where(*mine).values(until=now))


def forget(db: Connection, grant_id: str, *, person_id: str) -> None:
    db.execute(delete(grant_items).where(_row.person_id == person_id, _row.grant_id == grant_id))


def shared_with(db: Connection, *, person_id: str, persona_id: str, now: int) -> dict[str, int]:
    """For each attribute that is shared right now, with how many vendors."""
    live = (_row.person_id == person_id, _row.persona_id == persona_id, _row.until > now)
    counted = select(_row.attribute, func.count()).where(*live).group_by(_row.attribute)
    return {row.attribute: row[1] for row in db.execute(counted)}


def readers(db: Connection, attribute: str, *, person_id: str, persona_id: str, now: int) -> tuple[str, ...]:
    """The names of the vendors that may read an attribute right now, at most MOST_NAMED, by name."""
    live = (_row.person_id == person_id, _row.persona_id == persona_id, _row.attribute == attribute, _row.until > now)
    granted = (grants.c.person_id == _row.person_id) & (grants.c.grant_id == _row.grant_id)
    found = select(grants.c.party["name"].as_string()).join(grant_items, granted).where(*live).limit(MOST_NAMED)
    return tuple(sorted(db.execute(found).scalars()))


def subjects(db: Connection, *, person_id: str, limit: int) -> tuple[Collection[str], Collection[str]]:
    """The attributes and the purposes that this person was ever asked about and answered; at most so many of each."""
    attributes, purposes = (
        db.execute(select(column).where(_row.person_id == person_id, column.is_not(None)).distinct().limit(limit))
        for column in (_row.attribute, _row.purpose)
    )
    return sorted(attributes.scalars()), sorted(purposes.scalars())
