"""Authorization codes: short-lived, bound to vendor, address and challenge, spent once (RFC 6749 section 4.1.2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from secrets import token_urlsafe
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from consent.model import Grant
from keys import opaque
from keys.errors import BadToken
from keys.prepared import Prepared
from keys.secrets import HostSecrets
from vendor_api.errors import CodeSpentTwice, InvalidGrant
from vendor_api.tables import codes

LIFETIME: Final = 60
REMEMBERED: Final = 24 * 3600


@dataclass(frozen=True, slots=True)
class Code:
    """What a spent code stood for. `request` is what the authorization request left for the token endpoint."""

    person_id: str
    grant_id: str
    family: str
    request: Mapping[str, Any]


INSERT = Prepared(insert(codes))


def issue(
    db: Connection, secrets: HostSecrets, grant: Grant, *, request: Mapping[str, Any], auth_time: int, now: int
) -> str:
    code = opaque.mint(secrets.tokens, "code", grant.person_id)
    INSERT.run(
        db,
        {
            "person_id": grant.person_id,
            "code_digest": opaque.digest(code),
            "client_id": grant.party.client_id,
            "grant_id": grant.grant_id,
            "family": token_urlsafe(16),
            "request": {**request, "auth_time": auth_time},
            "expires_at": now + LIFETIME,
            "spent_at": None,
        },
    )
    return code


SPEND = Prepared(
    update(codes)
    .where(
        codes.c.person_id == bindparam("of_person"),
        codes.c.code_digest == bindparam("of_digest"),
        codes.c.client_id == bindparam("of_client"),
        codes.c.expires_at > bindparam("now"),
        codes.c.spent_at.is_(None),
    )
    .values(spent_at=bindparam("now"))
    .returning(codes.c.grant_id, codes.c.family, codes.c.request)
)


def spend(db: Connection, secrets: HostSecrets, code: str, *, client_id: str, now: int) -> Code:
    """Spend a code; it can be spent once. Raises InvalidGrant, and CodeSpentTwice where the same vendor comes again."""
    try:
        person_id = opaque.person_of(secrets.tokens, "code", code)
    except BadToken:
        raise InvalidGrant("this code is not valid") from None
    digest = opaque.digest(code)
    row = SPEND.first(db, {"of_person": person_id, "of_digest": digest, "of_client": client_id, "now": now})
    if row is None:
        raise why_not_spent(db, person_id=person_id, digest=digest, client_id=client_id)
    return Code(person_id, row.grant_id, row.family, row.request)


def why_not_spent(db: Connection, *, person_id: str, digest: str, client_id: str) -> InvalidGrant:
    row = db.execute(
        select(codes.c.family, codes.c.spent_at).where(
            codes.c.person_id == person_id, codes.c.code_digest == digest, codes.c.client_id == client_id
        )
    ).one_or_none()
    if row is not None and row.spent_at is not None:
        return CodeSpentTwice(person_id, row.family)
    return InvalidGrant("this code is not valid, or it has expired")


def sweep(db: Connection, *, now: int) -> int:
    """Forget codes a day after they expired; until then a second use is recognised. Returns how many."""
    return db.execute(delete(codes).where(codes.c.expires_at <= now - REMEMBERED)).rowcount
