"""GET and POST /oauth/userinfo (OpenID Connect Core 5.3): deliver granted values, each time with a ledger line."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from consent import engine
from vendor_api.call import Call
from vendor_api.errors import InvalidRequest, InvalidToken, TokenMissing
from vendor_api.host import Host
from vendor_api.oauth import tokens
from vendor_api.oauth.answers import NO_STORE, Answer, as_json
from vendor_api.scopes import claims_from


def userinfo(host: Host, call: Call) -> Answer:
    """Raises TokenMissing, InvalidToken or InvalidRequest."""
    return host.write(read, host, bearer_token(call), now=host.now())


def read(db: Connection, host: Host, access_token: str, *, now: int) -> Answer:
    token = tokens.find(db, host.secrets, access_token, kind="access", now=now)
    if token is None:
        raise InvalidToken("this access token is not valid, or the person has ended what it stood for")
    grant = token.grant
    values = host.values(db, person_id=grant.person_id, persona_id=grant.persona_id, attributes=token.attributes)
    engine.read(db, host.secrets, grant, attributes=values, cover=token.cover, now=now)
    claims = {**claims_from(values), "sub": grant.sub}
    return as_jwt(host, token, claims) if "signed" in token.request else as_json(claims)


def as_jwt(host: Host, token: tokens.Token, claims: Mapping[str, Any]) -> Answer:
    """Section 5.3.2: signed for this vendor alone."""
    key = host.signing_keys().active[token.request["signed"]]
    signed = key.sign({**claims, "iss": host.issuer, "aud": token.client_id}, typ="JWT")
    return Answer(200, {"Content-Type": "application/jwt", **NO_STORE}, signed.encode())


def bearer_token(call: Call) -> str:
    """RFC 6750 section 2: in the header, or alone in a form; never in a URL."""
    scheme, _, given = call.headers.get("Authorization", "").partition(" ")
    in_header = given.strip() if scheme.lower() == "bearer" else ""
    in_form = call.form().get("access_token", "") if call.is_form else ""
    if in_header and in_form:
        raise InvalidRequest("send the access token once, in the Authorization header")
    if not in_header and not in_form:
        raise TokenMissing("send the access token in the Authorization header")
    return in_header or in_form
