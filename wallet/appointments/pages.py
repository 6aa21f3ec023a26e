"""The pages of appointments: what vendors ask for and what was agreed on; choose, propose, decline, cancel."""

from collections.abc import Callable
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from flask import Response as Download
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel.speaklater import LazyString
from sqlalchemy import Connection
from werkzeug import Response

from consent.contact import policies, slots
from consent.contact.slots import Slot
from consent.contact.windows import zone
from vendor_api.routing import Route
from wallet.appointments import agreeing, engine
from wallet.appointments.errors import AppointmentChanged, BadTime, NoNumber
from wallet.appointments.files import calendar
from wallet.appointments.model import UNANSWERED, Appointment
from wallet.appointments.words import ENDED_BY, KINDS, MISSED, NO_SUCH_TIME, STATES, span, state_of
from wallet.channels import addresses
from wallet.channels.model import PHONE
from wallet.house import House
from wallet.people.model import Visitor
from wallet.people.visitor import signed_in

ON_A_PAGE: Final = 20
YEARS: Final = (2000, 2500)
MINUTES: Final = (10, 15, 20, 30, 45, 60, 90, 120)

Step = Callable[[Connection, Appointment, int], Appointment]


def index(house: House) -> str:
    found = house.database.read(listed, house, signed_in(house), request.args.get("before", ""))
    return render_template("appointments/index.html", nav="wallet", kinds=KINDS, states=STATES, **found)


def listed(db: Connection, house: House, who: Visitor, before: str) -> dict[str, object]:
    at, _dot, name = before.partition(".")
    place = (int(at), name[:64]) if at.isascii() and at.isdigit() and len(at) < 16 else None
    found = engine.newest(db, house.secrets, **whose(who), before=place, limit=ON_A_PAGE + 1)
    shown, now = found[:ON_A_PAGE], house.clock()
    return {
        "found": [(one, state_of(one, now), told_when(db, house, one)) for one in shown],
        "older": f"{shown[-1].asked_at}.{shown[-1].appointment_id}" if len(found) > ON_A_PAGE else None,
    }


def told_when(db: Connection, house: House, one: Appointment) -> str:
    return span(one.slot, time_zone(db, house, one)) if one.slot else ""


def time_zone(db: Connection, house: House, one: Appointment) -> str:
    place = {"person_id": one.person_id, "persona_id": one.persona_id}
    return policies.counting(db, house.secrets, one.client_id, one.topic, **place).time_zone


def show(house: House, appointment_id: str) -> str:
    return page(house, appointment_id)


def page(house: House, appointment_id: str, *, wrong: str | LazyString = "") -> str:
    found = house.database.write(shown, house, signed_in(house), appointment_id)
    how = {"kinds": KINDS, "states": STATES, "ended_by": ENDED_BY, "missed": MISSED, "minutes": MINUTES}
    return render_template(
        "appointments/appointment.html", nav="wallet", wrong=wrong, typed=request.form, **how, **found
    )


def shown(db: Connection, house: House, who: Visitor, appointment_id: str) -> dict[str, object]:
    now = house.clock()
    one = agreeing.settled(db, house, own(db, house, who, appointment_id), now=now)
    place = {"person_id": one.person_id, "persona_id": one.persona_id}
    policy = policies.counting(db, house.secrets, one.client_id, one.topic, **place)
    state, zoned = state_of(one, now), policy.time_zone
    offered = [
        (number, span(slot, zoned), slot.start > now and slots.fits(policy, slot))
        for number, slot in enumerate(one.slots)
    ]
    number = agreeing.number_of(db, house, one) if not one.link else ""
    return {
        "one": one,
        "state": state,
        "when": span(one.slot, zoned) if one.slot else "",
        "offered": offered if state == "asked" else [],
        "zone": zoned,
        "is_open": state in UNANSWERED,
        "may_cancel": state == "agreed",
        "may_miss": one.state == "agreed" and now >= (one.starts_at or 0) and one.missed not in {"vendor", "both"},
        "number": number,
        "is_unproved": number and one.kind == PHONE and not addresses.is_proved(db, house.secrets, number, **place),
        "host": urlsplit(one.link).netloc,
    }


def own(db: Connection, house: House, who: Visitor, appointment_id: str) -> Appointment:
    """Raises UnknownAppointment, also for another persona's."""
    return engine.find(db, house.secrets, appointment_id, **whose(who))


def whose(who: Visitor) -> dict[str, str]:
    return {"person_id": who.person_id, "persona_id": who.persona_id}


def accept(house: House, appointment_id: str) -> Response | tuple[str, int]:
    given = request.form.get("slot", "")
    number = int(given) if given.isascii() and given.isdigit() and len(given) < 3 else -1

    def step(db: Connection, one: Appointment, now: int) -> Appointment:
        return agreeing.accept(db, house, one, number, now=now)

    return done(house, appointment_id, step, _("Agreed. The vendor is shown where to call when it is time."))


def propose(house: House, appointment_id: str) -> Response | tuple[str, int]:
    def step(db: Connection, one: Appointment, now: int) -> Appointment:
        return agreeing.propose(db, house, one, typed_slot(time_zone(db, house, one)), now=now)

    return done(house, appointment_id, step, _("Proposed. Now the vendor has to agree."))


def typed_slot(time_zone: str) -> Slot:
    """As the clock on the person's wall shows it. Raises BadTime."""
    form, tz = request.form, zone(time_zone)
    try:
        wall = datetime.fromisoformat(f"{form.get('day', '')}T{form.get('time', '')}")
        minutes = int(form.get("minutes", ""))
        start = int(wall.replace(tzinfo=tz).timestamp())
    except (ValueError, OverflowError):
        raise BadTime(NO_SUCH_TIME) from None
    if minutes not in MINUTES or not YEARS[0] < wall.year < YEARS[1]:
        raise BadTime(NO_SUCH_TIME)
    if datetime.fromtimestamp(start, tz).replace(tzinfo=None) != wall.replace(tzinfo=None):
        raise BadTime(NO_SUCH_TIME)
    return Slot(start, start + minutes * 60)


def decline(house: House, appointment_id: str) -> Response | tuple[str, int]:
    def step(db: Connection, one: Appointment, now: int) -> Appointment:
        return agreeing.decline(db, house, one, now=now)

    return done(house, appointment_id, step, _("The vendor is told that you do not want to be called."))


def cancel(house: House, appointment_id: str) -> Response | tuple[str, int]:
    def step(db: Connection, one: Appointment, now: int) -> Appointment:
        return agreeing.cancel(db, house, one, now=now)

    return done(house, appointment_id, step, _("Cancelled. The vendor is not shown where to call."))


def missed(house: House, appointment_id: str) -> Response | tuple[str, int]:
    def step(db: Connection, one: Appointment, now: int) -> Appointment:
        return agreeing.miss(db, one, by="vendor", now=now)

    return done(house, appointment_id, step, _("Noted."))


def done(house: House, appointment_id: str, step: Step, sentence: str) -> Response | tuple[str, int]:
    """One step of the person's; what is refused changes nothing."""
    who = signed_in(house)

    def work(db: Connection) -> None:
        now = house.clock()
        step(db, agreeing.settled(db, house, own(db, house, who, appointment_id), now=now), now)

    try:
        house.database.write(work)
    except (AppointmentChanged, BadTime, NoNumber) as error:
        return page(house, appointment_id, wrong=error.args[0]), error.status
    flash(sentence, "done")
    return redirect(url_for("appointments.show", appointment_id=appointment_id), 303)


def file(house: House, appointment_id: str) -> Response:
    """For the person's own calendar; 404 while nothing is agreed."""
    one = house.database.read(own, house, signed_in(house), appointment_id)
    if one.state not in {"agreed", "cancelled"} or one.slot is None:
        raise AppointmentChanged
    link = url_for("appointments.show", appointment_id=appointment_id, _external=True)
    how = {"Content-Disposition": 'attachment; filename="appointment.ics"', "Cache-Control": "no-store"}
    content = calendar(one, house.settings.issuer, link=link, now=house.clock())
    return Download(content, mimetype="text/calendar; charset=utf-8; method=PUBLISH", headers=how)


ROUTES = (
    Route("/appointments", index),
    Route("/appointments/<appointment_id>", show),
    Route("/appointments/<appointment_id>/accept", accept, ("POST",)),
    Route("/appointments/<appointment_id>/propose", propose, ("POST",)),
    Route("/appointments/<appointment_id>/decline", decline, ("POST",)),
    Route("/appointments/<appointment_id>/cancel", cancel, ("POST",)),
    Route("/appointments/<appointment_id>/missed", missed, ("POST",)),
    Route("/appointments/<appointment_id>/appointment.ics", file),
)
