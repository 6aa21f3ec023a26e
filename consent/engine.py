"""Asks and their answers: shown, granted, refused, renewed. Each leaves its line in the ledger."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import Connection

from consent import asks, grants, ledger, receipts, standing, statuses, token
from consent.caps import longest_of
from consent.errors import BadUntil, NotAsked, RequiredRefused
from consent.ledger import Entry
from consent.model import PUBLIC, Agreed, Ask, Cover, Grant, Item, NewAsk
from consent.standing import Rules
from consent.terms import agreements
from consent.terms.errors import TermsProhibit
from consent.terms.evaluation import prohibits
from consent.tightening import Tightening, all_tightened
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
    """What the person decided: these attributes, until then (epoch seconds, exclusive), some under stricter limits."""

    chosen: frozenset[str]
    until: int
    tightenings: tuple[Tightening, ...] = ()


def present(db: Connection, secrets: HostSecrets, ask: Ask, *, person_id: str, now: int) -> None:
    """Note in the ledger that the person was shown the ask; once, however often the page is loaded."""
    if asks.claim(db, ask, person_id=person_id):
        detail = {"vendor": ask.party.name, "attributes": sorted(ask.attributes), "required": sorted(ask.required)}
        detail |= beyond(ask)
        ledger.write(
            db, secrets.ledger, Entry("asked", ask.party.client_id, None, detail), person_id=person_id, now=now
        )


def beyond(ask: NewAsk) -> dict[str, list[str]]:
    """The names of what was asked beyond caps, for the ledger."""
    left_out = sorted({one.attribute for one in ask.trimmed if one.left_out})
    tightened = sorted({one.attribute for one in ask.trimmed} - set(left_out))
    return {name: names for name, names in (("left_out", left_out), ("trimmed", tightened)) if names}


def latest_end(items: Collection[Item], *, now: int) -> int:
    """When a grant of these ends at the latest (epoch seconds, exclusive)."""
    return now + min(longest_of(items) or LONGEST_GRANT, LONGEST_GRANT)


def grant(
    db: Connection,
    secrets: HostSecrets,
    ask: Ask,
    answer: Answer,
    *,
    face: Face,
    issuer: str,
    replaces: bool = False,
    by_rule: bool = False,
    agreed: Agreed | None = None,
    now: int,
) -> Grant:
    """Answer an ask. What was granted to this vendor before and not asked for now stays granted, unless it `replaces`.

    Where the vendor will know the person by another number, the grant before ends, so that none ever changes its own.
    What was paused goes on. Where nothing new is `agreed`, the agreement in force before stays.
    Raises NotAsked, NotTighter, EmptyRange, RequiredRefused, BadUntil, TermsProhibit or AskAnswered, and then nothing
    has changed.
    """
    check(ask, answer, now=now)
    place = {"person_id": face.person_id, "persona_id": face.persona_id}
    whose = place | {"client_id": ask.party.client_id}
    current = grants.find_current(db, **whose)
    last = current[0] if current else None
    before = last if last and last.is_live(now) else None
    key = relationship_key(face.root, ask.party.sector)
    goes_on = last is not None and (PUBLIC in last.attributes) == (PUBLIC in answer.chosen)
    grant_id = last.grant_id if last and goes_on else opaque.mint(secrets.tokens, "grant", face.person_id)
    tight = replace(ask, items=all_tightened(still_tight(ask.items, before), answer.tightenings, chosen=answer.chosen))
    agreed = agreed or agreed_with(db, last, **whose, now=now)
    made = merge(None if replaces else before, tight, answer, grant_id=grant_id, face=face, key=key, now=now)
    made = replace(made, reachable=last.reachable if last else True, agreed=agreed)
    check_terms(ask, answer, made.agreed)
    asks.mark_answered(db, ask, person_id=face.person_id, grant_id=made.grant_id, now=now)
    made = signed(db, made, key, issuer=issuer, now=now)
    grants.ensure_relationship(db, key, **place, sector=ask.party.sector, now=now)
    ended = None if goes_on or not last else end_before(db, last, face, issuer=issuer, now=now)
    grants.save(db, made)
    receipt = receipts.write(db, made, {}, action="granted", key=key, issuer=issuer, now=now)
    proofs = {"receipt": receipt} | ({"ended": ended} if ended else {})
    ledger.write(db, secrets.ledger, granted(made, proofs, by_rule=by_rule), person_id=face.person_id, now=now)
    return made


def end_before(db: Connection, last: Grant, face: Face, *, issuer: str, now: int) -> str:
    """The grant whose place the new one takes; gives back the digest of the receipt of its end."""
    grants.mark_ended(db, last.grant_id, person_id=face.person_id, now=now)
    key = relationship_key(face.root, last.party.sector)
    return receipts.write(db, last, {}, action="revoked", key=key, issuer=issuer, now=now)


def in_force(grant: Grant | None, *, now: int) -> Agreed | None:
    """The agreement a grant stands under, while it counts."""
    return grant.agreed if grant and grant.agreed and grant.agreed.is_in_force(now) else None


def agreed_with(db: Connection, last: Grant | None, *, now: int, **whose: str) -> Agreed | None:
    """The agreement under which the next grant to a vendor stands: that of the last, or one that came of an offer."""
    return in_force(last, now=now) or agreements.by_offer(db, **whose, now=now)


def check_terms(ask: Ask, answer: Answer, agreed: Agreed | None) -> None:
    """Raises TermsProhibit where something is to be given for a purpose that was just agreed to be prohibited."""
    if agreed and forbids(agreed, ask, answer):
        raise TermsProhibit("your terms prohibit what a value is asked for")


def forbids(agreed: Agreed, ask: Ask, answer: Answer) -> bool:
    return any(item.attribute in answer.chosen and prohibits(agreed.agreement, item) for item in ask.items)


def signed(db: Connection, made: Grant, key: RelationshipKey, *, issuer: str, now: int) -> Grant:
    """The grant with its consent token, and a place in public for that token's status."""
    place = statuses.take(db, person_id=made.person_id, grant_id=made.grant_id, consent_token_id=made.consent_token_id)
    return replace(made, consent_token=token.sign(made, key, issuer=issuer, place=place, now=now))


def granted(made: Grant, proofs: Mapping[str, str], *, by_rule: bool) -> Entry:
    """`proofs` are digests of receipts: of this answer, and of the end of the one whose place it takes."""
    detail = {
        "vendor": made.party.name,
        "attributes": sorted(made.attributes),
        "refused": sorted(item.attribute for item in made.refused),
        "until": made.expires_at,
        "consent_token": made.consent_token_id,
        **proofs,
        **({"agreement": made.agreed.agreement} if made.agreed else {}),
        **({"by_rule": True} if by_rule else {}),
    }
    return Entry("granted", made.party.client_id, made.grant_id, detail)


def check(ask: Ask, answer: Answer, *, now: int) -> None:
    """Forms can be forged: nothing unasked leaves, nothing required is skipped, nothing lasts longer than offered."""
    if not answer.chosen <= ask.attributes:
        raise NotAsked("the answer names something that was not asked for")
    if not ask.required <= answer.chosen:
        raise RequiredRefused("something is missing without which the vendor does not go on")
    if not now < answer.until <= latest_end(ask.items, now=now):
        raise BadUntil("choose a day from tomorrow on, and not later than the one offered")
    if any(one.until is not None and not now < one.until <= now + LONGEST_GRANT for one in answer.tightenings):
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
    db: Connection,
    secrets: HostSecrets,
    ask: Ask,
    *,
    person_id: str,
    by_rule: bool = False,
    for_terms: bool = False,
    now: int,
) -> None:
    """Refuse an ask as a whole. What was granted before stays as it was. Raises AskAnswered.

    `by_rule` of the person, or `for_terms`: because the vendor accepts none of theirs.
    """
    asks.mark_answered(db, ask, person_id=person_id, grant_id=None, now=now)
    detail: dict[str, Any] = {"vendor": ask.party.name, "attributes": sorted(ask.attributes)}
    detail |= {**beyond(ask), "by_rule": True} if by_rule else {}
    detail |= {"terms": True} if for_terms else {}
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
    if found[0].ruled:
        mine = standing.of(db, whose=standing.Whose(person_id, found[0].persona_id))
        ask = standing.under(ask, mine)
        if standing.refuses(ask, mine):
            return None
    return found if found[0].covers(ask) else None


def renew(
    db: Connection, secrets: HostSecrets, ask: Ask, mine: Rules, *, face: Face, issuer: str, now: int
) -> Grant | None:
    """Answer an ask as the grant did that has run out, where the persona has said `always` to that; None otherwise.

    For the same values under the same limits, at the same address, and no longer than that answer was for.
    """
    ids = {"person_id": face.person_id, "persona_id": face.persona_id}
    found = grants.find_current(db, **ids, client_id=ask.party.client_id)
    last = found[0] if found else None
    if last is None or last.is_live(now) or last.is_paused(now) or last.asks_each_time:
        return None
    if not last.covers(ask) or not standing.renews(ask, mine, last.grant_id):
        return None
    until = min(now + last.expires_at - last.granted_at, latest_end(ask.items, now=now))
    same = replace(ask, items=still_tight(ask.items, last))
    answer = Answer(ask.attributes & last.attributes, until)
    if last.agreed is not None and (not last.agreed.is_in_force(now) or forbids(last.agreed, same, answer)):
        return None
    return grant(db, secrets, same, answer, face=face, issuer=issuer, by_rule=True, now=now)
