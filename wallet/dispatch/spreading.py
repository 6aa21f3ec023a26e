"""Bring what a vendor published to each person who allowed its topic, by their channel and in their hours.

First the vendor's grants are gone through, some at a time: who allows the topic gets a copy that waits. Then each copy
is brought when it is due. Each person is one transaction, and whatever dies in between is done once all the same: a
copy is made once, and brought by whoever marks it first.
"""

import logging
from dataclasses import dataclass
from secrets import token_urlsafe
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, delete, select, tuple_, update
from sqlalchemy.exc import SQLAlchemyError

from consent import grants
from consent.contact import permission
from consent.contact.errors import PAUSED, NotPermitted
from consent.contact.permission import Wish
from consent.errors import UnknownGrant
from consent.model import CONTACT
from consent.tables import grant_items
from consent.tables import grants as all_grants
from keys.inserts import insert_if_new
from vendor_api.files import message_digest
from vendor_api.model import Spoken
from vendor_api.publishing import engine
from vendor_api.publishing.errors import UnknownPublication
from vendor_api.publishing.model import Publication
from wallet.channels.sending import WHILE_PAUSED
from wallet.dialogue import hearing
from wallet.dialogue.model import PUBLICATION
from wallet.dispatch.parcels import send_on
from wallet.feeds import following
from wallet.feeds.meant import is_meant
from wallet.feeds.tables import publication_copies
from wallet.house import House

AT_ONCE: Final = 200
PUBLICATIONS: Final = 10  # that take turns
AFTER_FAILURE: Final = 3600

_copy = publication_copies.c

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Copy:
    """A publication on its way to one persona."""

    person_id: str
    persona_id: str
    client_id: str
    publication_id: str
    grant_id: str
    due_at: int
    until: int


def spread_all(house: House) -> int:
    """Everything that can be done now; returns how many items were brought."""
    while some := house.database.read(engine.to_spread, house.secrets, limit=PUBLICATIONS):
        for one in some:
            spread_some(house, one)
    brought = 0
    while copies := house.database.read(due, now=house.clock()):
        brought += sum(try_to_bring(house, copy) for copy in copies)
    return brought


def spread_some(house: House, one: Publication) -> None:
    """Make copies for the next of the vendor's grants, and note how far that came."""
    rows = house.database.read(next_grants, one, now=house.clock()) if one.is_good(house.clock()) else []
    meant_for = sum(
        house.database.write(make_copy, house, one, row.person_id, row.grant_id, now=house.clock())
        for row in rows
        if row.attribute is not None
    )
    last = (rows[-1].person_id, rows[-1].persona_id) if rows else (one.after_person, one.after_persona)
    far: dict[str, Any] = {"after": last, "meant_for": meant_for, "is_last": len(rows) < AT_ONCE}
    house.database.write(engine.go_on, one, **far, now=house.clock())


def next_grants(db: Connection, one: Publication, *, now: int) -> list[Any]:
    """Some of the vendor's grants in their order, each with the topic's attribute where it allows that."""
    row = all_grants.c
    after = tuple_(row.person_id, row.persona_id) > (one.after_person, one.after_persona)
    live = (row.client_id == one.client_id, row.ended_at.is_(None), after)
    some = select(row.person_id, row.persona_id, row.grant_id).where(*live)
    few = some.order_by(row.person_id, row.persona_id).limit(AT_ONCE).subquery()
    item = grant_items.c
    allows = and_(
        item.person_id == few.c.person_id,
        item.grant_id == few.c.grant_id,
        item.attribute == CONTACT + one.topic,
        item.until > now,
    )
    found = select(few, item.attribute).select_from(few).outerjoin(grant_items, allows)
    return list(db.execute(found.order_by(few.c.person_id, few.c.persona_id)))


def make_copy(db: Connection, house: House, one: Publication, person_id: str, grant_id: str, *, now: int) -> bool:
    """Whether it is meant for this person."""
    try:
        grant = grants.find(db, grant_id, person_id=person_id)
    except UnknownGrant:
        return False
    if not is_meant(db, house, grant, one, now=now):
        return False
    place = {"person_id": person_id, "persona_id": grant.persona_id, "client_id": one.client_id}
    row = {**place, "publication_id": one.publication_id, "grant_id": grant_id, "due_at": now}
    insert_if_new(db, publication_copies, {**row, "until": one.valid_until})
    return True


def due(db: Connection, *, now: int) -> tuple[Copy, ...]:
    """The longest waiting first."""
    found = select(publication_copies).where(_copy.due_at <= now).order_by(_copy.due_at).limit(AT_ONCE)
    return tuple(Copy(**row._mapping) for row in db.execute(found))


def try_to_bring(house: House, copy: Copy) -> bool:
    """Whether it was brought. What fails for one person is tried again later, and keeps nobody else waiting."""
    try:
        return house.database.write(bring, house, copy, now=house.clock())
    except SQLAlchemyError:
        raise  # the database is away
    except Exception:
        log.exception("unhandled, while bringing a publication")
        house.database.write(put_off, copy, until=house.clock() + AFTER_FAILURE)
        return False


def bring(db: Connection, house: House, copy: Copy, *, now: int) -> bool:
    """All of it or nothing: mark the copy, ask for permission, speak. Whether the person has it as a message now."""
    if not mark(db, copy, due_at=None):
        return False
    try:
        one = engine.find(db, house.secrets, copy.publication_id, client_id=copy.client_id)
        grant = grants.find(db, copy.grant_id, person_id=copy.person_id)
    except (UnknownPublication, UnknownGrant):
        return False
    if not one.is_good(now) or following.follows(db, grant, one.topic) or not is_meant(db, house, grant, one, now=now):
        return False
    try:
        permitted = permission.permit(db, house.secrets, grant, Wish(one.topic), now=now)
    except NotPermitted as error:
        put_off(db, copy, until=now + WHILE_PAUSED if error.reason == PAUSED else error.next_at)
        return False
    permission.note(db, permitted, now=now)
    # An id of its own for each person: asked about one that it knows, a vendor could tell who has it.
    text = {"text": one.text, "digest": message_digest(one.text), "reason": one.reason}
    said = Spoken(token_urlsafe(16), one.title, **text, thread_id=None, contact_person_id=None, attachments=())
    send_on(db, permitted, hearing.say(db, house.secrets, permitted, said, kind=PUBLICATION, now=now), now=now)
    return True


def mark(db: Connection, copy: Copy, *, due_at: int | None) -> bool:
    """Whether nobody else has done so since it was looked at."""
    seen = update(publication_copies).where(*this(copy), _copy.due_at == copy.due_at)
    return db.execute(seen.values(due_at=due_at)).rowcount == 1


def put_off(db: Connection, copy: Copy, *, until: int | None) -> None:
    """Until then, if it still counts then; a time that is unknown never comes."""
    due_at = until if until is not None and until < copy.until else None
    db.execute(update(publication_copies).where(*this(copy)).values(due_at=due_at))


def this(copy: Copy) -> tuple[ColumnElement[bool], ...]:
    mine = (_copy.person_id == copy.person_id, _copy.persona_id == copy.persona_id)
    return *mine, _copy.client_id == copy.client_id, _copy.publication_id == copy.publication_id


def sweep(db: Connection, *, now: int) -> int:
    """Forget copies of what is over. Returns how many."""
    return db.execute(delete(publication_copies).where(_copy.until <= now)).rowcount
