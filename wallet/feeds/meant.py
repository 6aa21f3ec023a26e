"""For whom a publication is: who allowed its topic, and released what it names to this vendor."""

from typing import Any

from sqlalchemy import Connection

from consent.model import Grant
from vendor_api.publishing.model import Publication
from wallet.data.known import known_values
from wallet.house import House


def is_meant(db: Connection, house: House, grant: Grant, one: Publication, *, now: int) -> bool:
    """Where it is for those of whom something holds: only if they released just that to this vendor."""
    if not grant.is_live(now) or one.topic not in grant.topics:
        return False
    if one.predicate is None:
        return True
    if one.predicate not in grant.attributes:
        return False
    place: dict[str, Any] = {"person_id": grant.person_id, "persona_id": grant.persona_id}
    how: dict[str, Any] = {"attributes": {one.predicate}, "totals": house.totals, "now": now}
    found = known_values(db, house.secrets, **place, **how).get(one.predicate)
    return found is not None and found.value is True
