"""All that is known of a persona: the values they have, and the predicates that follow from them."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from keys.secrets import HostSecrets
from wallet.data.attributes import own_attributes
from wallet.data.catalogue import EVERYBODYS, FACTS
from wallet.data.engine import current_values
from wallet.data.model import Fact, Total, Value
from wallet.data.predicates import ZONE, Sources, answer
from wallet.house import Called, Summed, Totals


def known_values(
    db: Connection,
    secrets: HostSecrets,
    *,
    person_id: str,
    persona_id: str,
    attributes: Collection[str],
    totals: Totals,
    lock_key: bytes | None = None,
    now: int,
) -> dict[str, Value]:
    """What there is of these attributes, predicates too.

    One statement; two more where names are not everybody's and hold no value, since they may be predicates.
    """
    place: dict[str, Any] = {"person_id": person_id, "persona_id": persona_id}
    opening = place | {"lock_key": lock_key}
    facts = {name: FACTS[name].fact for name in attributes if name in FACTS}
    sources = {ZONE, *(fact.of for fact in facts.values() if fact and isinstance(fact.of, str))} if facts else set()
    found = current_values(db, secrets, **opening, attributes={*attributes, *sources})
    others = {name for name in attributes if name not in found and name not in EVERYBODYS}
    own = own_attributes(db, secrets, person_id=person_id, names=others) if others else {}
    if theirs := {name: attribute.fact for name, attribute in own.items() if attribute.fact}:
        facts |= theirs
        needed = {ZONE, *(fact.of for fact in theirs.values() if isinstance(fact.of, str))}
        found = current_values(db, secrets, **opening, attributes=needed) | found
    asked = {name: fact for name, fact in facts.items() if fact}
    values = {name: value for name, value in found.items() if name in attributes}
    return values | worked_out(db, secrets, asked, found, **place, totals=totals, now=now)


def summed(
    db: Connection, secrets: HostSecrets, facts: Iterable[Fact], *, person_id: str, persona_id: str, called: Called
) -> dict[Total, Summed]:
    """What the predicates about records are about, as far as it is there."""
    place = {"person_id": person_id, "persona_id": persona_id}
    totals = {fact.of for fact in facts if isinstance(fact.of, Total)}
    found = {of: called(db, secrets, **place, data_set_id=of.data_set_id, column=of.column) for of in totals}
    return {of: there for of, there in found.items() if there}


def worked_out(
    db: Connection,
    secrets: HostSecrets,
    facts: Mapping[str, Fact],
    values: Mapping[str, Value],
    *,
    person_id: str,
    persona_id: str,
    totals: Totals,
    now: int,
) -> dict[str, Value]:
    """The predicates that have an answer, closed where their source is.

    One call of `totals` for each that is about records.
    """

    def total(of: Total, since: date, until: date) -> Decimal | None:
        where = {"person_id": person_id, "persona_id": persona_id, "data_set_id": of.data_set_id, "column": of.column}
        return totals(db, secrets, **where, since=since, until=until)

    sources = Sources(values.get, total)
    found = {name: answer(name, fact, sources, now=now) for name, fact in facts.items()}
    return {name: said for name, said in found.items() if said}
