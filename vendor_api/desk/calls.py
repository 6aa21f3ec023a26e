"""The desk for vendors with a system of their own: the same steps as in the console, by POST, each with an id.

The vendor proves itself as at the token endpoint. Whatever is sent twice is done once.
"""

import base64
from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy import Connection

from vendor_api.call import Call, from_json
from vendor_api.desk import along, assigning, directory, engine, given, service, threads, weighing
from vendor_api.desk.directory import ContactPerson
from vendor_api.desk.errors import UnknownContactPerson
from vendor_api.desk.model import ENDED, STATES, TYPES, Message, Thread
from vendor_api.desk.record import of_messages
from vendor_api.desk.service import Service
from vendor_api.desk.threads import Filter
from vendor_api.errors import InvalidRequest
from vendor_api.host import Host
from vendor_api.oauth.answers import Answer, as_json
from vendor_api.oauth.framework.client_assertion import received
from vendor_api.oauth.framework.gate import proven
from vendor_api.oauth.framework.shapes import Request
from vendor_api.texts import is_line

THREADS: Final = "/desk/threads"
ATTACHMENTS: Final = "/desk/attachments"
ANSWERS: Final = "/desk/answers"
DECISIONS: Final = "/desk/decisions"
DIRECTORY: Final = "/desk/directory"
SERVICE: Final = "/desk/service"
LONGEST_ID: Final = 64
MOST: Final = 100

Form = Mapping[str, str]
Work = Callable[[Connection, Host, str, Form, int], dict[str, Any]]


def listed(host: Host, call: Call) -> Answer:
    """Threads that are open, or as `state`, `type`, `topic` and `assigned_to` say; `after` is where a page begins."""
    return as_json(done(host, call, list_of))


def opened(host: Host, call: Call) -> Answer:
    """One thread with what was said in it; `read` by somebody, or given to one (`assign_to`)."""

    def one(db: Connection, host: Host, client_id: str, form: Form, now: int) -> dict[str, Any]:
        ids: dict[str, Any] = {"client_id": client_id, "thread_id": call.rest}
        if "read" in form:
            engine.read(db, host, **ids, now=now)
        if "assign_to" in form:
            assigning.assign(db, host, **ids, contact_person_id=form["assign_to"], now=now)
        return thread_of(db, host, **ids, now=now)

    return as_json(done(host, call, one))


def fetched(host: Host, call: Call) -> Answer:
    """One file that came along with a message, by its number from 0."""
    return as_json(done(host, call, file_of))


def answered(host: Host, call: Call) -> Answer:
    return as_json(done(host, call, answer))


def decided(host: Host, call: Call) -> Answer:
    return as_json(done(host, call, decide))


def contact_persons(host: Host, call: Call) -> Answer:
    """The directory; with `entries` these come in its place."""
    return as_json(done(host, call, entries))


def promised(host: Host, call: Call) -> Answer:
    """Hours and service levels; with `service` these come in their place."""
    return as_json(done(host, call, promises))


def done(host: Host, call: Call, work: Work) -> dict[str, Any]:
    """In one transaction with the proof of who asks."""
    now = host.now()
    sent = received(host, call, now=now)
    return host.write(worked, host, sent, work, now=now)


def worked(db: Connection, host: Host, sent: Request, work: Work, *, now: int) -> dict[str, Any]:
    vendor = proven(db, host, sent, "desk", now=now)
    return work(db, host, vendor.client_id, sent.form, now)


def list_of(db: Connection, host: Host, client_id: str, form: Form, now: int) -> dict[str, Any]:
    wanted = Filter(*(form.get(name) for name in ("state", "type", "topic", "assigned_to")))
    if wanted.state not in {None, *STATES} or wanted.type not in {None, *TYPES}:
        raise InvalidRequest("state and type must be ones that a thread can have")
    limit = form.get("limit", str(threads.PAGE))
    if not limit.isascii() or not limit.isdigit() or len(limit) > 3 or not 1 <= int(limit) <= MOST:
        raise InvalidRequest(f"limit must be a number from 1 to {MOST}")
    how: dict[str, Any] = {"wanted": wanted, "after": form.get("after"), "limit": int(limit)}
    page = threads.threads(db, host.secrets, client_id=client_id, **how)
    said = {"threads": [described(thread, now) for thread in page.threads]}
    return said | ({"after": page.after} if page.after else {})


def thread_of(db: Connection, host: Host, *, client_id: str, thread_id: str, now: int) -> dict[str, Any]:
    thread, said = threads.of_thread(db, host.secrets, client_id=client_id, thread_id=thread_id)
    record = of_messages((one.at, one.message_id, one.digest) for one in said)
    return described(thread, now) | {"messages": list(map(message_as_data, said)), "digest": record}


def file_of(db: Connection, host: Host, client_id: str, form: Form, now: int) -> dict[str, Any]:
    thread_id, message_id, number = needed(form, "thread_id", "message_id", "number")
    ids = {"client_id": client_id, "thread_id": thread_id, "message_id": message_id}
    found = along.find(db, host.secrets, **ids, number=number)
    content = base64.b64encode(found.content).decode()
    return {"name": found.name, "media_type": found.media_type, "content": content}


def answer(db: Connection, host: Host, client_id: str, form: Form, now: int) -> dict[str, Any]:
    thread_id, author, text = needed(form, "thread_id", "author", "text")
    message_id = form.get("message_id", "")
    if not is_line(message_id, LONGEST_ID):
        raise InvalidRequest(f"message_id must be a text of 1 to {LONGEST_ID} characters, another one for each answer")
    said: dict[str, Any] = {"author": author, "text": text, "message_id": message_id}
    engine.answer(db, host, client_id=client_id, thread_id=thread_id, **said, now=now)
    return thread_of(db, host, client_id=client_id, thread_id=thread_id, now=now)


def decide(db: Connection, host: Host, client_id: str, form: Form, now: int) -> dict[str, Any]:
    """With `ended` it is done, or declined, with that. The same decision again changes nothing."""
    thread_id, outcome, reason = needed(form, "thread_id", "outcome", "reason")
    ids: dict[str, Any] = {"client_id": client_id, "thread_id": thread_id}
    what: dict[str, Any] = {"outcome": outcome, "reason": reason, "link": form.get("link")}
    thread = threads.find(db, host.secrets, **ids)
    is_same = thread.outcome is not None and what == outcome_as_data(thread)
    if not (is_same and thread.state in {"decided", *ENDED}):
        thread = engine.decide(db, host, **ids, **what, now=now)
    if "ended" in form and thread.state not in ENDED:
        end = engine.decline if outcome == "not" else engine.finish
        thread = end(db, host, **ids, now=now)
    return described(thread, now)


def entries(db: Connection, host: Host, client_id: str, form: Form, now: int) -> dict[str, Any]:
    if "entries" in form:
        put = given.entries_of(read_json(form["entries"], "entries"))
        directory.replace(db, host.secrets, put, client_id=client_id, now=now)
    found = directory.directory(db, host.secrets, client_id=client_id, inactive=True)
    return {"entries": list(map(entry_as_data, found))}


def promises(db: Connection, host: Host, client_id: str, form: Form, now: int) -> dict[str, Any]:
    """Raises UnknownContactPerson for a level that hands up to nobody."""
    if "service" in form:
        put = given.service_of(read_json(form["service"], "service"))
        there = {one.contact_person_id for one in directory.directory(db, host.secrets, client_id=client_id)}
        if any(one.escalate_to not in {None, *there} for one in put.levels):
            raise UnknownContactPerson
        service.keep(db, put, client_id=client_id)
    return service_as_data(service.service(db, client_id=client_id))


def needed(form: Form, *names: str) -> tuple[str, ...]:
    """Raises InvalidRequest."""
    missing = [name for name in names if name not in form]
    if missing:
        raise InvalidRequest(f"{', '.join(missing)} is missing")
    return tuple(form[name] for name in names)


def read_json(text: str, name: str) -> object:
    try:
        return from_json(text)
    except ValueError:
        raise InvalidRequest(f"{name} is not JSON, or nested too deeply") from None


def described(thread: Thread, now: int) -> dict[str, Any]:
    names = ("thread_id", "sub", "type", "topic", "language", "state", "opened_at", "due_at", "assigned_to", "priority")
    weights = (*thread.explanation, weighing.waited(thread, now))
    return {
        **{name: getattr(thread, name) for name in names},
        "satisfied": thread.satisfied,
        "is_late": thread.is_late(now),
        "explanation": [{"reason": one.reason, "weight": one.weight, "words": list(one.words)} for one in weights],
        "routing": [{"reason": one.code, "about": one.about} for one in thread.reasons],
        **({"decision": outcome_as_data(thread)} if thread.outcome else {}),
    }


def outcome_as_data(thread: Thread) -> dict[str, Any]:
    found = thread.outcome
    return {name: getattr(found, name) for name in ("outcome", "reason", "link")}


def message_as_data(message: Message) -> dict[str, Any]:
    names = ("message_id", "direction", "at", "author", "text", "digest", "read_at", "alike", "is_form_letter")
    came = [{"name": one.name, "media_type": one.media_type, "size": one.size} for one in message.attachments]
    return {**{name: getattr(message, name) for name in names}, "attachments": came}


def entry_as_data(one: ContactPerson) -> dict[str, Any]:
    names = ("contact_person_id", "name", "role", "skills", "topics", "languages", "channels", "substitute")
    return {
        **{name: getattr(one, name) for name in (*names, "most_threads", "active")},
        "hours": {"time_zone": one.hours.time_zone, "windows": one.hours.windows, "holidays": one.hours.holidays},
        "absences": [{"from": absence.from_, "until": absence.until} for absence in one.absences],
    }


def service_as_data(one: Service) -> dict[str, Any]:
    levels = ("type", "topic", "first_answer_hours", "escalate_to")
    weights = ("attribute", "value", "weight")
    return {
        "hours": {"time_zone": one.hours.time_zone, "windows": one.hours.windows, "holidays": one.hours.holidays},
        "most_alike": one.most_alike,
        "influence": [{name: getattr(rule, name) for name in weights} for rule in one.influence],
        "levels": [{name: getattr(level, name) for name in levels} for level in one.levels],
    }
