"""The pages of a person's ledger: read it, take it along, keep its stamp elsewhere, and check that it is whole."""

import csv
import io
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any

import orjson
from flask import Response, abort, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Connection

from consent import granted, stamps
from consent import ledger as book
from consent.errors import BadStamp, LedgerBroken
from consent.ledger import Wanted
from consent.model import Line
from consent.moving import homes
from vendor_api.routing import Route
from wallet.formulas import harmless
from wallet.house import House
from wallet.languages import day, language, written_day
from wallet.people.engine import own_ledger_key
from wallet.people.model import Visitor
from wallet.people.visitor import signed_in
from wallet.sharing import hearing
from wallet.sharing.actions import ACTIONS
from wallet.sharing.grant_views import line_views
from wallet.sharing.own import end_of_day, own
from wallet.sharing.sentences import sentences
from wallet.sharing.stamping import SHOWN, as_file, signed_stamp, today

LINES_PER_PAGE = 50
MOST_CHOICES = 200
CHECKED_LINES = 1_000  # each time the page is shown; all of them when somebody asks
LONGEST_NUMBER = 18
LARGEST_STAMP = 4096
DAY = 24 * 3600


@dataclass(frozen=True, slots=True)
class Kept:
    """What a stamp that the person brought along says about the ledger of today."""

    sentence: str
    holds: bool


def ledger(house: House) -> str:
    """Shows, and changes nothing."""
    newest = None if request.args.get("check") == "all" else CHECKED_LINES
    return page(house, broken_at(house, signed_in(house), newest), newest=newest)


def page(house: House, broken: int | None, kept: Kept | None = None, newest: int | None = None) -> str:
    """`broken` is the first line that does not hold, if there is one, among the `newest` or all."""
    visitor, wanted = signed_in(house), wanted_lines()
    mine = house.database.read(own, house, visitor, language())
    lines = house.database.read(
        book.lines,
        person_id=visitor.person_id,
        wanted=wanted,
        before=request.args.get("before", type=line_number),
        limit=LINES_PER_PAGE + 1,
    )
    shown = lines[:LINES_PER_PAGE]
    older = url_for("sharing.ledger", **chosen(), before=shown[-1].seq) if len(lines) > LINES_PER_PAGE else None
    attributes, purposes = house.database.read(granted.subjects, person_id=visitor.person_id, limit=MOST_CHOICES)
    heard = house.database.read(hearing.of_lines, shown, person_id=visitor.person_id)
    return render_template(
        "sharing/ledger.html",
        nav="ledger",
        lines=house.database.read(line_views, shown, mine, heard),
        vendors=house.database.read(book.vendors, person_id=visitor.person_id, limit=MOST_CHOICES),
        attributes=[(name, mine.label(name)) for name in attributes],
        purposes=[(purpose, purpose) for purpose in purposes],
        actions=[(action, said[language() == "de"]) for action, said in ACTIONS.items()],
        chosen=chosen(),
        older_url=older,
        intact=broken is None,
        broken_at=broken,
        checked=newest
        if newest and house.database.read(book.find_cover, person_id=visitor.person_id).last > newest
        else None,
        kept=kept,
        stamped=[
            (one, written_day(date.fromisoformat(one.day)))
            for one in house.database.read(stamps.kept, person_id=visitor.person_id, limit=SHOWN)
        ],
    )


def chosen() -> dict[str, Any]:
    """What the filter says, for links and fields."""
    return {
        name: request.args[name]
        for name in ("vendor", "attribute", "purpose", "action", "since", "until")
        if request.args.get(name)
    }


def wanted_lines() -> Wanted:
    """A day that is no day counts as none."""
    given = chosen()
    until = request.args.get("until", type=end_of_day)
    since = request.args.get("since", type=end_of_day)
    return Wanted(
        given.get("vendor"),
        given.get("attribute"),
        given.get("purpose"),
        since - DAY if since else None,
        until,
        given.get("action"),
    )


def export(house: House) -> Response:
    """The whole ledger as a file: every line with its hashes, or as a table of sentences."""
    visitor, kind = signed_in(house), request.args.get("as")
    if kind not in EXPORTS:
        abort(404)
    write, mimetype = EXPORTS[kind]
    return as_file(house.database.read(write, house, visitor), mimetype, f"ledger-{today(house)}.{kind}")


def as_jsonl(db: Connection, house: House, visitor: Visitor) -> bytes:
    """A line each, oldest first, as the hashes were made over it; then whose it is, and its stamp."""
    parts = [orjson.dumps(asdict(line), option=orjson.OPT_SORT_KEYS) for line in oldest_first(db, visitor)]
    last = {"person_id": visitor.person_id, "stamp": signed_stamp(db, house, visitor.person_id)}
    return b"\n".join([*parts, orjson.dumps(last)]) + b"\n"


def as_csv(db: Connection, house: House, visitor: Visitor) -> bytes:
    """What the page says. A cell that a spreadsheet would take for a formula begins with an apostrophe."""
    mine, written = own(db, house, visitor, language()), io.StringIO()
    table = csv.writer(written)
    table.writerow([_("Line"), _("Time (UTC)"), _("Vendor"), _("What happened")])
    for line, said in sentences(db, oldest_first(db, visitor), mine.label):
        at = datetime.fromtimestamp(line.at, UTC).strftime("%Y-%m-%d %H:%M:%S")
        vendor = str(line.detail.get("vendor") or line.client_id or "")
        table.writerow([line.seq, at, harmless(vendor), harmless(said)])
    return written.getvalue().encode("utf-8-sig")


def oldest_first(db: Connection, visitor: Visitor) -> tuple[Line, ...]:
    return book.lines(db, person_id=visitor.person_id)[::-1]


EXPORTS = {"jsonl": (as_jsonl, "application/jsonl"), "csv": (as_csv, "text/csv; charset=utf-8")}


def check(house: House) -> str | tuple[str, int]:
    """Compare the ledger with a stamp that the person kept. Changes nothing; a POST, because a file is sent."""
    visitor, file = signed_in(house), request.files.get("stamp")
    given = file.read(LARGEST_STAMP).decode(errors="replace").strip() if file else ""
    broken = broken_at(house, visitor)
    try:
        found, stands = house.database.read(compared, house, visitor, given)
    except BadStamp:
        return page(house, broken, Kept(_("This file is no stamp of your ledger here."), holds=False)), 422
    words = {"number": found.last, "day": day(found.at)}
    holds = stands and broken is None
    if holds:
        said = _("Your ledger is as it was on %(day)s, up to line %(number)s, and goes on from there.", **words)
    else:
        said = _("Your ledger is not what it was on %(day)s, up to line %(number)s. Do not rely on it.", **words)
    return page(house, broken, Kept(said, holds))


def compared(db: Connection, house: House, visitor: Visitor, given: str) -> tuple[stamps.Stamp, bool]:
    """Raises BadStamp."""
    key = own_ledger_key(db, house.secrets, person_id=visitor.person_id)
    issuers = (house.settings.issuer, *homes.former(db, person_id=visitor.person_id))
    found = stamps.opened(given, key, issuer=issuers)
    return found, stamps.stands(db, found, person_id=visitor.person_id)


def line_number(written: str) -> int:
    """Raises ValueError for what is no number, or a longer one than a database counts."""
    if len(written) > LONGEST_NUMBER:
        raise ValueError(written)
    return int(written)


def broken_at(house: House, visitor: Visitor, newest: int | None = None) -> int | None:
    """The number of the first line that does not hold, or None where all do: of the newest, or of the whole ledger."""
    try:
        house.database.read(book.verify, house.secrets.ledger, person_id=visitor.person_id, newest=newest)
    except LedgerBroken as error:
        return error.seq
    return None


ROUTES = (
    Route("/ledger", ledger),
    Route("/ledger/export", export),
    Route("/ledger/check", check, ("POST",)),
)
