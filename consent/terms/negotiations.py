"""One round of negotiation about the person's terms: who proposed what, what came of it, and how long it waits.

The vendor accepts one of those proposed, makes one counter-offer from the roster, or declines. States go on, never
back; each step is one guarded UPDATE, so of two at once one does nothing. Failed rounds are kept too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import Connection, Row, insert, select, update

from consent.terms.errors import BadAgreement, TooLate
from consent.terms.roster import ROSTER
from consent.terms.tables import negotiations

LIFETIME: Final = 14 * 24 * 3600

REQUESTED: Final = "requested"
PENDING: Final = "pending"
COUNTER_OFFER: Final = "counter_offer"
ACCEPTED: Final = "accepted"
REFUSED: Final = "refused"
EXPIRED: Final = "expired"
NEXT: Final[Mapping[str, frozenset[str]]] = {
    REQUESTED: frozenset({PENDING, ACCEPTED, REFUSED, EXPIRED}),
    PENDING: frozenset({COUNTER_OFFER, ACCEPTED, REFUSED, EXPIRED}),
    COUNTER_OFFER: frozenset({ACCEPTED, REFUSED, EXPIRED}),
    ACCEPTED: frozenset(),
    REFUSED: frozenset(),
    EXPIRED: frozenset(),
}
IS_OPEN: Final = negotiations.c.state.in_([state for state, following in NEXT.items() if following])
# As the Data Privacy Vocabulary calls them, for records that leave the house.
DPV: Final[Mapping[str, str]] = {
    REQUESTED: "AgreementNegotiationRequested",
    PENDING: "AgreementNegotiationPendingResponse",
    COUNTER_OFFER: "AgreementNegotiationConfirmationRequired",
    ACCEPTED: "AgreementAccepted",
    REFUSED: "AgreementRefused",
    EXPIRED: "AgreementNegotiationExpired",
}


@dataclass(frozen=True, slots=True)
class Negotiation:
    """`offered` is the vendor's counter-offer. `stored` is the state as it lies there; the clock may be further on."""

    person_id: str
    negotiation_id: str
    persona_id: str
    client_id: str
    grant_id: str | None
    proposed: tuple[str, ...]
    offered: str | None
    stored: str
    created_at: int
    expires_at: int
    changed_at: int

    def state(self, now: int) -> str:
        return EXPIRED if NEXT[self.stored] and now >= self.expires_at else self.stored


def of_vendor(db: Connection, *, person_id: str, persona_id: str, client_id: str) -> tuple[Negotiation, ...]:
    """The oldest first."""
    mine = (negotiations.c.person_id == person_id, negotiations.c.persona_id == persona_id)
    found = select(negotiations).where(*mine, negotiations.c.client_id == client_id)
    ordered = found.order_by(negotiations.c.created_at, negotiations.c.negotiation_id)
    return tuple(map(negotiation_from, db.execute(ordered)))


def begin(
    db: Connection,
    proposed: Sequence[str],
    *,
    person_id: str,
    persona_id: str,
    client_id: str,
    grant_id: str | None,
    now: int,
) -> Negotiation:
    """Begin a round; one with the same vendor that was still open ends."""
    close(db, person_id=person_id, persona_id=persona_id, client_id=client_id, now=now)
    made = Negotiation(
        person_id,
        str(uuid4()),
        persona_id,
        client_id,
        grant_id,
        tuple(proposed),
        None,
        REQUESTED,
        now,
        now + LIFETIME,
        now,
    )
    columns = {column.name: getattr(made, "stored" if column.name == "state" else column.name) for column in COLUMNS}
    db.execute(insert(negotiations).values({**columns, "proposed": list(proposed)}))
    return made


COLUMNS: Final = tuple(negotiations.c)


def move(
    db: Connection,
    negotiation: Negotiation,
    *,
    to: str,
    come_from: Sequence[str] | None = None,
    offered: str | None = None,
    now: int,
) -> None:
    """One step on. Raises TooLate where the round is elsewhere by now or has expired, and nothing has changed."""
    ready = [state for state in come_from or NEXT if to in NEXT[state]]
    step = update(negotiations).where(
        negotiations.c.person_id == negotiation.person_id,
        negotiations.c.negotiation_id == negotiation.negotiation_id,
        negotiations.c.state.in_(ready),
        negotiations.c.expires_at > now,
    )
    values: dict[str, Any] = {"state": to, "changed_at": now} | ({"offered": offered} if offered else {})
    if db.execute(step.values(values)).rowcount != 1:
        raise TooLate("this negotiation is over, or it has gone on meanwhile")


def counter(db: Connection, negotiation: Negotiation, offered: str, *, now: int) -> None:
    """The vendor's one counter-offer. Raises BadAgreement, TooLate."""
    if offered not in ROSTER or offered in negotiation.proposed:
        raise BadAgreement("a counter-offer is one agreement of the roster that was not proposed; accept what was")
    move(db, negotiation, to=COUNTER_OFFER, come_from=[PENDING], offered=offered, now=now)


def close(db: Connection, *, person_id: str, persona_id: str, client_id: str, now: int) -> None:
    """End whatever round is still open with this vendor."""
    still_open = update(negotiations).where(
        negotiations.c.person_id == person_id,
        negotiations.c.persona_id == persona_id,
        negotiations.c.client_id == client_id,
        IS_OPEN,
    )
    db.execute(still_open.values(state=EXPIRED, changed_at=now))


def latest(db: Connection, *, person_id: str, grant_id: str) -> Negotiation | None:
    """The newest round about a grant: of several that began in one second, the one that is still open."""
    found = (
        select(negotiations)
        .where(negotiations.c.person_id == person_id, negotiations.c.grant_id == grant_id)
        .order_by(negotiations.c.created_at.desc(), IS_OPEN.desc(), negotiations.c.changed_at.desc())
        .limit(1)
    )
    row = db.execute(found).one_or_none()
    return negotiation_from(row) if row else None


def negotiation_from(row: Row[Any]) -> Negotiation:
    return Negotiation(
        row.person_id,
        row.negotiation_id,
        row.persona_id,
        row.client_id,
        row.grant_id,
        tuple(row.proposed),
        row.offered,
        row.state,
        row.created_at,
        row.expires_at,
        row.changed_at,
    )
