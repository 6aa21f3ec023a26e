"""People on duty: who answers for this organisation; and what it promises them who write: its service levels."""

from collections.abc import Mapping
from dataclasses import replace
from secrets import token_urlsafe
from typing import Any

from flask import render_template, request
from flask_babel import gettext as _
from sqlalchemy import Connection
from werkzeug import Response

from vendor_api.console import duty as text
from vendor_api.console.guard import ConsoleRoute
from vendor_api.console.model import Member
from vendor_api.console.roles import ADMIN, READ_ONLY
from vendor_api.console.said import went
from vendor_api.desk import directory, given, sentences, service
from vendor_api.desk.directory import ContactPerson
from vendor_api.desk.model import TYPES
from vendor_api.desk.service import EVERY, Service
from vendor_api.errors import InvalidRequest
from vendor_api.host import Host
from vendor_api.vendors import registry
from vendor_api.vendors.topics import MEMBER


def duty(host: Host, member: Member) -> str:
    return people(host, member)


def people(host: Host, member: Member, refused: str | None = None) -> str:
    everyone = host.read(directory.directory, host.secrets, client_id=member.client_id)
    typed = dict(request.form) if refused else {}
    whose = typed.get("contact_person_id")
    new = {"time_zone": "Europe/Berlin", "windows": "1-5 09:00-17:00"} | ({} if whose else typed)
    forms = [text.typed(one) | (typed if one.contact_person_id == whose else {}) for one in everyone]
    vendor = host.read(registry.find, member.client_id)
    topics = vendor.metadata.get(MEMBER, {}) if vendor else {}
    return render_template("console/duty.html", forms=forms, new=new, refused=refused, topics=topics)


def save_person(host: Host, member: Member) -> Response | tuple[str, int]:
    """One entry, known or new; the others stay as they are."""

    def work(db: Connection) -> None:
        ids: dict[str, Any] = {"client_id": member.client_id}
        everyone = directory.directory(db, host.secrets, **ids)
        known = {one.contact_person_id: one for one in everyone}
        one = entry_from(request.form, known)
        known[one.contact_person_id] = one
        kept = [on_its_own(entry, known) for entry in known.values()]
        directory.replace(db, host.secrets, kept, **ids, now=host.now())

    try:
        host.write(work)
    except InvalidRequest:
        return people(host, member, wrong()), 422
    return went("duty", "saved")


def entry_from(form: Mapping[str, str], known: Mapping[str, ContactPerson]) -> ContactPerson:
    """Raises InvalidRequest."""
    contact_person_id = form.get("contact_person_id") or token_urlsafe(12)
    before = known.get(contact_person_id)
    zone = form.get("time_zone", "UTC").strip()
    if not given.is_zone(zone) or (before is None and form.get("contact_person_id")):
        raise InvalidRequest("time_zone must be one of the IANA time zones")
    most = form.get("most_threads", "").strip()
    holidays = list(before.hours.holidays) if before else []
    content: dict[str, Any] = {
        "contact_person_id": contact_person_id,
        "name": form.get("name", "").strip(),
        "role": form.get("role", "").strip() or None,
        "hours": {"time_zone": zone, "windows": text.windows_from(form.get("windows", "")), "holidays": holidays},
        "absences": text.absences_from(form.get("absences", ""), zone),
        "substitute": form.get("substitute") or None,
        "most_threads": number(most) if most else None,
    }
    content |= {name: text.listed(form.get(name, "")) for name in ("topics", "skills", "languages", "channels")}
    return given.entry_of(content)


def on_its_own(one: ContactPerson, known: Mapping[str, ContactPerson]) -> ContactPerson:
    """Nobody stands in for themselves, and nobody who is gone for anybody."""
    stands_in = one.substitute in known and one.substitute != one.contact_person_id
    return one if stands_in else replace(one, substitute=None)


def remove_person(host: Host, member: Member) -> Response:
    """Answers no more; what was answered keeps the name."""

    def work(db: Connection) -> None:
        ids: dict[str, Any] = {"client_id": member.client_id}
        gone = request.form.get("contact_person_id")
        everyone = directory.directory(db, host.secrets, **ids)
        known = {one.contact_person_id: one for one in everyone if one.contact_person_id != gone}
        kept = [on_its_own(one, known) for one in known.values()]
        directory.replace(db, host.secrets, kept, **ids, now=host.now())

    host.write(work)
    return went("duty", "saved")


def levels(host: Host, member: Member) -> str:
    return promises(host, member)


def promises(host: Host, member: Member, refused: str | None = None) -> str:
    def gathered(db: Connection) -> dict[str, Any]:
        everyone = directory.directory(db, host.secrets, client_id=member.client_id)
        return {"promised": service.service(db, client_id=member.client_id), "people": everyone}

    found = host.read(gathered)
    more = {"windows": text.windows_as_text(found["promised"].hours), "refused": refused, "every": EVERY}
    types = {name: sentences.TYPE_LABELS[name]() for name in TYPES}
    return render_template("console/levels.html", **found, **more, types=types, typed=request.form if refused else {})


def save_level(host: Host, member: Member) -> Response | tuple[str, int]:
    """One more level, or another number of hours for one."""

    def changed(before: Service, form: Mapping[str, str]) -> Service:
        content = {"type": form.get("type", EVERY), "topic": form.get("topic", "").strip() or EVERY}
        hours, to = number(form.get("first_answer_hours", "")), form.get("escalate_to") or None
        one = given.level_of({**content, "first_answer_hours": hours, "escalate_to": to})
        others = [level for level in before.levels if (level.type, level.topic) != (one.type, one.topic)]
        return replace(before, levels=(*others, one))

    return kept(host, member, changed)


def remove_level(host: Host, member: Member) -> Response | tuple[str, int]:
    def changed(before: Service, form: Mapping[str, str]) -> Service:
        gone = form.get("type"), form.get("topic")
        return replace(before, levels=tuple(one for one in before.levels if (one.type, one.topic) != gone))

    return kept(host, member, changed)


def save_hours(host: Host, member: Member) -> Response | tuple[str, int]:
    def changed(before: Service, form: Mapping[str, str]) -> Service:
        content = {
            "time_zone": form.get("time_zone", "").strip(),
            "windows": text.windows_from(form.get("windows", "")),
            "holidays": form.get("holidays", "").split(),
        }
        return replace(before, hours=given.hours_of(content), most_alike=number(form.get("most_alike", "")))

    return kept(host, member, changed)


def kept(host: Host, member: Member, changed: Any) -> Response | tuple[str, int]:
    def work(db: Connection) -> None:
        before = service.service(db, client_id=member.client_id)
        service.keep(db, changed(before, request.form), client_id=member.client_id)

    try:
        host.write(work)
    except InvalidRequest:
        return promises(host, member, wrong()), 422
    return went("levels", "saved")


def number(typed: str) -> int:
    """Raises InvalidRequest."""
    if not typed.isascii() or not typed.isdigit() or not 1 <= len(typed) <= 4 or int(typed) < 1:
        raise InvalidRequest("a number from 1 to 9999 is needed")
    return int(typed)


def wrong() -> str:
    return _("Something does not fit: check names, numbers, days and hours. Nothing was changed.")


ROUTES = (
    ConsoleRoute("/console/duty", duty, READ_ONLY),
    ConsoleRoute("/console/duty", save_person, ADMIN, ("POST",)),
    ConsoleRoute("/console/duty/remove", remove_person, ADMIN, ("POST",)),
    ConsoleRoute("/console/levels", levels, READ_ONLY),
    ConsoleRoute("/console/levels", save_level, ADMIN, ("POST",)),
    ConsoleRoute("/console/levels/remove", remove_level, ADMIN, ("POST",)),
    ConsoleRoute("/console/levels/hours", save_hours, ADMIN, ("POST",)),
)
