"""Push-based delivery of events (RFC 8935): each is sent until the vendor answers 202, and never two of a lane at once.

A vendor that answers slowly, wrongly or not at all keeps nobody waiting but itself.
"""

import logging
import re
from functools import partial
from typing import Final

from sqlalchemy import Connection

from consent import outbox
from consent.events import EVENT
from consent.outbox import Telling
from vendor_api.call import from_json
from vendor_api.errors import CannotFetch
from vendor_api.events import streams
from vendor_api.events.streams import PUSH, Stream
from vendor_api.events.tokens import TYPE, event_token
from vendor_api.host import Host
from vendor_api.oauth.ciba_pings import Post
from vendor_api.outbound.wire import Reply
from vendor_api.telling import work_off
from vendor_api.vendors import registry

CONFIRMED: Final = 202
NO_ANSWER: Final = "no_answer"
ERR: Final = re.compile(r"[a-z_]{1,40}", re.ASCII)
NOT_PLAIN: Final = re.compile(r"[^ -~]+")

log = logging.getLogger(__name__)


def tell_all(host: Host, post: Post) -> int:
    """Try whatever is due; returns how many events were confirmed."""
    return work_off(host, EVENT, partial(tell, host, post), of=host.read(streams.pushed_to))


def tell(host: Host, post: Post, telling: Telling) -> bool:
    """Whether this vendor confirmed it."""
    found = host.read(ready, host, telling)
    if found is None:
        return False  # it was paused, or is gone, since the turn began
    stream, token = found
    headers = {"Accept": "application/json", **stream.authorization(host.secrets)}
    try:
        reply = post(stream.endpoint_url or "", token.encode(), content_type=f"application/{TYPE}", headers=headers)
    except CannotFetch as error:
        log.info("a vendor could not be told of an event: %s", error)
        host.write(outbox.fail, telling, NO_ANSWER)
        return False
    if reply.status != CONFIRMED:
        host.write(outbox.fail, telling, refusal(reply))
        return False
    host.write(outbox.confirm, telling, now=host.now())
    return True


def ready(db: Connection, host: Host, telling: Telling) -> tuple[Stream, str] | None:
    """The stream as it is now, and the event token; None where nothing is to be sent."""
    vendor, stream = registry.find(db, telling.client_id), streams.find(db, telling.client_id)
    if vendor is None or stream is None or stream.method != PUSH or stream.status != "enabled":
        return None
    return stream, event_token(db, host, vendor, telling)


def refusal(reply: Reply) -> str:
    """Section 2.4: the error the vendor names, or else its status."""
    try:
        said = from_json(reply.body) if reply.status == 400 else None
    except ValueError:
        said = None
    return named(said) or f"http_{reply.status}"


def named(said: object) -> str | None:
    """`err` and `description` as one plain text, or None where they are not what the standard says."""
    if not isinstance(said, dict) or not isinstance(said.get("err"), str) or not ERR.fullmatch(said["err"]):
        return None
    description = said.get("description")
    return f"{said['err']}: {NOT_PLAIN.sub(' ', description)}" if isinstance(description, str) else said["err"]
