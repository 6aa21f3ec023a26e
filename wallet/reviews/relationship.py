"""What a persona can prove of its relationship with a vendor, and how much of that does not give it away."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Connection, func, select

from consent import grants
from consent.model import Grant, Party
from consent.tables import grants as all_grants
from consent.tables import relationships
from vendor_api.reviews.documents import RELATIONSHIP, Known
from wallet.deposits.tables import deposits
from wallet.reviews.errors import NoRelationship

CROWD: Final = 5  # people among whom one is not found
_grant, _relationship = all_grants.c, relationships.c


@dataclass(frozen=True, slots=True)
class Relationship:
    """`started_at` is when this persona first let the vendor in; `others` at most CROWD people that did as well."""

    person_id: str
    persona_id: str
    party: Party
    grant_id: str
    started_at: int
    handed_over: bool
    crowd: int

    @property
    def is_hidden(self) -> bool:
        """Whether there are enough people for one not to be found among them."""
        return self.crowd >= CROWD


def find(db: Connection, client_id: str, *, person_id: str, persona_id: str) -> Relationship:
    """Whether it lives or is over. Raises NoRelationship."""
    grant = newest_grant(db, client_id, person_id=person_id, persona_id=persona_id)
    if grant is None:
        raise NoRelationship
    mine = (_relationship.person_id == person_id, _relationship.persona_id == persona_id)
    this = select(_relationship.created_at).where(*mine, _relationship.sector == grant.party.sector)
    return Relationship(
        *(person_id, persona_id, grant.party, grant.grant_id, db.execute(this).scalar_one()),
        *(has_handed_over(db, grant), people(db, grant.party.sector, 0, None)),
    )


def newest_grant(db: Connection, client_id: str, *, person_id: str, persona_id: str) -> Grant | None:
    mine = (_grant.person_id == person_id, _grant.persona_id == persona_id, _grant.client_id == client_id)
    row = db.execute(grants.SELECT.where(*mine).order_by(*grants.NEWEST_FIRST).limit(1)).one_or_none()
    return grants.grant_from(row) if row else None


def has_handed_over(db: Connection, grant: Grant) -> bool:
    """Whether the vendor signed something for this persona, and they kept it."""
    place = (deposits.c.person_id == grant.person_id, deposits.c.persona_id == grant.persona_id)
    kept = (deposits.c.client_id == grant.party.client_id, deposits.c.state.in_({"kept", "partly_kept"}))
    return db.execute(select(deposits.c.deposit_id).where(*place, *kept).limit(1)).first() is not None


def people(db: Connection, sector: str, since: int, until: int | None) -> int:
    """How many let this vendor in during that time, counted no further than CROWD."""
    those = [_relationship.sector == sector, _relationship.created_at >= since]
    if until is not None:
        those.append(_relationship.created_at < until)
    some = select(_relationship.person_id).distinct().where(*those).limit(CROWD).subquery()
    return db.execute(select(func.count()).select_from(some)).scalar_one()


def known(db: Connection, found: Relationship, key: str) -> Known:
    """Under the relationship's key all of it; under a review key only what is as true of CROWD people or more."""
    began = datetime.fromtimestamp(found.started_at, UTC)
    if key == RELATIONSHIP:
        return Known(key, f"{began:%Y-%m}", "deposit" if found.handed_over else "grant")
    return Known(key, since_hidden(db, found.party.sector, began), "grant")


def since_hidden(db: Connection, sector: str, began: datetime) -> str:
    """The month, or the year, or nothing."""
    month = began.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    after = month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)
    year = month.replace(month=1)
    spans = ((f"{began:%Y-%m}", month, after), (f"{began:%Y}", year, year.replace(year=year.year + 1)))
    for said, first, end in spans:
        if people(db, sector, int(first.timestamp()), int(end.timestamp())) >= CROWD:
            return said
    return ""
