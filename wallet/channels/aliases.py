"""One mail address for each relationship: random, known to its two sides, and gone with the grant."""

import hashlib
import hmac
from dataclasses import dataclass
from secrets import token_hex
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, exists, insert, select

from consent.tables import grants
from keys.persons import ITSELF, key_of_row, open_subject_key, with_keys
from keys.sealing import seal, unseal
from keys.secrets import HostSecrets
from wallet.channels.tables import mail_aliases

PREFIX: Final = "r."


@dataclass(frozen=True, slots=True)
class Relationship:
    """Whose alias it is."""

    person_id: str
    persona_id: str
    client_id: str
    grant_id: str


def alias_of(
    db: Connection, secrets: HostSecrets, *, person_id: str, persona_id: str, client_id: str, grant_id: str, now: int
) -> str:
    """The local part of this relationship's address, made where there is none, or where it was an earlier grant's."""
    place = {"person_id": person_id, "persona_id": persona_id, "client_id": client_id}
    table = mail_aliases
    found = with_keys(table, table, persona_id=table.c.persona_id, subject=ITSELF).where(
        *(table.c[name] == value for name, value in place.items())
    )
    row = db.execute(found).first()
    if row is not None and row.grant_id == grant_id:
        return opened(secrets, row)
    db.execute(delete(table).where(*(table.c[name] == value for name, value in place.items())))
    alias = PREFIX + token_hex(16)
    key = open_subject_key(db, secrets, person_id=person_id, persona_id=persona_id, subject=ITSELF)
    sealed = seal(key, alias.encode(), *aad(place))
    row_of = {**place, "alias_digest": digest(secrets, alias), "alias_sealed": sealed}
    db.execute(insert(table).values(**row_of, grant_id=grant_id, made_at=now))
    return alias


def find(db: Connection, secrets: HostSecrets, alias: str) -> Relationship | None:
    """Whose it is, as long as the grant stands."""
    table = mail_aliases
    stands = exists().where(
        grants.c.person_id == table.c.person_id,
        grants.c.grant_id == table.c.grant_id,
        grants.c.ended_at.is_(None),
    )
    names = (table.c.person_id, table.c.persona_id, table.c.client_id, table.c.grant_id)
    row = db.execute(select(*names).where(table.c.alias_digest == digest(secrets, alias), stands)).first()
    return Relationship(*row) if row else None


def sweep(db: Connection, *, now: int) -> int:
    """Those whose grant is no more."""
    mine = (grants.c.person_id == mail_aliases.c.person_id) & (grants.c.grant_id == mail_aliases.c.grant_id)
    stands = exists().where(mine, grants.c.ended_at.is_(None))
    return db.execute(delete(mail_aliases).where(mail_aliases.c.made_at < now, ~stands)).rowcount


def opened(secrets: HostSecrets, row: Row[Any]) -> str:
    whose = {"person_id": row.person_id, "persona_id": row.persona_id}
    key = key_of_row(secrets, row, **whose, subject=ITSELF)
    return unseal(key, row.alias_sealed, *aad({**whose, "client_id": row.client_id})).decode()


def digest(secrets: HostSecrets, alias: str) -> str:
    """Mail servers may change the case of what stands before the @."""
    return hmac.new(secrets.logins, b"mail alias\n" + alias.lower().encode(), hashlib.sha256).hexdigest()


def aad(place: dict[str, str]) -> tuple[str, ...]:
    return "mail_aliases", place["person_id"], place["persona_id"], place["client_id"]
