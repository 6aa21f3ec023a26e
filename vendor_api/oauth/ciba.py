"""POST /oauth/backchannel: a vendor asks a person who did not come from it, and the person decides in their wallet.

OpenID Connect Client-Initiated Backchannel Authentication Core 1.0, by poll and ping (docs/decisions/0016). Authlib has
none.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from secrets import token_urlsafe
from typing import Any, Final

from sqlalchemy import Connection

from consent import asks, engine, grants, standing
from consent.model import Grant, NewAsk
from consent.standing import Whose
from keys.opaque import digest
from vendor_api.call import REPEATABLE, Call
from vendor_api.errors import (
    InvalidBindingMessage,
    InvalidRequest,
    InvalidRequestObject,
    InvalidScope,
    UnauthorizedClient,
    UnknownUserId,
)
from vendor_api.host import Host
from vendor_api.model import Visitor
from vendor_api.oauth import ciba_requests, replay
from vendor_api.oauth.answers import Answer, as_json
from vendor_api.oauth.asking import hints, jar, rar, wishes
from vendor_api.oauth.asking.request import Request
from vendor_api.oauth.asking.resource import check_resource
from vendor_api.oauth.checks import check_acr, check_details, check_dpop_jkt, check_parameter_length, check_scope
from vendor_api.oauth.ciba_requests import IN_ASK, LIFETIME, Waiting
from vendor_api.oauth.framework.client_assertion import received
from vendor_api.oauth.framework.gate import Gate
from vendor_api.oauth.framework.shapes import Request as VendorRequest
from vendor_api.oauth.par import PROVES_THE_VENDOR
from vendor_api.oauth.polling import INTERVAL
from vendor_api.vendors import myterms, registry
from vendor_api.vendors.ciba import CIBA, MODE, SIGNED_BY
from vendor_api.vendors.metadata import PROVING_METHODS
from vendor_api.vendors.model import Vendor

PATH: Final = "/oauth/backchannel"
ANSWERED_AT: Final = "/requests"
HINTS: Final = ("login_hint", "login_hint_token", "id_token_hint")
KEPT: Final = ("scope", "claims", "acr_values", "dpop_jkt", "authorization_details")
LONGEST_LIFETIME: Final = 3600
LONGEST_SIGNED_LIFE: Final = 3600
LONGEST_MESSAGE: Final = 100
IN_MESSAGES: Final = frozenset(" .,:;!?'()+-/#%&*=_")
LONGEST_TOKEN: Final = 1024
TOKEN68: Final = re.compile(r"[A-Za-z0-9._~+/-]+=*")


@dataclass(frozen=True, slots=True)
class Once:
    """A request object, which counts once (section 7.1.1)."""

    jti: str
    expires_at: int


def begin(host: Host, call: Call) -> Answer:
    """Section 7. Raises what the vendor has to mend."""
    now = host.now()
    sent = received(host, call, now=now)
    vendor = host.read(authenticated, host, sent, now=now)
    parameters, once = asked_in(host, vendor, sent)
    request = Request(vendor, parameters)
    for check in CHECKS:
        check(request)
    check_resource(host, parameters.get(REPEATABLE))
    return host.write(store, host, request, subject_of(host, request), once, now=now)


def authenticated(db: Connection, host: Host, sent: VendorRequest, *, now: int) -> Vendor:
    gate = Gate(db, host, now=now)
    return gate.authenticate_client(sent, list(PROVING_METHODS), "backchannel_authentication").vendor


def asked_in(host: Host, vendor: Vendor, sent: VendorRequest) -> tuple[dict[str, str], Once | None]:
    """Section 7.1.1: either all parameters are signed, in the algorithm the vendor registered for that, or none is."""
    beside = {name: value for name, value in sent.form.items() if name not in {*PROVES_THE_VENDOR, "client_id"}}
    compact, algorithm = beside.pop("request", None), vendor.metadata.get(SIGNED_BY)
    if compact is None and algorithm is None:
        return beside, None
    if compact is None or algorithm is None:
        raise InvalidRequest(f"send a signed request where you registered {SIGNED_BY}, and only there")
    if beside:
        raise InvalidRequest("nothing may stand beside a signed request but what proves who you are")
    try:
        claims = jar.verified(host, vendor, compact, algorithms=(algorithm,))
        once = counted(claims)
        return jar.parameters_of(claims), once
    except InvalidRequestObject as error:
        raise InvalidRequest(str(error)) from None


def counted(claims: Mapping[str, Any]) -> Once:
    """Section 7.1.1: iat, nbf and jti have to be there, and it lasts an hour at most."""
    jti, issued_at, begins_at, expires_at = (claims.get(name) for name in ("jti", "iat", "nbf", "exp"))
    if not isinstance(jti, str) or not jti or type(issued_at) is not int or type(begins_at) is not int:
        raise InvalidRequestObject("the request object must have iat, nbf and jti")
    if type(expires_at) is not int or expires_at - begins_at > LONGEST_SIGNED_LIFE:
        raise InvalidRequestObject("from nbf to exp of the request object it must be an hour at most")
    return Once(jti, expires_at + jar.SKEW)


def check_grant_type(request: Request) -> None:
    if CIBA not in request.vendor.grant_types:
        raise UnauthorizedClient(f"this vendor is not registered for {CIBA}")


def check_openid(request: Request) -> None:
    """Section 7.1."""
    if "openid" not in request.scopes:
        raise InvalidScope("scope must contain openid")


def check_claims(request: Request) -> None:
    claims, details = (request.parameters.get(name) for name in ("claims", "authorization_details"))
    wishes.wanted(request.vendor, request.scopes, claims, wishes.ANY_LANGUAGE, rar.as_claims(details))


def check_one_hint(request: Request) -> None:
    """Section 7.1."""
    if sum(name in request.parameters for name in HINTS) != 1:
        raise InvalidRequest(f"send exactly one of: {', '.join(HINTS)}")
    if "login_hint_token" in request.parameters:
        raise InvalidRequest("login_hint_token is not supported; send login_hint or id_token_hint")


def check_user_code(request: Request) -> None:
    if "user_code" in request.parameters:
        raise InvalidRequest("user_code is not supported; people have none")


def check_binding_message(request: Request) -> None:
    """Section 7.1: short, and in plain characters."""
    message = request.parameters.get("binding_message", "-")
    if len(message) > LONGEST_MESSAGE or not all(letter.isalnum() or letter in IN_MESSAGES for letter in message):
        raise InvalidBindingMessage(
            f"binding_message may have {LONGEST_MESSAGE} characters: letters, digits, spaces and usual punctuation"
        )


def check_requested_expiry(request: Request) -> None:
    if not re.fullmatch(r"[1-9][0-9]{0,8}", request.parameters.get("requested_expiry", "1"), re.ASCII):
        raise InvalidRequest("requested_expiry must be a positive whole number of seconds")


def check_notification_token(request: Request) -> None:
    """Section 7.1, and RFC 6750 section 2.1."""
    token = request.parameters.get("client_notification_token", "")
    if request.vendor.metadata[MODE] == "ping" and not (len(token) <= LONGEST_TOKEN and TOKEN68.fullmatch(token)):
        raise InvalidRequest(
            f"client_notification_token must be a bearer token of at most {LONGEST_TOKEN} characters, for each request"
        )


CHECKS: Final[tuple[Callable[[Request], None], ...]] = (
    check_grant_type,
    check_parameter_length,
    check_scope,
    check_openid,
    check_details,
    check_claims,
    check_acr,
    check_dpop_jkt,
    check_one_hint,
    check_user_code,
    check_binding_message,
    check_requested_expiry,
    check_notification_token,
)


def subject_of(host: Host, request: Request) -> str:
    """Whom the vendor means: by the `sub` it knows, itself or in an ID token of its own. Raises InvalidRequest."""
    if "login_hint" in request.parameters:
        named = request.parameters["login_hint"]
    else:
        named = hints.subject_of(host, request.parameters["id_token_hint"], client_id=request.vendor.client_id)
    expected = wishes.expected_subject(request.parameters.get("claims"))
    if expected not in {None, named}:
        raise InvalidRequest("the hint and the sub in claims must name one person")
    return named


def store(db: Connection, host: Host, request: Request, sub: str, once: Once | None, *, now: int) -> Answer:
    """Section 7.3. Raises UnknownUserId for whomever this vendor may not ask, and TooManyAsks."""
    vendor, parameters = request.vendor, request.parameters
    if once and not replay.is_first_time(db, PATH, vendor.client_id, once.jti, expires_at=once.expires_at):
        raise InvalidRequest("this request object was used before; sign a new one")
    grant = grants.find_reachable(db, sub, client_id=vendor.client_id, now=now)
    if grant is None:
        raise UnknownUserId
    lifetime = min(int(parameters.get("requested_expiry", LIFETIME)), LONGEST_LIFETIME)
    pings = vendor.metadata[MODE] == "ping"
    auth_req_id = ciba_requests.issue(
        db,
        host.secrets,
        grant,
        {name: parameters[name] for name in KEPT if name in parameters},
        binding_message=parameters.get("binding_message"),
        notification_token=parameters["client_notification_token"] if pings else None,
        lifetime=lifetime,
        now=now,
    )
    refuse_by_rule(db, host, grant, digest(auth_req_id), now=now)
    return as_json({"auth_req_id": auth_req_id, "expires_in": lifetime, "interval": INTERVAL})


def refuse_by_rule(db: Connection, host: Host, grant: Grant, request_digest: str, *, now: int) -> None:
    """Where the standing answer is never, nobody is disturbed; the vendor finds what it would if the person refused."""
    mine = standing.of(db, whose=Whose(grant.person_id, grant.persona_id))
    if not mine.all:
        return
    waiting = ciba_requests.find(db, host.secrets, request_digest, person_id=grant.person_id, now=now)
    asked = standing.under(ask_of(waiting, host.issuer, grant.party.language), mine)
    if standing.refuses(asked, mine):
        ask = asks.keep(db, asked, browser=token_urlsafe(32), now=now)
        engine.refuse(db, host.secrets, ask, person_id=grant.person_id, by_rule=True, now=now)
        ciba_requests.settle(db, host.secrets, ask, Visitor(grant.person_id, grant.persona_id, 0, ""), now=now)


def ask_of(waiting: Waiting, issuer: str, language: str) -> NewAsk:
    """What the person is asked; never answered but on the page.

    The vendor has redeemed a code, so its address is proven where every code of its goes to one host.
    """
    vendor, parameters = waiting.vendor, waiting.parameters
    request, details = Request(vendor, parameters), parameters.get("authorization_details")
    claims, more = parameters.get("claims"), rar.as_claims(details)
    asked = wishes.wanted(vendor, request.scopes, claims, language, more)
    remembered = wishes.request_of(parameters, request.scopes, asked)
    if details:
        remembered["authorization_details"] = rar.details(details)
    remembered |= {"fresh_since": 0, "may_skip_page": False, "wants_sign_out": vendor.wants_sign_out}
    remembered |= myterms.in_ask(vendor)
    remembered[IN_ASK] = {"digest": waiting.request_digest, "message": waiting.binding_message}
    party = replace(registry.party(vendor, vendor.redirect_uris[0], language), verified=vendor.proves_host)
    return NewAsk(party, asked.items, f"{issuer}{ANSWERED_AT}", remembered, trimmed=asked.trimmed)
