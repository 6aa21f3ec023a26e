"""Keep what vendors publish, each sealed under its vendor's key; withdraw it; note how far it is spread."""

from typing import Any, Final

from sqlalchemy import Connection, Row, delete, func, select, update

from consent.canonical import canonical, digest
from keys.inserts import insert_if_new
from keys.secrets import HostSecrets
from vendor_api.desk.sealing import open_content, seal_content
from vendor_api.publishing.errors import OtherPublication, UnknownPublication
from vendor_api.publishing.model import NewPublication, Publication
from vendor_api.publishing.tables import publications

REMEMBERED: Final = 366 * 24 * 3600

_row = publications.c


def publish(db: Connection, secrets: HostSecrets, new: NewPublication, *, client_id: str, now: int) -> bool:
    """Whether it is new; the very same again changes nothing. Raises OtherPublication."""
    said = {"title": new.title, "text": new.text, "reason": new.reason}
    whole = {**said, "topic": new.topic, "for": new.predicate, "valid_until": new.valid_until}
    row: dict[str, Any] = {"client_id": client_id, "publication_id": new.publication_id, "topic": new.topic}
    row |= {"predicate": new.predicate, "published_at": now, "valid_until": new.valid_until, "withdrawn_at": None}
    row |= {"digest": digest(canonical(whole)), "meant_for": 0, "after_person": "", "after_persona": ""}
    row["content_sealed"] = seal_content(secrets, said, "publication", new.publication_id, client_id=client_id)
    if insert_if_new(db, publications, {**row, "spread_at": None}):
        return True
    if find(db, secrets, new.publication_id, client_id=client_id).digest != row["digest"]:
        raise OtherPublication
    return False


def withdraw(db: Connection, publication_id: str, *, client_id: str, now: int) -> None:
    """Who has it keeps it; nobody else gets it. Raises UnknownPublication."""
    this = (_row.client_id == client_id, _row.publication_id == publication_id)
    ended = {"withdrawn_at": func.coalesce(_row.withdrawn_at, now), "spread_at": func.coalesce(_row.spread_at, now)}
    if db.execute(update(publications).where(*this).values(**ended)).rowcount == 0:
        raise UnknownPublication


def known(db: Connection, publication_id: str, *, client_id: str) -> int | None:
    """When it was published, if it was."""
    this = (_row.client_id == client_id, _row.publication_id == publication_id)
    return db.execute(select(_row.published_at).where(*this)).scalar_one_or_none()


def find(db: Connection, secrets: HostSecrets, publication_id: str, *, client_id: str) -> Publication:
    """Raises UnknownPublication."""
    this = (_row.client_id == client_id, _row.publication_id == publication_id)
    row = db.execute(select(publications).where(*this)).one_or_none()
    if row is None:
        raise UnknownPublication
    return publication_of(secrets, row)


def latest(
    db: Connection, secrets: HostSecrets, *, client_id: str, before: int | None = None, limit: int
) -> tuple[Publication, ...]:
    """The newest first; `before` is an hour of publishing."""
    found = select(publications).where(_row.client_id == client_id)
    if before is not None:
        found = found.where(_row.published_at < before)
    newest = found.order_by(_row.published_at.desc(), _row.publication_id.desc()).limit(limit)
    return tuple(publication_of(secrets, row) for row in db.execute(newest))


def how_many(db: Connection, *, client_id: str, since: int) -> int:
    mine = (_row.client_id == client_id, _row.published_at > since)
    return db.execute(select(func.count()).select_from(publications).where(*mine)).scalar_one()


def to_spread(db: Connection, secrets: HostSecrets, *, limit: int) -> tuple[Publication, ...]:
    """Those whose people were not all looked at, the oldest first."""
    found = select(publications).where(_row.spread_at.is_(None)).order_by(_row.published_at).limit(limit)
    return tuple(publication_of(secrets, row) for row in db.execute(found))


def go_on(db: Connection, one: Publication, *, after: tuple[str, str], meant_for: int, is_last: bool, now: int) -> bool:
    """So many more were looked at; whether nobody else had noted that before."""
    seen = (_row.after_person == one.after_person, _row.after_persona == one.after_persona, _row.spread_at.is_(None))
    this = (_row.client_id == one.client_id, _row.publication_id == one.publication_id, *seen)
    further: dict[str, Any] = {"after_person": after[0], "after_persona": after[1]}
    further |= {"meant_for": _row.meant_for + meant_for, "spread_at": now if is_last else None}
    return db.execute(update(publications).where(*this).values(**further)).rowcount == 1


def sweep(db: Connection, *, now: int) -> int:
    """Forget what was over a year ago. Returns how many."""
    return db.execute(delete(publications).where(_row.valid_until <= now - REMEMBERED)).rowcount


def publication_of(secrets: HostSecrets, row: Row[Any]) -> Publication:
    place = ("publication", row.publication_id)
    said = open_content(secrets, row.content_sealed, *place, client_id=row.client_id)
    plain = {column.name: row._mapping[column] for column in publications.c if column.name != "content_sealed"}
    return Publication(**plain, **said)
