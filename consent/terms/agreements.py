"""Agreements that were made: a document both sides hold byte for byte, signed by the person's key of the relationship.

A contract and no consent: a record of its own, linked from the grant by its digest, and ended by itself. A vendor that
accepted by its registration or by a call may add its signature; then the agreement is fully signed.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import Connection, Row, insert, select, update

from consent.canonical import canonical
from consent.canonical import digest as digest_of
from consent.model import Agreed, Party
from consent.terms.errors import BadAgreement
from consent.terms.roster import NAMESPACE, ROSTER, VERSION, digest
from consent.terms.tables import agreements
from keys.relationship import RelationshipKey

TYPE: Final = "agreement+jwt"
LIFETIME: Final = 366 * 24 * 3600

# How a vendor accepted: by what it states in public or registered, by a call, or by what it offered for an intent.
STANDING: Final = "standing"
CALL: Final = "call"
OFFER: Final = "offer"


@dataclass(frozen=True, slots=True)
class Contract:
    """One agreement as it is stored. `over` says why it ended, if it did."""

    person_id: str
    agreement_id: str
    persona_id: str
    client_id: str
    document: str
    person_signature: str
    vendor_signature: str | None
    vendor_key: Mapping[str, Any] | None
    accepted_by: str
    created_at: int
    expires_at: int
    ended_at: int | None
    over: str | None

    @property
    def digest(self) -> str:
        return digest_of(self.document.encode())

    @property
    def agreed(self) -> Agreed:
        name = json.loads(self.document)["agreement"]["id"].removeprefix(NAMESPACE)
        return Agreed(self.agreement_id, name, self.digest, self.expires_at, self.over)

    def state(self, now: int) -> str:
        """In the words of the Data Privacy Vocabulary."""
        if self.over is not None:
            return {"violated": "ContractViolated"}.get(self.over, "ContractTerminated")
        if now >= self.expires_at:
            return "ContractExpired"
        return "ContractFullySigned" if self.vendor_signature else "ContractPartiallySigned"


def make(
    db: Connection,
    name: str,
    *,
    person_id: str,
    persona_id: str,
    party: Party,
    key: RelationshipKey,
    accepted_by: str,
    issuer: str,
    now: int,
) -> Agreed:
    """Write the document, sign it for the person, and keep it. Nothing in it is the same at another vendor."""
    agreement_id, until = str(uuid4()), now + LIFETIME
    said = {
        "@type": "dpv:Contract",
        "id": f"urn:uuid:{agreement_id}",
        "agreement": {"id": ROSTER[name].uri, "version": str(VERSION), "digest": digest(name)},
        "firstParty": key.did,
        "secondParty": {"id": party.client_id, "name": party.name, "host": party.host},
        "agreedAt": now,
        "until": until,
        "acceptedBy": accepted_by,
        "issuer": issuer,
    }
    document = canonical(said)
    row = {
        "person_id": person_id,
        "agreement_id": agreement_id,
        "persona_id": persona_id,
        "client_id": party.client_id,
        "document": document.decode(),
        "person_signature": key.sign(said, typ=TYPE),
        "vendor_signature": None,
        "accepted_by": accepted_by,
        "created_at": now,
        "expires_at": until,
    }
    db.execute(insert(agreements).values(row))
    return Agreed(agreement_id, name, digest_of(document), until)


def find(db: Connection, agreement_id: str, *, person_id: str) -> Contract | None:
    this = (agreements.c.person_id == person_id, agreements.c.agreement_id == agreement_id)
    row = db.execute(select(agreements).where(*this)).one_or_none()
    return contract_from(row) if row else None


def of_vendor(db: Connection, *, person_id: str, persona_id: str, client_id: str) -> tuple[Contract, ...]:
    """The oldest first."""
    mine = (agreements.c.person_id == person_id, agreements.c.persona_id == persona_id)
    found = select(agreements).where(*mine, agreements.c.client_id == client_id)
    return tuple(map(contract_from, db.execute(found.order_by(agreements.c.created_at, agreements.c.agreement_id))))


def by_offer(db: Connection, *, person_id: str, persona_id: str, client_id: str, now: int) -> Agreed | None:
    """The newest that counts of those that came of an offer: for the grant that may follow it."""
    found = of_vendor(db, person_id=person_id, persona_id=persona_id, client_id=client_id)
    counting = [one for one in found if one.accepted_by == OFFER and one.over is None and now < one.expires_at]
    return counting[-1].agreed if counting else None


def mark_over(db: Connection, agreement_id: str, *, person_id: str, why: str, now: int) -> bool:
    """End it for good; says whether it was this call that did it."""
    living = update(agreements).where(
        agreements.c.person_id == person_id,
        agreements.c.agreement_id == agreement_id,
        agreements.c.over.is_(None),
        agreements.c.expires_at > now,
    )
    return db.execute(living.values(over=why, ended_at=now)).rowcount == 1


def countersign(db: Connection, contract: Contract, signature: str, *, key: Mapping[str, Any], now: int) -> None:
    """Keep the vendor's signature, which was verified by this key (a JWK), once. Raises BadAgreement."""
    if signed_by(signature) != contract.document.encode():
        raise BadAgreement("sign the very document: every member as it is, and no other")
    unsigned = update(agreements).where(
        agreements.c.person_id == contract.person_id,
        agreements.c.agreement_id == contract.agreement_id,
        agreements.c.vendor_signature.is_(None),
        agreements.c.over.is_(None),
        agreements.c.expires_at > now,
    )
    if db.execute(unsigned.values(vendor_signature=signature, vendor_key=dict(key))).rowcount != 1:
        raise BadAgreement("this agreement is signed already, or it is over")


def signed_by(signature: str) -> bytes | None:
    """What a compact JWS is over, spelled canonically; None where it has no such spelling, or names a member twice."""
    part = signature.split(".")[1]
    try:
        said = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)), object_pairs_hook=each_once)
        return canonical(said)
    except (ValueError, TypeError):
        return None


def each_once(members: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of two members of one name, RFC 8259 section 4 lets every reader choose. Raises ValueError."""
    found = dict(members)
    if len(found) != len(members):
        raise ValueError("a member stands there twice")
    return found


def contract_from(row: Row[Any]) -> Contract:
    return Contract(
        row.person_id,
        row.agreement_id,
        row.persona_id,
        row.client_id,
        row.document,
        row.person_signature,
        row.vendor_signature,
        row.vendor_key,
        row.accepted_by,
        row.created_at,
        row.expires_at,
        row.ended_at,
        row.over,
    )
