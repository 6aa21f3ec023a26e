"""Tell a vendor that the person has answered, so that it need not poll (OpenID Connect CIBA Core section 10.2)."""

import logging
from collections.abc import Mapping
from functools import partial
from typing import Final, Protocol

import orjson

from consent import outbox
from consent.outbox import Telling
from vendor_api.errors import CannotFetch
from vendor_api.host import Host
from vendor_api.oauth import ciba_requests
from vendor_api.outbound.wire import Reply
from vendor_api.telling import work_off
from vendor_api.vendors import registry
from vendor_api.vendors.ciba import ENDPOINT, MODE

CONFIRMED: Final = (200, 204)

log = logging.getLogger(__name__)


class Post(Protocol):
    """Posts to an address, and follows no redirect; raises CannotFetch where there is no answer."""

    def __call__(self, url: str, body: bytes, *, content_type: str, headers: Mapping[str, str]) -> Reply: ...


def tell_all(host: Host, post: Post) -> int:
    """Try whatever is due; returns how many vendors confirmed."""
    return work_off(host, ciba_requests.PING, partial(tell, host, post))


def tell(host: Host, post: Post, telling: Telling) -> bool:
    """Whether this vendor confirmed it. Nothing is sent once the auth_req_id has expired, or to who polls by now."""
    about = {"person_id": telling.person_id, "request_digest": telling.detail["request"]}
    private = host.read(ciba_requests.to_ping, host.secrets, **about, now=host.now())
    vendor = host.read(registry.find, telling.client_id)
    if private is None or vendor is None or vendor.metadata.get(MODE) != "ping":
        host.write(outbox.drop, telling)
        return False
    body = orjson.dumps({"auth_req_id": private.auth_req_id})
    headers = {"Authorization": f"Bearer {private.notification_token}"}
    try:
        reply = post(vendor.metadata[ENDPOINT], body, content_type="application/json", headers=headers)
    except CannotFetch as error:
        log.info("a vendor could not be told of an answer: %s", error)
        return False
    if reply.status in CONFIRMED:
        host.write(outbox.confirm, telling, now=host.now())
    return reply.status in CONFIRMED
