"""What happens when a person has come to another address: a line in the ledger, and every vendor is told."""

from typing import Final

from sqlalchemy import Connection

from consent import events, grants, ledger
from consent.ledger import Entry
from consent.moving import homes
from keys.relationship import relationship_key
from wallet.house import House
from wallet.vault.known import Known

STATEMENT: Final = "address-change+jwt"


def tell(db: Connection, house: House, known: Known, *, old: str, person_id: str, now: int) -> None:
    """The statement is signed by the relationship's key, so that a vendor need trust neither host."""
    new = house.settings.issuer
    homes.leave(db, old, person_id=person_id, now=now)
    entry = Entry("moved", detail={"from": old, "to": new})
    cover = ledger.write(db, house.secrets.ledger, entry, person_id=person_id, now=now)
    for grant in grants.of_person(db, person_id=person_id):
        if grant.is_live(now):
            key = relationship_key(known.roots[grant.persona_id], grant.party.sector)
            claims = {"iss": key.did, "sub": key.sub, "aud": grant.party.client_id, "iat": now}
            statement = key.sign({**claims, "w:from": old, "w:to": new}, STATEMENT)
            said = {**events.of_grant(grant), "from": old, "to": new, "statement": statement}
            events.tell(db, events.about(grant), events.MOVED, said, line=cover.last, now=now)
