"""What is delivered of a message, put together when it goes out: until then it lies sealed in its thread."""

from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from sqlalchemy import Connection, select

from consent import grants
from consent.contact import policies
from consent.contact.model import EVERY, INBOX
from consent.contact.permission import Permission
from consent.errors import UnknownGrant
from consent.model import Grant
from vendor_api.files import safe_name
from vendor_api.model import Taken
from vendor_api.outbound.addresses import NONE
from vendor_api.vendors import registry, topics
from wallet.appointments import engine as appointments
from wallet.appointments.errors import UnknownAppointment
from wallet.appointments.files import moment
from wallet.appointments.words import told
from wallet.channels import aliases, deliveries
from wallet.channels.deliveries import Delivery
from wallet.channels.model import Attachment, Parcel
from wallet.channels.sending import Sender
from wallet.channels.speaking import speaks
from wallet.contact.withdrawing import withdraw_link
from wallet.dialogue import engine, kept, saying
from wallet.dialogue.errors import UnknownMessage, UnknownThread
from wallet.dialogue.model import Thread
from wallet.dialogue.tables import messages
from wallet.dispatch.answering import come_to
from wallet.dispatch.going_on import go_on
from wallet.dispatch.permitting import permitted
from wallet.house import House
from wallet.people.tables import people


def sender_of(house: House) -> Sender:
    may, on = partial(permitted, secrets=house.secrets), partial(go_on, secrets=house.secrets)
    return Sender(house, may, partial(packed, house=house), on)


def send_on(db: Connection, permission: Permission, taken: Taken, *, now: int) -> None:
    """In the transaction in which a message was taken: it also goes where the person wants to hear of it."""
    if permission.channel == INBOX:
        return
    grant = permission.grant
    whose: dict[str, Any] = {"person_id": grant.person_id, "persona_id": grant.persona_id}
    whose["client_id"] = grant.party.client_id
    its = select(messages.c.thread_id, messages.c.message_id).filter_by(**whose, public_id=taken.message_id)
    thread_id, message_id = db.execute(its).one()
    deliveries.put(
        db,
        **whose,
        thread_id=thread_id,
        message_id=message_id,
        grant_id=grant.grant_id,
        topic=permission.wish.topic,
        channel=permission.channel,
        now=now,
    )


def packed(db: Connection, delivery: Delivery, /, *, house: House, now: int) -> Parcel | None:
    """None where the message, its vendor or its person is no more."""
    whose = {"person_id": delivery.person_id, "persona_id": delivery.persona_id}
    try:
        thread = engine.find(db, house.secrets, delivery.thread_id, **whose)
        grant = grant_of(db, delivery, thread, now=now)
        said = said_in(db, delivery, thread, language := language_of(db, house, delivery.person_id))
    except (UnknownThread, UnknownMessage, UnknownGrant):
        return None
    vendor = registry.find(db, delivery.client_id)
    if vendor is None:
        return None
    _ = speaks(language)
    shown = Parcel(
        delivery_id=delivery.delivery_id,
        vendor_name=thread.vendor,
        vendor_host=grant.party.host if grant else thread.host,
        topic_name=_("your message")
        if delivery.topic == EVERY
        else topics.name_of(vendor.metadata, delivery.topic, language),
        subject=thread.subject,
        text=said.text,
        thread_link=f"{house.settings.issuer}/inbox/{thread.thread_id}",
        written_at=said.at,
        withdraw_link=link_of(house, delivery, grant),
        reply_to=reply_to(db, house, grant, now=now) if grant else "",
        attachments=said.files,
        language=language,
    )
    return shown if delivery.starts_at is None else telling_of(db, house, delivery, shown)


@dataclass(frozen=True, slots=True)
class Words:
    """What is told, and when that was said."""

    text: str = field(repr=False)
    at: int
    files: tuple[Attachment, ...] = ()


def said_in(db: Connection, delivery: Delivery, thread: Thread, language: str) -> Words:
    """A message; or how far it has come what the person said, at this moment. Raises UnknownMessage."""
    if delivery.message_id == thread.thread_id:
        come = kept.find(db, thread)
        if come is None:
            raise UnknownMessage
        return Words(come_to(come, thread.vendor, speaks(language)), come.state_at)
    message = engine.find_message(db, thread, delivery.message_id)
    if delivery.starts_at is not None:
        return Words(message.text, message.at)
    came = (engine.attachment(db, thread, message, number) for number in range(len(message.attachments)))
    files = tuple(Attachment(safe_name(one), one.media_type, one.content) for one in came)
    return Words(message.text, message.at, files)


def grant_of(db: Connection, delivery: Delivery, thread: Thread, *, now: int) -> Grant | None:
    """Under which the vendor knows the person; none where it is not to know who speaks. Raises UnknownGrant."""
    if delivery.grant_id is None:
        return saying.granted(db, thread, now=now)
    return grants.find(db, delivery.grant_id, person_id=delivery.person_id)


def link_of(house: House, delivery: Delivery, grant: Grant | None) -> str:
    """By which the person ends this topic, where it is one that they allow."""
    if grant is None or (delivery.grant_id is None and delivery.topic not in grant.topics):
        return ""
    named = {"person_id": delivery.person_id, "grant_id": grant.grant_id, "topic": delivery.topic}
    return withdraw_link(house, **named, message_id=delivery.message_id)


def telling_of(db: Connection, house: House, delivery: Delivery, shown: Parcel) -> Parcel | None:
    """What the wallet itself says of an appointment, with a file for the calendar."""
    try:
        one = appointments.of_message(db, house.secrets, delivery.message_id, person_id=delivery.person_id)
    except UnknownAppointment:
        return None
    place = {"person_id": one.person_id, "persona_id": one.persona_id}
    time_zone = policies.counting(db, house.secrets, one.client_id, one.topic, **place).time_zone
    text = told(one, time_zone, speaks(shown.language), shown.language)
    link = f"{house.settings.issuer}/appointments/{one.appointment_id}"
    when = delivery.created_at  # when it came to this, not when the vendor asked
    call = moment(one, house.settings.issuer)
    return replace(shown, text=text, thread_link=link, written_at=when, appointment=call)


def reply_to(db: Connection, house: House, grant: Grant, *, now: int) -> str:
    """The address of this relationship, where mail can come in."""
    if house.settings.mail_domain == NONE:
        return ""
    whose = {"person_id": grant.person_id, "persona_id": grant.persona_id, "client_id": grant.party.client_id}
    alias = aliases.alias_of(db, house.secrets, **whose, grant_id=grant.grant_id, now=now)
    return f"{alias}@{house.settings.mail_domain}"


def language_of(db: Connection, house: House, person_id: str) -> str:
    chosen = db.execute(select(people.c.language).where(people.c.person_id == person_id)).scalar()
    return chosen or house.settings.language
