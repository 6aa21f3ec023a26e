"""The desk: what people say to this organisation, the weightiest first; answered, decided and ended here."""

from collections.abc import Callable
from secrets import token_urlsafe
from typing import Any

from flask import render_template, request
from flask_babel import gettext as _
from sqlalchemy import Connection
from werkzeug import Response
from werkzeug.wrappers import Response as BaseResponse

from vendor_api.console.errors import NotYours
from vendor_api.console.guard import ConsoleRoute
from vendor_api.console.model import Member
from vendor_api.console.roles import AGENT, READ_ONLY
from vendor_api.console.said import went
from vendor_api.desk import along, assigning, directory, engine, sentences, threads, weighing
from vendor_api.desk.errors import OtherMessage, UnknownAttachment, UnknownContactPerson, UnknownThread, WrongState
from vendor_api.desk.model import ENDED, OUTCOMES, STATES, TYPES, Thread
from vendor_api.desk.threads import Filter
from vendor_api.errors import VendorApiError
from vendor_api.files import inert, safe_name
from vendor_api.host import Host
from vendor_api.texts import readable

STEP = 20  # points by which one click corrects a priority


def desk(host: Host, member: Member) -> str:
    asked = {name: request.args.get(name) or None for name in ("state", "type", "assigned_to")}
    wanted = Filter(asked["state"], asked["type"], None, asked["assigned_to"])

    def gathered(db: Connection) -> dict[str, Any]:
        how: dict[str, Any] = {"wanted": wanted, "after": request.args.get("after")}
        page = threads.threads(db, host.secrets, client_id=member.client_id, **how)
        return {"page": page, **people(db, host, member)}

    try:
        found = host.read(gathered)
    except UnknownThread:
        raise NotYours from None
    return render_template("console/desk.html", **found, **words(), asked=asked, now=host.now())


def thread(host: Host, member: Member, thread_id: str) -> str:
    return shown(host, member, thread_id)


def shown(host: Host, member: Member, thread_id: str, refused: str | None = None) -> str:
    """With what was typed, where it could not be taken."""
    ids = {"client_id": member.client_id, "thread_id": thread_id}

    def gathered(db: Connection) -> dict[str, Any]:
        found, said = threads.of_thread(db, host.secrets, **ids)
        return {"thread": found, "messages": said, **people(db, host, member)}

    try:
        found = host.read(gathered)
    except UnknownThread:
        raise NotYours from None
    waited = weighing.waited(found["thread"], host.now())
    typed = request.form if refused else {}
    more = {"waited": waited, "typed": typed, "refused": refused, "message_id": token_urlsafe(16), "step": STEP}
    return render_template("console/thread.html", **found, **more, **words(), now=host.now())


def people(db: Connection, host: Host, member: Member) -> dict[str, Any]:
    """Everybody of the directory, also who has left."""
    everyone = directory.directory(db, host.secrets, client_id=member.client_id, inactive=True)
    active = [one for one in everyone if one.active]
    return {"names": {one.contact_person_id: one.name for one in everyone}, "people": active}


def words() -> dict[str, Any]:
    return {
        "types": {name: sentences.TYPE_LABELS[name]() for name in TYPES},
        "states": {name: sentences.STATE_LABELS[name]() for name in STATES},
        "outcomes": {name: sentences.OUTCOME_LABELS[name]() for name in OUTCOMES},
        "weight_said": sentences.weight_said,
        "reason_said": sentences.reason_said,
        "alike_said": sentences.alike_said,
        "ended": ENDED,
    }


def taken(
    host: Host, member: Member, thread_id: str, work: Callable[..., Thread], **how: Any
) -> Response | tuple[str, int]:
    """Do it, and go back to the thread; or show it again with what keeps it from being done."""
    ids = {"client_id": member.client_id, "thread_id": thread_id}
    try:
        host.write(work, **ids, **how, now=host.now())
    except UnknownThread:
        raise NotYours from None
    except VendorApiError as error:
        return shown(host, member, thread_id, refusal(error)), error.status
    return went("thread", "saved", thread_id=thread_id)


def refusal(error: VendorApiError) -> str:
    if isinstance(error, WrongState | OtherMessage):
        return _("Somebody was quicker, or the person wrote again. Look at it as it is now; what you typed is below.")
    if isinstance(error, UnknownContactPerson):
        return _("Choose somebody of your people on duty.")
    return _("Something is missing or too long. A link begins with https.")


def attachment(host: Host, member: Member, thread_id: str, message_id: str, number: str) -> BaseResponse:
    ids = {"client_id": member.client_id, "thread_id": thread_id, "message_id": message_id}
    try:
        found = host.read(along.find, host.secrets, **ids, number=number)
    except UnknownAttachment:
        raise NotYours from None
    return inert(found.content, safe_name(found))


def read_thread(host: Host, member: Member, thread_id: str) -> Response | tuple[str, int]:
    return taken(host, member, thread_id, lambda db, **how: engine.read(db, host, **how))


def answer_thread(host: Host, member: Member, thread_id: str) -> Response | tuple[str, int]:
    said: dict[str, Any] = {name: request.form.get(name, "") for name in ("author", "text", "message_id")}
    said["text"] = readable(said["text"])
    return taken(host, member, thread_id, lambda db, **how: engine.answer(db, host, **said, **how))


def decide_thread(host: Host, member: Member, thread_id: str) -> Response | tuple[str, int]:
    what: dict[str, Any] = {name: request.form.get(name, "") for name in ("outcome", "reason")}
    what |= {"reason": readable(what["reason"]), "link": request.form.get("link") or None}
    return taken(host, member, thread_id, lambda db, **how: engine.decide(db, host, **what, **how))


def end_thread(host: Host, member: Member, thread_id: str) -> Response | tuple[str, int]:
    end = engine.decline if request.form.get("as") == "declined" else engine.finish
    return taken(host, member, thread_id, lambda db, **how: end(db, host, **how))


def assign_thread(host: Host, member: Member, thread_id: str) -> Response | tuple[str, int]:
    to = request.form.get("contact_person_id", "")
    return taken(host, member, thread_id, lambda db, **how: assigning.assign(db, host, contact_person_id=to, **how))


def correct_thread(host: Host, member: Member, thread_id: str) -> Response | tuple[str, int]:
    """One click: weightier, or less so than it was shown."""
    shown_as = request.form.get("expected", "")
    expected = int(shown_as) if shown_as.isascii() and shown_as.isdigit() and len(shown_as) <= 3 else -1
    step = STEP if request.form.get("to") == "more" else -STEP
    what: dict[str, Any] = {"expected": expected, "priority": max(0, min(weighing.HIGHEST, expected + step))}
    return taken(host, member, thread_id, lambda db, **how: weighing.correct(db, host.secrets, **what, **how))


ONE = "/console/desk/<thread_id>"
ROUTES = (
    ConsoleRoute("/console/desk", desk, READ_ONLY),
    ConsoleRoute(ONE, thread, READ_ONLY),
    ConsoleRoute(f"{ONE}/<path:message_id>/<number>", attachment, READ_ONLY),
    ConsoleRoute(f"{ONE}/read", read_thread, AGENT, ("POST",)),
    ConsoleRoute(f"{ONE}/answer", answer_thread, AGENT, ("POST",)),
    ConsoleRoute(f"{ONE}/decision", decide_thread, AGENT, ("POST",)),
    ConsoleRoute(f"{ONE}/end", end_thread, AGENT, ("POST",)),
    ConsoleRoute(f"{ONE}/assign", assign_thread, AGENT, ("POST",)),
    ConsoleRoute(f"{ONE}/priority", correct_thread, AGENT, ("POST",)),
)
