"""A vendor's one answer to a review, by a contact person with a name. It can neither delete nor change anything."""

from typing import Any, Final

from sqlalchemy import Connection

from consent.canonical import canonical, digest
from keys.inserts import insert_if_new
from keys.secrets import HostSecrets
from vendor_api.desk import directory
from vendor_api.desk.sealing import seal_content
from vendor_api.errors import InvalidRequest
from vendor_api.reviews import log, published
from vendor_api.reviews.documents import midnight
from vendor_api.reviews.errors import AnsweredBefore, UnknownReview
from vendor_api.reviews.tables import review_answers
from vendor_api.texts import is_clean

LONGEST: Final = 4_000


def answer(
    db: Connection, secrets: HostSecrets, *, client_id: str, public_id: str, author: str, text: str, now: int
) -> None:
    """Raises UnknownReview, UnknownContactPerson, InvalidRequest and AnsweredBefore."""
    review = published.find(db, secrets, client_id, public_id)
    if "ended" in review.said:
        raise UnknownReview
    text = text.strip()
    if not 0 < len(text) <= LONGEST or not is_clean(text):
        raise InvalidRequest(f"text must be plain text of 1 to {LONGEST} characters")
    name = directory.find(db, secrets, client_id=client_id, contact_person_id=author).name
    said = {"author": author, "name": name, "text": text}
    sealed = seal_content(secrets, said, "review_answer", public_id, client_id=client_id)
    row = {"client_id": client_id, "public_id": public_id, "version": review.version, "day": midnight(now)}
    if not insert_if_new(db, review_answers, {**row, "answer_sealed": sealed}):
        raise AnsweredBefore
    what: dict[str, Any] = {"what": log.ANSWERED, "version": review.version, "document": digest(canonical(said))}
    log.add(db, client_id, public_id=public_id, **what, now=now)
