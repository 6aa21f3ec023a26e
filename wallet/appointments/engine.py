"""Keep appointments: each is sealed under the key of its thread, and ends with it."""

from dataclasses import asdict, replace
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Row, Select, insert, literal, select, tuple_, update
from ulid import ULID

from consent.contact.permission import Permission
from consent.contact.slots import Slot
from keys import opaque
from keys.persons import key_of_row, with_keys
from keys.sealing import seal, unseal
from keys.secrets import HostSecrets
from vendor_api.model import Proposal, Spoken
from wallet.appointments.errors import AppointmentChanged, UnknownAppointment
from wallet.appointments.model import Appointment
from wallet.appointments.tables import appointments
from wallet.dialogue.engine import SUBJECT, subject_of
from wallet.dialogue.model import Message, Thread
from wallet.dialogue.tables import messages

KIND: Final = "appointment"  # of a public id

_it = appointments.c


def put(
    db: Connection,
    secrets: HostSecrets,
    permission: Permission,
    *,
    thread: Thread,
    message: Message,
    said: Spoken,
    proposal: Proposal,
    now: int,
) -> Appointment:
    """What a vendor asked for, beside the message in which it did."""
    grant, appointment_id = permission.grant, str(ULID())
    row: dict[str, Any] = {"person_id": thread.person_id, "appointment_id": appointment_id}
    row |= {"persona_id": thread.persona_id, "client_id": thread.client_id, "grant_id": grant.grant_id}
    row |= {"thread_id": thread.thread_id, "message_id": message.message_id, "topic": permission.wish.topic}
    row |= {"public_id": opaque.mint(secrets.tokens, KIND, thread.person_id), "kind": proposal.kind}
    row |= {"state": "asked", "asked_at": now, "version": 1}
    about = {"vendor": grant.party.name, "host": grant.party.host, "subject": said.subject, "caller": message.author}
    about |= {"reason": said.reason, "link": proposal.link}
    content = about | {"slots": [asdict(one) for one in proposal.slots]}
    sealed = seal(thread.key, orjson.dumps(content), *aad(thread.person_id, appointment_id))
    db.execute(insert(appointments).values(row | {"content_sealed": sealed}))
    return find(db, secrets, appointment_id, person_id=thread.person_id, persona_id=thread.persona_id)


def find(db: Connection, secrets: HostSecrets, appointment_id: str, *, person_id: str, persona_id: str) -> Appointment:
    """Raises UnknownAppointment, also for another persona's."""
    return one_of(
        db, secrets, keyed(person_id).where(_it.persona_id == persona_id, _it.appointment_id == appointment_id)
    )


def find_public(db: Connection, secrets: HostSecrets, public_id: str, *, person_id: str, client_id: str) -> Appointment:
    """As this vendor knows it. Raises UnknownAppointment, also for another vendor's."""
    return one_of(db, secrets, keyed(person_id).where(_it.client_id == client_id, _it.public_id == public_id))


def of_message(db: Connection, secrets: HostSecrets, message_id: str, *, person_id: str) -> Appointment:
    """Raises UnknownAppointment."""
    return one_of(db, secrets, keyed(person_id).where(_it.message_id == message_id))


def of_messages(db: Connection, message_ids: list[str], *, person_id: str) -> dict[str, str]:
    """The appointment that was asked for in a message, by both their ids."""
    found = select(_it.message_id, _it.appointment_id).where(
        _it.person_id == person_id, _it.message_id.in_(message_ids)
    )
    return {row.message_id: row.appointment_id for row in db.execute(found)}


def message_of(db: Connection, *, person_id: str, persona_id: str, client_id: str, public_id: str) -> str:
    """The message to which a vendor gave this id. Raises UnknownAppointment."""
    its = {"person_id": person_id, "persona_id": persona_id, "client_id": client_id, "public_id": public_id}
    found: str | None = db.execute(select(messages.c.message_id).filter_by(**its)).scalar_one_or_none()
    if found is None:
        raise UnknownAppointment
    return found


def newest(
    db: Connection,
    secrets: HostSecrets,
    *,
    person_id: str,
    persona_id: str,
    before: tuple[int, str] | None = None,
    limit: int,
) -> tuple[Appointment, ...]:
    """The last asked for first; those `before` the last one of a page."""
    found = keyed(person_id).where(_it.persona_id == persona_id)
    if before is not None:
        found = found.where(tuple_(_it.asked_at, _it.appointment_id) < before)
    rows = db.execute(found.order_by(_it.asked_at.desc(), _it.appointment_id.desc()).limit(limit))
    return tuple(appointment_from(secrets, row) for row in rows)


def coming(db: Connection, *, since: int, until: int, limit: int) -> list[tuple[str, str, str]]:
    """Whose call begins in that time, and was nobody reminded of: person, persona and appointment."""
    soon = (_it.state == "agreed", _it.reminded_at.is_(None), _it.starts_at >= since, _it.starts_at < until)
    found = select(_it.person_id, _it.persona_id, _it.appointment_id).where(*soon).order_by(_it.starts_at)
    return [(row[0], row[1], row[2]) for row in db.execute(found.limit(limit))]


def change(db: Connection, one: Appointment, **changed: Any) -> Appointment:
    """Raises AppointmentChanged where somebody else changed it since it was read."""
    seen = (_it.person_id == one.person_id, _it.appointment_id == one.appointment_id, _it.version == one.version)
    new = {**changed, "version": one.version + 1}
    if db.execute(update(appointments).where(*seen).values(**new)).rowcount != 1:
        raise AppointmentChanged
    return replace(one, **new)


def aad(person_id: str, appointment_id: str) -> tuple[str, ...]:
    return "appointments", person_id, appointment_id


def keyed(person_id: str) -> Select[Any]:
    """This person's, each with what opens it."""
    subject = literal(SUBJECT).concat(_it.thread_id)
    found = with_keys(appointments, appointments, persona_id=_it.persona_id, subject=subject)
    return found.where(_it.person_id == person_id)


def one_of(db: Connection, secrets: HostSecrets, found: Select[Any]) -> Appointment:
    row = db.execute(found).one_or_none()
    if row is None:
        raise UnknownAppointment
    return appointment_from(secrets, row)


def appointment_from(secrets: HostSecrets, row: Row[Any]) -> Appointment:
    place = {"person_id": row.person_id, "persona_id": row.persona_id, "subject": subject_of(row.thread_id)}
    sealed = unseal(key_of_row(secrets, row, **place), row.content_sealed, *aad(row.person_id, row.appointment_id))
    content = orjson.loads(sealed)
    content["slots"] = tuple(Slot(**one) for one in content["slots"])
    plain = {column.name: row._mapping[column] for column in appointments.c if column.name != "content_sealed"}
    return Appointment(**plain, **content)
