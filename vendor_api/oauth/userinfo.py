"""GET and POST /oauth/userinfo (OpenID Connect Core 5.3): deliver granted values, each time with a ledger line."""

from sqlalchemy import Connection

from consent import engine
from vendor_api.call import Call
from vendor_api.errors import InvalidRequest, InvalidToken, TokenMissing
from vendor_api.host import Host
from vendor_api.oauth import tokens
from vendor_api.oauth.answers import Answer, as_json
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
    return as_json({**claims_from(values), "sub": grant.sub})


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
