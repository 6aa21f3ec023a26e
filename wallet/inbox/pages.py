"""The inbox, and one conversation in it: read, answer, say what was relevant, and take out what came along.

What is unread is opened by a POST: who only follows a link, or whose browser looks ahead, has read nothing.
"""

from typing import Any, Final

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Connection
from werkzeug import Response

from vendor_api.files import inert, safe_name
from vendor_api.routing import Route
from wallet.contact import relevance
from wallet.dialogue import engine, saying
from wallet.dialogue.errors import BadFile, EmptyMessage, NobodyThere, ThreadClosed, TooMuchSaid
from wallet.dialogue.model import RATINGS, Wanted
from wallet.house import House
from wallet.inbox import views
from wallet.inbox.chosen import chosen_files
from wallet.inbox.words import KINDS
from wallet.languages import language
from wallet.people.visitor import signed_in

UNREAD: Final = "unread"

Page = str | tuple[str, int]


def index(house: House) -> str:
    """The newest first: all of them, or those of a vendor, of a kind, or with something unread."""
    who, shown = signed_in(house), request.args.get("show", "")
    kind = shown if shown in KINDS else None
    wanted = Wanted(request.args.get("vendor") or None, kind, shown == UNREAD)
    before = views.place_from(request.args.get("before"))
    found = house.database.read(views.inbox, house, who, wanted, before)
    return render_template("inbox/index.html", nav="inbox", wanted=wanted, kinds=KINDS, before=before, **found)


def show(house: House, thread_id: str) -> str:
    return page(house, thread_id)


def page(house: House, thread_id: str, *, wrong: str = "", typed: str = "") -> str:
    before = views.place_from(request.args.get("before"))
    found = house.database.read(views.conversation, house, signed_in(house), thread_id, before)
    return render_template("inbox/thread.html", nav="inbox", wrong=wrong, typed=typed, **found)


def open_(house: House, thread_id: str) -> Response:
    """The person goes and looks at it."""
    who = signed_in(house)

    def work(db: Connection) -> None:
        engine.mark_read(db, views.own_thread(db, house, who, thread_id), now=house.clock())

    house.database.write(work)
    return to_thread(thread_id)


def reply(house: House, thread_id: str) -> Response | Page:
    """The very text stands at the vendor's desk then."""
    who, text = signed_in(house), request.form.get("text", "")

    def work(db: Connection) -> None:
        thread, now = views.own_thread(db, house, who, thread_id), house.clock()
        saying.say(db, house.secrets, thread, text, language=language(), attachments=along, now=now)
        engine.mark_read(db, thread, now=now)

    try:
        along = chosen_files()
        house.database.write(work)
    except (BadFile, EmptyMessage, NobodyThere, ThreadClosed, TooMuchSaid) as error:
        return page(house, thread_id, wrong=str(error), typed=text), error.status
    flash(_("Sent. The vendor has it now."), "done")
    return to_thread(thread_id)


def rate(house: House, thread_id: str, message_id: str) -> Response:
    """Relevant, not relevant, or neither again."""
    who, rating = signed_in(house), request.form.get("rating") or None
    if rating is not None and rating not in RATINGS:
        abort(400)

    def work(db: Connection) -> relevance.Step | None:
        thread = views.own_thread(db, house, who, thread_id)
        message = engine.find_message(db, thread, message_id)
        if not engine.rate(db, thread, message_id, rating) or rating != relevance.NOT_RELEVANT:
            return None
        grant = views.current_grant(db, who, thread.client_id)
        about: dict[str, Any] = {"person_id": thread.person_id, "persona_id": thread.persona_id}
        about |= {"grant_id": grant.grant_id if grant else None, "topic": message.topic}
        return relevance.rated(db, house.secrets, **about, now=house.clock())

    step = house.database.write(work)
    return to_thread(thread_id, anchor=None if step else message_id)  # what became of it stands above


def attachment(house: House, thread_id: str, message_id: str, number: str) -> Response:
    who = signed_in(house)

    def work(db: Connection) -> Response:
        thread = views.own_thread(db, house, who, thread_id)
        message = engine.find_message(db, thread, message_id)
        at = int(number) if number.isascii() and number.isdigit() and len(number) < 4 else len(message.attachments)
        found = engine.attachment(db, thread, message, at)
        return inert(found.content, safe_name(found))

    return house.database.read(work)


def to_thread(thread_id: str, *, anchor: str | None = None) -> Response:
    return redirect(url_for("inbox.show", thread_id=thread_id, _anchor=anchor), 303)


ROUTES = (
    Route("/inbox", index),
    Route("/inbox/<thread_id>", show),
    Route("/inbox/<thread_id>/open", open_, ("POST",)),
    Route("/inbox/<thread_id>/reply", reply, ("POST",)),
    Route("/inbox/<thread_id>/<message_id>/rate", rate, ("POST",)),
    Route("/inbox/<thread_id>/<message_id>/attachments/<number>", attachment),
)
