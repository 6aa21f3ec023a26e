"""Grants as they are stored: one living row for each persona and vendor, changed only by guarded writes."""

from collections.abc import Collection
from dataclasses import asdict, replace
from functools import lru_cache
from typing import Any, Final

import orjson
from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Update,
    bindparam,
    exists,
    func,
    insert,
    select,
    text,
    update,
)

from consent import granted
from consent.asks import items_from, party_from
from consent.errors import UnknownGrant
from consent.ledger import COVER, cover_from
from consent.model import Agreed, Cover, Grant, Item, Party
from consent.tables import grants, ledger, relationships, rules
from keys.prepared import Prepared, as_text
from keys.relationship import RelationshipKey

# JSON that is the same for many grants: read as text, parsed once for each text.
PARSED: Final = frozenset({"party", "items", "refused"})
PROVES_THE_ADDRESS: Final = ("code", "device_code")


@lru_cache(maxsize=1000)
def parsed_party(stored: str) -> Party:
    return party_from(orjson.loads(stored))


@lru_cache(maxsize=1000)
def parsed_items(stored: str) -> tuple[Item, ...]:
    return items_from(orjson.loads(stored))


def select_grants() -> Select[Any]:
    """Grants with their relationship's sub and the ledger's cover: one statement reads all a delivery needs."""
    same_relationship = (
        (relationships.c.person_id == grants.c.person_id)
        & (relationships.c.persona_id == grants.c.persona_id)
        & (relationships.c.sector == grants.c.sector)
    )
    is_cover = (ledger.c.person_id == grants.c.person_id) & (ledger.c.seq == COVER)
    columns = (as_text(column) if column.name in PARSED else column for column in grants.c)
    return (
        select(*columns, relationships.c.sub, ledger.c.detail.label("cover_detail"), ledger.c.hash.label("cover_hash"))
        .join(relationships, same_relationship)
        .outerjoin(ledger, is_cover)
    )


SELECT = select_grants()
NEWEST_FIRST = (grants.c.granted_at.desc(), grants.c.grant_id.desc())
IS_RULED = exists().where(rules.c.person_id == grants.c.person_id).label("ruled")
CURRENT = Prepared(
    SELECT.add_columns(IS_RULED).where(
        grants.c.person_id == bindparam("person_id"),
        grants.c.client_id == bindparam("client_id"),
        grants.c.ended_at.is_(None),
    )
)


def find(db: Connection, grant_id: str, *, person_id: str) -> Grant:
    """Raises UnknownGrant, also for somebody else's."""
    row = db.execute(SELECT.where(grants.c.person_id == person_id, grants.c.grant_id == grant_id)).one_or_none()
    if row is None:
        raise UnknownGrant("there is no such grant")
    return grant_from(row)


def find_current(db: Connection, *, person_id: str, persona_id: str, client_id: str) -> tuple[Grant, Cover] | None:
    """The persona's grant for this vendor that was not ended (it may have expired), with the ledger's cover."""
    found = of_vendor(db, person_id=person_id, client_id=client_id)
    return next((one for one in found if one[0].persona_id == persona_id), None)


def find_known(
    db: Connection, *, person_id: str, persona_id: str, client_id: str, sub: str | None = None
) -> tuple[Grant, Cover] | None:
    """The grant under which the vendor knows this person: the one of `sub`, if the vendor names it, else the only one.

    Where the vendor knows several personas, it is that of `persona_id`, whom the person shows now.
    """
    found = of_vendor(db, person_id=person_id, client_id=client_id)
    named = [one for one in found if one[0].sub == sub] or found
    if len(named) == 1:
        return named[0]
    return next((one for one in named if one[0].persona_id == persona_id), None)


def is_known_as(db: Connection, *, person_id: str, client_id: str, sub: str) -> bool:
    """Whether this vendor knows one of the person's personas by that `sub`."""
    found = of_vendor(db, person_id=person_id, client_id=client_id)
    return any(sub in {grant.sub, grant.pairwise_sub} for grant, _cover in found)


def of_vendor(db: Connection, *, person_id: str, client_id: str) -> list[tuple[Grant, Cover]]:
    """The grants of all personas for this vendor that were not ended, each with the ledger's cover."""
    rows = CURRENT.all(db, {"person_id": person_id, "client_id": client_id})
    return [(replace(grant_from(row), ruled=bool(row.ruled)), cover_of(row)) for row in rows]


def of_person(db: Connection, *, person_id: str, persona_ids: Collection[str] | None = None) -> tuple[Grant, ...]:
    """All grants of a person, newest first."""
    query = SELECT.where(grants.c.person_id == person_id).order_by(*NEWEST_FIRST)
    if persona_ids is not None:
        query = query.where(grants.c.persona_id.in_(persona_ids))
    return tuple(grant_from(row) for row in db.execute(query))


def newest(
    db: Connection, *, person_id: str, persona_id: str, live: bool, skip: int = 0, limit: int, now: int
) -> tuple[Grant, ...]:
    """A page of one persona's grants, newest first: those that are live, or those that are over."""
    lives = grants.c.ended_at.is_(None) & (grants.c.expires_at > now)
    mine = (grants.c.person_id == person_id, grants.c.persona_id == persona_id, lives if live else ~lives)
    query = SELECT.where(*mine).order_by(*NEWEST_FIRST).offset(skip).limit(limit)
    return tuple(grant_from(row) for row in db.execute(query))


def unended(grant_id: str, *, person_id: str) -> Update:
    """A change of the person's grant, which does nothing once that has ended."""
    return update(grants).where(
        grants.c.person_id == person_id, grants.c.grant_id == grant_id, grants.c.ended_at.is_(None)
    )


def save(db: Connection, grant: Grant) -> None:
    """Insert the grant, or put it in place of the one with its id that is not ended; its vendor may have moved."""
    values = {
        "sector": grant.party.sector,
        "party": asdict(grant.party),
        "items": [asdict(item) for item in grant.items],
        "refused": [asdict(item) for item in grant.refused],
        "destinations": list(grant.destinations),
        "granted_at": grant.granted_at,
        "expires_at": grant.expires_at,
        "asks_each_time": grant.asks_each_time,
        "reachable": grant.reachable,
        "paused_until": grant.paused_until,
        "consent_token": grant.consent_token,
        "consent_token_id": grant.consent_token_id,
        "public_sub": grant.public_sub,
        "agreed": asdict(grant.agreed) if grant.agreed else None,
    }
    ids = {"person_id": grant.person_id, "grant_id": grant.grant_id}
    renewed = unended(grant.grant_id, person_id=grant.person_id).values(**values)
    if db.execute(renewed).rowcount == 0:
        db.execute(insert(grants).values(**ids, **values, persona_id=grant.persona_id, client_id=grant.party.client_id))
    granted.keep(db, grant)


def mark_ended(db: Connection, grant_id: str, *, person_id: str, now: int) -> bool:
    """End a grant for good; says whether it was this call that did it."""
    if db.execute(unended(grant_id, person_id=person_id).values(ended_at=now)).rowcount == 0:
        return False
    granted.end(db, grant_id, person_id=person_id, now=now)
    return True


def mark_asking(db: Connection, grant_id: str, *, person_id: str, each_time: bool) -> bool:
    """Whether to ask the person each time; says whether that is new."""
    changed = unended(grant_id, person_id=person_id).where(grants.c.asks_each_time.is_not(each_time))
    return db.execute(changed.values(asks_each_time=each_time)).rowcount == 1


def mark_reachable(db: Connection, grant_id: str, *, person_id: str, reachable: bool) -> bool:
    """Whether the vendor may ask the person by itself; says whether that is new."""
    changed = unended(grant_id, person_id=person_id).where(grants.c.reachable.is_not(reachable))
    return db.execute(changed.values(reachable=reachable)).rowcount == 1


def mark_paused(db: Connection, grant_id: str, *, person_id: str, until: int | None, now: int) -> bool:
    """Pause a live grant until then, or let it go on (None); says whether that is new."""
    changed = unended(grant_id, person_id=person_id).where(
        grants.c.expires_at > now,
        grants.c.paused_until.is_distinct_from(until) if until else grants.c.paused_until > now,
    )
    return db.execute(changed.values(paused_until=until)).rowcount == 1


def put(db: Connection, grant: Grant, *, instead_of: str, now: int) -> bool:
    """Put the live grant in place of itself as it was under the consent token `instead_of`; says whether it was."""
    changed = unended(grant.grant_id, person_id=grant.person_id).where(
        grants.c.expires_at > now, grants.c.consent_token_id == instead_of
    )
    values = {
        "items": [asdict(item) for item in grant.items],
        "refused": [asdict(item) for item in grant.refused],
        "expires_at": grant.expires_at,
        "consent_token": grant.consent_token,
        "consent_token_id": grant.consent_token_id,
        "agreed": asdict(grant.agreed) if grant.agreed else None,
    }
    if db.execute(changed.values(**values)).rowcount == 0:
        return False
    granted.keep(db, grant)
    return True


def find_reachable(db: Connection, sub: str, *, client_id: str, now: int) -> Grant | None:
    """The live grant of the person this vendor knows as `sub`, if it may ask them by itself.

    It may once it has redeemed an answer they gave it: that proves the address the answer went to. One statement,
    whatever is missing.
    """
    line = ledger.alias()
    redeemed = exists().where(
        line.c.person_id == grants.c.person_id,
        line.c.grant_id == grants.c.grant_id,
        line.c.action == "redeemed",
        line.c.detail["via"].as_string().in_(PROVES_THE_ADDRESS),
    )
    mine = (relationships.c.sub == sub, grants.c.client_id == client_id, *can_be_reached(now), redeemed)
    row = db.execute(SELECT.where(*mine)).one_or_none()
    return grant_from(row) if row else None


def can_be_reached(now: int) -> tuple[ColumnElement[bool], ...]:
    return grants.c.ended_at.is_(None), grants.c.expires_at > now, grants.c.reachable


def meet(db: Connection, grant: Grant) -> None:
    """Where two transactions that count something of one grant meet: the later one runs again, and counts anew."""
    this = (grants.c.person_id == grant.person_id, grants.c.grant_id == grant.grant_id)
    db.execute(update(grants).where(*this).values(grant_id=grant.grant_id))


# Two answers to one vendor meet at this row, even where it is there already: on PostgreSQL the later transaction loses
# the race and runs again, so that it finds the grant of the earlier one.
ENSURE_RELATIONSHIP = text(
    """
    insert into relationships (person_id, persona_id, sector, sub, did, created_at)
    values (:person_id, :persona_id, :sector, :sub, :did, :now)
    on conflict (person_id, persona_id, sector) do update set sub = excluded.sub
    """
)


def ensure_relationship(
    db: Connection, key: RelationshipKey, *, person_id: str, persona_id: str, sector: str, now: int
) -> None:
    ids = {"person_id": person_id, "persona_id": persona_id, "sector": sector}
    db.execute(ENSURE_RELATIONSHIP, {**ids, "sub": key.sub, "did": key.did, "now": now})


def grant_from(row: Row[Any]) -> Grant:
    return Grant(
        row.person_id,
        row.grant_id,
        row.persona_id,
        row.sub,
        row.public_sub,
        parsed_party(row.party),
        parsed_items(row.items),
        parsed_items(row.refused),
        tuple(row.destinations),
        row.granted_at,
        row.expires_at,
        row.ended_at,
        row.asks_each_time,
        row.reachable,
        row.paused_until,
        row.consent_token,
        row.consent_token_id,
        Agreed(**row.agreed) if row.agreed else None,
    )


def cover_of(row: Row[Any]) -> Cover:
    return cover_from(row.cover_detail, row.cover_hash)


def vendors_by_persona(db: Connection, *, person_id: str, now: int) -> dict[str, int]:
    """How many vendors may read something of each persona right now."""
    live = (grants.c.person_id == person_id, grants.c.ended_at.is_(None), grants.c.expires_at > now)
    counted = select(grants.c.persona_id, func.count()).where(*live).group_by(grants.c.persona_id)
    return dict(db.execute(counted).all())
