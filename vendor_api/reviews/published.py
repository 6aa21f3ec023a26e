"""The reviews of a vendor that are shown: a page of them, one of them, and what they come to."""

from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Row, Select, func, literal, select, tuple_

from keys.persons import key_of_row, with_keys
from keys.sealing import seal, unseal
from keys.secrets import HostSecrets
from vendor_api.desk.sealing import open_content
from vendor_api.reviews.documents import Signed
from vendor_api.reviews.errors import UnknownReview
from vendor_api.reviews.tables import review_answers, reviews

AVERAGE_FROM: Final = 5  # reviews; an average of fewer tells of single people, and of little else
PAGE: Final = 20
SUBJECT: Final = "reviews/"
_row = reviews.c
_SHOWN = (_row.state == "live", _row.number.is_not(None))


@dataclass(frozen=True, slots=True)
class Answered:
    """What the vendor answered, in which day, to which version, and who did."""

    text: str = field(repr=False)
    name: str = field(repr=False)
    version: int
    day: int


@dataclass(frozen=True, slots=True)
class Published:
    """One review as everybody may see it. `said` is what its document says."""

    public_id: str
    version: int
    number: int
    day: int
    said: dict[str, Any] = field(repr=False)
    signed: Signed
    answer: Answered | None = None

    def as_data(self) -> dict[str, Any]:
        shown: dict[str, Any] = {"review_id": self.public_id, "number": self.number, "version": self.version}
        shown |= {"review": self.signed.document, "proof": self.signed.proof}
        if self.answer:
            one = self.answer
            shown["answer"] = {"text": one.text, "author": one.name, "version": one.version, "day": one.day}
        return shown


@dataclass(frozen=True, slots=True)
class Figures:
    """`average` and `stars` (how many gave 1 to 5) only from AVERAGE_FROM reviews on."""

    count: int
    average: float | None = None
    stars: tuple[int, ...] = ()

    def as_data(self) -> dict[str, Any]:
        return {"count": self.count} | ({"average": self.average, "stars": list(self.stars)} if self.stars else {})


def figures(db: Connection, client_id: str) -> Figures:
    query = select(_row.stars, func.count()).where(_row.client_id == client_id, *_SHOWN).group_by(_row.stars)
    found: dict[int, int] = dict(db.execute(query).all())
    count = sum(found.values())
    if count < AVERAGE_FROM:
        return Figures(count)
    total = sum(stars * number for stars, number in found.items())
    return Figures(count, round(total / count, 1), tuple(found.get(stars, 0) for stars in range(1, 6)))


def of_vendor(
    db: Connection, secrets: HostSecrets, client_id: str, *, language: str = "", before: int | None = None
) -> list[Published]:
    """A page of them, the newest first; `before` is the number at which the last page ended."""
    which = [_row.client_id == client_id, *_SHOWN]
    if language:
        which.append(_row.language == language)
    if before is not None:
        which.append(_row.number < before)
    found = db.execute(keyed().where(*which).order_by(_row.number.desc()).limit(PAGE)).all()
    answers = answers_to(db, secrets, client_id, [row.public_id for row in found])
    return [opened(secrets, row, answers.get(row.public_id)) for row in found]


def find(db: Connection, secrets: HostSecrets, client_id: str, public_id: str) -> Published:
    """Also one that was ended, with the document that says so. Raises UnknownReview."""
    this = (_row.client_id == client_id, _row.public_id == public_id, _row.number.is_not(None))
    row = db.execute(keyed().where(*this)).one_or_none()
    if row is None:
        raise UnknownReview
    return opened(secrets, row, answers_to(db, secrets, client_id, [public_id]).get(public_id))


def languages(db: Connection, client_id: str) -> list[str]:
    """In which there are any."""
    query = select(_row.language).distinct().where(_row.client_id == client_id, *_SHOWN).order_by(_row.language)
    return list(db.execute(query).scalars())


def answers_to(db: Connection, secrets: HostSecrets, client_id: str, public_ids: list[str]) -> dict[str, Answered]:
    found = answers_of(db, secrets, [(client_id, public_id) for public_id in public_ids])
    return {public_id: answer for (_client_id, public_id), answer in found.items()}


def answers_of(db: Connection, secrets: HostSecrets, wanted: list[tuple[str, str]]) -> dict[tuple[str, str], Answered]:
    """By vendor and review."""
    which = tuple_(review_answers.c.client_id, review_answers.c.public_id).in_(wanted)
    answers = {}
    for row in db.execute(select(review_answers).where(which)) if wanted else ():
        said = open_content(secrets, row.answer_sealed, "review_answer", row.public_id, client_id=row.client_id)
        answers[row.client_id, row.public_id] = Answered(said["text"], said["name"], row.version, row.day)
    return answers


def opened(secrets: HostSecrets, row: Row[Any], answer: Answered | None = None) -> Published:
    content = content_of(secrets, row)
    signed = Signed(content["document"], content["proof"])
    return Published(row.public_id, row.version, row.number, row.day, content["said"], signed, answer)


def content_of(secrets: HostSecrets, row: Row[Any]) -> dict[str, Any]:
    """What lies sealed in a row of `keyed`. Raises CannotOpen."""
    place = {"person_id": row.person_id, "persona_id": row.persona_id}
    key = key_of_row(secrets, row, **place, subject=subject_of(row.review_id))
    found: dict[str, Any] = orjson.loads(
        unseal(key, row.content_sealed, *aad(row.person_id, row.review_id, row.version))
    )
    return found


def sealed(key: bytes, content: dict[str, Any], person_id: str, review_id: str, version: int) -> bytes:
    return seal(key, orjson.dumps(content), *aad(person_id, review_id, version))


def keyed() -> Select[Any]:
    """Reviews, each with what opens it."""
    return with_keys(
        reviews, reviews, persona_id=_row.persona_id, subject=literal(subject_of("")).concat(_row.review_id)
    )


def subject_of(review_id: str) -> str:
    return f"{SUBJECT}{review_id}"


def aad(person_id: str, review_id: str, version: int) -> tuple[str, ...]:
    return "review", person_id, review_id, str(version)
