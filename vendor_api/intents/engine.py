"""What vendors hear of intents and offer: kept for each vendor by itself, under its own key."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, select, tuple_, update

from keys.secrets import HostSecrets
from vendor_api.desk.sealing import open_content, seal_content
from vendor_api.errors import InvalidRequest
from vendor_api.host import Host
from vendor_api.intents.branches import BRANCHES
from vendor_api.intents.errors import IntentOver, TooManyOffers, UnknownIntent
from vendor_api.intents.model import OPEN, Heard
from vendor_api.intents.tables import heard_intents, intent_followers
from vendor_api.model import Offer

PAGE: Final = 50
MOST_VERSIONS: Final = 20
MOST_FOLLOWERS: Final = 200  # that hear of one intent
REMEMBERED: Final = 90 * 24 * 3600  # after the time to answer

_row = heard_intents.c


@dataclass(frozen=True, slots=True)
class Page:
    """`after` is where the next one begins, None on the last."""

    intents: tuple[Heard, ...]
    after: str | None


def follow(db: Connection, branches: Collection[str], *, client_id: str, now: int) -> None:
    """In place of those it followed. Raises InvalidRequest."""
    if not set(branches) <= BRANCHES.keys():
        raise InvalidRequest(f"branches must be some of: {', '.join(BRANCHES)}")
    there = intent_followers.c
    db.execute(delete(intent_followers).where(there.client_id == client_id, there.branch.not_in(set(branches))))
    for branch in sorted(set(branches) - set(followed(db, client_id=client_id))):
        db.execute(insert(intent_followers).values(client_id=client_id, branch=branch, since=now))


def followed(db: Connection, *, client_id: str) -> list[str]:
    found = select(intent_followers.c.branch).where(intent_followers.c.client_id == client_id)
    return sorted(db.execute(found).scalars())


def followers(db: Connection, branch: str) -> list[str]:
    """Those who followed it first."""
    there = intent_followers.c
    found = select(there.client_id).where(there.branch == branch).order_by(there.since, there.client_id)
    return list(db.execute(found.limit(MOST_FOLLOWERS)).scalars())


def hear(
    db: Connection,
    secrets: HostSecrets,
    content: Mapping[str, Any],
    ids: Mapping[str, str],
    *,
    published_at: int,
    deadline: int,
) -> None:
    """Vendors are sent an intent, each under the id that `ids` has for its client_id."""
    row = {"state": OPEN, "version": 0, "published_at": published_at, "deadline": deadline}
    rows = [
        {
            **row,
            "client_id": client_id,
            "intent_id": intent_id,
            "content_sealed": seal_content(secrets, dict(content), "intent", intent_id, client_id=client_id),
        }
        for client_id, intent_id in ids.items()
    ]
    db.execute(insert(heard_intents), rows)


def find(db: Connection, secrets: HostSecrets, *, client_id: str, intent_id: str) -> Heard:
    """Raises UnknownIntent."""
    row = db.execute(select(heard_intents).where(*is_intent(client_id, intent_id))).one_or_none()
    if row is None:
        raise UnknownIntent
    return heard_from(secrets, row)


def listed(
    db: Connection,
    secrets: HostSecrets,
    *,
    client_id: str,
    state: str = OPEN,
    after: str | None = None,
    limit: int = PAGE,
) -> Page:
    """In the order in which they were sent, and those sent together in no order at all. Raises UnknownIntent."""
    found = select(heard_intents).where(_row.client_id == client_id, _row.state == state)
    if after is not None:
        last = find(db, secrets, client_id=client_id, intent_id=after)
        found = found.where(tuple_(_row.published_at, _row.intent_id) > (last.published_at, last.intent_id))
    rows = db.execute(found.order_by(_row.published_at, _row.intent_id).limit(limit + 1)).all()
    some = tuple(heard_from(secrets, row) for row in rows[:limit])
    return Page(some, some[-1].intent_id if len(rows) > limit else None)


def offer(db: Connection, host: Host, said: Offer, *, client_id: str, intent_id: str, now: int) -> Heard:
    """Answer, or put this in the place of the answer before; the very same again changes nothing.

    Raises UnknownIntent, IntentOver, TooManyOffers.
    """
    heard = find(db, host.secrets, client_id=client_id, intent_id=intent_id)
    if not heard.takes_offers(now):
        raise IntentOver
    if heard.offer == said:
        return heard
    if heard.version >= MOST_VERSIONS:
        raise TooManyOffers
    version = heard.version + 1
    host.intent_offered(db, client_id, intent_id, said, version=version, now=now)
    sealed = seal_content(host.secrets, asdict(said), "offer", intent_id, str(version), client_id=client_id)
    this = (*is_intent(client_id, intent_id), _row.state == OPEN, _row.version == heard.version)
    values = {"version": version, "offered_at": now, "offer_sealed": sealed}
    if db.execute(update(heard_intents).where(*this).values(values)).rowcount != 1:
        raise IntentOver
    return find(db, host.secrets, client_id=client_id, intent_id=intent_id)


def end(
    db: Connection,
    secrets: HostSecrets,
    state: str,
    said: Mapping[str, Any],
    *,
    client_id: str,
    intent_id: str,
    now: int,
) -> bool:
    """It is over for this vendor, which is told what is said here; whether it was this call that did it."""
    sealed = seal_content(secrets, dict(said), "end", intent_id, client_id=client_id) if said else None
    this = (*is_intent(client_id, intent_id), _row.state == OPEN)
    values = {"state": state, "ended_at": now, "end_sealed": sealed}
    return db.execute(update(heard_intents).where(*this).values(values)).rowcount == 1


def note(db: Connection, secrets: HostSecrets, outcome: str, *, client_id: str, intent_id: str) -> bool:
    """What the person says became of an offer they accepted; whether the vendor still has it."""
    try:
        heard = find(db, secrets, client_id=client_id, intent_id=intent_id)
    except UnknownIntent:
        return False
    said = {**heard.said, "outcome": outcome}
    sealed = seal_content(secrets, said, "end", intent_id, client_id=client_id)
    db.execute(update(heard_intents).where(*is_intent(client_id, intent_id)).values(end_sealed=sealed))
    return True


def sweep(db: Connection, *, now: int) -> int:
    """Forget what nobody could answer any more a while ago. Returns how many."""
    return db.execute(delete(heard_intents).where(_row.deadline <= now - REMEMBERED)).rowcount


def is_intent(client_id: str, intent_id: str) -> tuple[ColumnElement[bool], ...]:
    return _row.client_id == client_id, _row.intent_id == intent_id


def heard_from(secrets: HostSecrets, row: Row[Any]) -> Heard:
    def opened(sealed: bytes | None, *place: str) -> Any:
        return open_content(secrets, sealed, *place, client_id=row.client_id) if sealed else None

    offered = opened(row.offer_sealed, "offer", row.intent_id, str(row.version))
    return Heard(
        *(row.client_id, row.intent_id, row.state, row.published_at, row.deadline),
        *(row.version, row.offered_at, row.ended_at),
        content=opened(row.content_sealed, "intent", row.intent_id),
        offer=Offer(**offered) if offered else None,
        said=opened(row.end_sealed, "end", row.intent_id) or {},
    )
