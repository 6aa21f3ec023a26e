"""Which topics a persona reads as a feed, and which it could."""

from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, exists, func, select, update

from consent import grants
from consent.model import CONTACT, Grant
from consent.standing import Whose, blocking
from consent.tables import grant_items
from consent.tables import grants as all_grants
from keys.inserts import insert_if_new
from vendor_api.vendors import registry, topics
from wallet.feeds.errors import UnknownTopic
from wallet.feeds.tables import followed_topics

_row = followed_topics.c
PAST_CONTACT: Final = CONTACT[:-1] + chr(ord(CONTACT[-1]) + 1)


@dataclass(frozen=True, slots=True)
class Topic:
    """One that a vendor may speak about, and whether it is read as a feed."""

    client_id: str
    topic: str
    grant_id: str
    vendor: str = field(repr=False)
    name: str = field(repr=False)
    is_followed: bool


def follow(db: Connection, who: Whose, *, client_id: str, topic: str, now: int) -> None:
    """Raises UnknownTopic where the persona does not allow it."""
    find_grant(db, who, client_id=client_id, topic=topic, now=now)
    row = {**place_of(who), "client_id": client_id, "topic": topic, "followed_at": now, "seen_at": now}
    insert_if_new(db, followed_topics, row)


def unfollow(db: Connection, who: Whose, *, client_id: str, topic: str) -> None:
    db.execute(delete(followed_topics).where(*mine(who), _row.client_id == client_id, _row.topic == topic))


def all_seen(db: Connection, who: Whose, *, now: int) -> None:
    """What came until now, up to what the person had before their eyes."""
    db.execute(update(followed_topics).where(*mine(who), _row.seen_at < now).values(seen_at=now))


def follows(db: Connection, grant: Grant, topic: str) -> bool:
    whose = (_row.person_id == grant.person_id, _row.persona_id == grant.persona_id)
    this = (*whose, _row.client_id == grant.party.client_id, _row.topic == topic)
    return db.execute(select(exists().where(*this))).scalar_one()


def allowed(db: Connection, who: Whose, *, language: str, skip: int, limit: int, now: int) -> list[Topic]:
    """The topics that vendors may speak to this persona about, a page of them."""
    item, grant = grant_items.c, all_grants.c
    its = and_(grant.person_id == item.person_id, grant.grant_id == item.grant_id)
    topic = func.substr(item.attribute, len(CONTACT) + 1)
    same = and_(
        _row.person_id == item.person_id,
        _row.persona_id == item.persona_id,
        _row.client_id == grant.client_id,
        _row.topic == topic,
    )
    live = (item.person_id == who.person_id, item.persona_id == who.persona_id, item.until > now)
    named = (item.attribute >= CONTACT, item.attribute < PAST_CONTACT)
    found = (
        select(grant.client_id, topic.label("topic"), grant.grant_id, grant.party["name"].as_string().label("vendor"))
        .add_columns(_row.followed_at)
        .select_from(grant_items)
        .join(all_grants, its)
        .outerjoin(followed_topics, same)
        .where(*live, *named)
        .order_by(item.attribute, item.grant_id)
    )
    rows = db.execute(found.offset(skip).limit(limit)).all()
    vendors = {client_id: registry.find(db, client_id) for client_id in {row.client_id for row in rows}}
    return [topic_of(row, vendors[row.client_id], language) for row in rows]


def topic_of(row: Row[Any], vendor: Any, language: str) -> Topic:
    name = topics.name_of(vendor.metadata, row.topic, language) if vendor else row.topic
    return Topic(row.client_id, row.topic, row.grant_id, row.vendor, name, row.followed_at is not None)


def find_grant(db: Connection, who: Whose, *, client_id: str, topic: str, now: int) -> Grant:
    """The one under which this vendor may speak of this topic now. Raises UnknownTopic."""
    found = grants.find_current(db, **place_of(who), client_id=client_id)
    grant = found[0] if found else None
    if grant is None or not grant.is_live(now) or grant.is_paused(now) or topic not in grant.topics:
        raise UnknownTopic
    if who.persona_id in blocking(db, person_id=who.person_id, client_id=client_id):
        raise UnknownTopic
    return grant


def place_of(who: Whose) -> dict[str, Any]:
    return {"person_id": who.person_id, "persona_id": who.persona_id}


def mine(who: Whose) -> tuple[ColumnElement[bool], ...]:
    return _row.person_id == who.person_id, _row.persona_id == who.persona_id
