"""What can be spent once: a code or a refresh token. Two who come at the same moment can not both spend it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Table, bindparam, select, update

from keys import opaque
from keys.errors import BadToken
from keys.prepared import Prepared
from keys.secrets import HostSecrets
from vendor_api.errors import InvalidGrant, SpentTwice


@dataclass(frozen=True, slots=True)
class Spent:
    """What it stood for. `request` is what the authorization request left for the token endpoint."""

    person_id: str
    grant_id: str
    family: str
    request: Mapping[str, Any]


class Spendable:
    """Rows of a table that can be spent once; `kind` is that of the opaque token, `called` what vendors call it."""

    def __init__(self, kind: str, called: str, table: Table, digest: Column[str], *alive: ColumnElement[bool]) -> None:
        self.kind, self.called = kind, called
        self._row = (
            table.c.person_id == bindparam("of_person"),
            digest == bindparam("of_digest"),
            table.c.client_id == bindparam("of_client"),
        )
        unspent = (table.c.expires_at > bindparam("now"), table.c.spent_at.is_(None), *alive)
        spent = update(table).where(*self._row, *unspent).values(spent_at=bindparam("now"))
        self._spend = Prepared(spent.returning(table.c.grant_id, table.c.family, table.c.request))
        self._look = select(table.c.family, table.c.spent_at).where(*self._row)

    def spend(self, db: Connection, secrets: HostSecrets, given: str, *, client_id: str, now: int) -> Spent:
        """Raises InvalidGrant, and SpentTwice where the same vendor comes again."""
        try:
            person_id = opaque.person_of(secrets.tokens, self.kind, given)
        except BadToken:
            raise InvalidGrant(f"this {self.called} is not valid, or it has expired") from None
        one = {"of_person": person_id, "of_digest": opaque.digest(given), "of_client": client_id}
        row = self._spend.first(db, {**one, "now": now})
        if row is not None:
            return Spent(person_id, row.grant_id, row.family, row.request)
        before = db.execute(self._look, one).one_or_none()
        if before is not None and before.spent_at is not None:
            raise SpentTwice(person_id, before.family)
        raise InvalidGrant(f"this {self.called} is not valid, or it has expired")
