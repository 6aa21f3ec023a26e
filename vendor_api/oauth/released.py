"""Locked values that their person opened at a browser, on their way to the vendor.

They lie here sealed under the code, and then under the access token, that only the vendor holds: of both this host
keeps but a digest, so it opens nothing of them by itself. They count for a few minutes after the person was present.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from consent.model import Grant
from keys import opaque
from keys.sealing import seal, unseal
from vendor_api.host import Host
from vendor_api.model import Held, Visitor
from vendor_api.tables import released

PRESENT_SECONDS: Final = 600
IN_REQUEST: Final = "released"
_INFO: Final = b"hausrecht/released/v1"

_row = released.c


@dataclass(frozen=True, slots=True)
class Released:
    """What was opened in this session, and until when it may be read (epoch seconds)."""

    values: Mapping[str, Held] = field(repr=False)
    session: str = field(repr=False)
    until: int


def open_here(
    db: Connection, host: Host, grant: Grant, request: Mapping[str, Any], visitor: Visitor, *, now: int
) -> Released | None:
    """What was asked for and is locked, or follows from it, if their person is present; no statement for who is not."""
    if visitor.lock_key is None:
        return None
    asked = grant.attributes & {*request["userinfo"], *request["id_token"]}
    found = host.values(db, grant, attributes=asked, lock_key=visitor.lock_key)
    locked = {name: held for name, held in found.items() if held.lock}
    return Released(locked, visitor.session, now + PRESENT_SECONDS) if locked else None


def flag(opened: Released | None) -> dict[str, Any]:
    """What a code or token has to remember, so that others need not look."""
    return {IN_REQUEST: True} if opened else {}


def keep(db: Connection, person_id: str, holder: str, opened: Released) -> None:
    """Seal them under this code or access token."""
    digest = opaque.digest(holder)
    plain = orjson.dumps(
        {name: [held.value, held.set_at, held.assurance, held.lock] for name, held in opened.values.items()}
    )
    sealed = seal(_key_of(holder), plain, "released", person_id, digest)
    row = {"person_id": person_id, "holder_digest": digest, "session": opened.session}
    db.execute(insert(released).values(**row, sealed=sealed, expires_at=opened.until))


def take(db: Connection, code: str, request: Mapping[str, Any], *, person_id: str, now: int) -> Released | None:
    """What lies under a code; it is gone with that."""
    if IN_REQUEST not in request:
        return None
    row = db.execute(delete(released).where(_at(person_id, code)).returning(*_row)).one_or_none()
    if row is None or row.expires_at <= now:
        return None
    return Released(_values(code, row.sealed, person_id=person_id), row.session, row.expires_at)


def find(db: Connection, token: str, request: Mapping[str, Any], *, person_id: str, now: int) -> Mapping[str, Held]:
    """What lies under an access token; a statement only where something does."""
    if IN_REQUEST not in request:
        return {}
    found = select(_row.sealed).where(_at(person_id, token), _row.expires_at > now)
    sealed = db.execute(found).scalar_one_or_none()
    return {} if sealed is None else _values(token, sealed, person_id=person_id)


def hand_over(db: Connection, *, person_id: str, before: str, after: str) -> None:
    """The same person goes on in the same browser in another session."""
    mine = (_row.person_id == person_id) & (_row.session == before)
    db.execute(update(released).where(mine).values(session=after))


def withdraw(db: Connection, *, person_id: str, sessions: Collection[str]) -> None:
    """What was opened in these sessions can be read no more."""
    db.execute(delete(released).where(_row.person_id == person_id, _row.session.in_(sessions)))


def sweep(db: Connection, *, now: int) -> int:
    """Forget what is over; returns how many."""
    return db.execute(delete(released).where(_row.expires_at <= now)).rowcount


def _values(holder: str, sealed: bytes, *, person_id: str) -> dict[str, Held]:
    plain = unseal(_key_of(holder), sealed, "released", person_id, opaque.digest(holder))
    return {name: Held(*held) for name, held in orjson.loads(plain).items()}


def _key_of(holder: str) -> bytes:
    """RFC 5869; a code or token has 28 random bytes."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=_INFO).derive(holder.encode())


def _at(person_id: str, holder: str) -> ColumnElement[bool]:
    return (_row.person_id == person_id) & (_row.holder_digest == opaque.digest(holder))
