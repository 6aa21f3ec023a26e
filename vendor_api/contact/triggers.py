"""POST /contact/triggers: which of people's own conditions held, for vendors that take no notices, and for others.

It confirms here what it has heard, and reports what a person lets it look after in its own data. The vendor proves
itself as at the token endpoint.
"""

from typing import Any, Final

from sqlalchemy import Connection

from vendor_api.call import Call
from vendor_api.errors import InvalidRequest
from vendor_api.host import Host
from vendor_api.model import Report
from vendor_api.oauth.answers import Answer, as_json
from vendor_api.oauth.framework.client_assertion import received
from vendor_api.oauth.framework.gate import proven
from vendor_api.oauth.framework.shapes import Request
from vendor_api.vendors.model import Vendor

PATH: Final = "/contact/triggers"
MOST: Final = 100
LONGEST: Final = 100


def triggers(host: Host, call: Call) -> Answer:
    """Confirm what is named in `acknowledged`, take a report if there is one, and say what waits."""
    now = host.now()
    sent = received(host, call, now=now)
    vendor = host.read(authenticated, host, sent, now=now)
    named = sent.form.get("acknowledged", "").split()
    if len(named) > MOST:
        raise InvalidRequest(f"acknowledged names at most {MOST} firings")
    for firing_id in named:
        host.write(host.heard, vendor.client_id, vendor.sector, firing_id, now=now)
    reported = host.write(host.reported, report(vendor, sent), now=now) if "trigger_id" in sent.form else None
    found = host.read(host.fired, vendor.client_id, vendor.sector, most=MOST, now=now)
    return as_json({**found, **({"reported": reported} if reported else {})})


def authenticated(db: Connection, host: Host, sent: Request, *, now: int) -> Vendor:
    return proven(db, host, sent, "contact", now=now)


def report(vendor: Vendor, sent: Request) -> Report:
    """Raises InvalidRequest."""
    said: dict[str, Any] = {name: sent.form.get(name, "") for name in ("trigger_id", "period", "observed")}
    if not said["period"]:
        raise InvalidRequest("period is missing")
    if any(len(text) > 4 * LONGEST or not text.isprintable() for text in said.values()):
        raise InvalidRequest("trigger_id, period and observed are short texts")
    return Report(vendor.client_id, vendor.sector, **said)
