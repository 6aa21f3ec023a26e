"""What a persona can show of itself: what vendors said of it, what follows from that, and who was shown it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection, select

from consent import granted
from consent.tables import relationships
from wallet.data import engine as data
from wallet.data.catalogue import CATALOGUE, CUSTOMER_SINCE, LOYALTIES
from wallet.data.kinds import said
from wallet.data.known import known_values
from wallet.data.model import ASSURANCE
from wallet.house import House
from wallet.reviews.relationship import newest_grant
from wallet.reviews.words import language

VALUES: Final[tuple[str, ...]] = (CUSTOMER_SINCE, "reputation.pays_on_time")
VOUCHED_BY: Final = "reputation.vouched_by"
MOST: Final = 20


@dataclass(frozen=True, slots=True)
class Shown:
    """A value or a fact: what it says (empty for nothing), the vendor that says so, and who may read it now."""

    name: str
    label: str
    text: str = field(repr=False)
    vendor: str = field(repr=False)
    readers: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Reputation:
    """`oldest` are relationships by when they began, as day and vendor."""

    values: tuple[Shown, ...]
    facts: tuple[Shown, ...]
    vouched_by: str | None
    oldest: tuple[tuple[int, str], ...]


def gathered(db: Connection, house: House, *, person_id: str, persona_id: str, lock_key: bytes | None) -> Reputation:
    place: dict[str, Any] = {"person_id": person_id, "persona_id": persona_id}
    names, now = (*VALUES, VOUCHED_BY, *LOYALTIES), house.clock()
    how: dict[str, Any] = {"totals": house.totals, "lock_key": lock_key, "now": now}
    known = known_values(db, house.secrets, **place, attributes=names, **how)
    shared = granted.shared_with(db, **place, now=now)
    vendors: dict[str, str] = {name: vendor_of(db, house, name, **place) for name in VALUES if name in known}

    def shown(name: str) -> Shown:
        value, attribute = known.get(name), CATALOGUE[name]
        text = said(attribute, value.value, language()) if value and value.value is not None else ""
        readers = granted.readers(db, name, **place, now=now) if name in shared else ()
        return Shown(name, attribute.label(language()), text, vendors.get(name, ""), readers)

    values = tuple(map(shown, VALUES))
    facts = tuple(shown(name) for name in LOYALTIES if name in known and known[name].value is True)
    named = known.get(VOUCHED_BY)
    return Reputation(values, facts, str(named.value) if named and named.value else None, oldest(db, **place))


def vendor_of(db: Connection, house: House, name: str, *, person_id: str, persona_id: str) -> str:
    """Which vendor handed the current value over; empty where none did."""
    place: dict[str, Any] = {"person_id": person_id, "persona_id": persona_id}
    past = data.history(db, house.secrets, **place, attribute=name)
    if not past or past[0].origin.assurance != ASSURANCE["vendor"]:
        return ""
    client_id = past[0].origin.reference
    grant = newest_grant(db, client_id, **place)
    return grant.party.name if grant else client_id


def oldest(db: Connection, *, person_id: str, persona_id: str) -> tuple[tuple[int, str], ...]:
    """Since when this persona has let whom in."""
    row = relationships.c
    mine = (row.person_id == person_id, row.persona_id == persona_id)
    found = select(row.created_at, row.sector).where(*mine).order_by(row.created_at, row.sector).limit(MOST)
    return tuple((at, sector) for at, sector in db.execute(found))


def day_of(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).date().isoformat()
