"""GET and POST /oauth/userinfo (OpenID Connect Core 5.3): deliver granted values, each time with a ledger line."""

from collections.abc import Mapping
from typing import Any, Final

import orjson
from sqlalchemy import Connection

from vendor_api.call import Call
from vendor_api.errors import VendorApiError
from vendor_api.host import Host
from vendor_api.oauth import access, attempts, reading, released, tokens
from vendor_api.oauth.answers import NO_STORE, Answer, as_json
from vendor_api.scopes import claims_from
from vendor_api.vendors import encryption

PATH: Final = "/oauth/userinfo"


@access.challenging
def userinfo(host: Host, call: Call) -> Answer:
    now = host.now()
    given = access.presented(host, call, PATH, now=now)
    try:
        return host.write(read, host, given, now=now)
    except VendorApiError as error:
        attempts.note_read(host, given.token, error, now=now)
        raise


def read(db: Connection, host: Host, given: access.Presented, *, now: int) -> Answer:
    token = access.find(db, host, given, now=now)
    grant = token.grant
    recipient = token.request.get("recipient")
    opened = released.find(db, given.token, token.request, person_id=grant.person_id, now=now)
    values, delivery = reading.read(
        db, host, grant, token.attributes, recipient=recipient, released=opened, cover=token.cover, now=now
    )
    if delivery.withheld and not delivery.attributes:
        return reading.refused(delivery.withheld, now=now)
    claims = {**claims_from(values), "sub": grant.sub}
    if delivery.withheld:
        claims["withheld"] = {one.attribute: reading.why(one) for one in delivery.withheld}
    return as_jwt(host, token, claims) if token.request.keys() & {"signed", "encrypted"} else as_json(claims)


def as_jwt(host: Host, token: tokens.Token, claims: Mapping[str, Any]) -> Answer:
    """Section 5.3.2: signed for this vendor alone, encrypted for it, or first the one and then the other."""
    signed, to = token.request.get("signed"), token.request.get("encrypted")
    content = orjson.dumps(claims).decode()
    if signed:
        content = (
            host.signing_keys().active[signed].sign({**claims, "iss": host.issuer, "aud": token.client_id}, typ="JWT")
        )
    if to:
        content = encryption.encrypted(content, to, is_jwt=bool(signed))
    return Answer(200, {"Content-Type": "application/jwt", **NO_STORE}, content.encode())
