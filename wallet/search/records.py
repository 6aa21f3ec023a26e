"""Find data sets by name and columns, and rows by their texts: the newest blocks are opened one after another.

A data set without a column of text costs nothing, however many rows it has.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Final

import orjson
from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import Connection

from keys.secrets import HostSecrets
from wallet.records import blocks, engine
from wallet.records.model import Cells, DataSet
from wallet.records.words import cell_text
from wallet.search.hits import Hit
from wallet.search.words import Words

MOST_BLOCKS: Final = 300
MOST_TAKEN_APART: Final = 100  # of them; the others have none of the words
LONGEST: Final = 200  # letters of a row that are shown


def find(
    db: Connection, secrets: HostSecrets, *, person_id: str, persona_id: str, words: Words, limit: int
) -> list[Hit]:
    """Of the persona that is shown."""
    mine = engine.of_persona(db, secrets, person_id=person_id, persona_id=persona_id)
    called = [one for one in mine if words.found_in(one.name, *(column.name for column in one.shape.columns))]
    hits = [named(one) for one in called[:limit]]
    with_texts = {one.data_set_id: one for one in mine if texts_in(one)}
    if with_texts and len(hits) < limit:
        hits += islice(rows(db, with_texts, words, person_id=person_id), limit - len(hits))
    return hits


def texts_in(data_set: DataSet) -> tuple[int, ...]:
    return tuple(place for place, column in enumerate(data_set.shape.columns) if column.kind == "text")


def rows(db: Connection, known: dict[str, DataSet], words: Words, *, person_id: str) -> Iterator[Hit]:
    """The newest blocks of all these data sets first; at the end what was not looked through, if anything."""
    newest = blocks.newest(db, known, person_id=person_id, limit=MOST_BLOCKS + 1)
    opened = taken_apart = 0
    for data_set_id, block_id in newest[:MOST_BLOCKS]:
        if taken_apart == MOST_TAKEN_APART:
            break
        opened, data_set = opened + 1, known[data_set_id]
        content = blocks.content(db, data_set, block_id)
        if words.may_be_in(content.decode()):
            taken_apart += 1
            for position, cells in enumerate(orjson.loads(content)):
                if cells is not None and is_found(words, [cells[place] for place in texts_in(data_set)]):
                    yield row(data_set, block_id, position, cells)
    if opened < len(newest):
        yield Hit(_("Older rows were not looked through"), url_for("records.index"), note=_("There are too many."))


def is_found(words: Words, texts: list[str | None]) -> bool:
    """The quick look spares the words of most rows."""
    there = [text for text in texts if text]
    return words.may_be_in("\n".join(there)) and words.found_in(*there)


def named(data_set: DataSet) -> Hit:
    columns = ", ".join(column.name for column in data_set.shape.columns)
    url = url_for("records.data_set", data_set_id=data_set.data_set_id)
    return Hit(data_set.name, url, columns[:LONGEST], _("data set"))


def row(data_set: DataSet, block_id: str, position: int, cells: Cells) -> Hit:
    """It leads to the page of rows on which this one stands."""
    set_id, anchor = data_set.data_set_id, f"{block_id}-{position}"
    url = url_for("records.all_rows", data_set_id=set_id, block=block_id, row=position, _anchor=anchor)
    date = data_set.shape.date
    return Hit(
        title=data_set.name,
        url=url,
        text=" · ".join(str(cells[place]) for place in texts_in(data_set) if cells[place])[:LONGEST],
        note=None if date is None or cells[date] is None else cell_text(cells[date], date, data_set),
    )
