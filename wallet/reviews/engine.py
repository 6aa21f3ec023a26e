"""Reviews as their author has them: written, changed, taken back, erased. Each step is a signed document and a line."""

import uuid
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, delete, func, select, update
from ulid import ULID

from consent import ledger
from consent.ledger import Entry
from keys.inserts import insert_if_new
from keys.persons import destroy_subject_keys, hold_subject_key, open_subject_key
from keys.relationship import RelationshipKey, relationship_key, review_key
from keys.secrets import HostSecrets
from keys.signing import load_signing_keys
from vendor_api.reviews import documents, log
from vendor_api.reviews.documents import RELATIONSHIP, About, Known, Opinion, Signed, midnight
from vendor_api.reviews.published import content_of, keyed, sealed, subject_of
from vendor_api.reviews.tables import LIVE, reviews
from vendor_api.vendors import registry
from wallet.people.errors import UnknownPersona
from wallet.people.personas import face
from wallet.reviews import relationship
from wallet.reviews.errors import ReviewChanged, ReviewEnded, TooOften, UnknownReview, WrittenBefore
from wallet.reviews.relationship import Relationship

MOST_CHANGES: Final = 5  # of one review in a day
MOST_NEW: Final = 20  # of one person in a day
_row = reviews.c


@dataclass(frozen=True, slots=True)
class Review:
    """`said` is what the newest document says; `number` its place in the vendor's log, None where it is not shown."""

    person_id: str
    review_id: str
    persona_id: str
    client_id: str
    public_id: str
    state: str
    version: int
    number: int | None
    day: int
    said: dict[str, Any] = field(repr=False)
    signed: Signed
    sector: str

    @property
    def is_live(self) -> bool:
        return self.state == "live"

    @property
    def about(self) -> About:
        return About(**self.said["vendor"])

    @property
    def key(self) -> str:
        """Whose key signs it."""
        return str(self.said["relationship"]["key"])


@dataclass(frozen=True, slots=True)
class Publisher:
    """Who vouches for it: this host."""

    secrets: HostSecrets
    issuer: str


def write(db: Connection, by: Publisher, found: Relationship, opinion: Opinion, key: str, *, now: int) -> Review:
    """Publish it. Raises WrittenBefore and TooOften."""
    place = {"person_id": found.person_id, "persona_id": found.persona_id}
    if written_today(db, person_id=found.person_id, now=now) >= MOST_NEW:
        raise TooOften
    review_id, public_id = str(ULID()), str(uuid.uuid4())
    about = about_of(db, found, opinion.language)
    known = relationship.known(db, found, key)
    signer = signer_of(db, by, found.party.sector, key, **place)
    ids: dict[str, Any] = {"public_id": public_id, "version": 1, "previous": None}
    keys = load_signing_keys(db, by.secrets, now=now)
    signed = documents.sign(signer, keys, about, opinion, known, **ids, issuer=by.issuer, now=now)
    own_key = open_subject_key(db, by.secrets, **place, subject=subject_of(review_id))
    if not hold_subject_key(db, **place, subject=subject_of(review_id)):
        raise UnknownPersona
    kept = content(signed, about, opinion, known, found.party.sector)
    row = {
        **place,
        "review_id": review_id,
        "client_id": about.client_id,
        "public_id": public_id,
        "state": "live",
        "version": 1,
        **listed(opinion, now),
        "content_sealed": sealed(own_key, kept, found.person_id, review_id, 1),
    }
    if not insert_if_new(db, reviews, row):
        raise WrittenBefore
    return told(db, by, review_id, log.PUBLISHED, signed.digest, **place, now=now)


def change(db: Connection, by: Publisher, review: Review, opinion: Opinion, *, expected: int, now: int) -> Review:
    """A new version. Raises ReviewEnded, TooOften, and ReviewChanged unless it is still the one that was seen."""
    found = relationship.find(db, review.client_id, person_id=review.person_id, persona_id=review.persona_id)
    known = relationship.known(db, found, review.key)
    return replaced(db, by, review, opinion, known, expected=expected, now=now)


def end(db: Connection, by: Publisher, review: Review, *, expected: int, now: int) -> Review:
    """Take it back: what stays is a signed word that it is over. Raises as `change` does."""
    known = Known(**{"since": "", **review.said["relationship"]})
    return replaced(db, by, review, None, known, expected=expected, now=now)


def replaced(
    db: Connection, by: Publisher, review: Review, opinion: Opinion | None, known: Known, *, expected: int, now: int
) -> Review:
    place = {"person_id": review.person_id, "persona_id": review.persona_id}
    if not review.is_live:
        raise ReviewEnded
    if opinion and log.happened_today(db, review.client_id, review.public_id, now=now) >= MOST_CHANGES:
        raise TooOften
    version, keys = expected + 1, load_signing_keys(db, by.secrets, now=now)
    signer = signer_of(db, by, review.sector, review.key, **place)
    ids: dict[str, Any] = {"public_id": review.public_id, "version": version, "previous": review.signed.digest}
    signed = documents.sign(signer, keys, review.about, opinion, known, **ids, issuer=by.issuer, now=now)
    own_key = open_subject_key(db, by.secrets, **place, subject=subject_of(review.review_id))
    kept = content(signed, review.about, opinion, known, review.sector)
    values: dict[str, Any] = {
        "version": version,
        "content_sealed": sealed(own_key, kept, review.person_id, review.review_id, version),
        **(listed(opinion, now) if opinion else {"state": "ended", "day": midnight(now)}),
    }
    here = update(reviews).where(*at(review), _row.version == expected, _row.state == "live")
    if db.execute(here.values(values)).rowcount != 1:
        raise ReviewChanged
    what = log.CHANGED if opinion else log.ENDED
    return told(db, by, review.review_id, what, signed.digest, **place, now=now)


def show_here(db: Connection, by: Publisher, review: Review, *, now: int) -> Review:
    """A review that came along from another host, in the log of this one. Raises ReviewEnded and WrittenBefore."""
    if not review.is_live:
        raise ReviewEnded
    here = (_row.client_id == review.client_id, _row.public_id == review.public_id, _row.number.is_not(None))
    if db.execute(select(_row.review_id).where(*here)).first():
        raise WrittenBefore
    place = {"person_id": review.person_id, "persona_id": review.persona_id}
    return told(db, by, review.review_id, log.PUBLISHED, review.signed.digest, **place, now=now)


def erase(db: Connection, by: Publisher, review: Review, *, now: int) -> None:
    """For good, its key first. One that is live is taken back before, so that the log says so."""
    if review.is_live and review.number is not None:
        end(db, by, review, expected=review.version, now=now)
    place = {"person_id": review.person_id, "persona_id": review.persona_id}
    destroy_subject_keys(db, **place, subject=subject_of(review.review_id))
    db.execute(delete(reviews).where(*at(review)))


def told(
    db: Connection,
    by: Publisher,
    review_id: str,
    what: str,
    digest: str,
    *,
    person_id: str,
    persona_id: str,
    now: int,
) -> Review:
    """A line in the public log, and one in the person's own, which names no relationship: it goes to disputes, too."""
    review = find(db, by.secrets, review_id, person_id=person_id, persona_id=persona_id)
    line: dict[str, Any] = {"public_id": review.public_id, "what": what, "version": review.version, "document": digest}
    number = log.add(db, review.client_id, **line, now=now)
    if what == log.PUBLISHED:
        db.execute(update(reviews).where(*at(review)).values(number=number))
    entry = Entry("reviewed", detail={"vendor": review.about.name, "what": what})
    ledger.write(db, by.secrets.ledger, entry, person_id=person_id, now=now)
    return find(db, by.secrets, review_id, person_id=person_id, persona_id=persona_id)


def find(db: Connection, secrets: HostSecrets, review_id: str, *, person_id: str, persona_id: str) -> Review:
    """Raises UnknownReview, also for one of another persona."""
    mine = (_row.person_id == person_id, _row.persona_id == persona_id, _row.review_id == review_id)
    row = db.execute(keyed().where(*mine)).one_or_none()
    if row is None:
        raise UnknownReview
    return opened(secrets, row)


def of_vendor(db: Connection, *, person_id: str, persona_id: str, client_id: str) -> str | None:
    """The id of the one that is live; None also where another persona wrote it."""
    mine = (_row.person_id == person_id, _row.client_id == client_id, LIVE, _row.persona_id == persona_id)
    return db.execute(select(_row.review_id).where(*mine)).scalar_one_or_none()


def of_persona(
    db: Connection, secrets: HostSecrets, *, person_id: str, persona_id: str, skip: int = 0, limit: int
) -> list[Review]:
    """A page of them, the newest first."""
    mine = (_row.person_id == person_id, _row.persona_id == persona_id)
    found = keyed().where(*mine).order_by(_row.review_id.desc()).offset(skip).limit(limit)
    return [opened(secrets, row) for row in db.execute(found)]


def written_today(db: Connection, *, person_id: str, now: int) -> int:
    mine = (_row.person_id == person_id, _row.version == 1, _row.day == midnight(now))
    return db.execute(select(func.count()).where(*mine)).scalar_one()


def about_of(db: Connection, found: Relationship, language: str) -> About:
    """As the vendor is registered now: how it called itself when this person let it in could be for them alone."""
    vendor = registry.find(db, found.party.client_id)
    name = vendor.text("client_name", language) if vendor else None
    return About(found.party.client_id, name or found.party.client_id, found.party.sector)


def signer_of(
    db: Connection, by: Publisher, sector: str, key: str, *, person_id: str, persona_id: str
) -> RelationshipKey:
    """Raises UnknownPersona and BeingErased."""
    root = face(db, by.secrets, person_id=person_id, persona_id=persona_id).root
    return relationship_key(root, sector) if key == RELATIONSHIP else review_key(root, sector)


def content(signed: Signed, about: About, opinion: Opinion | None, known: Known, sector: str) -> dict[str, Any]:
    said: dict[str, Any] = {"vendor": about.as_data(), "relationship": known.as_data()}
    said |= {"review": opinion.as_data()} if opinion else {"ended": True}
    return {"document": signed.document, "proof": signed.proof, "sector": sector, "said": said}


def listed(opinion: Opinion, now: int) -> dict[str, Any]:
    return {"stars": opinion.stars, "language": opinion.language, "day": midnight(now)}


def opened(secrets: HostSecrets, row: Row[Any]) -> Review:
    found = content_of(secrets, row)
    return Review(
        *(row.person_id, row.review_id, row.persona_id, row.client_id, row.public_id, row.state, row.version),
        *(row.number, row.day, found["said"], Signed(found["document"], found["proof"]), found["sector"]),
    )


def at(review: Review) -> tuple[ColumnElement[bool], ...]:
    return _row.person_id == review.person_id, _row.review_id == review.review_id
