"""How often something stands in a ledger, however long it is: what was read under a grant, and what a vendor did."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, func, literal_column, select

from consent.tables import ledger

MOST_COUNTED: Final = 2_000
# as literals, so that the database sees that its partial indexes serve
READ: Final = ledger.c.action == literal_column("'read'")
VIOLATED: Final = ledger.c.action == literal_column("'violated'")


def reads_by_grant(db: Connection, grant_ids: Collection[str], *, person_id: str) -> dict[str, tuple[int, int]]:
    """How often each of these grants was read, and when last."""
    query = (
        select(ledger.c.grant_id, func.count(), func.max(ledger.c.at))
        .where(ledger.c.person_id == person_id, READ, ledger.c.grant_id.in_(grant_ids))
        .group_by(ledger.c.grant_id)
    )
    return {grant_id: (count, last) for grant_id, count, last in db.execute(query)}


@dataclass(frozen=True, slots=True)
class Reads:
    """How often a value was read, when last, and how many of the reads named the purpose it is granted for.

    Of a grant that was read more than MOST_COUNTED times, only the newest reads are counted: `at_least` so many.
    """

    count: int
    last: int
    for_purpose: int
    at_least: bool = False


def reads_by_attribute(
    db: Connection, *, person_id: str, grant_id: str, purposes: Mapping[str, str | None]
) -> dict[str, Reads]:
    """What became of each of these attributes under a grant; `purposes` is what each is granted for."""
    of_grant = (ledger.c.person_id == person_id, ledger.c.grant_id == grant_id, READ)
    query = select(ledger.c.at, ledger.c.detail).where(*of_grant).order_by(ledger.c.at.desc()).limit(MOST_COUNTED)
    newest = db.execute(query).all()
    found: dict[str, Reads] = {}
    for at, detail in reversed(newest):
        for name in purposes.keys() & set(detail["attributes"]):
            before = found.get(name, Reads(0, 0, 0))
            named = purposes[name] in detail.get("purposes", ())
            found[name] = Reads(before.count + 1, at, before.for_purpose + named, len(newest) == MOST_COUNTED)
    return found


def violations(db: Connection, *, person_id: str, client_id: str) -> int:
    """How often the person noted that this vendor did what it may not; no more than MOST_COUNTED are looked for."""
    mine = (ledger.c.person_id == person_id, ledger.c.client_id == client_id, VIOLATED)
    some = select(ledger.c.seq).where(*mine).limit(MOST_COUNTED).subquery()
    return db.execute(select(func.count()).select_from(some)).scalar_one()
