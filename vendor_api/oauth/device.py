"""POST /oauth/device_authorization: a device without keyboard or browser asks, and shows the person a code (RFC 8628).

Authlib's looks a device code up before it spends it, and stores none.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final
from urllib.parse import quote

from sqlalchemy import Connection

from consent.model import NewAsk
from vendor_api.call import REPEATABLE, Call
from vendor_api.errors import InvalidRequest, UnauthorizedClient
from vendor_api.host import Host
from vendor_api.oauth import device_codes, polling
from vendor_api.oauth.answers import Answer, as_json
from vendor_api.oauth.asking import wishes
from vendor_api.oauth.asking.request import Request
from vendor_api.oauth.asking.resource import check_resource
from vendor_api.oauth.checks import check_acr, check_dpop_jkt, check_parameter_length, check_scope
from vendor_api.oauth.device_codes import Waiting
from vendor_api.oauth.framework.client_assertion import received
from vendor_api.oauth.framework.gate import Gate
from vendor_api.oauth.framework.shapes import Request as VendorRequest
from vendor_api.vendors import myterms, newcomers, registry
from vendor_api.vendors.metadata import AUTH_METHODS
from vendor_api.vendors.model import DEVICE_CODE

PATH: Final = "/oauth/device_authorization"
VERIFICATION_PATH: Final = "/device"
UNDERSTOOD: Final = ("scope", "claims", "nonce", "acr_values", "dpop_jkt", REPEATABLE)


def begin(host: Host, call: Call) -> Answer:
    """Section 3.1. Raises what the vendor has to mend."""
    now = host.now()
    return host.write(store, host, received(host, call, now=now), now=now)


def store(db: Connection, host: Host, sent: VendorRequest, *, now: int) -> Answer:
    vendor = Gate(db, host, now=now).authenticate_client(sent, list(AUTH_METHODS), "device_authorization").vendor
    request = Request(vendor, {name: sent.form[name] for name in UNDERSTOOD if name in sent.form})
    for check in CHECKS:
        check(request)
    check_resource(host, request.parameters.get(REPEATABLE))
    pair = device_codes.issue(db, host.secrets, vendor, request.parameters, now=now)
    page = f"{host.issuer}{VERIFICATION_PATH}"
    answer = {
        "device_code": pair.device_code,
        "user_code": pair.user_code,
        "verification_uri": page,
        "verification_uri_complete": f"{page}?user_code={quote(pair.user_code)}",
        "expires_in": device_codes.LIFETIME,
        "interval": polling.INTERVAL,
    }
    return as_json(answer)


def check_grant_type(request: Request) -> None:
    if DEVICE_CODE not in request.vendor.grant_types:
        raise UnauthorizedClient(f"this vendor is not registered for {DEVICE_CODE}")


def check_claims(request: Request) -> None:
    wishes.wanted(request.vendor, request.scopes, request.parameters.get("claims"), wishes.ANY_LANGUAGE)


def check_nobody_expected(request: Request) -> None:
    """A device could not be told, before the person has answered, that somebody else sits at the browser."""
    if wishes.expected_subject(request.parameters.get("claims")) is not None:
        raise InvalidRequest("a device can not say whom it expects; leave the value of sub out")


CHECKS: Final[tuple[Callable[[Request], None], ...]] = (
    check_grant_type,
    check_parameter_length,
    check_scope,
    check_claims,
    check_nobody_expected,
    check_acr,
    check_dpop_jkt,
)


def ask_of(waiting: Waiting, issuer: str, language: str) -> NewAsk:
    """What the person is asked for a device; never answered but on the page.

    The answer goes to the device, wherever it stands, so nothing proves the vendor's host.
    """
    request = Request(waiting.vendor, waiting.parameters)
    asked = wishes.wanted(request.vendor, request.scopes, request.parameters.get("claims"), language)
    remembered = wishes.request_of(request.parameters, request.scopes, asked)
    remembered |= {"fresh_since": 0, "may_skip_page": False}
    remembered[device_codes.IN_ASK] = {"digest": waiting.device_digest, "user_code": waiting.user_code}
    remembered |= newcomers.in_ask(waiting.vendor) | myterms.in_ask(waiting.vendor)
    party = replace(registry.party(request.vendor, request.vendor.redirect_uris[0], language), verified=False)
    return NewAsk(party, asked.items, f"{issuer}{VERIFICATION_PATH}", remembered, trimmed=asked.trimmed)
