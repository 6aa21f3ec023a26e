"""Webhooks: how a vendor hears of what people decide, how well that goes, and trying it."""

from dataclasses import dataclass, replace

from flask import render_template
from sqlalchemy import Connection
from werkzeug import Response

from vendor_api.console import clients
from vendor_api.console.errors import NotYours, TooSoon
from vendor_api.console.guard import ConsoleRoute
from vendor_api.console.model import Member
from vendor_api.console.roles import ADMIN, AGENT, READ_ONLY
from vendor_api.console.said import went
from vendor_api.events import health, streams
from vendor_api.events.configuration import VerifiedTooOften, ask_verification
from vendor_api.events.health import Health, Told
from vendor_api.events.streams import PUSH, Stream
from vendor_api.host import Host
from vendor_api.vendors.model import Vendor

LATEST = 20


@dataclass(frozen=True, slots=True)
class Webhook:
    """One client, and its stream if it has one."""

    client: Vendor
    stream: Stream | None
    health: Health | None
    latest: tuple[Told, ...]

    @property
    def is_pushed(self) -> bool:
        return self.stream is not None and self.stream.method == PUSH


def webhooks(host: Host, member: Member) -> str:
    return render_template("console/webhooks.html", webhooks=host.read(gathered, member))


def gathered(db: Connection, member: Member) -> list[Webhook]:
    found = []
    for client in clients.of_member(db, member):
        stream = streams.find(db, client.client_id)
        how = health.of(db, stream) if stream else None
        found.append(Webhook(client, stream, how, health.latest(db, client.client_id, limit=LATEST)))
    return found


def send_verification(host: Host, member: Member, client_id: str) -> Response:
    try:
        host.write(verify, member, client_id, now=host.now())
    except VerifiedTooOften:
        raise TooSoon from None
    return went("webhooks", "verification")


def verify(db: Connection, member: Member, client_id: str, *, now: int) -> None:
    """Raises NotYours and VerifiedTooOften."""
    ask_verification(db, stream_of(db, member, client_id), state=None, now=now)


def pause(host: Host, member: Member, client_id: str) -> Response:
    """What happens meanwhile is kept."""
    host.write(set_status, member, client_id, status="paused")
    return went("webhooks", "paused")


def resume(host: Host, member: Member, client_id: str) -> Response:
    host.write(set_status, member, client_id, status="enabled")
    return went("webhooks", "resumed")


def set_status(db: Connection, member: Member, client_id: str, *, status: str) -> None:
    streams.change(db, replace(stream_of(db, member, client_id), status=status, reason=None))


def stream_of(db: Connection, member: Member, client_id: str) -> Stream:
    """Raises NotYours."""
    stream = streams.find(db, clients.find(db, member, client_id).client_id)
    if stream is None:
        raise NotYours
    return stream


ROUTES = (
    ConsoleRoute("/console/webhooks", webhooks, READ_ONLY),
    ConsoleRoute("/console/webhooks/<client_id>/verify", send_verification, AGENT, ("POST",)),
    ConsoleRoute("/console/webhooks/<client_id>/pause", pause, ADMIN, ("POST",)),
    ConsoleRoute("/console/webhooks/<client_id>/resume", resume, ADMIN, ("POST",)),
)
