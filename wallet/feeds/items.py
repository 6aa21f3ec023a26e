"""What stands in a persona's feed: nothing is kept of an item for each of its readers, so reading leaves no trace."""

from dataclasses import dataclass
from secrets import token_urlsafe
from typing import Any

from sqlalchemy import Connection, and_, or_, select

from consent.canonical import digest
from consent.contact.model import INBOX
from consent.model import Grant
from consent.standing import Whose
from vendor_api.files import message_digest
from vendor_api.publishing import engine
from vendor_api.publishing.errors import UnknownPublication
from vendor_api.publishing.model import Publication
from vendor_api.publishing.tables import publications
from vendor_api.vendors import registry, topics
from wallet.dialogue import engine as dialogue
from wallet.dialogue import saying
from wallet.dialogue.model import PUBLICATION, VENDOR, NewMessage, Thread
from wallet.feeds.errors import UnknownItem, UnknownTopic
from wallet.feeds.following import find_grant, mine, place_of
from wallet.feeds.meant import is_meant
from wallet.feeds.tables import followed_topics
from wallet.house import House

Place = tuple[int, str]

_row = followed_topics.c
_item = publications.c


@dataclass(frozen=True, slots=True)
class Entry:
    """An item of a feed as its person sees it."""

    item: Publication
    grant: Grant
    topic_name: str
    is_new: bool


def entries(
    db: Connection, house: House, who: Whose, *, language: str, before: Place | None = None, limit: int, now: int
) -> tuple[list[Entry], Place | None]:
    """Items of what is followed, the newest first, and where the next page begins."""
    of_topic = and_(_item.client_id == _row.client_id, _item.topic == _row.topic)
    good = (_item.withdrawn_at.is_(None), _item.valid_until > now)
    found = select(*_item, _row.seen_at).join(followed_topics, of_topic).where(*mine(who), *good)
    if before is not None:
        same = and_(_item.published_at == before[0], _item.publication_id < before[1])
        found = found.where(or_(_item.published_at < before[0], same))
    newest = found.order_by(_item.published_at.desc(), _item.publication_id.desc()).limit(limit + 1)
    rows = db.execute(newest).all()
    last = rows[limit - 1] if len(rows) > limit else None
    shown = [entry(db, house, who, row, language=language, now=now) for row in rows[:limit]]
    return [one for one in shown if one is not None], (last.published_at, last.publication_id) if last else None


def entry(db: Connection, house: House, who: Whose, row: Any, *, language: str, now: int) -> Entry | None:
    """None for what this persona may not have, or no longer."""
    one = engine.publication_of(house.secrets, row)
    try:
        grant = find_grant(db, who, client_id=one.client_id, topic=one.topic, now=now)
    except UnknownTopic:
        return None
    vendor = registry.find(db, one.client_id)
    if vendor is None or not is_meant(db, house, grant, one, now=now):
        return None
    name = topics.name_of(vendor.metadata, one.topic, language)
    return Entry(one, grant, name, is_new=one.published_at > row.seen_at)


def find(db: Connection, house: House, who: Whose, *, client_id: str, publication_id: str, now: int) -> Entry:
    """Raises UnknownItem, also for whom it is not meant."""
    try:
        one = engine.find(db, house.secrets, publication_id, client_id=client_id)
        grant = find_grant(db, who, client_id=client_id, topic=one.topic, now=now)
    except (UnknownPublication, UnknownTopic):
        raise UnknownItem from None
    if not one.is_good(now) or not is_meant(db, house, grant, one, now=now):
        raise UnknownItem
    return Entry(one, grant, "", is_new=False)


def answer(db: Connection, house: House, who: Whose, found: Entry, text: str, *, language: str, now: int) -> Thread:
    """In a thread that begins with the item. Only now does the vendor hear of it. Raises EmptyMessage."""
    one, party = found.item, found.grant.party
    about: dict[str, Any] = {"client_id": one.client_id, "grant_id": found.grant.grant_id, "vendor": party.name}
    about |= {"host": party.host, "subject": one.title, "kind": PUBLICATION, "topic": one.topic, "opened_by": VENDOR}
    thread = dialogue.open_thread(db, house.secrets, **place_of(who), **about, now=now)
    public_id = token_urlsafe(16)
    said = NewMessage(VENDOR, one.text, message_digest(one.text), public_id, INBOX, topic=one.topic, reason=one.reason)
    dialogue.add(db, thread, said, now=now)
    saying.say(db, house.secrets, thread, text, language=language, now=now)
    dialogue.mark_read(db, thread, now=now)
    return thread


def parcels(
    db: Connection, house: House, who: Whose, *, language: str, limit: int, now: int
) -> list[tuple[Entry, str]]:
    """Those a reader outside the wallet shows, each with a name of its own that tells nothing."""
    found, _older = entries(db, house, who, language=language, limit=limit, now=now)
    return [(one, digest(f"{who.persona_id}/{one.item.client_id}/{one.item.publication_id}".encode())) for one in found]
