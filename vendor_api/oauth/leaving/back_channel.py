"""Tell vendors that a session ended, from server to server (OpenID Connect Back-Channel Logout 1.0)."""

import logging
from collections.abc import Callable, Mapping
from functools import partial
from secrets import token_urlsafe
from typing import Any, Final

from consent import outbox
from consent.outbox import Telling
from vendor_api.errors import CannotFetch
from vendor_api.host import Host
from vendor_api.telling import work_off
from vendor_api.vendors import registry
from vendor_api.vendors.model import Vendor

EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
LIFETIME: Final = 120
CONFIRMED: Final = (200, 204)

# Posts a form to an address and gives back the status; raises CannotFetch where there is no answer.
PostForm = Callable[[str, Mapping[str, str]], int]

log = logging.getLogger(__name__)


def tell_all(host: Host, post_form: PostForm) -> int:
    """Try whatever is due; returns how many vendors confirmed."""
    return work_off(host, "logout", partial(tell, host, post_form))


def tell(host: Host, post_form: PostForm, telling: Telling) -> bool:
    """Whether this vendor confirmed it."""
    vendor = host.read(registry.find, telling.client_id)
    address = vendor.metadata.get("backchannel_logout_uri") if vendor else None
    if vendor is None or address is None:
        host.write(outbox.drop, telling)
        return False
    token = logout_token(host, vendor, telling.detail, now=host.now())
    try:
        confirmed = post_form(address, {"logout_token": token}) in CONFIRMED
    except CannotFetch as error:
        log.info("a vendor could not be told of a sign-out: %s", error)
        return False
    if confirmed:
        host.write(outbox.confirm, telling, now=host.now())
    return confirmed


def logout_token(host: Host, vendor: Vendor, detail: Mapping[str, Any], *, now: int) -> str:
    """Section 2.4: made anew for each try, and never with a nonce, so that it is no ID token."""
    claims = {
        "iss": host.issuer,
        "aud": vendor.client_id,
        "iat": now,
        "exp": now + LIFETIME,
        "jti": token_urlsafe(16),
        "events": {EVENT: {}},
        "sub": detail["sub"],
        "sid": detail["sid"],
    }
    return host.signing_keys().active[vendor.id_token_algorithm].sign(claims, typ="logout+jwt")
