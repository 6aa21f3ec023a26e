"""A person's standing terms: for each kind of vendor the agreements they would make, the dearest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, delete, insert, select

from consent.terms.errors import BadStandingTerms
from consent.terms.roster import ROSTER
from consent.terms.tables import standing_terms

EVERY: Final = "every"
KINDS: Final = ("shop", "utility", "bank", "health", "media", "public_body", "advertising", "other")
# What to do where the vendor accepts none of them: ask the person, offer nothing but refusal, or refuse without a page.
CONDITIONALLY: Final = "conditionally"
ALWAYS: Final = "always"
NEVER: Final = "never"
APPLIES: Final = (CONDITIONALLY, ALWAYS, NEVER)


@dataclass(frozen=True, slots=True)
class Standing:
    """What counts for one kind of vendor (or every kind that has nothing of its own)."""

    kind: str
    applies: str
    agreements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What comes of standing terms where a vendor accepts these agreements.

    `agreed` is the first of the person's that it accepts. Where there is none, `offered` is the vendor's first: its
    one counter-offer, which the person may confirm.
    """

    standing: Standing
    agreed: str | None
    offered: str | None


def kind_of(given: object) -> str:
    return given if isinstance(given, str) and given in KINDS else "other"


def outcome(standing: Standing, accepted: Sequence[str]) -> Outcome:
    """One round: the vendor's list answers the person's, and the order is the person's."""
    agreed = next((name for name in standing.agreements if name in accepted), None)
    offered = next(iter(accepted), None) if agreed is None and standing.applies == CONDITIONALLY else None
    return Outcome(standing, agreed, offered)


def of_persona(db: Connection, *, person_id: str, persona_id: str) -> dict[str, Standing]:
    """By kind of vendor."""
    mine = (standing_terms.c.person_id == person_id, standing_terms.c.persona_id == persona_id)
    return {
        row.kind: Standing(row.kind, row.applies, tuple(name for name in row.agreements if name in ROSTER))
        for row in db.execute(select(standing_terms).where(*mine))
    }


def towards(db: Connection, kind: str, *, person_id: str, persona_id: str) -> Standing | None:
    """What counts towards a vendor of this kind; None where the person wants nothing in particular."""
    found = of_persona(db, person_id=person_id, persona_id=persona_id)
    return found.get(kind) or found.get(EVERY)


def put(db: Connection, kind: str, *, person_id: str, persona_id: str, applies: str, agreements: Sequence[str]) -> None:
    """Put these in place of what counted for this kind; with no agreements at all, nothing counts for it any more.

    Raises BadStandingTerms.
    """
    if kind not in (EVERY, *KINDS) or applies not in APPLIES:
        raise BadStandingTerms("there is no such kind of vendor, or no such way to go on")
    if not set(agreements) <= ROSTER.keys() or len(set(agreements)) != len(agreements):
        raise BadStandingTerms("name agreements of the roster, each once")
    place = {"person_id": person_id, "persona_id": persona_id, "kind": kind}
    db.execute(delete(standing_terms).where(*(standing_terms.c[name] == value for name, value in place.items())))
    if agreements:
        db.execute(insert(standing_terms).values(**place, applies=applies, agreements=list(agreements)))
