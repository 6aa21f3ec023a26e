"""The first page: what each room has to say, such as what waits there."""

from flask import render_template
from sqlalchemy import Connection

from vendor_api.console.guard import ConsoleRoute
from vendor_api.console.model import Member
from vendor_api.console.notes import Note
from vendor_api.console.roles import READ_ONLY, may
from vendor_api.console.rooms import ROOMS, Room
from vendor_api.host import Host
from vendor_api.vendors import registry


def overview(host: Host, member: Member) -> str:
    said, unused_until = host.read(gathered, host, member)
    return render_template("console/overview.html", said=said, unused_until=unused_until)


def gathered(db: Connection, host: Host, member: Member) -> tuple[list[tuple[Room, Note]], int | None]:
    """The rooms with a note, and when this registration goes unless it is used."""
    vendor = registry.find(db, member.client_id)
    said = [(room, room.note(db, host, member)) for room in ROOMS if room.note and may(member.role, room.role)]
    return said, vendor.unused_until if vendor else None


ROUTES = (ConsoleRoute("/console", overview, READ_ONLY),)
