"""The log of a vendor's reviews: whatever happened to one has a line, and nobody can take a line out unseen."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, func, insert, select, update

from consent.canonical import canonical, digest
from keys.inserts import insert_if_new
from keys.signing import SigningKeys
from vendor_api.reviews.documents import ALGORITHM, midnight
from vendor_api.reviews.tables import review_log, review_logs

HEAD: Final = "review-log+jwt"
PUBLISHED, CHANGED, ENDED, ANSWERED = "published", "changed", "ended", "answered"
_line = review_log.c


@dataclass(frozen=True, slots=True)
class Line:
    number: int
    public_id: str
    what: str
    version: int
    digest: str
    day: int
    hash: str

    def as_data(self) -> dict[str, Any]:
        said = {"number": self.number, "review_id": self.public_id, "what": self.what, "version": self.version}
        return said | {"digest": self.digest, "day": self.day, "hash": self.hash}


def add(db: Connection, client_id: str, *, public_id: str, what: str, version: int, document: str, now: int) -> int:
    """The number of the new line. On PostgreSQL the later of two writers loses the race, and runs again."""
    insert_if_new(db, review_logs, {"client_id": client_id, "number": 0, "hash": ""})
    turned = update(review_logs).where(review_logs.c.client_id == client_id)
    turned = turned.values(number=review_logs.c.number + 1)
    number, before = db.execute(turned.returning(review_logs.c.number, review_logs.c.hash)).one()
    said = {"number": number, "review_id": public_id, "what": what, "version": version}
    said |= {"digest": document, "day": midnight(now)}
    after = chained(before, said)
    row = {name: value for name, value in said.items() if name != "review_id"}
    db.execute(insert(review_log).values(**row, client_id=client_id, public_id=public_id, hash=after))
    db.execute(update(review_logs).where(review_logs.c.client_id == client_id).values(hash=after))
    return int(number)


def chained(before: str, said: Mapping[str, Any]) -> str:
    """SHA-256 over the hash of the line before and the canonical JSON of this one."""
    return digest(before.encode() + canonical(said))


def lines(db: Connection, client_id: str, *, after: int, limit: int) -> list[Line]:
    query = select(review_log).where(_line.client_id == client_id, _line.number > after).order_by(_line.number)
    names = ("number", "public_id", "what", "version", "digest", "day", "hash")
    return [Line(*(row[name] for name in names)) for row in db.execute(query.limit(limit)).mappings()]


def happened_today(db: Connection, client_id: str, public_id: str, *, now: int) -> int:
    of = (_line.client_id == client_id, _line.public_id == public_id, _line.day == midnight(now))
    return db.execute(select(func.count()).where(*of)).scalar_one()


def head(db: Connection, keys: SigningKeys, client_id: str, *, issuer: str, now: int) -> dict[str, Any]:
    """How far the log has come, and the same signed by the host, for whoever wants to hold it to that."""
    row = db.execute(select(review_logs).where(review_logs.c.client_id == client_id)).one_or_none()
    said = {"number": row.number if row else 0, "hash": row.hash if row else ""}
    signed = keys.active[ALGORITHM].sign({"iss": issuer, "sub": client_id, "iat": now, **said}, typ=HEAD)
    return {**said, "signed": signed}
