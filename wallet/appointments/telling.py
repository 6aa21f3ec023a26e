"""What the vendor sees of its appointment, and the number: from ten minutes before it begins until it ends."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from sqlalchemy import Connection

from consent import grants, ledger
from consent.errors import UnknownGrant
from consent.ledger import Entry
from consent.limits import count_named
from consent.model import Grant
from consent.moving import homes
from keys.errors import BadToken
from vendor_api.contact.errors import HOUR, AppointmentEnded, NoSuchAppointment, TooManyTries
from wallet.appointments import agreeing, engine
from wallet.appointments.errors import AppointmentChanged, BadTime, NoNumber, UnknownAppointment
from wallet.appointments.files import calendar
from wallet.appointments.model import Appointment
from wallet.appointments.words import state_of
from wallet.channels import addresses
from wallet.channels.model import PHONE
from wallet.dialogue import engine as dialogue
from wallet.house import House

MOST_IN_AN_HOUR: Final = 20
SHOWN: Final = "contact:shown"  # where it is counted, beside the reads; no value can be called so


def appointment(db: Connection, house: House, one: Appointment, action: str, *, now: int) -> Mapping[str, Any]:
    """After what the vendor does about it. Raises AppointmentEnded."""
    one = agreeing.settled(db, house, one, now=now)
    try:
        if action == "accept":
            one = agreeing.accepted_by_vendor(db, house, one, now=now)
        elif action == "cancel":
            one = agreeing.cancelled_by_vendor(db, house, one, now=now)
        elif action == "missed":
            one = agreeing.miss(db, one, by="person", now=now)
    except (AppointmentChanged, BadTime, NoNumber):
        raise AppointmentEnded from None
    return seen(db, house, one, now=now) | shown(db, house, one, now=now)


def find(db: Connection, house: House, client_id: str, sector: str, public_id: str) -> Appointment:
    """Raises NoSuchAppointment."""
    try:
        person_id = homes.owner(db, house.secrets, engine.KIND, public_id)
        one = engine.find_public(db, house.secrets, public_id, person_id=person_id, client_id=client_id)
        grant = grants.find(db, one.grant_id, person_id=person_id)
    except (BadToken, UnknownAppointment, UnknownGrant):
        raise NoSuchAppointment from None
    if grant.party.sector != sector:
        raise NoSuchAppointment
    return one


def asked_for(db: Connection, house: House, grant: Grant, message_id: str, *, now: int) -> Mapping[str, Any]:
    """By the id that the vendor gave the message. Raises NoSuchAppointment."""
    place = {"person_id": grant.person_id, "persona_id": grant.persona_id, "client_id": grant.party.client_id}
    try:
        message_id = engine.message_of(db, **place, public_id=message_id)
        found = engine.of_message(db, house.secrets, message_id, person_id=grant.person_id)
    except UnknownAppointment:
        raise NoSuchAppointment from None
    return seen(db, house, found, now=now)


def seen(db: Connection, house: House, one: Appointment, *, now: int) -> dict[str, Any]:
    place = {"person_id": one.person_id, "persona_id": one.persona_id}
    thread = dialogue.find(db, house.secrets, one.thread_id, **place)
    said: dict[str, Any] = {"appointment_id": one.public_id, "thread_id": thread.public_id, "channel": one.kind}
    said |= {"topic": one.topic, "state": state_of(one, now), "slots": [asdict(slot) for slot in one.slots]}
    if one.slot is not None:
        said |= asdict(one.slot)
    said |= {name: value for name in ("ended_by", "missed") if (value := getattr(one, name))}
    if one.state in {"agreed", "cancelled"} and one.slot is not None:
        said["calendar"] = calendar(one, house.settings.issuer, link="", now=now).decode()
    return said


def shown(db: Connection, house: House, one: Appointment, *, now: int) -> dict[str, str | bool]:
    """While it is time for it: the number, and whether it is proved, or the person's own room. Each time is a line of
    the ledger, so there are only so many. Raises TooManyTries."""
    if not one.shows_number(now) or one.link:
        return {}
    number = agreeing.number_of(db, house, one)
    if not number:
        return {}
    grant = agreeing.grant_of(db, one)
    if grant and not count_named(db, grant, SHOWN, since=now - now % HOUR, most=MOST_IN_AN_HOUR):
        raise TooManyTries("the number was shown often enough; keep it until the call is over")
    detail = {"vendor": one.vendor, "topic": one.topic, "call": "shown", "channel": one.kind}
    entry = Entry("contacted", one.client_id, one.grant_id, detail)
    ledger.write(db, house.secrets.ledger, entry, person_id=one.person_id, now=now)
    if one.kind != PHONE:
        return {"link": number}
    place = {"person_id": one.person_id, "persona_id": one.persona_id}
    is_proved = addresses.is_proved(db, house.secrets, number, **place)
    return {"phone_number": number, "phone_number_verified": is_proved}
