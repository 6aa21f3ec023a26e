"""The status of consent tokens, one random place each in a public list of many (draft-ietf-oauth-status-list).

A list is shared by everybody on this host; what stands at a place comes from the grant (docs/decisions/0022).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from secrets import randbelow, token_urlsafe
from typing import Final

from sqlalchemy import ColumnElement, Connection, case, func, or_, select, text

from consent.tables import grants, status_lists, statuses

PATH: Final = "/oauth/status"
SIZE: Final = 2**17
BITS: Final = 2
VALID, INVALID, SUSPENDED = 0x00, 0x01, 0x02  # section 7.1


@dataclass(frozen=True, slots=True)
class Place:
    """Where the status of one consent token stands."""

    list_id: str
    idx: int

    def claim(self, *, issuer: str) -> dict[str, object]:
        """Section 6.2: what the consent token says about it."""
        return {"status_list": {"idx": self.idx, "uri": address(self.list_id, issuer=issuer)}}


def address(list_id: str, *, issuer: str) -> str:
    return f"{issuer}{PATH}/{list_id}"


TAKE = text(
    """
    insert into statuses (person_id, consent_token_id, grant_id, list_id, idx)
    select :person_id, :consent_token_id, :grant_id, list_id, :idx from status_lists
    where number = (select max(number) from status_lists)
    on conflict (list_id, idx) do nothing
    returning list_id
    """
)
OPEN = text(
    """
    insert into status_lists (number, list_id) values (:number, :list_id) on conflict (number) do nothing
    """
)


def take(db: Connection, *, person_id: str, grant_id: str, consent_token_id: str) -> Place:
    """A place of its own for a new consent token: any that is free, each as likely as the others."""
    ids = {"person_id": person_id, "grant_id": grant_id, "consent_token_id": consent_token_id}
    while True:
        idx = randbelow(SIZE)
        list_id = db.execute(TAKE, {**ids, "idx": idx}).scalar()
        if list_id is not None:
            return Place(list_id, idx)
        open_another(db)


def find(db: Connection, *, person_id: str, consent_token_id: str) -> Place | None:
    """Where the status of this token stands."""
    wanted = (statuses.c.person_id == person_id, statuses.c.consent_token_id == consent_token_id)
    row = db.execute(select(statuses.c.list_id, statuses.c.idx).where(*wanted)).first()
    return Place(row.list_id, row.idx) if row else None


def open_another(db: Connection) -> None:
    """Begin a list where there is none, or where the newest is half full.

    Only a place that was taken already leads here. In a list that is nearly empty that is rare, so nobody counts; in
    one that is half full it happens at every second try.
    """
    newest = db.execute(select(status_lists).order_by(status_lists.c.number.desc()).limit(1)).one_or_none()
    if newest is None or 2 * how_many(db, newest.list_id) >= SIZE:
        db.execute(OPEN, {"number": newest.number + 1 if newest else 1, "list_id": token_urlsafe(16)})


def how_many(db: Connection, list_id: str) -> int:
    """How many places of a list are taken."""
    return db.execute(select(func.count()).where(statuses.c.list_id == list_id)).scalar_one()


def is_list(db: Connection, list_id: str) -> bool:
    return db.execute(select(status_lists.c.number).where(status_lists.c.list_id == list_id)).first() is not None


def status(now: int) -> ColumnElement[int]:
    """What a grant says about the consent token at its side. One that no grant carries any more was replaced."""
    over = or_(grants.c.grant_id.is_(None), grants.c.ended_at.is_not(None), grants.c.expires_at <= now)
    return case((over, INVALID), (grants.c.paused_until > now, SUSPENDED), else_=VALID)


def bits(db: Connection, list_id: str, *, now: int) -> bytes:
    """The whole list as it is now."""
    carries = (
        (grants.c.person_id == statuses.c.person_id)
        & (grants.c.grant_id == statuses.c.grant_id)
        & (grants.c.consent_token_id == statuses.c.consent_token_id)
    )
    said = status(now).label("status")
    found = select(statuses.c.idx, said).outerjoin(grants, carries).where(statuses.c.list_id == list_id, said != VALID)
    return packed((row.idx, row.status) for row in db.execute(found))


def packed(found: Iterable[tuple[int, int]]) -> bytes:
    """Section 4.1: BITS for each place, the lowest of a byte first; VALID where nothing was found."""
    array = bytearray(SIZE * BITS // 8)
    for idx, value in found:
        byte, place = divmod(idx, 8 // BITS)
        array[byte] |= value << place * BITS
    return bytes(array)
