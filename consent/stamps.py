"""Stamps of a ledger: how far it had come on a day, signed, to be kept where the ledger is not.

Whoever can write to the database could put a whole ledger and its cover in place of another. A stamp that the person
has kept tells: the line it names must still be there, with the same hash, and every later line follows from it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import jwt
from sqlalchemy import Connection, exists, or_, select, text

from consent import ledger
from consent.errors import BadStamp
from consent.tables import ledger as lines
from consent.tables import stamps as table
from keys.relationship import RelationshipKey

TYPE: Final = "ledger-stamp+jwt"
LONGEST: Final = 2000


@dataclass(frozen=True, slots=True)
class Stamp:
    """Line `last` had this `hash` at that time (epoch seconds)."""

    last: int
    hash: str
    at: int


def sign(db: Connection, key: RelationshipKey, *, person_id: str, issuer: str, now: int) -> str:
    """The stamp of the ledger as it is now: a JWT that verifies from its `kid`, a did:key, alone."""
    cover = ledger.find_cover(db, person_id=person_id)
    claims = {"iss": key.did, "aud": issuer, "iat": now, "w:last": cover.last, "w:hash": cover.hash}
    return key.sign(claims, typ=TYPE)


def opened(given: str, key: RelationshipKey, *, issuer: str | Sequence[str]) -> Stamp:
    """What a stamp says. Raises BadStamp for one that this person did not get at this address, or one of these."""
    if len(given) > LONGEST:
        raise BadStamp("this is too long to be a stamp of a ledger")
    try:
        header = jwt.get_unverified_header(given)
        claims = jwt.decode(
            given,
            key.private.public_key(),
            algorithms=["EdDSA"],
            issuer=key.did,
            audience=issuer,
            options={"require": ["iss", "aud", "iat"], "verify_iat": False},
        )
    except (jwt.PyJWTError, ValueError):
        raise BadStamp("this is no stamp of this ledger") from None
    last, hashed, at = claims.get("w:last"), claims.get("w:hash"), claims["iat"]
    if header.get("typ") != TYPE or type(last) is not int or not isinstance(hashed, str) or type(at) is not int:
        raise BadStamp("this is no stamp of this ledger")
    return Stamp(last, hashed, at)


def stands(db: Connection, stamp: Stamp, *, person_id: str) -> bool:
    """Whether the ledger still has that line as it was; together with ledger.verify, whether all of it is as it was."""
    if stamp.last == 0:
        return stamp.hash == ""
    found = select(lines.c.hash).where(lines.c.person_id == person_id, lines.c.seq == stamp.last)
    return db.execute(found).scalar_one_or_none() == stamp.hash


@dataclass(frozen=True, slots=True)
class Kept:
    """A stamp that was made by itself on that day (UTC, as 2027-01-15)."""

    day: str
    last: int
    hash: str
    stamp: str


# Whoever comes second on a day, or where nothing has happened since the last stamp, changes nothing.
KEEP: Final = text(
    "insert into stamps (person_id, day, last, hash, stamp) values (:person_id, :day, :last, :hash, :stamp) "
    "on conflict (person_id, day) do nothing"
)


def due(db: Connection, person_ids: Collection[str], *, day: str) -> list[str]:
    """Those of them in whose ledger something stands that no stamp names as the last, and who have none of that day."""
    is_known = exists().where(
        table.c.person_id == lines.c.person_id, or_(table.c.day == day, table.c.hash == lines.c.hash)
    )
    covers = select(lines.c.person_id).where(lines.c.person_id.in_(person_ids), lines.c.seq == ledger.COVER)
    return list(db.execute(covers.where(~is_known)).scalars())


def keep(db: Connection, key: RelationshipKey, *, person_id: str, issuer: str, day: str, now: int) -> None:
    """Make the stamp of this day, once."""
    cover, stamp = (
        ledger.find_cover(db, person_id=person_id),
        sign(db, key, person_id=person_id, issuer=issuer, now=now),
    )
    db.execute(KEEP, {"person_id": person_id, "day": day, "last": cover.last, "hash": cover.hash, "stamp": stamp})


def kept(db: Connection, *, person_id: str, day: str | None = None, limit: int | None = None) -> list[Kept]:
    """The newest first; only that of one day, if one is named."""
    found = select(table.c.day, table.c.last, table.c.hash, table.c.stamp).where(table.c.person_id == person_id)
    if day is not None:
        found = found.where(table.c.day == day)
    return [Kept(*row) for row in db.execute(found.order_by(table.c.day.desc()).limit(limit))]
