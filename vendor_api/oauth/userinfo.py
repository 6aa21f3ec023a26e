"""GET and POST /oauth/userinfo (OpenID Connect Core 5.3): deliver granted values, each time with a ledger line."""

from collections.abc import Collection, Mapping
from typing import Any, Final

import orjson
from sqlalchemy import Connection

from consent import engine
from consent.limits import Withheld
from vendor_api.call import Call
from vendor_api.errors import AlreadyFetched, FrequencyExceeded, LimitEnded
from vendor_api.host import Host
from vendor_api.oauth import access, tokens
from vendor_api.oauth.agreements.errors import TermsEnded, TermsForbid
from vendor_api.oauth.answers import NO_STORE, Answer, as_json, problem
from vendor_api.scopes import claims_from
from vendor_api.vendors import encryption

PATH: Final = "/oauth/userinfo"
REFUSALS: Final = {
    kind.error: kind for kind in (LimitEnded, AlreadyFetched, FrequencyExceeded, TermsEnded, TermsForbid)
}


@access.challenging
def userinfo(host: Host, call: Call) -> Answer:
    now = host.now()
    return host.write(read, host, access.presented(host, call, PATH, now=now), now=now)


def read(db: Connection, host: Host, given: access.Presented, *, now: int) -> Answer:
    token = access.find(db, host, given, now=now)
    grant = token.grant
    values = host.values(db, person_id=grant.person_id, persona_id=grant.persona_id, attributes=token.attributes)
    recipient = token.request.get("recipient")
    delivery = engine.read(db, host.secrets, grant, attributes=values, recipient=recipient, cover=token.cover, now=now)
    if delivery.withheld and not delivery.attributes:
        return refused(delivery.withheld, now=now)
    claims = {**claims_from({name: values[name] for name in delivery.attributes}), "sub": grant.sub}
    if delivery.withheld:
        claims["withheld"] = {one.attribute: why(one) for one in delivery.withheld}
    return as_jwt(host, token, claims) if token.request.keys() & {"signed", "encrypted"} else as_json(claims)


def refused(withheld: Collection[Withheld], *, now: int) -> Answer:
    """Where there is nothing to deliver: the reason that is over first. Returned, because the ledger keeps the try."""
    first = min(withheld, key=lambda one: (one.next_at is None, one.next_at))
    return problem(REFUSALS[first.reason](first.next_at, now=now))


def why(withheld: Withheld) -> dict[str, Any]:
    next_at = {} if withheld.next_at is None else {"next_allowed_at": withheld.next_at}
    return {"error": withheld.reason, **next_at}


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
