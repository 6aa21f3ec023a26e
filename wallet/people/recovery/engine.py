"""Make ways back, look them up, and keep what their person has to be told."""

from typing import Any, Final

import orjson
from sqlalchemy import Connection, delete, exists, insert, literal, select, update
from sqlalchemy.exc import IntegrityError

from keys.inserts import insert_or_change
from keys.persons import EVERY_PERSONA, destroy_subject_keys, open_subject_key
from keys.sealing import seal, unseal
from keys.secrets import HostSecrets
from wallet.people.locking import WrappingKey, drop_way, wrap_lock
from wallet.people.recovery.errors import TicketOver, WayChangedMeanwhile
from wallet.people.recovery.model import SHARES, Draft, News, Ticket, Way
from wallet.people.recovery.secret import check_of, wrapping_key
from wallet.people.recovery.tables import recovery_news, ways_back
from wallet.people.tables import people

REMINDED_AFTER: Final = 30 * 24 * 3600
NAMES: Final = "recovery/names"
_row, _news = ways_back.c, recovery_news.c


def make(
    db: Connection, secrets: HostSecrets, draft: Draft, *, person_id: str, lock_key: bytes | None, now: int
) -> None:
    """From now on this way back counts and opens the lock, and the one it replaces no more.

    Raises WayChangedMeanwhile.
    """
    checked_by = check_of(draft.secret)
    values: dict[str, Any] = {"checked_by": checked_by, "needed": draft.needed, "made_at": now}
    values |= {"uses": 0, "used_at": None, "names_sealed": None}
    if draft.instead_of is None:
        try:
            db.execute(insert(ways_back).values(person_id=person_id, kind=draft.kind, **values))
        except IntegrityError:
            raise WayChangedMeanwhile from None
    else:
        replaced = (_row.person_id == person_id) & (_row.kind == draft.kind) & (_row.checked_by == draft.instead_of)
        if not db.execute(update(ways_back).where(replaced).values(values)).rowcount:
            raise WayChangedMeanwhile
    drop_way(db, person_id=person_id, way=draft.kind)
    if lock_key is not None:
        wrapping = WrappingKey(wrapping_key(draft.secret))
        wrap_lock(db, person_id=person_id, way=draft.kind, wrapping=wrapping, lock_key=lock_key)
    if draft.kind == SHARES:
        _keep_names(db, secrets, draft.names, person_id=person_id)


def find(db: Connection, *, person_id: str, kind: str) -> Way | None:
    """Without the names."""
    row = db.execute(select(ways_back).filter_by(person_id=person_id, kind=kind)).one_or_none()
    return Way(kind, row.checked_by, row.needed, (), row.made_at, row.uses, row.used_at) if row else None


def of_person(db: Connection, secrets: HostSecrets, *, person_id: str) -> dict[str, Way]:
    """By kind."""
    found = {}
    for row in db.execute(select(ways_back).filter_by(person_id=person_id)).all():
        names = _open_names(db, secrets, row.names_sealed, person_id=person_id) if row.names_sealed else ()
        found[row.kind] = Way(row.kind, row.checked_by, row.needed, names, row.made_at, row.uses, row.used_at)
    return found


def end(db: Connection, *, person_id: str, kind: str) -> bool:
    """This way back is worthless from now on; whether there was one."""
    drop_way(db, person_id=person_id, way=kind)
    if kind == SHARES:
        destroy_subject_keys(db, person_id=person_id, persona_id=EVERY_PERSONA, subject=NAMES)
    return db.execute(delete(ways_back).filter_by(person_id=person_id, kind=kind)).rowcount == 1


def use(db: Connection, ticket: Ticket, *, keep: bool, now: int) -> None:
    """Spend a ticket; of several for one way back, one counts. Raises TicketOver."""
    same = (_row.person_id == ticket.person_id) & (_row.kind == ticket.kind) & (_row.uses == ticket.uses)
    unspent = update(ways_back).where(same, _row.checked_by == check_of(ticket.secret))
    if now >= ticket.expires_at or not db.execute(unspent.values(uses=ticket.uses + 1, used_at=now)).rowcount:
        raise TicketOver
    if not keep:
        end(db, person_id=ticket.person_id, kind=ticket.kind)
    _note(db, person_id=ticket.person_id, recovered_at=now, recovered_with=ticket.kind)


def note_failure(db: Connection, *, login_digest: str, now: int) -> None:
    """Of whoever has this login. One statement, whether there is such a person or not."""
    first = select(people.c.person_id, literal(1).label("failures"), literal(now).label("failed_at"))
    whose = first.where(people.c.login_digest == login_digest)
    insert_or_change(db, recovery_news, whose, {"failures": _news.failures + 1, "failed_at": now})


def news(db: Connection, *, person_id: str, now: int) -> News:
    """One statement."""
    has_way = exists().where(_row.person_id == people.c.person_id)
    told = (_news.failures, _news.failed_at, _news.recovered_at, _news.recovered_with, _news.remind_at)
    found = select(has_way.label("has_way"), *told).outerjoin(recovery_news, _news.person_id == people.c.person_id)
    row = db.execute(found.select_from(people).where(people.c.person_id == person_id)).one()
    due = not row.has_way and (row.remind_at or 0) <= now
    return News(row.failures or 0, row.failed_at, row.recovered_at, row.recovered_with, due)


def put_off(db: Connection, *, person_id: str, now: int) -> None:
    """The person does not want to be reminded for a while."""
    _note(db, person_id=person_id, remind_at=now + REMINDED_AFTER)


def say_seen(db: Connection, *, person_id: str) -> None:
    """The person has seen how often somebody failed."""
    db.execute(update(recovery_news).where(_news.person_id == person_id).values(failures=0))


def _note(db: Connection, *, person_id: str, **values: Any) -> None:
    insert_or_change(db, recovery_news, {"person_id": person_id, "failures": 0, **values}, values)


def _keep_names(db: Connection, secrets: HostSecrets, names: tuple[str, ...], *, person_id: str) -> None:
    """Under a key of their own, so that those of before are gone from backups too."""
    destroy_subject_keys(db, person_id=person_id, persona_id=EVERY_PERSONA, subject=NAMES)
    sealed = seal(_names_key(db, secrets, person_id), orjson.dumps(names), "ways_back", person_id, "names")
    db.execute(update(ways_back).filter_by(person_id=person_id, kind=SHARES).values(names_sealed=sealed))


def _open_names(db: Connection, secrets: HostSecrets, sealed: bytes, *, person_id: str) -> tuple[str, ...]:
    return tuple(orjson.loads(unseal(_names_key(db, secrets, person_id), sealed, "ways_back", person_id, "names")))


def _names_key(db: Connection, secrets: HostSecrets, person_id: str) -> bytes:
    return open_subject_key(db, secrets, person_id=person_id, persona_id=EVERY_PERSONA, subject=NAMES)
