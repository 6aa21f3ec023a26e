"""Remind people of calls an hour before; what they no longer allow is cancelled then, if nobody looked sooner."""

from typing import Final

from sqlalchemy import Connection, select

from wallet.appointments import agreeing, engine
from wallet.appointments.errors import AppointmentChanged, UnknownAppointment
from wallet.appointments.tables import appointments
from wallet.channels.deliveries import Delivery
from wallet.house import House

BEFORE: Final = 3600
AT_ONCE: Final = 200


def remind_all(house: House) -> int:
    """Each in a transaction of its own; how many were reminded."""
    now = house.clock()
    found = house.database.read(engine.coming, since=now, until=now + BEFORE, limit=AT_ONCE)
    return sum(house.database.write(remind, house, *one, now=now) for one in found)


def remind(db: Connection, house: House, person_id: str, persona_id: str, appointment_id: str, /, *, now: int) -> bool:
    """Once, and only of what still stands."""
    place = {"person_id": person_id, "persona_id": persona_id}
    try:
        one = agreeing.settled(db, house, engine.find(db, house.secrets, appointment_id, **place), now=now)
        if one.state != "agreed" or one.reminded_at is not None:
            return False
        agreeing.tell_person(db, house, engine.change(db, one, reminded_at=now), now=now)
    except (UnknownAppointment, AppointmentChanged):
        return False
    return True


def is_reminder(db: Connection, delivery: Delivery) -> bool:
    """Whether it tells of a call that is near and stands; what the vendor did about a call waits like its words."""
    its = {"person_id": delivery.person_id, "message_id": delivery.message_id, "state": "agreed"}
    near = select(appointments.c.reminded_at).filter_by(**its).where(appointments.c.reminded_at.is_not(None))
    return delivery.starts_at is not None and db.execute(near).first() is not None
