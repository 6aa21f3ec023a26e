"""Receipts: a grant, each change of it and its end, as a signed document that person and vendor both keep.

Each names the digest of the one before, so that the receipts of one grant are a chain of their own. The document is
what counts, byte for byte; record, Kantara receipt and page are made from it (docs/decisions/0023).
"""

import base64
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from secrets import compare_digest
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Row, func, insert, select, update

from consent import ledger
from consent.canonical import canonical, digest
from consent.errors import AlreadyCountersigned, UnknownReceipt
from consent.ledger import Entry
from consent.model import Grant
from consent.statement import statement
from consent.tables import grants, receipts
from keys.relationship import RelationshipKey
from keys.secrets import HostSecrets

TYPE: Final = "consent-receipt+jwt"
KINDS: Final = (
    "granted",
    "paused",
    "resumed",
    "narrowed",
    "widened",
    "tightened",
    "prolonged",
    "agreed",
    "disagreed",
    "revoked",
)
CHANGES: Final[Mapping[str, str]] = {
    "narrowed": "narrowed",
    "widened": "widened",
    "tightened": "tightened",
    "longer": "prolonged",
    "agreed": "agreed",
    "terms_over": "disagreed",
}
# What an event says besides its kind.
TOLD: Final = ("until", "longer", "narrowed", "widened", "tightened", "agreed", "terms_over", "by_vendor")


@dataclass(frozen=True, slots=True)
class Countersignature:
    """The vendor's signature over our digest, and the public key (a JWK) it verifies with, as it was registered."""

    signed: str
    jwk: Mapping[str, Any]
    at: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """`document` are the exact bytes, a compact JWS. `number` counts within the grant, from 1."""

    person_id: str
    grant_id: str
    number: int
    receipt_id: str
    kind: str
    at: int
    document: str
    digest: str
    consent_token: str
    countersignature: Countersignature | None

    @property
    def said(self) -> dict[str, Any]:
        """What was signed."""
        return payload_of(self.document)


def kind_of(action: str, what: Mapping[str, Any]) -> str:
    """One of KINDS, for what a change leaves in the ledger (consent/changes.py)."""
    if action in {"granted", "revoked"}:
        return action
    if "paused" in what:
        return "paused" if what["paused"] else "resumed"
    return next(kind for name, kind in CHANGES.items() if name in what)


def write(
    db: Connection,
    grant: Grant,
    what: Mapping[str, Any],
    *,
    action: str,
    key: RelationshipKey,
    issuer: str,
    now: int,
) -> str:
    """The next receipt of this grant, signed by the relationship's key; gives back its digest."""
    before, receipt_id, kind = last(db, grant), str(uuid.uuid4()), kind_of(action, what)
    number = before.number + 1 if before else 1
    said = {
        "iss": key.did,
        "sub": key.sub,
        "aud": [grant.party.client_id, issuer],
        "jti": f"urn:uuid:{receipt_id}",
        "iat": now,
        "grant_id": grant.grant_id,
        "number": number,
        "event": {"kind": kind, **{name: what[name] for name in TOLD if name in what}},
        "statement": statement(grant, issuer=issuer),
        "consent_token": digest(grant.consent_token.encode()),
        **({"previous": before.digest} if before else {}),
    }
    document = key.sign_bytes(canonical(said), TYPE)
    row = {
        "person_id": grant.person_id,
        "grant_id": grant.grant_id,
        "number": number,
        "receipt_id": receipt_id,
        "kind": kind,
        "at": now,
        "document": document,
        "digest": digest(document.encode()),
        "consent_token": grant.consent_token,
    }
    db.execute(insert(receipts).values(row))
    return str(row["digest"])


def last(db: Connection, grant: Grant) -> Row[int, str] | None:
    """Number and digest of the newest; two changes of one grant meet at its row before they come here."""
    mine = (receipts.c.person_id == grant.person_id, receipts.c.grant_id == grant.grant_id)
    query = select(receipts.c.number, receipts.c.digest).where(*mine).order_by(receipts.c.number.desc()).limit(1)
    return db.execute(query).one_or_none()


def of_grant(db: Connection, grant_id: str, *, person_id: str) -> tuple[Receipt, ...]:
    """Oldest first."""
    mine = (receipts.c.person_id == person_id, receipts.c.grant_id == grant_id)
    return tuple(map(receipt_from, db.execute(select(receipts).where(*mine).order_by(receipts.c.number))))


def held_at(db: Connection, *, person_id: str, persona_id: str, client_id: str, at: int) -> list[dict[str, Any]]:
    """The statements that held between a persona and a vendor at a moment that is over."""
    row, later = receipts.c, receipts.alias().c
    its = (later.person_id == row.person_id, later.grant_id == row.grant_id, later.at < at)
    last = select(func.max(later.number)).where(*its).scalar_subquery()
    of_grant = (grants.c.person_id == row.person_id) & (grants.c.grant_id == row.grant_id)
    mine = (grants.c.person_id == person_id, grants.c.persona_id == persona_id, grants.c.client_id == client_id)
    found = select(row.document).join(grants, of_grant).where(*mine, row.number == last, row.kind != "revoked")
    said = [payload_of(document)["statement"] for document in db.execute(found).scalars()]
    return [one for one in said if one["expires_at"] >= at]


def find(db: Connection, receipt_id: str, *, grant_id: str, person_id: str) -> Receipt:
    """Raises UnknownReceipt, also for one of another grant."""
    this = (
        receipts.c.person_id == person_id,
        receipts.c.grant_id == grant_id,
        receipts.c.receipt_id == receipt_id,
    )
    row = db.execute(select(receipts).where(*this)).one_or_none()
    if row is None:
        raise UnknownReceipt("there is no such receipt of this grant")
    return receipt_from(row)


def is_equal(receipt: Receipt, given: str) -> bool:
    """Whether a digest is that of our bytes."""
    return compare_digest(receipt.digest.encode(), given.encode(errors="surrogatepass"))


def countersign(
    db: Connection, secrets: HostSecrets, grant: Grant, receipt: Receipt, given: Countersignature, *, now: int
) -> None:
    """Keep what the vendor signed, once, with a line in the ledger. Raises AlreadyCountersigned."""
    this = (
        receipts.c.person_id == receipt.person_id,
        receipts.c.grant_id == receipt.grant_id,
        receipts.c.number == receipt.number,
        receipts.c.countersigned_at.is_(None),
    )
    kept = {"countersignature": given.signed, "countersigner": dict(given.jwk), "countersigned_at": given.at}
    if db.execute(update(receipts).where(*this).values(kept)).rowcount != 1:
        raise AlreadyCountersigned("this receipt is countersigned already")
    said = {"receipt": receipt.digest, "countersignature": digest(given.signed.encode()), "of": receipt.at}
    entry = Entry("countersigned", grant.party.client_id, grant.grant_id, {"vendor": grant.party.name, **said})
    ledger.write(db, secrets.ledger, entry, person_id=receipt.person_id, now=now)


def payload_of(document: str) -> dict[str, Any]:
    """What a document says, unverified: ours, out of our own database."""
    part = document.split(".")[1]
    found: dict[str, Any] = orjson.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


def receipt_from(row: Row[Any]) -> Receipt:
    by_vendor = None
    if row.countersigned_at is not None:
        by_vendor = Countersignature(row.countersignature, row.countersigner, row.countersigned_at)
    return Receipt(
        row.person_id,
        row.grant_id,
        row.number,
        row.receipt_id,
        row.kind,
        row.at,
        row.document,
        row.digest,
        row.consent_token,
        by_vendor,
    )
