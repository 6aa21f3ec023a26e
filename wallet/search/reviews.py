"""Find what the person said of vendors in public, and what those answered; both are opened for that."""

from typing import Final

from flask import url_for
from sqlalchemy import Connection

from keys.secrets import HostSecrets
from vendor_api.reviews import published
from wallet.dialogue.text import one_line
from wallet.languages import day
from wallet.reviews import engine
from wallet.reviews.engine import Review
from wallet.search.hits import Hit
from wallet.search.words import Words

MOST_LOOKED_AT: Final = 200
LONGEST: Final = 200  # letters that are shown


def find(
    db: Connection, secrets: HostSecrets, *, person_id: str, persona_id: str, words: Words, limit: int
) -> list[Hit]:
    """Of the persona that is shown; its newest MOST_LOOKED_AT."""
    mine = engine.of_persona(db, secrets, person_id=person_id, persona_id=persona_id, limit=MOST_LOOKED_AT)
    answers = published.answers_of(db, secrets, [(one.client_id, one.public_id) for one in mine])
    found = []
    for one in mine:
        answer = answers.get((one.client_id, one.public_id))
        texts = [*said(one), *((answer.name, answer.text) if answer else ())]
        if words.found_in(one.about.name, *texts):
            text = next((text for text in texts if words.among(text)), "")
            url = url_for("reviews.show", review_id=one.review_id)
            found.append(Hit(one.about.name, url, one_line(text)[:LONGEST] or None, day(one.day)))
    return found[:limit]


def said(review: Review) -> tuple[str, ...]:
    """Nothing of one that was taken back."""
    opinion = review.said.get("review", {})
    return tuple(str(opinion[name]) for name in ("title", "text", "name") if opinion.get(name))
