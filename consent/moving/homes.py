"""Where a person's wallet was before: what was signed there still counts, and ids that were made there still open."""

from collections.abc import Iterable
from itertools import islice
from typing import Final

import jwt
from sqlalchemy import Connection, insert, select, text

from consent.moving.tables import brought_ids, former_homes
from keys import opaque
from keys.errors import BadToken
from keys.secrets import HostSecrets

AT_ONCE: Final = 500


def owner(db: Connection, secrets: HostSecrets, kind: str, given: object) -> str:
    """Whose id this is, made here or brought along. A look-up only where it was not made here. Raises BadToken."""
    try:
        return opaque.person_of(secrets.tokens, kind, given)
    except BadToken:
        if not isinstance(given, str) or len(given) > opaque.LONGEST_TOKEN:
            raise
        found = select(brought_ids.c.person_id).where(brought_ids.c.id_digest == opaque.digest(given))
        person_id: str | None = db.execute(found).scalar_one_or_none()
        if person_id is None:
            raise
        return person_id


def bring(db: Connection, secrets: HostSecrets, ids: Iterable[tuple[str, str]], *, person_id: str) -> None:
    """Have ids (kind and id) found that do not open here.

    Raises BadToken for somebody else's, and sqlalchemy's IntegrityError for one that another person has brought.
    """
    strangers = iter([given for kind, given in ids if not is_made_here(secrets, kind, given, person_id=person_id)])
    while some := list(islice(strangers, AT_ONCE)):
        rows = [{"person_id": person_id, "id_digest": opaque.digest(given)} for given in some]
        db.execute(insert(brought_ids), rows)


def is_made_here(secrets: HostSecrets, kind: str, given: str, *, person_id: str) -> bool:
    """Raises BadToken for one that was made for somebody else."""
    try:
        made_for = opaque.person_of(secrets.tokens, kind, given)
    except BadToken:
        return False
    if made_for != person_id:
        raise BadToken("This id is somebody else's.")
    return True


def former(db: Connection, *, person_id: str) -> tuple[str, ...]:
    """The addresses, the last one first."""
    mine = select(former_homes.c.issuer).where(former_homes.c.person_id == person_id)
    return tuple(db.execute(mine.order_by(former_homes.c.until.desc(), former_homes.c.issuer)).scalars())


def issuers(db: Connection, secrets: HostSecrets, consent_token: str, *, issuer: str) -> tuple[str, ...]:
    """At which addresses this consent token may have been signed. A look-up only for one that does not name ours."""
    try:
        said = jwt.decode(consent_token, options={"verify_signature": False})
        named = said.get("aud")
        if not isinstance(named, list) or issuer in named:
            return (issuer,)
        person_id = owner(db, secrets, "grant", said.get("grant_id"))
    except (jwt.PyJWTError, ValueError, RecursionError, BadToken):
        return (issuer,)
    return (issuer, *former(db, person_id=person_id))


LEAVE = text(
    """
    insert into former_homes (person_id, issuer, until) values (:person_id, :issuer, :now)
    on conflict (person_id, issuer) do update set until = excluded.until
    """
)


def leave(db: Connection, issuer: str, *, person_id: str, now: int) -> None:
    """Remember an address that was left."""
    db.execute(LEAVE, {"person_id": person_id, "issuer": issuer, "now": now})
