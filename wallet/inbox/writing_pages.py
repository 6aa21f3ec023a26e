"""The person begins: a message to a vendor, or a note of what reached them beside the wallet."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Final

from flask import flash, render_template, request
from flask_babel import gettext as _
from sqlalchemy import Connection
from werkzeug import Response

from consent import grants
from consent.errors import GrantEnded
from consent.model import Grant
from vendor_api.routing import Route
from wallet.dialogue import saying
from wallet.dialogue.errors import BadDay, BadFile, EmptyMessage, EmptySubject, NobodyThere, TooMuchSaid
from wallet.dialogue.model import Thread
from wallet.house import House
from wallet.inbox import views
from wallet.inbox.chosen import chosen_files
from wallet.inbox.pages import to_thread
from wallet.inbox.words import NOTED
from wallet.languages import language
from wallet.people.granted import own_grant
from wallet.people.model import Visitor
from wallet.people.visitor import signed_in
from wallet.sharing.own import DAY

MOST_VENDORS: Final = 100
NOON: Final = DAY // 2

Page = str | tuple[str, int]


@dataclass(frozen=True, slots=True)
class Noted:
    """What a form says of a call or a letter."""

    channel: str
    at: int
    text: str = field(repr=False)
    subject: str = field(repr=False)
    is_violation: bool


def write(house: House) -> Response | Page:
    """To a vendor that has a live grant."""
    who = signed_in(house)
    if request.method == "GET":
        return writing(house, who)
    form = request.form

    def work(db: Connection) -> str:
        grant, now = own_grant(db, who, form.get("grant", "")), house.clock()
        if not grant.is_live(now):
            raise GrantEnded("this vendor is no longer allowed anything")
        topic = form.get("topic") if form.get("topic") in grant.topics else None
        thread = saying.begin(db, house.secrets, grant, subject=form.get("subject", ""), topic=topic, now=now)
        how: dict[str, Any] = {"language": language(), "attachments": along, "now": now}
        saying.say(db, house.secrets, thread, form.get("text", ""), **how)
        return thread.thread_id

    try:
        along = chosen_files()
        thread_id = house.database.write(work)
    except (BadFile, EmptyMessage, EmptySubject, NobodyThere, TooMuchSaid) as error:
        return writing(house, who, wrong=str(error)), error.status
    except GrantEnded:
        return writing(house, who, wrong=_("This vendor is no longer allowed anything, so nothing was sent.")), 409
    flash(_("Sent. The vendor has it now."), "done")
    return to_thread(thread_id)


def writing(house: House, who: Visitor, *, wrong: str = "") -> str:
    found = house.database.read(vendors_of, house, who, live=True)
    chosen = request.values.get("grant")
    grant = next((one for one in found if one.grant_id == chosen), None)
    names = house.database.read(names_of, grant) if grant else {}
    return render_template("inbox/write.html", nav="inbox", vendors=found, chosen=chosen, names=names, wrong=wrong)


def names_of(db: Connection, grant: Grant) -> dict[str, str]:
    return views.topic_names(db, grant.party.client_id, set(grant.topics))


def note(house: House) -> Response | Page:
    """A call, a letter, a visit; the vendor is told only where it was outside what the person allows."""
    who = signed_in(house)
    if request.method == "GET":
        return noting(house, who)

    def work(db: Connection) -> str:
        now = house.clock()
        grant, noted = own_grant(db, who, request.form.get("grant", "")), noted_in(now)
        thread = thread_for(db, house, who, grant, noted, now=now)
        about: dict[str, Any] = {"channel": noted.channel, "at": noted.at}
        if noted.is_violation:
            saying.note_violation(db, house.secrets, grant, thread, noted.text, **about, now=now)
        else:
            saying.note(db, thread, noted.text, **about)
        return thread.thread_id

    try:
        thread_id = house.database.write(work)
    except (EmptyMessage, EmptySubject, BadDay) as error:
        return noting(house, who, wrong=str(error)), error.status
    told = _("Noted. It stands in your ledger, and the vendor is told if it takes notices.")
    flash(told if request.form.get("violation") == "yes" else _("Noted. The vendor is not told."), "done")
    return to_thread(thread_id)


def noting(house: House, who: Visitor, *, wrong: str = "") -> str:
    found = house.database.read(vendors_of, house, who, live=None)
    today = datetime.fromtimestamp(house.clock(), UTC).date().isoformat()
    page = {"vendors": found, "chosen": request.values.get("grant"), "thread": request.values.get("thread")}
    return render_template("inbox/note.html", nav="inbox", **page, channels=NOTED, today=today, wrong=wrong)


def noted_in(now: int) -> Noted:
    """Raises BadDay."""
    form = request.form
    channel = form.get("channel") if form.get("channel") in NOTED else "phone"
    subject = form.get("subject", "").strip() or str(NOTED[channel or "phone"])
    return Noted(
        channel or "phone",
        day_at(form.get("on", ""), now),
        form.get("text", ""),
        subject,
        form.get("violation") == "yes",
    )


def day_at(written: str, now: int) -> int:
    """Noon of that day in UTC, or now where that has not come yet. Raises BadDay."""
    try:
        begins = int(datetime.combine(date.fromisoformat(written), datetime.min.time(), UTC).timestamp())
    except (ValueError, OverflowError):
        raise BadDay from None
    if not 0 <= begins <= now:
        raise BadDay
    return min(begins + NOON, now)


def thread_for(db: Connection, house: House, who: Visitor, grant: Grant, noted: Noted, *, now: int) -> Thread:
    """The one that is named, where it is with this vendor, or a new one. Raises UnknownThread, EmptySubject."""
    named = request.form.get("thread")
    if named:
        thread = views.own_thread(db, house, who, named)
        if thread.client_id == grant.party.client_id:
            return thread
    return saying.begin(db, house.secrets, grant, subject=noted.subject, now=now)


def vendors_of(db: Connection, house: House, who: Visitor, *, live: bool | None) -> list[Grant]:
    """The newest first, and the one that is chosen; without `live` also those that may no longer read anything."""
    place: dict[str, Any] = {"person_id": who.person_id, "persona_id": who.persona_id}
    found: list[Grant] = []
    for state in (True,) if live else (True, False):
        found += grants.newest(db, **place, live=state, limit=MOST_VENDORS, now=house.clock())
    chosen = request.values.get("grant")
    if chosen and all(one.grant_id != chosen for one in found):
        found.insert(0, own_grant(db, who, chosen))
    return found


ROUTES = (
    Route("/inbox/write", write, ("GET", "POST")),
    Route("/inbox/note", note, ("GET", "POST")),
)
