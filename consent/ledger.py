"""The person's hash-chained log: every line names the hash of the one before, and the cover says which is the last."""

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from secrets import token_urlsafe
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Row, Select, Text, cast, func, select, text

from consent.errors import LedgerBroken
from consent.model import Cover, Line
from consent.tables import ledger
from keys.prepared import Prepared

ACTIONS: Final = (
    *("asked", "granted", "refused", "signed_in", "redeemed", "read", "failed", "changed", "revoked", "countersigned"),
    *("right_asked", "right_reminded", "right_answered"),
    *("deposited", "deposit_kept", "deposit_refused"),
    *("contacted", "said", "violated"),
    *("restored", "erased", "moved"),
    *("fired", "kept_back", "reviewed", "intent_sent", "offer_accepted"),
)
COVER: Final = 0
NAMING: Final = ("attributes", "refused", "withheld", "left_out", "trimmed")  # parts of a detail that name attributes
NO_LINE_YET: Final = Cover(last=0, hash="")

# One statement writes the line and turns the cover to it. Two writers can not both write line n: on SQLite the second
# waits for the first, on PostgreSQL it loses the race and its transaction runs again.
WRITE = Prepared(
    text("""
    insert into ledger (person_id, seq, at, action, client_id, grant_id, detail, salt, previous, hash)
    values (:person_id, :seq, :at, :action, :client_id, :grant_id, :detail, :salt, :previous, :hash),
           (:person_id, 0, :at, 'cover', null, null, :last, '', :mac, :hash)
    on conflict (person_id, seq) do update
    set at = excluded.at, detail = excluded.detail, previous = excluded.previous, hash = excluded.hash
    where ledger.seq = 0
    """)
)


@dataclass(frozen=True, slots=True)
class Entry:
    """What is to be written: one of ACTIONS, with whom, under which grant, and names (never values) that explain it."""

    action: str
    client_id: str | None = None
    grant_id: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


def write(db: Connection, key: bytes, entry: Entry, *, person_id: str, cover: Cover | None = None, now: int) -> Cover:
    """Add a line and return the new cover. `cover` saves a statement where this transaction has read it already."""
    before = cover or find_cover(db, person_id=person_id)
    line = {
        "seq": before.last + 1,
        "at": now,
        "action": entry.action,
        "client_id": entry.client_id,
        "grant_id": entry.grant_id,
        "detail": dict(entry.detail),
        "salt": token_urlsafe(16),
        "previous": before.hash,
    }
    after = Cover(before.last + 1, line_hash(person_id, line))
    detail, last = (orjson.dumps(content).decode() for content in (line["detail"], {"last": after.last}))
    mac = cover_mac(key, person_id, after)
    WRITE.run(db, {**line, "person_id": person_id, "detail": detail, "hash": after.hash, "last": last, "mac": mac})
    return after


def find_cover(db: Connection, *, person_id: str) -> Cover:
    row = db.execute(
        select(ledger.c.detail, ledger.c.hash).where(ledger.c.person_id == person_id, ledger.c.seq == COVER)
    ).one_or_none()
    return cover_from(row.detail, row.hash) if row else NO_LINE_YET


def cover_from(detail: Mapping[str, Any] | None, last_hash: str | None) -> Cover:
    """The cover out of a row's columns; both are None where a join found no cover."""
    return Cover(detail["last"], last_hash) if detail is not None and last_hash is not None else NO_LINE_YET


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines: of a vendor, about an attribute, for a purpose, of an action, from `since` to before `until` (epoch
    seconds)."""

    client_id: str | None = None
    attribute: str | None = None
    purpose: str | None = None
    since: int | None = None
    until: int | None = None
    action: str | None = None


EVERYTHING: Final = Wanted()


def lines(
    db: Connection,
    *,
    person_id: str,
    wanted: Wanted = EVERYTHING,
    before: int | None = None,
    limit: int | None = None,
) -> tuple[Line, ...]:
    """Newest first: those that are wanted; older than line `before`; at most `limit`."""
    row = ledger.c
    query = select(ledger).where(row.person_id == person_id).order_by(row.seq.desc())
    if wanted.client_id is not None:
        query = query.where(row.seq.in_(with_vendor(person_id, wanted, before, limit)))
    else:
        query = query.where(row.seq > COVER, *((row.seq < before,) if before is not None else ()))
    if wanted.action is not None:
        query = query.where(row.action == wanted.action)
    if wanted.since is not None:
        query = query.where(row.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(row.at < wanted.until)
    if wanted.attribute is None and wanted.purpose is None:
        query = query.limit(limit)
    found = map(line_from, db.execute(query.execution_options(yield_per=500)))
    return tuple(islice((line for line in found if is_about(line, wanted)), limit))


def with_vendor(person_id: str, wanted: Wanted, before: int | None, limit: int | None) -> Select[tuple[int]]:
    """The numbers of the lines with a vendor. SQLite takes their index only where nothing else is asked of it."""
    row = ledger.c
    newest = (
        select(row.seq).where(row.person_id == person_id, row.client_id == wanted.client_id).order_by(row.seq.desc())
    )
    if before is not None:
        newest = newest.where(row.seq < before)
    return newest.limit(limit) if wanted == Wanted(client_id=wanted.client_id) else newest


def is_about(line: Line, wanted: Wanted) -> bool:
    """Whether a line names the attribute and the purpose, in whatever part."""
    detail = line.detail
    named = {name for part in NAMING for name in detail.get(part, ())}
    purposes = detail.get("purposes", ())
    return (wanted.attribute is None or wanted.attribute in named) and (
        wanted.purpose is None or wanted.purpose in purposes
    )


def vendors(db: Connection, *, person_id: str, limit: int) -> list[tuple[str, str]]:
    """client_id and name of the vendors in the ledger, by name, which is the one it went by last.

    Where there are more than `limit`, those with whom something happened last.
    """
    line = func.max(ledger.c.seq).label("line")
    newest = (
        select(line)
        .where(ledger.c.person_id == person_id, ledger.c.client_id.is_not(None))
        .group_by(ledger.c.client_id)
        .order_by(line.desc())
        .limit(limit)
    )
    query = select(ledger.c.client_id, ledger.c.detail).where(ledger.c.person_id == person_id, ledger.c.seq.in_(newest))
    return sorted(
        ((row.client_id, row.detail.get("vendor", row.client_id)) for row in db.execute(query)),
        key=lambda found: found[1].casefold(),
    )


# SQLite takes any text for JSON, and one spoiled line shall not hide which one it is.
DETAIL_AS_TEXT: Final = cast(ledger.c.detail, Text).label("detail")


def verify(db: Connection, key: bytes, *, person_id: str, newest: int | None = None) -> int:
    """Check the whole chain, or its `newest` lines; returns the number of the last one.

    Raises LedgerBroken with the first line that is wrong.
    """
    before = _before_the(newest, db, person_id=person_id)
    previous, expected = before.hash, before.last + 1
    for line in oldest_first(db, person_id=person_id, after=before.last):
        if line.seq != expected:
            raise LedgerBroken(expected, "it is missing")
        if line.previous != previous:
            raise LedgerBroken(line.seq, "it does not follow from the line before")
        if line_hash(person_id, {name: getattr(line, name) for name in HASHED}) != line.hash:
            raise LedgerBroken(line.seq, "its content was changed")
        previous, expected = line.hash, expected + 1
    check_cover(db, key, person_id=person_id, found=Cover(expected - 1, previous))
    return expected - 1


def _before_the(newest: int | None, db: Connection, *, person_id: str) -> Cover:
    """The line before the newest ones: from there the chain is followed."""
    here = select(func.max(ledger.c.seq)).where(ledger.c.person_id == person_id)
    first = (db.execute(here).scalar_one() or 0) - newest if newest is not None else 0
    if first <= COVER:
        return NO_LINE_YET
    hashed = select(ledger.c.hash).where(ledger.c.person_id == person_id, ledger.c.seq == first)
    return Cover(first, db.execute(hashed).scalar_one_or_none() or "")


def check_cover(db: Connection, key: bytes, *, person_id: str, found: Cover) -> None:
    """The cover, signed under the host's key, must name the last line that is there. Raises LedgerBroken."""
    is_cover = (ledger.c.person_id == person_id, ledger.c.seq == COVER)
    row = db.execute(select(DETAIL_AS_TEXT, ledger.c.previous, ledger.c.hash).where(*is_cover)).one_or_none()
    if row is None and found == NO_LINE_YET:
        return
    cover = Cover(last_of(row.detail), row.hash) if row else NO_LINE_YET
    if row is None or not hmac.compare_digest(cover_mac(key, person_id, cover).encode(), row.previous.encode()):
        raise LedgerBroken(found.last or 1, "the cover that vouches for it was changed or is missing")
    if found.last < cover.last:
        raise LedgerBroken(found.last + 1, "it is missing")
    if found.last > cover.last:
        raise LedgerBroken(cover.last + 1, "the cover does not know of it")
    if found != cover:
        raise LedgerBroken(found.last, "it is not the line that the cover names as the last")


def last_of(detail: str) -> int:
    """The number in a cover as it is stored; -1, which no cover has, where somebody put something else there."""
    try:
        last = orjson.loads(detail)["last"]
    except (ValueError, TypeError, KeyError):
        return -1
    return last if type(last) is int else -1


CONTENT: Final = ("seq", "at", "action", "client_id", "grant_id", "detail", "salt")
HASHED: Final = (*CONTENT, "previous")


def line_hash(person_id: str, line: Mapping[str, Any]) -> str:
    """In two steps, so that who is shown a line's digest alone can follow the chain over it, and not guess the line."""
    return chained(line["previous"], content_digest(person_id, line))


def chained(previous: str, digest: str) -> str:
    """SHA-256 over the hash of the line before and the digest of this one's content, both in hex."""
    return hashlib.sha256(f"{previous}{digest}".encode()).hexdigest()


def content_digest(person_id: str, line: Mapping[str, Any]) -> str:
    """SHA-256 over the line as canonical JSON (RFC 8785: no value is a fraction, and all names are ASCII)."""
    content = {"person_id": person_id, **{name: line[name] for name in CONTENT}}
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()


def cover_mac(key: bytes, person_id: str, cover: Cover) -> str:
    return hmac.digest(key, f"{person_id}\n{cover.last}\n{cover.hash}".encode(), "sha256").hex()


def oldest_first(db: Connection, *, person_id: str, after: int = COVER) -> Iterator[Line]:
    """Raises LedgerBroken at a line that can not be read."""
    columns = (DETAIL_AS_TEXT if column is ledger.c.detail else column for column in ledger.c)
    query = select(*columns).where(ledger.c.person_id == person_id, ledger.c.seq > after).order_by(ledger.c.seq)
    for row in db.execute(query.execution_options(yield_per=1000)):
        try:
            detail = orjson.loads(row.detail)
        except ValueError:
            raise LedgerBroken(row.seq, "its content was changed") from None
        yield Line(row.seq, row.at, row.action, row.client_id, row.grant_id, detail, row.previous, row.hash, row.salt)


def line_from(row: Row[Any]) -> Line:
    return Line(row.seq, row.at, row.action, row.client_id, row.grant_id, row.detail, row.previous, row.hash, row.salt)
