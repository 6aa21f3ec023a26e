"""All that leaves the wallet with an intent: worked out before it is sent, shown, and sent just so."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from consent.terms.roster import ROSTER
from wallet.data.attributes import own_attributes
from wallet.data.catalogue import CATALOGUE
from wallet.data.engine import current_values
from wallet.data.known import known_values
from wallet.data.model import Attribute
from wallet.house import House
from wallet.intents.model import Draft

COUNTRY = "address.country"
POSTAL_CODE = "address.postal_code"
DIGITS = 2


def told_of(
    db: Connection, house: House, draft: Draft, *, person_id: str, persona_id: str, language: str, now: int
) -> dict[str, Any]:
    """Names of attributes stay here: a vendor gets the words and the answer. What has no answer is left out."""
    place: dict[str, Any] = {"person_id": person_id, "persona_id": persona_id}
    facts = facts_of(db, house, person_id=person_id)
    found = known_values(db, house.secrets, **place, attributes=draft.facts, totals=house.totals, now=now)
    said = [
        {"label": facts[name].label(language), "value": found[name].value}
        for name in draft.facts
        if name in facts and name in found and isinstance(found[name].value, bool)
    ]
    told: dict[str, Any] = {
        "branch": draft.branch,
        "kind": draft.kind,
        "text": draft.text,
        "conditions": [one.as_told() for one in draft.conditions],
        "more": draft.more,
        "region": region_of(db, house, draft.region, **place),
        "facts": said,
        "terms": [ROSTER[name].uri for name in draft.terms],
    }
    return {name: part for name, part in told.items() if part or name in {"text", "branch", "conditions"}}


def region_of(db: Connection, house: House, how: str, *, person_id: str, persona_id: str) -> dict[str, str]:
    """As coarse as the person chose; nothing where they have no such value, or have it locked."""
    if not how:
        return {}
    wanted: dict[str, Any] = {"attributes": (COUNTRY, POSTAL_CODE), "lock_key": None}
    found = current_values(db, house.secrets, person_id=person_id, persona_id=persona_id, **wanted)
    values = {name: str(one.value).strip() for name, one in found.items() if one.value}
    region = {"country": values[COUNTRY]} if COUNTRY in values else {}
    digits = values.get(POSTAL_CODE, "")[:DIGITS]
    if how == "area" and len(digits) == DIGITS and digits.isalnum():
        region["postal_area"] = digits
    return region


def facts_of(db: Connection, house: House, *, person_id: str) -> Mapping[str, Attribute]:
    """The predicates there are: yes or no, and nothing else."""
    own = own_attributes(db, house.secrets, person_id=person_id)
    known = {name: one for name, one in CATALOGUE.items() if one.fact is not None}
    return known | {name: one for name, one in own.items() if one.fact is not None}
