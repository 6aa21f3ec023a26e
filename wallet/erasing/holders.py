"""Which vendors may read a value, and which may still hold a copy of it."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, or_

from consent import counted
from consent.grants import SELECT, grant_from
from consent.model import Grant
from consent.rights import requests
from consent.tables import grants as rows
from keys.prepared import as_text

MOST_SHOWN: Final = 50


@dataclass(frozen=True, slots=True)
class Holder:
    """A vendor by one grant. `asked` is the id of its request to erase something that waits for an answer."""

    grant_id: str
    name: str
    host: str
    may_read: bool
    may_hold: bool
    reads: int
    asked: str | None


def holders(db: Connection, *, person_id: str, persona_id: str, attribute: str, now: int) -> list[Holder]:
    """Of a value: those that may read it first, each group by name."""
    found = with_attribute(db, person_id=person_id, persona_id=persona_id, attribute=attribute)
    reads = counted.reads_by_grant(db, [grant.grant_id for grant in found], person_id=person_id)
    asked = {
        one.grant_id: one.request_id
        for one in requests.matching(db, *requests.still_open(person_id))
        if one.right == "erasure"
    }
    told = [holder(grant, attribute, reads.get(grant.grant_id, (0, 0))[0], asked, now=now) for grant in found]
    return sorted(
        (one for one in told if one.may_read or one.may_hold), key=lambda one: (not one.may_read, one.name.casefold())
    )


def holder(grant: Grant, attribute: str, reads: int, asked: dict[str, str], *, now: int) -> Holder:
    """What was read may lie there, whatever was promised; and what may be stored, too, however it got there."""
    items = [item for item in (*grant.items, *grant.refused) if item.attribute == attribute]
    may_read = grant.is_live(now) and attribute in grant.attributes
    stores = attribute in grant.attributes and any(
        item.in_force is None or item.in_force.mode == "store" for item in items
    )
    return Holder(
        grant_id=grant.grant_id,
        name=grant.party.name,
        host=grant.party.host,
        may_read=may_read,
        may_hold=reads > 0 or (stores and not may_read),
        reads=reads,
        asked=asked.get(grant.grant_id),
    )


def with_attribute(db: Connection, *, person_id: str, persona_id: str, attribute: str) -> list[Grant]:
    """The grants that name it, live or over; the database leaves out those that can not."""
    spelled = f'"{attribute}"'
    names = or_(
        *(as_text(part).element.contains(spelled, autoescape=True) for part in (rows.c["items"], rows.c["refused"]))
    )
    mine = (rows.c.person_id == person_id, rows.c.persona_id == persona_id, names)
    found = (grant_from(row) for row in db.execute(SELECT.where(*mine)))
    return [grant for grant in found if any(item.attribute == attribute for item in (*grant.items, *grant.refused))]
