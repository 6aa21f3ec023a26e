"""The first page: what waits, and how healthy the connection is."""

from flask import render_template
from sqlalchemy import Connection

from vendor_api.console import staff
from vendor_api.console.guard import ConsoleRoute
from vendor_api.console.model import Member
from vendor_api.console.roles import READ_ONLY
from vendor_api.events import health, streams
from vendor_api.host import Host
from vendor_api.vendors import registry


def overview(host: Host, member: Member) -> str:
    return render_template("console/overview.html", **host.read(gathered, host, member))


def gathered(db: Connection, host: Host, member: Member) -> dict[str, object]:
    stream = streams.find(db, member.client_id)
    vendor = registry.find(db, member.client_id)
    colleagues = staff.everyone(db, host.secrets, client_id=member.client_id)
    return {
        "health": health.of(db, stream) if stream else None,
        "unused_until": vendor.unused_until if vendor else None,
        "invited": [one for one in colleagues if one.is_invited],
    }


ROUTES = (ConsoleRoute("/console", overview, READ_ONLY),)
