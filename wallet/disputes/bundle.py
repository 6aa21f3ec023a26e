"""The file for a dispute: receipts, agreements, requests by right and their answers, and their lines of the ledger.

It is of one persona and one vendor. Of every other line of the ledger only a salted digest stands in it, so that the
chain can be followed to the stamp and nothing else is told than how many lines there are.
"""

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import Connection

from consent import grants, ledger, receipts, stamps
from consent.canonical import canonical, digest
from consent.model import Grant, Line
from consent.moving import homes
from consent.receipts import Receipt
from consent.rights import answers, requests
from consent.rights.answers import Answer
from consent.rights.requests import RightsRequest
from consent.terms import agreements, negotiations
from consent.terms.agreements import Contract
from consent.terms.negotiations import DPV, Negotiation
from keys.relationship import RelationshipKey, relationship_key
from wallet.house import House
from wallet.people.engine import own_ledger_key
from wallet.people.personas import persona_root

VERSION: Final = "hausrecht-dispute/1"
SEAL: Final = "dispute-seal+jwt"


def bundle(db: Connection, house: House, grant: Grant, *, now: int) -> dict[str, Any]:
    """Everything about the persona and the vendor of this grant, sealed by their key. Raises LedgerBroken."""
    person_id = grant.person_id
    ledger.verify(db, house.secrets.ledger, person_id=person_id)
    root = persona_root(db, house.secrets, person_id=person_id, persona_id=grant.persona_id)
    of_vendor = [
        one
        for one in grants.of_person(db, person_id=person_id, persona_ids=(grant.persona_id,))
        if (one.party.client_id, one.party.sector) == (grant.party.client_id, grant.party.sector)
    ]
    found = [
        one
        for each in sorted(of_vendor, key=lambda grant: grant.granted_at)
        for one in receipts.of_grant(db, each.grant_id, person_id=person_id)
    ]
    lines = ledger.lines(db, person_id=person_id)[::-1]
    stamps_with, issuer = own_ledger_key(db, house.secrets, person_id=person_id), house.settings.issuer
    place = {"person_id": person_id, "persona_id": grant.persona_id, "client_id": grant.party.client_id}
    named = {one.said["aud"][1] for one in found}
    before = [home for home in homes.former(db, person_id=person_id) if home in named]
    content = {
        "version": VERSION,
        "vendor": grant.party.client_id,
        "wallet": issuer,
        **({"former_wallets": before} if before else {}),
        "receipts": [receipt_said(one) for one in found],
        "agreements": [agreement_said(one, now=now) for one in agreements.of_vendor(db, **place)],
        "rounds": [round_said(one, now=now) for one in negotiations.of_vendor(db, **place)],
        "requests": [
            request_said(one, answers.answers_of(db, house.secrets, one))
            for one in requests.of_person(db, person_id=person_id, persona_id=grant.persona_id)[::-1]
            if one.client_id == grant.party.client_id
        ],
        "ledger": {
            "person": person_id,
            "lines": blinded(lines, {one.grant_id for one in of_vendor}, person_id=person_id),
            "stamp": stamps.sign(db, stamps_with, person_id=person_id, issuer=issuer, now=now),
        },
    }
    return {**content, "seal": sealed(content, relationship_key(root, grant.party.sector), now=now)}


def receipt_said(one: Receipt) -> dict[str, Any]:
    by_vendor = one.countersignature
    return {
        "document": one.document,
        "consent_token": one.consent_token,
        **({"countersignature": by_vendor.signed, "countersigner": dict(by_vendor.jwk)} if by_vendor else {}),
    }


def agreement_said(one: Contract, *, now: int) -> dict[str, Any]:
    by_vendor = one.vendor_signature
    return {
        "document": one.document,
        "state": one.state(now),
        "person_signature": one.person_signature,
        **({"vendor_signature": by_vendor, "vendor_key": dict(one.vendor_key or {})} if by_vendor else {}),
    }


def round_said(one: Negotiation, *, now: int) -> dict[str, Any]:
    """Nobody signs a round that came to nothing: it is the person's word, under the seal."""
    offered = {"offered": one.offered} if one.offered else {}
    return {"proposed": list(one.proposed), **offered, "state": DPV[one.state(now)], "begun_at": one.created_at}


def request_said(one: RightsRequest, given: Iterable[Answer]) -> dict[str, Any]:
    return {
        "document": one.document,
        "due_at": one.due_at,
        "answers": [{"document": answer.document, "key": dict(answer.key), "at": answer.at} for answer in given],
    }


def blinded(lines: tuple[Line, ...], grant_ids: set[str], *, person_id: str) -> list[dict[str, Any] | str]:
    """Oldest first: the lines of these grants as they were hashed, of all others the digest of their content."""
    found: list[dict[str, Any] | str] = []
    for line in lines:
        said = {name: getattr(line, name) for name in ledger.CONTENT}
        found.append(said if line.grant_id in grant_ids else ledger.content_digest(person_id, said))
    return found


def sealed(content: dict[str, Any], key: RelationshipKey, *, now: int) -> str:
    """The relationship's key vouches for the file as a whole, and so for the ledger's own key in it."""
    return key.sign({"iss": key.did, "iat": now, "digest": digest(canonical(content))}, SEAL)
