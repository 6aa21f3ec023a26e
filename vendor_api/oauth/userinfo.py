"""GET and POST /oauth/userinfo (OpenID Connect Core 5.3): deliver granted values, each time with a ledger line."""

from typing import Final

from sqlalchemy import Connection

from consent import engine
from vendor_api.call import Call
from vendor_api.errors import InvalidDpopProof, InvalidRequest, InvalidToken, TokenMissing, UseDpopNonce
from vendor_api.host import Host
from vendor_api.oauth import dpop, tokens
from vendor_api.oauth.answers import Answer, as_json
from vendor_api.scopes import claims_from

PATH: Final = "/oauth/userinfo"


@dpop.tells_nonce
def userinfo(host: Host, call: Call) -> Answer:
    """401 with a challenge where the token, or the proof beside it, is not good. Raises InvalidRequest."""
    try:
        return delivered(host, call, now=host.now())
    except (TokenMissing, InvalidToken, InvalidDpopProof, UseDpopNonce) as error:
        return dpop.challenged(error, call)


def delivered(host: Host, call: Call, *, now: int) -> Answer:
    token, proof = access_token(call), None
    if dpop.is_scheme_of(call):
        proof = dpop.proof_of(host, call, PATH, access_token=token, now=now)
        if proof is None:
            raise InvalidDpopProof("send a DPoP proof beside the access token")
    return host.write(read, host, token, proof, now=now)


def read(db: Connection, host: Host, access_token: str, proof: dpop.Proof | None, *, now: int) -> Answer:
    token = tokens.find(db, host.secrets, access_token, kind="access", now=now)
    if token is None:
        raise InvalidToken("this access token is not valid, or the person has ended what it stood for")
    dpop.check_read(db, token.request, proof)
    grant = token.grant
    values = host.values(db, person_id=grant.person_id, persona_id=grant.persona_id, attributes=token.attributes)
    engine.read(db, host.secrets, grant, attributes=values, cover=token.cover, now=now)
    return as_json({**claims_from(values), "sub": grant.sub})


def access_token(call: Call) -> str:
    """RFC 6750 section 2, RFC 9449 section 7.1: in the header, or (Bearer) alone in a form; never in a URL."""
    scheme, _, given = call.headers.get("Authorization", "").partition(" ")
    in_header = given.strip() if scheme.lower() in {"bearer", "dpop"} else ""
    in_form = call.form().get("access_token", "") if call.is_form else ""
    if in_header and in_form:
        raise InvalidRequest("send the access token once, in the Authorization header")
    if not in_header and not in_form:
        raise TokenMissing("send the access token in the Authorization header")
    return in_header or in_form
