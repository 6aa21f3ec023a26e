"""Appointments as files for calendars (RFC 5545)."""

from dataclasses import replace
from datetime import UTC, datetime

from icalendar import Calendar, Event, vCalAddress, vText

from wallet.channels.mail_text import one_line
from wallet.channels.model import Attachment, Parcel

METHOD = "PUBLISH"


def with_appointment(parcel: Parcel) -> Parcel:
    """The same, with its appointment as one more attachment, if it has one."""
    if parcel.appointment is None:
        return parcel
    file = Attachment("appointment.ics", "text/calendar", appointment(parcel), METHOD)
    return replace(parcel, attachments=(*parcel.attachments, file))


def appointment(parcel: Parcel) -> bytes:
    """It tells, and asks nobody for an answer (RFC 5546 section 3.2.1, with who calls as its ORGANIZER).

    The same appointment has the same UID at every try and at every place; `written_at` is its DTSTAMP.
    """
    found = parcel.appointment
    if found is None:
        raise ValueError("there is no appointment")
    event = Event()
    event.add("uid", found.uid or f"{parcel.delivery_id}@{parcel.vendor_host}")
    event.add("organizer", organizer(parcel))
    event.add("sequence", found.sequence)
    event.add("status", "CANCELLED" if found.is_cancelled else "CONFIRMED")
    event.add("dtstamp", moment(parcel.written_at))
    event.add("dtstart", moment(found.starts))
    event.add("dtend", moment(found.ends))
    event.add("summary", one_line(f"{parcel.vendor_name}: {parcel.subject or parcel.topic_name}"))
    event.add("description", "\n".join(filter(None, (found.note, parcel.thread_link))))
    calendar = Calendar()
    calendar.add("prodid", "-//Hausrecht//Appointments//EN")
    calendar.add("version", "2.0")
    calendar.add("method", METHOD)
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def organizer(parcel: Parcel) -> vCalAddress:
    """The vendor by its site: it has no address here."""
    who = vCalAddress(f"https://{parcel.vendor_host}")
    who.params["cn"] = vText(one_line(parcel.vendor_name).replace('"', "'"))
    return who


def moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
