"""Rows that a vendor hands back become rows of a data set, in one transaction: all that are new, or none of them."""

from collections.abc import Collection, Sequence
from contextlib import closing

from flask_babel import lazy_gettext as _
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from keys.persons import meet
from keys.secrets import HostSecrets
from vendor_api.model import Rows
from wallet.data.engine import current_values
from wallet.data.kinds import typed_text
from wallet.records import blocks, engine, imports, words
from wallet.records.errors import BadDataSet, BadFile, ImportRuns
from wallet.records.importing import Count, Known, outcome_of, sift
from wallet.records.looking import described
from wallet.records.matching import left_out, matched
from wallet.records.model import MOST_ROWS, Cells, DataSet, Import, Plan, Reading, Shape
from wallet.records.readers import column_names
from wallet.records.summaries import when

AS_SAID = Reading("json")  # numbers with a point, days and moments as ISO 8601 writes them
PASSED_OVER = {"same_key", "empty"}  # rows that are left out and told; anything else keeps all of them out


def bring_in(
    db: Connection,
    secrets: HostSecrets,
    handed: Rows,
    *,
    client_id: str,
    vendor: str,
    person_id: str,
    persona_id: str,
    now: int,
) -> Import:
    """Into the data set of that name, which is made where there is none. Raises BadDataSet, ImportRuns."""
    meet(db, person_id=person_id)
    place = {"person_id": person_id, "persona_id": persona_id}
    names, texts = column_names(list(handed.columns)), [as_texts(row) for row in handed.rows]
    found = target(db, secrets, handed.name, client_id=client_id, **place)
    if found is None:
        columns, date = described(names, texts, AS_SAID)
        shape = Shape(columns, date, zone(db, secrets, **place))
        found = engine.create(db, secrets, **place, name=handed.name, shape=shape, now=now)
    plan = Plan(AS_SAID, fitting(found, names))
    begun = {"file_name": vendor, "data_set_id": found.data_set_id, "origin": "vendor", "vendor": client_id}
    try:
        with db.begin_nested():
            running = imports.begin(db, secrets, **place, **begun, now=now)
    except IntegrityError:  # uq_record_imports_running
        raise ImportRuns from None
    new, counted = new_rows(db, found, texts, plan)
    for rows, digests in blocks.cut(new):
        blocks.add(db, found, import_id=running.import_id, rows=rows, digests=digests)
    imports.end(db, running, person_id=person_id, outcome=outcome_of(counted), now=now)
    return running


def target(
    db: Connection, secrets: HostSecrets, name: str, *, client_id: str, person_id: str, persona_id: str
) -> DataSet | None:
    """The data set of this name; of several the one that this vendor has fed, or else the newest."""
    called = engine.tidy(name).casefold()
    there = engine.of_persona(db, secrets, person_id=person_id, persona_id=persona_id)
    same = [one for one in there if one.name.casefold() == called]
    fed = (one for one in same if is_fed_by(db, secrets, one, client_id))
    return next(fed, same[0] if same else None)


def is_fed_by(db: Connection, secrets: HostSecrets, data_set: DataSet, client_id: str) -> bool:
    """Whether rows of this vendor came into it before, as the person wished; not if that was undone."""
    return any(one.vendor == client_id for one in imports.of_data_set(db, secrets, data_set))


def fitting(found: DataSet, names: Sequence[str]) -> tuple[int | None, ...]:
    """By name. Raises BadDataSet for a column that the data set lacks, or where key or date are missing."""
    unknown = left_out(found.shape, names)
    if unknown:
        raise BadDataSet(_("Your data set of this name has no column %(columns)s.", columns=", ".join(unknown)))
    try:
        return matched(found.shape, names)
    except BadFile:
        raise BadDataSet(_("Columns are missing that your data set of this name needs.")) from None


def new_rows(
    db: Connection, found: DataSet, texts: Sequence[list[str]], plan: Plan
) -> tuple[list[tuple[Cells, bytes]], Count]:
    """In the order of time, without those that are there. Raises BadDataSet."""
    counted = Count()
    with closing(Known()) as known:
        lines = list(enumerate(texts, 1))
        first = [digest[: blocks.DIGEST] for _cells, digest in sift(iter(lines), found, plan, known, Count())]
        if load(db, found, known, frozenset(first)) + len(texts) > MOST_ROWS:
            raise BadDataSet(_("A data set holds %(most)s rows at most.", most=MOST_ROWS))
        new = list(sift(iter(lines), found, plan, known, counted))
    for number, reason, column in counted.refused:
        if reason not in PASSED_OVER:
            raise BadDataSet(_("Row %(row)s does not fit the kind of “%(column)s”.", row=number, column=column))
    return sorted(new, key=lambda row: when(row[0], found.shape) or 0), counted


def load(db: Connection, found: DataSet, known: Known, keys: Collection[bytes]) -> int:
    """Only the blocks in which one of these keys lies; how many rows there are in all."""
    known.forget()
    count, step = 0, 2 * blocks.DIGEST
    for block_id, digests in blocks.digests_of(db, found):
        count += len(digests) // step
        if any(digests[at : at + blocks.DIGEST] in keys for at in range(0, len(digests), step)):
            known.load(block_id, digests)
    return count


def as_texts(row: Sequence[str | int | float | bool | None]) -> list[str]:
    return ["" if cell is None else typed_text(cell) for cell in row]


def zone(db: Connection, secrets: HostSecrets, *, person_id: str, persona_id: str) -> str:
    """Where the person lives, or else where most who speak their language do."""
    place = {"person_id": person_id, "persona_id": persona_id}
    said = current_values(db, secrets, **place, attributes=["zoneinfo"], lock_key=None).get("zoneinfo")
    return str(said.value) if said and said.value else words.usual_zone()
