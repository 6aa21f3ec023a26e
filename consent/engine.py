"""What can happen between a person and a vendor, from the ask to its end. Each leaves its line in the ledger."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import Connection

from consent import asks, grants, ledger, statuses, token
from consent.errors import BadUntil, GrantEnded, GrantPaused, NotAsked, RequiredRefused
from consent.ledger import Entry
from consent.limits import Delivery, delivery
from consent.model import PUBLIC, Agreed, Ask, Cover, Grant, Item, NewAsk
from consent.terms import enforcement
from consent.terms.errors import TermsProhibit
from consent.terms.evaluation import prohibits
from keys import opaque
from keys.relationship import RelationshipKey, public_subject, relationship_key
from keys.secrets import HostSecrets

LONGEST_GRANT: Final = 366 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Face:
    """Who answers: a persona, with the root its relationship keys come from."""

    person_id: str
    persona_id: str
    root: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What the person decided: these attributes, until then (epoch seconds, exclusive)."""

    chosen: frozenset[str]
    until: int


def present(db: Connection, secrets: HostSecrets, ask: Ask, *, person_id: str, now: int) -> None:
    """Note in the ledger that the person was shown the ask; once, however often the page is loaded."""
    if asks.claim(db, ask, person_id=person_id):
        detail = {"vendor": ask.party.name, "attributes": sorted(ask.attributes), "required": sorted(ask.required)}
        ledger.write(
            db, secrets.ledger, Entry("asked", ask.party.client_id, None, detail), person_id=person_id, now=now
        )


def grant(
    db: Connection,
    secrets: HostSecrets,
    ask: Ask,
    answer: Answer,
    *,
    face: Face,
    issuer: str,
    replaces: bool = False,
    agreed: Agreed | None = None,
    now: int,
) -> Grant:
    """Answer an ask. What was granted to this vendor before and not asked for now stays granted, unless it `replaces`.

    Where the vendor will know the person by another number, the grant before ends, so that none ever changes its own.
    What was paused goes on. Where nothing new is `agreed`, the agreement in force before stays.
    Raises NotAsked, RequiredRefused, BadUntil, TermsProhibit or AskAnswered, and then nothing has changed.
    """
    check(ask, answer, now=now)
    current = grants.find_current(
        db, person_id=face.person_id, persona_id=face.persona_id, client_id=ask.party.client_id
    )
    last = current[0] if current else None
    before = last if last and last.is_live(now) else None
    key = relationship_key(face.root, ask.party.sector)
    goes_on = last is not None and (PUBLIC in last.attributes) == (PUBLIC in answer.chosen)
    grant_id = last.grant_id if last and goes_on else opaque.mint(secrets.tokens, "grant", face.person_id)
    tight = replace(ask, items=still_tight(ask.items, before))
    made = merge(None if replaces else before, tight, answer, grant_id=grant_id, face=face, key=key, now=now)
    made = replace(made, reachable=last.reachable if last else True, agreed=agreed or in_force(last, now=now))
    check_terms(ask, answer, made.agreed)
    asks.mark_answered(db, ask, person_id=face.person_id, grant_id=made.grant_id, now=now)
    made = signed(db, made, key, issuer=issuer, now=now)
    grants.ensure_relationship(
        db, key, person_id=face.person_id, persona_id=face.persona_id, sector=ask.party.sector, now=now
    )
    if last and not goes_on:
        grants.mark_ended(db, last.grant_id, person_id=face.person_id, now=now)
    grants.save(db, made)
    ledger.write(db, secrets.ledger, granted(made), person_id=face.person_id, now=now)
    return made


def in_force(grant: Grant | None, *, now: int) -> Agreed | None:
    """The agreement a grant stands under, while it counts."""
    return grant.agreed if grant and grant.agreed and grant.agreed.is_in_force(now) else None


def check_terms(ask: Ask, answer: Answer, agreed: Agreed | None) -> None:
    """Raises TermsProhibit where something is to be given for a purpose that was just agreed to be prohibited."""
    if agreed and any(item.attribute in answer.chosen and prohibits(agreed.agreement, item) for item in ask.items):
        raise TermsProhibit("your terms prohibit what a value is asked for")


def signed(db: Connection, made: Grant, key: RelationshipKey, *, issuer: str, now: int) -> Grant:
    """The grant with its consent token, and a place in public for that token's status."""
    place = statuses.take(db, person_id=made.person_id, grant_id=made.grant_id, consent_token_id=made.consent_token_id)
    return replace(made, consent_token=token.sign(made, key, issuer=issuer, place=place, now=now))


def granted(made: Grant) -> Entry:
    detail = {
        "vendor": made.party.name,
        "attributes": sorted(made.attributes),
        "refused": sorted(item.attribute for item in made.refused),
        "until": made.expires_at,
        "consent_token": made.consent_token_id,
    } | ({"agreement": made.agreed.agreement} if made.agreed else {})
    return Entry("granted", made.party.client_id, made.grant_id, detail)


def check(ask: Ask, answer: Answer, *, now: int) -> None:
    """Forms can be forged: nothing unasked leaves, nothing required is skipped, nothing lasts longer than offered."""
    if not answer.chosen <= ask.attributes:
        raise NotAsked("the answer names something that was not asked for")
    if not ask.required <= answer.chosen:
        raise RequiredRefused("something is missing without which the vendor does not go on")
    if not now < answer.until <= now + LONGEST_GRANT:
        raise BadUntil("choose a day from tomorrow on, at most a year away")


def merge(
    before: Grant | None, ask: Ask, answer: Answer, *, grant_id: str, face: Face, key: RelationshipKey, now: int
) -> Grant:
    """The grant after this answer: the newest word on everything that was asked, the older word on the rest."""
    answered = ask.attributes | {PUBLIC}
    untouched = tuple(item for item in before.items if item.attribute not in answered) if before else ()
    refused_before = tuple(item for item in before.refused if item.attribute not in answered) if before else ()
    destinations = before.destinations if before and before.party.notice == ask.party.notice else ()
    return Grant(
        person_id=face.person_id,
        grant_id=grant_id,
        persona_id=face.persona_id,
        pairwise_sub=key.sub,
        public_sub=public_subject(face.root) if PUBLIC in answer.chosen else None,
        party=ask.party,
        items=untouched + tuple(item for item in ask.items if item.attribute in answer.chosen),
        refused=refused_before + tuple(item for item in ask.items if item.attribute not in answer.chosen),
        destinations=tuple(dict.fromkeys((*destinations, ask.destination))),
        granted_at=now,
        expires_at=answer.until,
        ended_at=None,
        asks_each_time=before.asks_each_time if before else False,
        reachable=True,
        paused_until=None,
        consent_token="",
        consent_token_id=token.new_id(),
    )


def still_tight(items: Collection[Item], before: Grant | None) -> tuple[Item, ...]:
    """The items as they would be granted: what the person tightened before stays, where the same is asked again."""
    answered = {item.attribute: item for item in before.items} if before else {}
    return tuple(
        replace(item, tighter=last.tighter)
        if (last := answered.get(item.attribute)) and last.conditions == item.conditions
        else item
        for item in items
    )


def refuse(
    db: Connection, secrets: HostSecrets, ask: Ask, *, person_id: str, for_terms: bool = False, now: int
) -> None:
    """Refuse an ask as a whole. What was granted before stays as it was. Raises AskAnswered.

    `for_terms`: because the vendor accepts none of the person's terms.
    """
    asks.mark_answered(db, ask, person_id=person_id, grant_id=None, now=now)
    detail = {"vendor": ask.party.name, "attributes": sorted(ask.attributes)} | ({"terms": True} if for_terms else {})
    ledger.write(db, secrets.ledger, Entry("refused", ask.party.client_id, None, detail), person_id=person_id, now=now)


def covering(
    db: Connection, ask: NewAsk, *, person_id: str, persona_id: str, sub: str | None = None, now: int
) -> tuple[Grant, Cover] | None:
    """The live grant that already answers everything in this ask, or None where the person has to be asked."""
    client_id = ask.party.client_id
    found = grants.find_known(db, person_id=person_id, persona_id=persona_id, client_id=client_id, sub=sub)
    if found is None or not found[0].is_live(now) or found[0].is_paused(now) or found[0].asks_each_time:
        return None
    if found[0].agreed and not found[0].agreed.is_in_force(now):
        return None
    return found if found[0].covers(ask) else None


def sign_in(db: Connection, secrets: HostSecrets, grant: Grant, *, cover: Cover | None = None, now: int) -> None:
    """Note that the person signed in at a vendor under an answer given earlier."""
    entry = Entry("signed_in", grant.party.client_id, grant.grant_id, {"vendor": grant.party.name})
    ledger.write(db, secrets.ledger, entry, person_id=grant.person_id, cover=cover, now=now)


def redeem(
    db: Connection,
    secrets: HostSecrets,
    grant: Grant,
    *,
    via: str,
    recipient: str | None = None,
    cover: Cover | None = None,
    now: int,
) -> None:
    """Note that the vendor turned a code or another token (`via`) into an access token, perhaps for a processor of its.

    Raises GrantEnded, GrantPaused, TermsOver.
    """
    check_redeemable(grant, now=now)
    detail = {"vendor": grant.party.name, "via": via} | ({"recipient": recipient} if recipient else {})
    entry = Entry("redeemed", grant.party.client_id, grant.grant_id, detail)
    ledger.write(db, secrets.ledger, entry, person_id=grant.person_id, cover=cover, now=now)


def read(
    db: Connection,
    secrets: HostSecrets,
    grant: Grant,
    *,
    attributes: Collection[str],
    recipient: str | None = None,
    cover: Cover | None = None,
    now: int,
) -> Delivery:
    """Note one delivery of values, to the vendor or its processor (`recipient`), in the transaction that delivers them.

    Gives back what may leave: nothing that terms or limits hold back. Raises GrantEnded, GrantPaused, NotAsked.
    """
    check_live(grant, now=now)
    if not set(attributes) <= grant.attributes:
        raise NotAsked("an attribute that was not granted can not be delivered")
    kept_back = enforcement.withheld(grant, attributes, by_processor=recipient is not None, now=now)
    found = delivery(db, grant, set(attributes) - {one.attribute for one in kept_back}, now=now)
    found = replace(found, withheld=kept_back + found.withheld)
    purposes = purposes_of(grant.items, found.attributes)
    detail: dict[str, Any] = {"vendor": grant.party.name, "attributes": sorted(found.attributes), "purposes": purposes}
    if found.withheld:
        detail["withheld"] = {one.attribute: one.reason for one in found.withheld}
    if recipient:
        detail["recipient"] = recipient
    entry = Entry("read", grant.party.client_id, grant.grant_id, detail)
    ledger.write(db, secrets.ledger, entry, person_id=grant.person_id, cover=cover, now=now)
    return found


def check_live(grant: Grant, *, now: int) -> None:
    """Raises GrantEnded, or GrantPaused."""
    if not grant.is_live(now):
        raise GrantEnded("the person has ended this grant, or it has expired")
    if grant.is_paused(now):
        raise GrantPaused("the person has paused this grant; keep what you have, it works again when they let it go on")


def check_redeemable(grant: Grant, *, now: int) -> None:
    """Raises GrantEnded, GrantPaused, TermsOver."""
    check_live(grant, now=now)
    enforcement.check_in_force(grant, now=now)


def purposes_of(items: Collection[Item], attributes: Collection[str]) -> list[str]:
    return sorted({item.purpose for item in items if item.attribute in attributes and item.purpose is not None})
