"""What happens between a person's terms and a vendor: at the ask, by the vendor's calls, on the person's page."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from consent import changes, engine, grants
from consent.changes import Signs
from consent.engine import Answer
from consent.model import Agreed, Ask, Grant, Party
from consent.terms import agreements, negotiations
from consent.terms.agreements import CALL, OFFER, STANDING
from consent.terms.errors import BadAgreement, TermsProhibit, TooLate
from consent.terms.negotiations import ACCEPTED, COUNTER_OFFER, PENDING, REFUSED, Negotiation
from consent.terms.standing import CONDITIONALLY, Outcome
from keys.relationship import relationship_key
from keys.secrets import HostSecrets


def grant(
    db: Connection,
    secrets: HostSecrets,
    ask: Ask,
    answer: Answer,
    *,
    signs: Signs,
    terms: Outcome | None,
    confirmed: bool = False,
    replaces: bool = False,
    now: int,
) -> Grant:
    """Answer an ask with the round that belongs to it; `confirmed` is the person's word on the vendor's counter-offer.

    Without `terms` there is no round. Without an agreement the person's terms are proposed, and the vendor may still
    accept. Raises TermsProhibit where the person wants no dealings without, and whatever engine.grant raises.
    """
    name = (terms.agreed or (terms.offered if confirmed else None)) if terms else None
    if terms and name is None and terms.standing.applies != CONDITIONALLY:
        raise TermsProhibit("the vendor accepts none of your terms")
    agreed = made(db, name, party=ask.party, signs=signs, by=STANDING, now=now) if name else None
    granted = engine.grant(
        db, secrets, ask, answer, face=signs.face, issuer=signs.issuer, replaces=replaces, agreed=agreed, now=now
    )
    if terms:
        record(db, granted, terms, name, now=now)
    return granted


def made(db: Connection, name: str, *, party: Party, signs: Signs, by: str, now: int) -> Agreed:
    return agreements.make(
        db,
        name,
        person_id=signs.face.person_id,
        persona_id=signs.face.persona_id,
        party=party,
        key=relationship_key(signs.face.root, party.sector),
        accepted_by=by,
        issuer=signs.issuer,
        now=now,
    )


def record(db: Connection, granted: Grant, terms: Outcome, name: str | None, *, now: int) -> None:
    """The steps of a round that was over within the ask; or its first, where the vendor is still to answer."""
    begun = negotiations.begin(
        db,
        terms.standing.agreements,
        person_id=granted.person_id,
        persona_id=granted.persona_id,
        client_id=granted.party.client_id,
        grant_id=granted.grant_id,
        now=now,
    )
    if terms.agreed is None:
        negotiations.move(db, begun, to=PENDING, now=now)
    if terms.agreed is None and name is not None:
        negotiations.move(db, begun, to=COUNTER_OFFER, offered=name, now=now)
    if name is not None:
        negotiations.move(db, begun, to=ACCEPTED, now=now)


def refuse(db: Connection, secrets: HostSecrets, ask: Ask, *, signs: Signs, terms: Outcome, now: int) -> None:
    """Refuse an ask because the vendor accepts none of the person's terms, and keep the round that failed."""
    who = signs.face
    engine.refuse(db, secrets, ask, person_id=who.person_id, for_terms=True, now=now)
    ids = {"person_id": who.person_id, "persona_id": who.persona_id, "client_id": ask.party.client_id}
    begun = negotiations.begin(db, terms.standing.agreements, **ids, grant_id=None, now=now)
    negotiations.move(db, begun, to=REFUSED, now=now)


def open_round(db: Connection, grant: Grant) -> Negotiation:
    """Raises TooLate."""
    found = negotiations.latest(db, person_id=grant.person_id, grant_id=grant.grant_id)
    if found is None:
        raise TooLate("nothing was proposed to you about this grant")
    return found


def accept(db: Connection, secrets: HostSecrets, grant: Grant, name: str, *, signs: Signs, now: int) -> None:
    """The vendor accepts one of those proposed. Raises BadAgreement, TooLate, GrantEnded."""
    found = open_round(db, grant)
    if name not in found.proposed:
        raise BadAgreement("this was not proposed; make it your counter-offer")
    negotiations.move(db, found, to=ACCEPTED, come_from=[PENDING], now=now)
    conclude(db, secrets, grant, name, signs=signs, by=CALL, now=now)


def offer(db: Connection, secrets: HostSecrets, grant: Grant, name: str, *, now: int) -> None:
    """The vendor's one counter-offer, which waits for the person. Raises BadAgreement, TooLate."""
    negotiations.counter(db, open_round(db, grant), name, now=now)
    noted(db, secrets, grant, {"counter_offer": name}, now=now)


def decline(db: Connection, secrets: HostSecrets, grant: Grant, *, now: int) -> None:
    """The vendor accepts nothing. Raises TooLate."""
    found = open_round(db, grant)
    negotiations.move(db, found, to=REFUSED, come_from=[PENDING], now=now)
    noted(db, secrets, grant, {"terms_declined": True}, now=now)


def confirm(db: Connection, secrets: HostSecrets, grant: Grant, *, signs: Signs, now: int) -> None:
    """The person takes the counter-offer. Raises TooLate, GrantEnded."""
    found = open_round(db, grant)
    negotiations.move(db, found, to=ACCEPTED, come_from=[COUNTER_OFFER], now=now)
    conclude(db, secrets, grant, str(found.offered), signs=signs, by=CALL, now=now)


def reject(db: Connection, secrets: HostSecrets, grant: Grant, *, now: int) -> None:
    """The person does not take it. Raises TooLate."""
    found = open_round(db, grant)
    negotiations.move(db, found, to=REFUSED, come_from=[COUNTER_OFFER], now=now)
    noted(db, secrets, grant, {"offer_refused": str(found.offered)}, now=now)


def conclude(
    db: Connection, secrets: HostSecrets, grant: Grant, name: str, *, signs: Signs, by: str, now: int
) -> Agreed:
    """Make the agreement for a grant that is there, whose consent token says so from now on. Raises GrantEnded."""
    agreed = made(db, name, party=grant.party, signs=signs, by=by, now=now)
    changes.put(db, secrets, replace(grant, agreed=agreed), {"agreed": name}, signs=signs, now=now)
    return agreed


def by_offer(
    db: Connection, secrets: HostSecrets, name: str, *, party: Party, grant: Grant | None, signs: Signs, now: int
) -> Agreed:
    """What a vendor accepted by offering: a grant without terms stands under it; else it waits for the next."""
    if grant is not None and engine.in_force(grant, now=now) is None:
        return conclude(db, secrets, grant, name, signs=signs, by=OFFER, now=now)
    who, key = signs.face, relationship_key(signs.face.root, party.sector)
    ids = {"person_id": who.person_id, "persona_id": who.persona_id}
    grants.ensure_relationship(db, key, **ids, sector=party.sector, now=now)
    return made(db, name, party=party, signs=signs, by=OFFER, now=now)


def end(
    db: Connection, secrets: HostSecrets, grant_id: str, *, person_id: str, why: str = "ended", signs: Signs, now: int
) -> None:
    """End the agreement, or say that the vendor broke it (`why` is "violated"); the consent is left as it is.

    Nothing leaves under the grant until there is another agreement, or the person answers anew. A second call changes
    nothing. Raises UnknownGrant, GrantEnded.
    """
    grant = grants.find(db, grant_id, person_id=person_id)
    agreed = grant.agreed
    if agreed is not None and agreements.mark_over(db, agreed.agreement_id, person_id=person_id, why=why, now=now):
        over = replace(grant, agreed=replace(agreed, over=why))
        changes.put(db, secrets, over, {"terms_over": why, "agreement": agreed.agreement}, signs=signs, now=now)


def noted(db: Connection, secrets: HostSecrets, grant: Grant, what: Mapping[str, Any], *, now: int) -> None:
    changes.write_line(db, secrets, grant, what, now=now)
