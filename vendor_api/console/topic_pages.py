"""Topics: what this organisation may speak about, what it published, and in what band the number of its people is."""

from secrets import token_urlsafe
from typing import Any

from flask import render_template, request
from flask_babel import gettext as _
from sqlalchemy import Connection
from werkzeug import Response

from vendor_api.console.errors import NotYours
from vendor_api.console.guard import ConsoleRoute
from vendor_api.console.model import Member
from vendor_api.console.roles import AGENT, READ_ONLY
from vendor_api.console.said import went
from vendor_api.errors import VendorApiError
from vendor_api.host import Host
from vendor_api.publishing import calls, engine
from vendor_api.publishing.errors import UnknownPublication
from vendor_api.publishing.given import checked
from vendor_api.texts import readable
from vendor_api.vendors import registry
from vendor_api.vendors.model import Vendor
from vendor_api.vendors.topics import MEMBER, declared

ON_A_PAGE = 20
DAY = 24 * 3600
MOST_DAYS = 366


def topics(host: Host, member: Member) -> str:
    return shown(host, member)


def shown(host: Host, member: Member, refused: str | None = None) -> str:
    """With what was typed, where it could not be taken."""
    asked = request.args.get("before", "")
    before = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 12 else None

    def gathered(db: Connection) -> dict[str, Any]:
        how: dict[str, Any] = {"client_id": member.client_id, "before": before, "limit": ON_A_PAGE + 1}
        return {"vendor": own(db, member), "published": engine.latest(db, host.secrets, **how)}

    found = host.read(gathered)
    typed = request.form if refused else {}
    items = found["published"][:ON_A_PAGE]
    return render_template(
        "console/topics.html",
        names=found["vendor"].metadata.get(MEMBER, {}),
        items=items,
        older=items[-1].published_at if len(found["published"]) > ON_A_PAGE else None,
        typed=typed,
        refused=refused,
        publication_id=typed.get("id") or token_urlsafe(16),
        now=host.now(),
    )


def publish_item(host: Host, member: Member) -> Response | tuple[str, int]:
    """The id stands in the form, so that a form that is sent twice publishes once."""

    def work(db: Connection, *, now: int) -> None:
        vendor = own(db, member)
        said: dict[str, Any] = {name: request.form.get(name, "") for name in ("id", "topic", "title", "reason", "for")}
        given = {name: value.strip() for name, value in said.items() if value.strip()}
        days = request.form.get("days", "")
        is_number = days.isascii() and days.isdigit() and 1 <= len(days) <= 3
        until = now + int(days) * DAY if is_number else None
        text = readable(request.form.get("text", ""))
        before = engine.known(db, given.get("id", ""), client_id=member.client_id)
        if before is None:
            new = checked({**given, "text": text, "valid_until": until}, topics=declared(vendor.metadata), now=now)
            calls.publish(db, host, vendor, new, now=now)

    try:
        host.write(work, now=host.now())
    except VendorApiError as error:
        return shown(host, member, refusal(error)), error.status
    return went("topics", "published")


def withdraw_item(host: Host, member: Member) -> Response:
    ids = {"client_id": member.client_id}
    try:
        host.write(engine.withdraw, request.form.get("id", ""), **ids, now=host.now())
    except UnknownPublication:
        raise NotYours from None
    return went("topics", "withdrawn")


def own(db: Connection, member: Member) -> Vendor:
    """Raises NotYours where the client is no more."""
    vendor = registry.find(db, member.client_id)
    if vendor is None:
        raise NotYours
    return vendor


def refusal(error: VendorApiError) -> str:
    if isinstance(error, calls.TooManyPublications):
        return _("You published very much today. Try again tomorrow; what you typed is below.")
    return _("Something is missing or too long. Check title, text, topic and days; what you typed is below.")


ROUTES = (
    ConsoleRoute("/console/topics", topics, READ_ONLY),
    ConsoleRoute("/console/topics", publish_item, AGENT, ("POST",)),
    ConsoleRoute("/console/topics/withdraw", withdraw_item, AGENT, ("POST",)),
)
