"""The pages of feedback: all of it, and of one thing what was said, how far it has come and why."""

from dataclasses import dataclass, field
from typing import Any, Final

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Connection
from werkzeug import Response

from vendor_api.desk import threads as at_desk
from vendor_api.desk.errors import UnknownThread as NotAtDesk
from vendor_api.desk.model import WAITING
from vendor_api.desk.model import Thread as DeskThread
from vendor_api.desk.sentences import OUTCOME_LABELS, STATE_LABELS, TYPE_LABELS, alike_said, reason_said, weight_said
from vendor_api.routing import Route
from vendor_api.vendors import registry
from wallet.dialogue import closing, kept
from wallet.dialogue import engine as dialogue
from wallet.dialogue.errors import UnknownThread
from wallet.dialogue.model import LONGEST_TEXT, Message, Thread
from wallet.dialogue.progress import Feedback
from wallet.dialogue.steps import name_of
from wallet.errors import WalletError
from wallet.feedback import telling
from wallet.feedback.words import overdue_said, step_said
from wallet.house import House
from wallet.inbox.chosen import chosen_files
from wallet.languages import language
from wallet.people.model import Visitor
from wallet.people.visitor import signed_in

STEP: Final = 30
MOST_LATE: Final = 20
MOST_MESSAGES: Final = 200


@dataclass(frozen=True, slots=True)
class Spoken:
    """A message as the page shows it; `alike` is to how many people a form letter went."""

    message: Message = field(repr=False)
    alike: int


@dataclass(frozen=True, slots=True)
class Weighed:
    """Its priority at the vendor, with each reason; and why it lies with whom it does."""

    priority: int
    weights: tuple[str, ...]
    chosen: tuple[str, ...] = ()
    waited: bool = False


def index(house: House) -> str:
    who, given = signed_in(house), request.args.get("from", "0")
    skip = int(given) if given.isascii() and given.isdigit() and len(given) < 6 else 0
    found = house.database.read(listed, house, who, skip)
    return render_template("feedback/index.html", nav="feedback", skip=skip, step=STEP, **found, **said_by_pages())


def listed(db: Connection, house: House, who: Visitor, skip: int) -> dict[str, object]:
    place, now = {"person_id": who.person_id, "persona_id": who.persona_id}, house.clock()
    late = kept.late(db, house.secrets, **place, limit=MOST_LATE, now=now)
    known = {thread.thread_id for thread, _said in late}
    page = kept.latest(db, house.secrets, **place, skip=skip, limit=STEP)
    return {
        "late": [(thread, said, overdue_said(said, now)) for thread, said in late] if not skip else [],
        "rows": [(thread, said) for thread, said in page if skip or thread.thread_id not in known],
        "count": kept.how_many(db, **place),
    }


def said_by_pages() -> dict[str, object]:
    labels = {"kinds": TYPE_LABELS, "states": STATE_LABELS, "outcomes": OUTCOME_LABELS}
    return {name: {one: label() for one, label in said.items()} for name, said in labels.items()}


def show(house: House, thread_id: str) -> str:
    return page(house, signed_in(house), thread_id)


def page(house: House, who: Visitor, thread_id: str, **more: object) -> str:
    found = house.database.read(gathered, house, who, thread_id)
    return render_template(
        "feedback/thread.html", nav="feedback", **found, **said_by_pages(), alike_said=alike_said, **more
    )


def gathered(db: Connection, house: House, who: Visitor, thread_id: str) -> dict[str, object]:
    thread, said = own(db, house, who, thread_id)
    now = house.clock()
    live = now_at_desk(db, house, thread)
    place = {"person_id": who.person_id, "persona_id": who.persona_id}
    grant = telling.live_grant(db, **place, client_id=thread.client_id, now=now)
    return {
        "thread": thread,
        "feedback": said,
        "is_late": said.is_late(now),
        "overdue": overdue_said(said, now),
        "messages": spoken(db, house, thread),
        "steps": [(one.at, step_said(one), one.what) for one in reversed(said.details.steps)],
        "weighed": weighed(db, house, said, live),
        "is_gone": registry.find(db, thread.client_id) is None,
        "grant_id": grant.grant_id if grant else None,
        "longest": LONGEST_TEXT,
    }


def now_at_desk(db: Connection, house: House, thread: Thread) -> DeskThread | None:
    try:
        return at_desk.find(db, house.secrets, client_id=thread.client_id, thread_id=thread.public_id)
    except NotAtDesk:
        return None


def spoken(db: Connection, house: House, thread: Thread) -> list[Spoken]:
    """What was said, the oldest first; how many got the same is counted now, and not when it came."""
    kept = dialogue.said_in(db, thread, limit=MOST_MESSAGES)
    ids = {"client_id": thread.client_id, "thread_id": thread.public_id}
    there = at_desk.messages(db, house.secrets, **ids)
    alike = {one.digest: one.alike for one in there if one.is_form_letter}
    return [Spoken(one, alike.get(one.digest, 0)) for one in reversed(kept)]


def weighed(db: Connection, house: House, said: Feedback, live: DeskThread | None) -> Weighed:
    """As it is at the desk; where that is gone, as it was estimated when it came."""
    priority, weights = said.details.priority, said.details.weights
    if live is not None:
        priority, weights = live.priority, live.explanation
    shown = tuple(weight_said(one) for one in weights if one.weight)
    if live is None:
        return Weighed(priority, shown)
    mentioned = {one.about for one in live.reasons if one.about}
    found = {about: name_of(db, house.secrets, live.client_id, about) for about in mentioned}
    names = {about: name for about, name in found.items() if name}
    chosen = tuple(reason_said(one, names) for one in live.reasons)
    return Weighed(priority, shown, chosen, waited=live.state in WAITING)


def own(db: Connection, house: House, who: Visitor, thread_id: str) -> tuple[Thread, Feedback]:
    """Raises UnknownThread, also where the person has said nothing in it."""
    place = {"person_id": who.person_id, "persona_id": who.persona_id}
    thread = dialogue.find(db, house.secrets, thread_id, **place)
    said = kept.find(db, thread)
    if said is None:
        raise UnknownThread
    return thread, said


def seen(house: House, thread_id: str) -> Response:
    """Everything new in it has been looked at."""

    def work(db: Connection) -> None:
        thread, _said = own(db, house, who, thread_id)
        dialogue.mark_read(db, thread, now=house.clock())
        kept.seen(db, thread)

    who = signed_in(house)
    house.database.write(work)
    return redirect(url_for("feedback.show", thread_id=thread_id), 303)


def say(house: House, thread_id: str) -> Response | tuple[str, int]:
    who, text = signed_in(house), request.form.get("text", "")

    def work(db: Connection) -> None:
        thread, _said = own(db, house, who, thread_id)
        how: dict[str, Any] = {"language": language(), "attachments": along, "now": house.clock()}
        telling.answer(db, house.secrets, thread, text, **how)

    try:
        along = chosen_files()
        house.database.write(work)
    except WalletError as error:
        return page(house, who, thread_id, wrong=str(error), typed=text), error.status
    flash(_("Sent. It begins its way anew."), "done")
    return redirect(url_for("feedback.show", thread_id=thread_id), 303)


def judge(house: House, thread_id: str) -> Response:
    """Whether the answer satisfies; the vendor is told."""
    who, satisfied = signed_in(house), request.form.get("satisfied") == "yes"

    def work(db: Connection) -> None:
        thread, _said = own(db, house, who, thread_id)
        closing.judge(db, thread, satisfied=satisfied)

    house.database.write(work)
    flash(_("Kept, and the vendor sees it."), "done")
    return redirect(url_for("feedback.show", thread_id=thread_id), 303)


def withdraw(house: House, thread_id: str) -> Response | str:
    """Asks once; the second time it is done."""
    who = signed_in(house)
    if request.form.get("sure") != "yes":
        thread, _said = house.database.read(own, house, who, thread_id)
        return render_template("feedback/withdraw.html", nav="feedback", thread=thread)

    def work(db: Connection) -> None:
        thread, _said = own(db, house, who, thread_id)
        closing.withdraw(db, house.secrets, thread, now=house.clock())

    house.database.write(work)
    flash(_("Taken back. They need not answer any more."), "done")
    return redirect(url_for("feedback.show", thread_id=thread_id), 303)


ROUTES = (
    Route("/feedback", index),
    Route("/feedback/<thread_id>", show),
    Route("/feedback/<thread_id>/seen", seen, ("POST",)),
    Route("/feedback/<thread_id>/say", say, ("POST",)),
    Route("/feedback/<thread_id>/judge", judge, ("POST",)),
    Route("/feedback/<thread_id>/withdraw", withdraw, ("POST",)),
)
