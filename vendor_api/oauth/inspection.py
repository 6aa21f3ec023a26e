"""POST /oauth/introspect and /oauth/revoke: what a token is worth, and the end of it (RFC 7662, RFC 7009)."""

from typing import Final

import orjson
from sqlalchemy import Connection

from vendor_api.call import Call
from vendor_api.host import Host
from vendor_api.oauth.answers import NO_STORE, Answer
from vendor_api.oauth.framework.client_assertion import received
from vendor_api.oauth.framework.endpoints import Introspection, Revocation
from vendor_api.oauth.framework.gate import Gate
from vendor_api.oauth.framework.shapes import Request
from vendor_api.vendors.model import Vendor

PATH: Final = "/oauth/introspect"
REVOCATION_PATH: Final = "/oauth/revoke"
JWT: Final = "application/token-introspection+jwt"


def introspect(host: Host, call: Call) -> Answer:
    """`active` is false for whatever this vendor may not know about. Signed where the vendor says it takes that."""
    now = host.now()
    request = received(host, call, now=now)
    told = host.read(answer, host, Introspection, request, now=now)
    return signed(host, request.client.vendor, told) if JWT in call.headers.get("Accept", "") else told


def signed(host: Host, vendor: Vendor, told: Answer) -> Answer:
    """RFC 9701 section 5, in the algorithm of `introspection_signed_response_alg`."""
    key = host.signing_keys().active[vendor.metadata.get("introspection_signed_response_alg", "RS256")]
    claims = {
        "iss": host.issuer,
        "aud": vendor.client_id,
        "iat": host.now(),
        "token_introspection": orjson.loads(told.body),
    }
    token = key.sign(claims, typ="token-introspection+jwt")
    return Answer(200, {"Content-Type": JWT, **NO_STORE}, token.encode())


def revoke(host: Host, call: Call) -> Answer:
    """200 for every token, so that nobody learns which ones exist."""
    now = host.now()
    return host.write(answer, host, Revocation, received(host, call, now=now), now=now)


def answer(
    db: Connection, host: Host, endpoint: type[Introspection | Revocation], request: Request, *, now: int
) -> Answer:
    gate = Gate(db, host, now=now)
    gate.register_endpoint(endpoint)
    found: Answer = gate.create_endpoint_response(endpoint.ENDPOINT_NAME, request)
    return found
