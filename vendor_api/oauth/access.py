"""An access token that is presented at a resource, and whether it is good.

RFC 6750 section 2; bound to a key, RFC 9449 section 7; bound to a certificate, RFC 8705 section 3.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

from cryptography.x509 import Certificate
from sqlalchemy import Connection

from consent import using
from consent.errors import GrantPaused
from vendor_api import proxies
from vendor_api.call import Call
from vendor_api.errors import (
    InvalidDpopProof,
    InvalidRequest,
    InvalidToken,
    TokenMissing,
    UseDpopNonce,
)
from vendor_api.host import Host
from vendor_api.oauth import tokens
from vendor_api.oauth.answers import Answer
from vendor_api.oauth.binding import dpop, mtls

View = Callable[[Host, Call], Answer]


@dataclass(frozen=True, slots=True)
class Presented:
    """Not yet looked up. `proof` is None for a Bearer token, `certificate` if none came with the connection."""

    token: str
    proof: dpop.Proof | None
    certificate: Certificate | None


def presented(host: Host, call: Call, path: str, *, now: int) -> Presented:
    """Raises TokenMissing, InvalidRequest, and for a proof InvalidDpopProof or UseDpopNonce."""
    token, certificate = in_header_or_form(call), proxies.presented(host.proxies, call)
    if not dpop.is_scheme_of(call):
        return Presented(token, None, certificate)
    proof = dpop.proof_of(host, call, path, access_token=token, now=now)
    if proof is None:
        raise InvalidDpopProof("send a DPoP proof beside the access token")
    return Presented(token, proof, certificate)


def in_header_or_form(call: Call) -> str:
    """In the header, or (Bearer) alone in a form; never in a URL."""
    scheme, _, given = call.headers.get("Authorization", "").partition(" ")
    in_header = given.strip() if scheme.lower() in {"bearer", "dpop"} else ""
    in_form = call.form().get("access_token", "") if call.is_form else ""
    if in_header and in_form:
        raise InvalidRequest("send the access token once, in the Authorization header")
    if not in_header and not in_form:
        raise TokenMissing("send the access token in the Authorization header")
    return in_header or in_form


def find(db: Connection, host: Host, given: Presented, *, now: int) -> tokens.Token:
    """The living token of a grant that is not paused. Raises InvalidToken, InvalidDpopProof or UseDpopNonce."""
    token = find_paused_too(db, host, given, now=now)
    try:
        using.check_live(token.grant, now=now)
    except GrantPaused as paused:
        raise InvalidToken(str(paused)) from None
    return token


def find_paused_too(db: Connection, host: Host, given: Presented, *, now: int) -> tokens.Token:
    """The living token, for what a vendor may do also while the person has paused the grant."""
    token = tokens.find_paused_too(db, host.secrets, given.token, kind="access", now=now)
    if token is None:
        raise InvalidToken("this access token is not valid, or the person has ended what it stood for")
    mtls.check_read(token.request, given.certificate)
    dpop.check_read(db, token.request, given.proof)
    return token


def challenging(view: View) -> View:
    """401 with a challenge where the token, or the proof beside it, is not good."""

    @dpop.tells_nonce
    @wraps(view)
    def answer(host: Host, call: Call) -> Answer:
        try:
            return view(host, call)
        except (TokenMissing, InvalidToken, InvalidDpopProof, UseDpopNonce) as error:
            return dpop.challenged(error, call)

    return answer
