"""The same to read and to print: a ZIP with one page and tables for spreadsheets, and no keys in it.

Nothing in it leads elsewhere, and no cell is taken for a formula. In the language that pages have at the moment.
"""

import base64
import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import chain
from typing import BinaryIO, Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from flask import render_template
from flask_babel import gettext as _
from sqlalchemy import Connection

from consent import grants
from consent import ledger as book
from consent.model import Grant, Line
from keys.secrets import HostSecrets
from wallet.data.attributes import attributes_of
from wallet.data.engine import current_values
from wallet.data.kinds import said
from wallet.data.model import Value
from wallet.dialogue import reading
from wallet.dialogue.model import NOTE, PERSON
from wallet.formulas import harmless
from wallet.people.model import Persona
from wallet.people.personas import of_person, shown_name
from wallet.personas import pictures
from wallet.records import blocks, engine, rows
from wallet.records.model import Cells, DataSet
from wallet.records.row_pages import as_csv
from wallet.records.totals import Series, added
from wallet.records.words import figure
from wallet.sharing.limits import limits_said
from wallet.sharing.own import Own
from wallet.sharing.sentences import sentences
from wallet.vault.errors import TooLarge
from wallet.vault.file import check_stays

SHOWN_LINES: Final = 1000
AT_ONCE: Final = 1000
LONGEST_NAME: Final = 40
FIRST_DAY, LAST_DAY = date.min, date.max


@dataclass(frozen=True, slots=True)
class Readable:
    """Whose it is, and where it goes: `most` bytes at most, before they are packed."""

    person_id: str
    login: str = field(repr=False)
    language: str
    issuer: str
    most: int | None = None


@dataclass(frozen=True, slots=True)
class ValueSaid:
    label: str
    text: str = field(repr=False)
    since: int
    taken_from: str | None


@dataclass(frozen=True, slots=True)
class GrantSaid:
    vendor: str
    host: str
    persona: str
    items: tuple[tuple[str, str, str], ...]  # label, reason, limits
    granted_at: int
    until: int
    ended_at: int | None


@dataclass(frozen=True, slots=True)
class SetSaid:
    """`totals`: the name of each numeric column, what it comes to, its unit; `file` is where its rows are."""

    name: str = field(repr=False)
    persona: str
    file: str
    count: int
    first: int | None
    last: int | None
    totals: tuple[tuple[str, str, str], ...] = field(repr=False)


class Zip:
    """A ZIP of so many bytes at most. Raises TooLarge."""

    def __init__(self, out: BinaryIO, *, most: int | None, now: int) -> None:
        self._zip, self._left = ZipFile(out, "w", ZIP_DEFLATED), most
        self._at = datetime.fromtimestamp(max(now, 315_532_800), UTC).timetuple()[:6]  # ZIP knows no year before 1980

    def put(self, name: str, parts: Iterable[bytes]) -> None:
        about = ZipInfo(name, self._at)
        about.compress_type, about.external_attr = ZIP_DEFLATED, 0o600 << 16
        with self._zip.open(about, "w", force_zip64=True) as file:
            for part in parts:
                if self._left is not None:
                    self._left -= len(part)
                    if self._left < 0:
                        raise TooLarge
                file.write(part)

    def close(self) -> None:
        self._zip.close()


def write(
    db: Connection, secrets: HostSecrets, out: BinaryIO, whose: Readable, *, lock_key: bytes | None = None, now: int
) -> None:
    """Everything a person would want to read. What is locked is closed without its key.

    Raises TooLarge, IsBeingErased.
    """
    person_id = whose.person_id
    check_stays(db, person_id=person_id)
    attributes = attributes_of(db, secrets, person_id=person_id)
    faces = of_person(db, secrets, person_id=person_id)
    names = {face.persona_id: shown_name(face) for face in faces}
    mine = Own(attributes, {}, whose.language, "", {})
    values = [(face, list(values_of(db, secrets, face, mine, names=names, lock_key=lock_key))) for face in faces]
    granted = [grant_said(grant, mine, names, now) for grant in grants.of_person(db, person_id=person_id)]
    granted.sort(key=lambda one: (one.ended_at is not None, -one.granted_at))
    sets = [
        (found, *set_said(db, found, names[face.persona_id], number))
        for number, (face, found) in enumerate(sets_of(db, secrets, faces), 1)
    ]
    with_pictures = [(names[face.persona_id], picture(db, secrets, face), found) for face, found in values]
    told = {"values": with_pictures, "sets": [one for _found, one, _heads in sets]}
    packed = Zip(out, most=whose.most, now=now)
    packed.put("index.html", [page(db, whose, mine, granted, told, now=now).encode()])
    packed.put("values.csv", table(values_table((names[face.persona_id], found) for face, found in values)))
    packed.put("vendors.csv", table(vendors_table(granted)))
    packed.put("inbox.csv", table(inbox_table(db, secrets, faces)))
    packed.put("ledger.csv", table(ledger_table(db, mine, person_id=person_id)))
    for found, one, heads in sets:
        packed.put(one.file, chain([b"\xef\xbb\xbf"], as_csv(found, portions(db, found, heads))))
    packed.close()


def page(
    db: Connection, whose: Readable, mine: Own, granted: list[GrantSaid], told: dict[str, object], *, now: int
) -> str:
    newest = book.lines(db, person_id=whose.person_id, limit=SHOWN_LINES)
    return render_template(
        "vault/readable.html",
        whose=whose,
        now=now,
        live=[one for one in granted if one.ended_at is None],
        over=len([one for one in granted if one.ended_at is not None]),
        lines=[(line.seq, line.at, sentence) for line, sentence in sentences(db, newest, mine.label)],
        all_lines=book.find_cover(db, person_id=whose.person_id).last,
        **told,
    )


def values_of(
    db: Connection, secrets: HostSecrets, face: Persona, mine: Own, *, names: dict[str, str], lock_key: bytes | None
) -> Iterator[ValueSaid]:
    place = {"person_id": face.person_id, "persona_id": face.persona_id}
    found = current_values(db, secrets, **place, lock_key=lock_key)
    for name in sorted(found, key=lambda name: mine.label(name).casefold()):
        value = found[name]
        taken = names.get(value.taken_from) if value.taken_from else None
        yield ValueSaid(mine.label(name), text_of(value, mine), value.set_at, taken)


def text_of(value: Value, mine: Own) -> str:
    if value.value is None:
        return _("locked")
    return said(mine.attributes.get(value.attribute), value.value, mine.language)


def grant_said(grant: Grant, mine: Own, names: dict[str, str], now: int) -> GrantSaid:
    items = tuple(
        (mine.label(item.attribute), item.purpose or "", "; ".join(limits_said(item.in_force))) for item in grant.items
    )
    ended = None if grant.is_live(now) else min(grant.ended_at or grant.expires_at, grant.expires_at)
    persona = names.get(grant.persona_id) or _("a persona that was erased")
    return GrantSaid(grant.party.name, grant.party.host, persona, items, grant.granted_at, grant.expires_at - 1, ended)


def sets_of(db: Connection, secrets: HostSecrets, faces: Iterable[Persona]) -> Iterator[tuple[Persona, DataSet]]:
    for face in faces:
        place = {"person_id": face.person_id, "persona_id": face.persona_id}
        for found in engine.of_persona(db, secrets, **place):
            yield face, found


def set_said(db: Connection, found: DataSet, persona: str, number: int) -> tuple[SetSaid, list[blocks.Head]]:
    heads = blocks.heads(db, found)
    totals = []
    for place in found.shape.numeric:
        series = Series((head.summary for head in heads), found.shape, place)
        undated = [series.undated.total] if series.undated and not series.is_counter else []
        total = added([one for one in (series.total(FIRST_DAY, LAST_DAY), *undated) if one is not None])
        totals.append((found.shape.columns[place].name, figure(total), found.shape.columns[place].unit))
    first = min((head.summary.first for head in heads if head.summary.first is not None), default=None)
    last = max((head.summary.last for head in heads if head.summary.last is not None), default=None)
    count = sum(head.summary.count for head in heads)
    file = f"records/{number:03}-{safe(found.name)}.csv"
    return SetSaid(found.name, persona, file, count, first, last, tuple(totals)), heads


def safe(name: str) -> str:
    """Of a name what any system takes as that of a file."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-")[:LONGEST_NAME] or "records"


def portions(db: Connection, found: DataSet, heads: list[blocks.Head]) -> Iterator[list[Cells]]:
    for head in sorted(heads, key=lambda one: (one.summary.first or 0, one.block_id)):
        yield list(rows.every(db, found, [head]))


def picture(db: Connection, secrets: HostSecrets, face: Persona) -> str | None:
    """As an address that holds it itself."""
    found = pictures.find(db, secrets, person_id=face.person_id, persona_id=face.persona_id)
    return None if found is None else f"data:{pictures.media_type(found)};base64,{base64.b64encode(found).decode()}"


def table(lines: Iterable[Iterable[str]]) -> Iterator[bytes]:
    """RFC 4180, with the mark by which spreadsheets know UTF-8."""
    yield b"\xef\xbb\xbf"
    for cells in lines:
        written = io.StringIO()
        csv.writer(written).writerow(map(harmless, cells))
        yield written.getvalue().encode(errors="replace")


def values_table(values: Iterable[tuple[str, list[ValueSaid]]]) -> Iterator[tuple[str, ...]]:
    yield _("Persona"), _("Attribute"), _("Value"), _("Since (UTC)"), _("Taken from")
    for persona, found in values:
        for one in found:
            yield persona, one.label, one.text, written(one.since), one.taken_from or ""


def vendors_table(granted: Iterable[GrantSaid]) -> Iterator[tuple[str, ...]]:
    head = (_("Vendor"), _("Address"), _("Persona"), _("What it may read"), _("Reason given"), _("Limits"))
    yield *head, _("Since (UTC)"), _("Until (UTC)"), _("Ended (UTC)")
    for one in granted:
        times = written(one.granted_at), written(one.until), written(one.ended_at)
        for item in one.items or (("", "", ""),):
            yield one.vendor, one.host, one.persona, *item, *times


def ledger_table(db: Connection, mine: Own, *, person_id: str) -> Iterator[tuple[str, ...]]:
    """The newest first, so many at a time."""
    yield _("Line"), _("Time (UTC)"), _("Vendor"), _("What happened")
    before: int | None = None
    while found := book.lines(db, person_id=person_id, before=before, limit=AT_ONCE):
        for line, sentence in sentences(db, found, mine.label):
            yield str(line.seq), written(line.at), vendor_of(line), sentence
        before = found[-1].seq


def inbox_table(db: Connection, secrets: HostSecrets, faces: Iterable[Persona]) -> Iterator[tuple[str, ...]]:
    """Everything that was said, thread by thread."""
    head = (_("Persona"), _("Vendor"), _("What it is about"), _("Time (UTC)"), _("Who"), _("Channel"))
    yield *head, _("Words"), _("Files")
    sides = {PERSON: _("You"), NOTE: _("Your note")}
    for face in faces:
        place = {"person_id": face.person_id, "persona_id": face.persona_id}
        for thread in reading.every_thread(db, secrets, **place):
            about = shown_name(face), thread.vendor, thread.subject
            for one in reading.all_said(db, thread):
                by = sides.get(one.said_by) or one.author or thread.vendor
                files = ", ".join(name for name, _type, _size in one.attachments)
                yield *about, written(one.at), by, one.channel, one.text, files


def vendor_of(line: Line) -> str:
    return str(line.detail.get("vendor") or line.client_id or "")


def written(at: int | None) -> str:
    return "" if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")
