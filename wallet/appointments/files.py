"""An appointment as a file for calendars; the same one has the same name at both sides (RFC 5545 section 3.8.4.7)."""

from urllib.parse import urlsplit

from wallet.appointments.model import Appointment
from wallet.channels.calendar import appointment as written
from wallet.channels.model import Appointment as Moment
from wallet.channels.model import Parcel


def moment(one: Appointment, issuer: str) -> Moment | None:
    """Under the name it has everywhere: in a mail, on the page, at the vendor."""
    slot = one.slot
    if slot is None:
        return None
    return Moment(
        slot.start,
        slot.end,
        one.kind,
        note=one.link,
        uid=f"{one.public_id[-32:]}@{urlsplit(issuer).hostname}",
        sequence=one.version,
        is_cancelled=one.state == "cancelled",
    )


def calendar(one: Appointment, issuer: str, *, link: str, now: int) -> bytes:
    """`link` leads to where the person reads of it."""
    return written(
        Parcel(
            delivery_id=one.appointment_id,
            vendor_name=one.vendor,
            vendor_host=one.host,
            topic_name=one.topic,
            subject=one.subject,
            text="",
            thread_link=link,
            written_at=now,
            appointment=moment(one, issuer),
        )
    )
