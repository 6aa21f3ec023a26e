"""The console as a vendor of its own wallet: it sends the browser to the authorization endpoint, and redeems the code.

What it has to remember until the browser comes back is sealed in `state`, for this browser alone (RFC 6749 section
10.12); nothing is stored. Requests to the token and userinfo endpoints go to the very functions that answer there.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from secrets import token_urlsafe
from typing import Any, Final
from urllib.parse import urlencode

import orjson
from sqlalchemy import Connection
from werkzeug.datastructures import Headers

from keys.errors import CannotOpen
from keys.opaque import digest
from keys.sealing import seal, unseal
from vendor_api.call import FORM, Call
from vendor_api.console import cookies
from vendor_api.errors import VendorApiError
from vendor_api.host import Host
from vendor_api.oauth import authorize, token
from vendor_api.oauth.answers import Answer, problem
from vendor_api.oauth.registration import new_vendor
from vendor_api.vendors import registry
from vendor_api.vendors.metadata import checked
from vendor_api.vendors.model import Vendor

LIFETIME: Final = 30 * 60

View = Callable[[Host, Call], Answer]


@dataclass(frozen=True, slots=True)
class Flow:
    """One way to the wallet and back. `said` is what whoever began it wants to know again."""

    client_id: str
    verifier: str = field(repr=False)
    nonce: str
    began_at: int
    said: Mapping[str, Any]


def register(db: Connection, host: Host, client_id: str, metadata: Mapping[str, Any], *, now: int) -> Vendor:
    """A client whose secret only the console knows, as it is to be now."""
    wanted, _ = new_vendor(
        host.secrets, checked(dict(metadata)), client_id=client_id, secret=secret(host, client_id), now=now
    )
    known = registry.find(db, client_id)
    if known is None:
        registry.save(db, wanted)
    elif known.metadata != wanted.metadata:
        registry.change(db, wanted)
    return wanted


def secret(host: Host, client_id: str) -> str:
    return hmac.new(host.secrets.tokens, b"console client\x00" + client_id.encode(), hashlib.sha256).hexdigest()


def begin(host: Host, vendor: Vendor, *, purpose: str, said: Mapping[str, Any], **more: str) -> dict[str, str]:
    """The parameters of an authorization request; `more` are those that not every one has."""
    flow = {"client_id": vendor.client_id, "verifier": token_urlsafe(32), "nonce": token_urlsafe(16)}
    state = sealed(host, purpose, {**flow, "began_at": host.now(), "said": dict(said)})
    challenge = base64.urlsafe_b64encode(hashlib.sha256(flow["verifier"].encode()).digest()).rstrip(b"=").decode()
    return {
        "client_id": vendor.client_id,
        "redirect_uri": vendor.redirect_uris[0],
        "response_type": "code",
        "scope": "openid",
        "state": state,
        "nonce": flow["nonce"],
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        **more,
    }


def address(parameters: Mapping[str, str]) -> str:
    return f"{authorize.PATH}?{urlencode(parameters)}"


def sealed(host: Host, purpose: str, flow: Mapping[str, Any]) -> str:
    made = seal(host.secrets.tokens, orjson.dumps(flow), *place(host, purpose))
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()


def opened(host: Host, purpose: str, state: str) -> Flow | None:
    """None for what did not begin in this browser, for this purpose, a short while ago."""
    try:
        found = unseal(
            host.secrets.tokens, base64.urlsafe_b64decode(state + "=" * (-len(state) % 4)), *place(host, purpose)
        )
    except (CannotOpen, ValueError):
        return None
    flow = Flow(**orjson.loads(found))
    return flow if host.now() < flow.began_at + LIFETIME else None


def place(host: Host, purpose: str) -> tuple[str, ...]:
    return "console_flow", purpose, digest(cookies.token(host))


def redemption(host: Host, flow: Flow, code: str, redirect_uri: str) -> tuple[dict[str, str], Answer]:
    """The form that redeems a code, and what the token endpoint answers (RFC 6749 section 4.1.3)."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
    form |= {"code_verifier": flow.verifier}
    return form, posted(host, flow.client_id, token.redeem, form)


def posted(host: Host, client_id: str, endpoint: View, form: Mapping[str, str]) -> Answer:
    """What this endpoint answers to a client of the console's, which proves itself by its secret."""
    basic = base64.b64encode(f"{client_id}:{secret(host, client_id)}".encode()).decode()
    headers = Headers({"Content-Type": FORM, "Authorization": f"Basic {basic}"})
    try:
        return endpoint(host, Call("POST", "", "", headers, urlencode(form).encode()))
    except VendorApiError as error:
        return problem(error)
