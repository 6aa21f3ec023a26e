"""Find what was said in the inbox: the newest messages are opened one after another.

Up to MOST of them; whoever has more is told, and looks further within one vendor.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import Connection

from keys.secrets import HostSecrets
from wallet.dialogue import reading
from wallet.dialogue.reading import Opened
from wallet.dialogue.text import one_line
from wallet.languages import day
from wallet.search.hits import Hit
from wallet.search.words import Words

MOST: Final = 20_000
LONGEST: Final = 200  # letters of a message that are shown


def find(
    db: Connection, secrets: HostSecrets, *, person_id: str, persona_id: str, words: Words, limit: int
) -> list[Hit]:
    """Of the persona that is shown."""
    place: dict[str, Any] = {"person_id": person_id, "persona_id": persona_id, "client_id": None}
    return list(islice(hits(db, secrets, words, **place, most=MOST), limit))


def hits(
    db: Connection,
    secrets: HostSecrets,
    words: Words,
    *,
    person_id: str,
    persona_id: str,
    client_id: str | None,
    most: int,
) -> Iterator[Hit]:
    """The newest first; at the end that older ones were not looked through, if so."""
    place: dict[str, Any] = {"person_id": person_id, "persona_id": persona_id, "client_id": client_id}
    for number, opened in enumerate(reading.newest(db, secrets, **place, limit=most + 1)):
        if number == most:
            yield too_many(client_id, most)
        elif words.may_be_in(f"{opened.content.decode()}\n{opened.about.decode()}"):
            found = hit(opened, words)
            if found is not None:
                yield found


def hit(opened: Opened, words: Words) -> Hit | None:
    """It leads to the place in its conversation."""
    said, about = reading.said_of(opened)
    names = tuple(name for name, _type, _size in said["attachments"])
    if not words.found_in(said["text"], said["author"], about["subject"], about["vendor"], *names):
        return None
    place = f"{opened.at}.{opened.message_id}~"
    url = url_for("inbox.show", thread_id=opened.thread_id, before=place, _anchor=opened.message_id)
    title = f"{one_line(about['vendor'])}: {one_line(about['subject'])}"
    return Hit(title, url, part(said["text"], words), day(opened.at))


def part(text: str, words: Words) -> str:
    """Where the words stand, or how it begins."""
    lines = [line for line in text.splitlines() if line.strip()]
    return one_line(next((line for line in lines if words.among(line)), lines[0] if lines else ""))[:LONGEST]


def too_many(client_id: str | None, most: int) -> Hit:
    older = _("Only the newest %(num)s messages were looked through", num=most)
    further = None if client_id else _("Look within one vendor to go further back.")
    return Hit(older, url_for("inbox.index", vendor=client_id), note=further)
