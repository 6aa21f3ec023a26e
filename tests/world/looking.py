"""Hold what is stored against what is supposed: ledger line by line, grants, receipts, statuses, agreements."""

from dataclasses import dataclass, field
from typing import Any

import jwt
from judging import key_of
from sqlalchemy import select
from supposing import Agreed

from consent import grants, ledger, receipts, statuses
from consent.canonical import digest
from consent.model import Grant, Line
from consent.tables import statuses as places
from consent.terms.tables import agreements as contracts
from wallet.house import House


@dataclass(frozen=True)
class Told:
    """A line there has to be. `receipt` is the kind of receipt that belongs to it."""

    action: str
    grant: Agreed | None = None
    receipt: str | None = None
    said: dict[str, Any] = field(default_factory=dict)


class Ledger:
    """The person's ledger, of which every line was looked at once, and the chain again and again."""

    def __init__(self, house: House, person_id: str) -> None:
        self.person_id, self.told, self.looked_at, self.last_hash = person_id, list[Told](), 0, ""
        line = house.database.read(ledger.lines, person_id=person_id, limit=1)
        assert not line

    def look(self, house: House) -> None:
        """Exactly the lines that were supposed have come, each with its receipt if one belongs to it."""
        new = self.told[self.looked_at :]
        found = house.database.read(ledger.lines, person_id=self.person_id, limit=len(new) + 1)[::-1]
        assert (found[-1].seq if found else 0) == len(self.told), [line.action for line in found]
        for told, line in zip(new, found[len(found) - len(new) :], strict=True):
            self.compare(told, line)
        self.looked_at = len(self.told)

    def compare(self, told: Told, line: Line) -> None:
        assert (line.action, line.grant_id) == (told.action, told.grant.grant_id if told.grant else None)
        assert line.previous == self.last_hash
        assert line.hash == ledger.line_hash(self.person_id, {name: getattr(line, name) for name in ledger.HASHED})
        assert told.said.items() <= line.detail.items(), (told.said, line.detail)
        assert ("receipt" in line.detail) == (told.receipt is not None), f"{told.action} without its receipt"
        self.last_hash = line.hash
        if told.grant and told.receipt:
            told.grant.kinds.append(told.receipt)
            told.grant.digests.append(line.detail["receipt"])
        if told.grant and "consent_token" in line.detail:
            told.grant.tokens.append(line.detail["consent_token"])

    def verify(self, house: House) -> None:
        assert house.database.read(ledger.verify, house.secrets.ledger, person_id=self.person_id) == len(self.told)


def look_at_grants(house: House, agreed: dict[str, Agreed], *, person_id: str) -> None:
    found = house.database.read(grants.of_person, person_id=person_id)
    assert {one.grant_id for one in found} == agreed.keys()
    for one in found:
        look_at_grant(one, agreed[one.grant_id], now=house.clock())


def look_at_grant(found: Grant, agreed: Agreed, *, now: int) -> None:
    assert {item.attribute: item.in_force for item in found.items} == {
        name: given.in_force for name, given in agreed.items.items()
    }
    assert {item.attribute for item in found.refused} == agreed.refused.keys()
    assert (found.granted_at, found.expires_at, found.ended_at) == (agreed.given_at, agreed.until, agreed.ended_at)
    assert (found.is_live(now), found.is_paused(now)) == (agreed.is_live(now), agreed.is_paused(now))
    agreement = agreed.agreement
    stands_under = (found.agreed.agreement, found.agreed.until, found.agreed.over) if found.agreed else None
    assert stands_under == ((agreement.name, agreement.until, agreement.over) if agreement else None)


def look_at_receipts(house: House, agreed: Agreed, *, person_id: str) -> None:
    """One for each grant, change and end; each names the one before and is signed, as a judge would see it."""
    found = house.database.read(receipts.of_grant, agreed.grant_id, person_id=person_id)
    assert [one.kind for one in found] == agreed.kinds
    assert [one.number for one in found] == list(range(1, len(found) + 1))
    assert [digest(one.document.encode()) for one in found] == agreed.digests
    before = [None, *agreed.digests]
    assert [one.said.get("previous") for one in found] == before[: len(found)]
    for one in found[agreed.verified :]:
        did = jwt.get_unverified_header(one.document)["kid"].partition("#")[0]
        checks = {"audience": agreed.vendor, "issuer": did, "options": {"verify_iat": False}}
        jwt.decode(one.document, key_of(did), algorithms=["EdDSA"], **checks)
    agreed.verified = len(found)


def look_at_statuses(house: House, agreed: dict[str, Agreed], *, person_id: str) -> None:
    """The newest consent token of a grant says what the grant is; all that were before it are over."""
    now = house.clock()
    found = house.database.read(lambda db: db.execute(select(places).where(places.c.person_id == person_id)).all())
    lists = {name: house.database.read(statuses.bits, name, now=now) for name in {row.list_id for row in found}}
    said = {row.consent_token_id: lists[row.list_id][row.idx // 4] >> row.idx % 4 * 2 & 3 for row in found}
    supposed = {token: statuses.INVALID for one in agreed.values() for token in one.tokens}
    for one in agreed.values():
        if one.is_live(now):
            supposed[one.tokens[-1]] = statuses.SUSPENDED if one.is_paused(now) else statuses.VALID
    assert said == supposed


def look_at_contracts(house: House, over: dict[str, str], *, person_id: str) -> None:
    """An agreement that is over stays over, and for the reason it ended; no other is."""
    ended = select(contracts.c.agreement_id, contracts.c.over).where(
        contracts.c.person_id == person_id, contracts.c.over.is_not(None)
    )
    assert dict(house.database.read(lambda db: [tuple(row) for row in db.execute(ended)])) == over
