"""What becomes of an appointment: each step is guarded, so that of two sides only the first one has its say.

asked -> agreed or declined by the person, or proposed with another time of theirs; proposed -> agreed by the vendor.
Whatever is not over can be cancelled by either side, and by what the person says of being spoken to.
"""

from typing import Any, Final

from sqlalchemy import Connection

from consent import events, grants, ledger
from consent.contact import policies, slots
from consent.contact.errors import NotPermitted
from consent.contact.model import CALLS
from consent.contact.permission import Wish
from consent.contact.slots import Slot
from consent.errors import UnknownGrant
from consent.ledger import Entry
from consent.model import Grant
from keys.errors import KeysError
from wallet.appointments import engine
from wallet.appointments.errors import AppointmentChanged, BadTime, NoNumber
from wallet.appointments.model import UNANSWERED, Appointment
from wallet.appointments.words import NOT_ALLOWED, OUTSIDE, OVER
from wallet.channels import addresses, reaching
from wallet.channels.deliveries import put
from wallet.channels.model import VIDEO
from wallet.channels.model import Appointment as Moment
from wallet.dialogue import engine as dialogue
from wallet.house import House

PERSON: Final = "person"
VENDOR: Final = "vendor"
WALLET: Final = "wallet"


def accept(db: Connection, house: House, one: Appointment, number: int, *, now: int) -> Appointment:
    """One of the times the vendor offered. Raises BadTime, NoNumber, AppointmentChanged."""
    if one.state != "asked" or not 0 <= number < len(one.slots):
        raise AppointmentChanged
    slot = one.slots[number]
    check_time(db, house, one, slot, now=now)
    check_number(db, house, one)
    return answered(db, house, one, "agreed", slot, now=now)


def propose(db: Connection, house: House, one: Appointment, slot: Slot, *, now: int) -> Appointment:
    """Another time, inside what the person says of being called. Raises BadTime, NoNumber, AppointmentChanged."""
    if one.state not in UNANSWERED or one.is_over(now):
        raise AppointmentChanged
    check_time(db, house, one, slot, now=now)
    check_number(db, house, one)
    return answered(db, house, one, "proposed", slot, now=now)


def decline(db: Connection, house: House, one: Appointment, *, now: int) -> Appointment:
    """Raises AppointmentChanged."""
    if one.state not in UNANSWERED:
        raise AppointmentChanged
    return answered(db, house, one, "declined", None, now=now)


def cancel(db: Connection, house: House, one: Appointment, *, now: int) -> Appointment:
    """The person does not want it any more. Raises AppointmentChanged."""
    if one.state != "agreed" or one.is_over(now):
        raise AppointmentChanged
    return answered(db, house, one, "cancelled", one.slot, ended_by=PERSON, now=now)


def answered(
    db: Connection,
    house: House,
    one: Appointment,
    state: str,
    slot: Slot | None,
    *,
    ended_by: str | None = None,
    now: int,
) -> Appointment:
    """What the person says; the vendor is told, and it stands in their ledger."""
    when = {"starts_at": slot.start, "ends_at": slot.end} if slot else {"starts_at": None, "ends_at": None}
    changed = engine.change(db, one, state=state, ended_by=ended_by, **when)
    detail = {"vendor": one.vendor, "kind": "appointment", "answer": state}
    entry = Entry("said", one.client_id, one.grant_id, detail)
    ledger.write(db, house.secrets.ledger, entry, person_id=one.person_id, now=now)
    tell_vendor(db, changed, now=now)
    return changed


def accepted_by_vendor(db: Connection, house: House, one: Appointment, *, now: int) -> Appointment:
    """The time that the person proposed. Raises AppointmentChanged, BadTime, NoNumber."""
    if one.state != "proposed" or one.slot is None:
        raise AppointmentChanged
    check_time(db, house, one, one.slot, now=now)
    return said_by_vendor(db, house, engine.change(db, one, state="agreed"), "agreed", now=now)


def cancelled_by_vendor(db: Connection, house: House, one: Appointment, *, now: int) -> Appointment:
    """Raises AppointmentChanged."""
    if one.is_over(now):
        raise AppointmentChanged
    changed = engine.change(db, one, state="cancelled", ended_by=VENDOR)
    return said_by_vendor(db, house, changed, "cancelled", now=now)


def said_by_vendor(db: Connection, house: House, one: Appointment, what: str, *, now: int) -> Appointment:
    detail = {"vendor": one.vendor, "topic": one.topic, "call": what}
    entry = Entry("contacted", one.client_id, one.grant_id, detail)
    ledger.write(db, house.secrets.ledger, entry, person_id=one.person_id, now=now)
    tell_person(db, house, one, now=now)
    return one


def miss(db: Connection, one: Appointment, *, by: str, now: int) -> Appointment:
    """That the other side (`by`) did not come; both may say so. Raises AppointmentChanged before it began."""
    slot = one.slot
    if one.state != "agreed" or slot is None or now < slot.start or one.missed in {by, "both"}:
        raise AppointmentChanged
    return engine.change(db, one, missed="both" if one.missed else by)


def settled(db: Connection, house: House, one: Appointment, *, now: int) -> Appointment:
    """As it stands now: what the person no longer allows is cancelled in this very moment."""
    slot = one.slot
    if (
        one.state not in {"agreed", "proposed"}
        or slot is None
        or now >= slot.end
        or stands(db, house, one, slot, now=now)
    ):
        return one
    changed = engine.change(db, one, state="cancelled", ended_by=WALLET)
    tell_vendor(db, changed, now=now)
    return changed


def stands(db: Connection, house: House, one: Appointment, slot: Slot, *, now: int) -> bool:
    grant = grant_of(db, one)
    if grant is None:
        return False
    try:
        slots.check_stands(db, house.secrets, grant, Wish(one.topic, one.kind), slot, now=now)
    except NotPermitted:
        return False
    return True


def grant_of(db: Connection, one: Appointment) -> Grant | None:
    """The one that counts now, else that under which it was asked for."""
    whose = {"person_id": one.person_id, "persona_id": one.persona_id, "client_id": one.client_id}
    current = grants.find_current(db, **whose)
    try:
        return current[0] if current else grants.find(db, one.grant_id, person_id=one.person_id)
    except UnknownGrant:
        return None


def check_time(db: Connection, house: House, one: Appointment, slot: Slot, *, now: int) -> None:
    """Raises BadTime, for the person to read."""
    if slot.start <= now:
        raise BadTime(OVER)
    if stands(db, house, one, slot, now=now):
        return
    place = {"person_id": one.person_id, "persona_id": one.persona_id}
    is_inside = slots.fits(policies.counting(db, house.secrets, one.client_id, one.topic, **place), slot)
    raise BadTime(NOT_ALLOWED if is_inside else OUTSIDE)


def check_number(db: Connection, house: House, one: Appointment) -> None:
    """Raises NoNumber where the vendor would not know where to call."""
    if not (one.kind == VIDEO and one.link) and not number_of(db, house, one):
        raise NoNumber


def number_of(db: Connection, house: House, one: Appointment) -> str:
    """Where the persona is called by phone or video; "" where nowhere."""
    channel = reaching.installed()[one.kind]
    place = {"person_id": one.person_id, "persona_id": one.persona_id, "kind": one.kind}
    try:
        found = addresses.usable(db, house.secrets, channel, **place)
    except KeysError:
        return ""  # it is being erased
    return channel.shown(found[-1].address) if found else ""


def tell_vendor(db: Connection, one: Appointment, *, now: int) -> None:
    grant = grant_of(db, one)
    if grant is not None:
        said = {"appointment_id": one.public_id, "state": one.state}
        events.tell(db, events.about(grant), events.APPOINTMENT, said, now=now)


def tell_person(db: Connection, house: House, one: Appointment, *, now: int) -> None:
    """What is new about it stands in its thread, and goes where they like to be told."""
    place: dict[str, Any] = {"person_id": one.person_id, "persona_id": one.persona_id}
    dialogue.mark_unread(db, dialogue.find(db, house.secrets, one.thread_id, **place))
    policy = policies.counting(db, house.secrets, one.client_id, one.topic, **place)
    channel = next((kind for kind in policy.channels if kind not in CALLS), "inbox")
    slot = one.slot
    if channel == "inbox" or slot is None:
        return
    what: dict[str, Any] = {"thread_id": one.thread_id, "message_id": one.message_id, "client_id": one.client_id}
    what |= {"grant_id": one.grant_id, "topic": one.topic, "channel": channel}
    put(db, **place, **what, appointment=Moment(slot.start, slot.end, one.kind), now=now)
