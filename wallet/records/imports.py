"""How a file becomes rows of a data set: it arrives, waits for the person, runs, is done, and can be undone."""

import zlib
from dataclasses import asdict, replace
from typing import Any

import orjson
from sqlalchemy import Connection, Row, Select, and_, delete, insert, literal, or_, select, update
from sqlalchemy.exc import IntegrityError
from ulid import ULID

from keys.persons import (
    destroy_subject_keys,
    key_of_row,
    open_data_key,
    subject_key,
    with_keys,
)
from keys.sealing import seal, unseal
from keys.secrets import HostSecrets
from wallet import noticing
from wallet.records import blocks
from wallet.records.engine import subject_of, tidy
from wallet.records.errors import ImportRuns, Overtaken, UnknownImport
from wallet.records.model import Cells, DataSet, Import, Outcome, Plan, Reading
from wallet.records.tables import record_blocks, record_imports, record_uploads

PIECE = 256 * 1024
WAITS = 24 * 3600
SILENT = 120  # seconds after which nobody is at work any more
LONGEST_FILE_NAME = 120

_row = record_imports.c


def begin(
    db: Connection,
    secrets: HostSecrets,
    *,
    person_id: str,
    persona_id: str,
    file_name: str,
    data_set_id: str | None = None,
    origin: str = "file",
    vendor: str = "",
    now: int,
) -> Import:
    """A file begins to arrive; or, with origin "hand", a place for rows that are typed; or rows that a vendor hands
    over, who is named in the place of the file."""
    import_id = str(ULID())
    data_key = open_data_key(db, secrets, person_id=person_id)
    key = subject_key(db, data_key, person_id=person_id, persona_id=persona_id, subject=subject_of(import_id))
    state = {"file": "arriving", "hand": "done", "vendor": "running"}[origin]
    name = tidy(file_name)[-LONGEST_FILE_NAME:]
    made = Import(import_id, persona_id, data_set_id, origin, state, 0, 0, now, now, key, name, vendor)
    row: dict[str, Any] = {
        "person_id": person_id,
        "import_id": import_id,
        "persona_id": persona_id,
        "data_set_id": data_set_id,
    }
    row |= {"origin": origin, "state": state, "attempt": 0, "progress": 0, "at": now, "beat_at": now}
    db.execute(insert(record_imports).values(row | {"about_sealed": _about(person_id, made)}))
    return made


def put_piece(db: Connection, found: Import, *, person_id: str, piece: int, content: bytes) -> None:
    """At most PIECE bytes of the file."""
    sealed = seal(found.key, zlib.compress(content, 1), "record_upload", person_id, found.import_id, str(piece))
    row: dict[str, Any] = {
        "person_id": person_id,
        "import_id": found.import_id,
        "piece": piece,
        "content_sealed": sealed,
    }
    db.execute(insert(record_uploads).values(row))


def get_piece(db: Connection, found: Import, *, person_id: str, piece: int) -> bytes:
    """Empty behind the last one."""
    there = and_(record_uploads.c.person_id == person_id, record_uploads.c.import_id == found.import_id)
    content = select(record_uploads.c.content_sealed).where(there, record_uploads.c.piece == piece)
    sealed = db.execute(content).scalar_one_or_none()
    if sealed is None:
        return b""
    return zlib.decompress(unseal(found.key, sealed, "record_upload", person_id, found.import_id, str(piece)))


def arrived(db: Connection, found: Import, *, person_id: str, size: int, utf8: bool, now: int) -> None:
    """The whole file is there and waits to be looked at."""
    whole = replace(found, size=size, utf8=utf8)
    _set(db, found, person_id, state="waiting", beat_at=now, about_sealed=_about(person_id, whole))


def start(db: Connection, found: Import, data_set: DataSet, *, plan: Plan, now: int) -> Import:
    """From now on this attempt writes. Raises ImportRuns, and Overtaken where somebody else was quicker."""
    running = replace(found, data_set_id=data_set.data_set_id, plan=plan, outcome=Outcome(), attempt=found.attempt + 1)
    values = {"state": "running", "attempt": running.attempt, "progress": 0, "beat_at": now}
    values |= {"data_set_id": data_set.data_set_id, "about_sealed": _about(data_set.person_id, running)}
    mine = and_(_at(data_set.person_id, found.import_id), _row.attempt == found.attempt)
    idle = or_(_row.state.in_(("waiting", "broken")), and_(_row.state == "running", _row.beat_at <= now - SILENT))
    try:
        with db.begin_nested():
            if db.execute(update(record_imports).where(mine, idle).values(values)).rowcount != 1:
                raise Overtaken
    except IntegrityError:
        raise ImportRuns from None
    blocks.remove(db, data_set, import_id=found.import_id)
    return replace(running, state="running")


def beat(db: Connection, found: Import, *, person_id: str, progress: int, now: int) -> None:
    """Still at work. Raises Overtaken."""
    _set(db, found, person_id, states=("running",), progress=progress, beat_at=now)


def end(db: Connection, found: Import, *, person_id: str, outcome: Outcome, now: int) -> None:
    """Done, or broken if the outcome says that it failed. The file goes. Raises Overtaken."""
    state = "broken" if outcome.failed else "done"
    about = _about(person_id, replace(found, outcome=outcome))
    _set(db, found, person_id, states=("running",), state=state, progress=1000, beat_at=now, about_sealed=about)
    if state == "done":
        _drop_pieces(db, person_id, found.import_id)
        if found.data_set_id:
            noticing.rows_changed(db, person_id=person_id, data_set_id=found.data_set_id)


def undo(db: Connection, data_set: DataSet, import_id: str) -> None:
    """Take all rows of an import out again, and put back what had given way to them. Raises UnknownImport."""
    mine = and_(_at(data_set.person_id, import_id), _row.data_set_id == data_set.data_set_id)
    if db.execute(delete(record_imports).where(mine, _row.state.in_(("done", "broken")))).rowcount != 1:
        raise UnknownImport
    _put_back(db, data_set, import_id)
    blocks.remove(db, data_set, import_id=import_id)
    _drop_pieces(db, data_set.person_id, import_id)
    _drop_key(db, data_set.person_id, data_set.persona_id, import_id)
    noticing.rows_changed(db, person_id=data_set.person_id, data_set_id=data_set.data_set_id)


def _put_back(db: Connection, data_set: DataSet, import_id: str) -> None:
    """Each row of a block "replaced" ends with the import it came from."""
    digests = blocks.Digests(data_set)
    back: dict[str, list[Cells]] = {}
    for block in blocks.of_import(db, data_set, import_id, part="replaced"):
        for row in block.rows:
            if row is not None:
                back.setdefault(str(row[-1]), []).append(row[:-1])
    mine = and_(_row.person_id == data_set.person_id, _row.data_set_id == data_set.data_set_id, _row.state == "done")
    there = set(db.execute(select(_row.import_id).where(mine)).scalars()) if back else set()
    for owner, rows in back.items():
        if owner in there:
            for portion, written in blocks.cut((cells, digests.of(cells)) for cells in rows):
                blocks.add(db, data_set, import_id=owner, rows=portion, digests=written)


def give_up(db: Connection, found: Import, *, person_id: str) -> None:
    """A file that waits is not wanted after all. Raises UnknownImport."""
    mine = and_(_at(person_id, found.import_id), _row.state.in_(("arriving", "waiting", "broken")))
    if db.execute(delete(record_imports).where(mine)).rowcount != 1:
        raise UnknownImport
    _drop_pieces(db, person_id, found.import_id)
    _drop_key(db, person_id, found.persona_id, found.import_id)


def find(db: Connection, secrets: HostSecrets, *, person_id: str, persona_id: str, import_id: str) -> Import:
    """Raises UnknownImport."""
    mine = _keyed(person_id).where(_row.import_id == import_id, _row.persona_id == persona_id)
    row = db.execute(mine).one_or_none()
    if row is None:
        raise UnknownImport
    return _opened(secrets, row)


def of_data_set(db: Connection, secrets: HostSecrets, data_set: DataSet) -> tuple[Import, ...]:
    """All imports of a data set, the latest first."""
    mine = _keyed(data_set.person_id).where(_row.data_set_id == data_set.data_set_id)
    return tuple(_opened(secrets, row) for row in db.execute(mine.order_by(_row.import_id.desc())))


def waiting(db: Connection, secrets: HostSecrets, *, person_id: str, persona_id: str) -> tuple[Import, ...]:
    """Files that nobody has said yet what to do with."""
    mine = _keyed(person_id).where(_row.persona_id == persona_id, _row.state == "waiting", _row.data_set_id.is_(None))
    return tuple(_opened(secrets, row) for row in db.execute(mine.order_by(_row.import_id.desc()).limit(20)))


def sweep(db: Connection, *, now: int) -> int:
    """Forget files nobody wanted for a day, and mark what nobody works at any more; returns how many."""
    old = and_(_row.state.in_(("arriving", "waiting", "broken")), _row.beat_at <= now - WAITS)
    left = db.execute(select(_row.person_id, _row.persona_id, _row.import_id).where(old)).all()
    for person_id, persona_id, import_id in left:
        db.execute(delete(record_imports).where(_at(person_id, import_id)))
        _drop_pieces(db, person_id, import_id)
        _drop_key(db, person_id, persona_id, import_id)
    silent = and_(_row.state == "running", _row.beat_at <= now - SILENT)
    broken = db.execute(select(_row.person_id, _row.data_set_id, _row.import_id).where(silent)).all()
    for person_id, data_set_id, import_id in broken:
        db.execute(update(record_imports).where(_at(person_id, import_id), silent).values(state="broken"))
        there = and_(record_blocks.c.person_id == person_id, record_blocks.c.data_set_id == data_set_id)
        db.execute(delete(record_blocks).where(there, record_blocks.c.import_id == import_id))
    return len(left) + len(broken)


def is_silent(found: Import, *, now: int) -> bool:
    """Whether its work has ended without a word."""
    return found.state == "broken" or (found.state == "running" and found.beat_at <= now - SILENT)


def _set(db: Connection, found: Import, person_id: str, *, states: tuple[str, ...] = (), **values: Any) -> None:
    mine = and_(_at(person_id, found.import_id), _row.attempt == found.attempt)
    if states:
        mine = and_(mine, _row.state.in_(states))
    if db.execute(update(record_imports).where(mine).values(values)).rowcount != 1:
        raise Overtaken


def _drop_pieces(db: Connection, person_id: str, import_id: str) -> None:
    there = and_(record_uploads.c.person_id == person_id, record_uploads.c.import_id == import_id)
    db.execute(delete(record_uploads).where(there))


def _drop_key(db: Connection, person_id: str, persona_id: str, import_id: str) -> None:
    destroy_subject_keys(db, person_id=person_id, persona_id=persona_id, subject=subject_of(import_id))


def _at(person_id: str, import_id: str) -> Any:
    return and_(_row.person_id == person_id, _row.import_id == import_id)


def _keyed(person_id: str) -> Select[Any]:
    subject = literal(subject_of("")).concat(_row.import_id)
    found = with_keys(record_imports, record_imports, persona_id=_row.persona_id, subject=subject)
    return found.where(_row.person_id == person_id)


def _opened(secrets: HostSecrets, row: Row[Any]) -> Import:
    place = {"person_id": row.person_id, "persona_id": row.persona_id, "subject": subject_of(row.import_id)}
    key = key_of_row(secrets, row, **place)
    about = orjson.loads(unseal(key, row.about_sealed, "record_import", row.person_id, row.import_id))
    plan, outcome = about["plan"], about["outcome"]
    return Import(
        *(row.import_id, row.persona_id, row.data_set_id, row.origin, row.state, row.attempt, row.progress),
        *(row.at, row.beat_at, key, about["file_name"], about["vendor"], about["size"], about["utf8"]),
        plan=Plan(Reading(**plan["reading"]), tuple(plan["columns"]), plan["conflicts"]) if plan else None,
        outcome=Outcome(**outcome | {"refused": tuple(map(tuple, outcome["refused"]))}),
    )


def _about(person_id: str, one: Import) -> bytes:
    about = {name: getattr(one, name) for name in ("file_name", "vendor", "size", "utf8")}
    about |= {"plan": asdict(one.plan) if one.plan else None, "outcome": asdict(one.outcome)}
    return seal(one.key, orjson.dumps(about), "record_import", person_id, one.import_id)
