"""POST /oauth/introspect and /oauth/revoke: what a token is worth, and the end of it (RFC 7662, RFC 7009)."""

from sqlalchemy import Connection

from vendor_api.call import Call
from vendor_api.host import Host
from vendor_api.oauth.answers import Answer
from vendor_api.oauth.framework.client_assertion import received
from vendor_api.oauth.framework.desk import Desk
from vendor_api.oauth.framework.endpoints import Introspection, Revocation
from vendor_api.oauth.framework.shapes import Request


def introspect(host: Host, call: Call) -> Answer:
    """`active` is false for whatever this vendor may not know about."""
    now = host.now()
    return host.read(answer, host, Introspection, received(host, call, now=now), now=now)


def revoke(host: Host, call: Call) -> Answer:
    """200 for every token, so that nobody learns which ones exist."""
    now = host.now()
    return host.write(answer, host, Revocation, received(host, call, now=now), now=now)


def answer(
    db: Connection, host: Host, endpoint: type[Introspection | Revocation], request: Request, *, now: int
) -> Answer:
    desk = Desk(db, host, now=now)
    desk.register_endpoint(endpoint)
    found: Answer = desk.create_endpoint_response(endpoint.ENDPOINT_NAME, request)
    return found
