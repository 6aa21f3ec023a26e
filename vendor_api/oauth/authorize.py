"""GET and POST /oauth/authorize: check what a vendor asks, in order, and lead the person to the answer."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection
from werkzeug.datastructures import MultiDict

from consent import asks, engine
from consent.model import NewAsk
from vendor_api import vendors
from vendor_api.errors import (
    ConsentRequired,
    InteractionRequired,
    InvalidRequest,
    InvalidScope,
    LoginRequired,
    RequestNotSupported,
    RequestUriNotSupported,
    UnauthorizedClient,
    UnknownVendor,
    UnsupportedResponseType,
    VendorApiError,
)
from vendor_api.host import Host, Visitor
from vendor_api.oauth import asking, codes, sign_ins
from vendor_api.oauth.answers import Answer, redirect_to, refusal
from vendor_api.scopes import SCOPES
from vendor_api.vendors import Vendor

CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}")
PROMPTS: Final = frozenset({"none", "login", "consent", "select_account"})
LONGEST_PARAMETER: Final = 2000


@dataclass(frozen=True, slots=True)
class Request:
    """An authorization request of a known vendor to one of its own addresses."""

    vendor: Vendor
    parameters: Mapping[str, str]

    @property
    def prompts(self) -> frozenset[str]:
        return frozenset(self.parameters.get("prompt", "").split())

    @property
    def scopes(self) -> tuple[str, ...]:
        """RFC 6749 section 3.3: scopes we do not know, or the vendor did not register, are left out."""
        return tuple(
            scope
            for scope in dict.fromkeys(self.parameters.get("scope", "").split())
            if scope in SCOPES and scope in self.vendor.scopes
        )

    def fresh_since(self, now: int) -> int:
        """The person must have signed in at this time or later (`prompt=login`, `max_age`); 0 if any time will do."""
        if "login" in self.prompts or "select_account" in self.prompts:
            return now
        return now - int(self.parameters["max_age"]) if "max_age" in self.parameters else 0


def check_parameter_length(request: Request) -> None:
    if any(len(value) > LONGEST_PARAMETER for name, value in request.parameters.items() if name != "claims"):
        raise InvalidRequest("a parameter is too long")


def check_nothing_unsupported(request: Request) -> None:
    """OpenID Connect Core section 3.1.2.6: request objects have errors of their own."""
    if "request" in request.parameters:
        raise RequestNotSupported("send the parameters themselves instead of a request object")
    if "request_uri" in request.parameters:
        raise RequestUriNotSupported("send the parameters themselves instead of a request_uri")
    if request.parameters.get("response_mode", "query") != "query":
        raise InvalidRequest("response_mode must be query")


def check_response_type(request: Request) -> None:
    if "response_type" not in request.parameters:
        raise InvalidRequest("response_type is missing; it must be code")
    if request.parameters["response_type"] != "code":
        raise UnsupportedResponseType("response_type must be code")


def check_grant_type(request: Request) -> None:
    if "authorization_code" not in request.vendor.grant_types:
        raise UnauthorizedClient("this vendor is not registered for authorization codes")


def check_scope(request: Request) -> None:
    if not request.scopes:
        raise InvalidScope("scope names nothing this vendor may ask for; begin with openid")


def check_pkce(request: Request) -> None:
    """RFC 7636 and RFC 9700 section 2.1.1: S256 always for public vendors; others may send a nonce instead."""
    challenge, method = (request.parameters.get(name) for name in ("code_challenge", "code_challenge_method"))
    if challenge is None and method is not None:
        raise InvalidRequest("code_challenge_method came without a code_challenge")
    if challenge is not None and method != "S256":
        raise InvalidRequest("code_challenge_method must be S256")
    if challenge is not None and not CHALLENGE.fullmatch(challenge):
        raise InvalidRequest("code_challenge must be the base64url SHA-256 of the verifier, 43 characters")
    if challenge is None and request.vendor.is_public:
        raise InvalidRequest("a vendor without a secret must send a code_challenge (PKCE, S256)")
    if (
        challenge is None
        and request.vendor.requires_pkce
        and not ("nonce" in request.parameters and "openid" in request.scopes)
    ):
        raise InvalidRequest("send a code_challenge (PKCE, S256), or a nonce with scope openid")


def check_prompt(request: Request) -> None:
    if not request.prompts <= PROMPTS:
        raise InvalidRequest(f"prompt must be one of: {', '.join(sorted(PROMPTS))}")
    if "none" in request.prompts and len(request.prompts) > 1:
        raise InvalidRequest("prompt=none can not be combined with another prompt")


def check_max_age(request: Request) -> None:
    if not re.fullmatch(r"[0-9]{1,9}", request.parameters.get("max_age", "0"), re.ASCII):
        raise InvalidRequest("max_age must be a whole number of seconds")


CHECKS: Final[tuple[Callable[[Request], None], ...]] = (
    check_parameter_length,
    check_nothing_unsupported,
    check_response_type,
    check_grant_type,
    check_scope,
    check_pkce,
    check_prompt,
    check_max_age,
)


PATH: Final = "/oauth/authorize"
ANY_LANGUAGE: Final = "en"  # of a vendor's sentences nobody will be shown; which of them counts does not depend on it


def remembered(host: Host, given: Mapping[str, str], cookies: str) -> Answer | None:
    """The answer where everything was answered before, so that no page is needed; None where authorize() has to see.

    Whatever is wrong with a request is left to authorize(), which says it in the person's language.
    """
    now = host.now()
    vendor, visitor = host.read(who_meets, host, given.get("client_id", ""), cookies, now=now)
    if vendor is None or visitor is None or not vendors.matches(vendor, given.get("redirect_uri", "")):
        return None
    request = Request(vendor, given)
    try:
        check_all(request)
        return code_again(host, request, ask_of(request, ANY_LANGUAGE, now=now), visitor, now=now)
    except VendorApiError:
        return None


def who_meets(
    db: Connection, host: Host, client_id: str, cookies: str, *, now: int
) -> tuple[Vendor | None, Visitor | None]:
    return vendors.find(db, client_id), host.recognised(db, cookies, now=now)


def authorize(host: Host, given: MultiDict[str, str]) -> Answer:
    """The answer to an authorization request. Raises UnknownVendor where no redirect is safe."""
    request = known_request(host, given)
    try:
        check_no_parameter_twice(given)
        check_all(request)
        return proceed(host, request)
    except VendorApiError as error:
        return refusal(host, request.parameters, error)


def check_all(request: Request) -> None:
    for check in CHECKS:
        check(request)


def known_request(host: Host, given: MultiDict[str, str]) -> Request:
    """RFC 6749 section 4.1.2.1: until vendor and address are known to be right, the person is told, not redirected."""
    client_ids, redirect_uris = given.getlist("client_id"), given.getlist("redirect_uri")
    if len(client_ids) != 1:
        raise UnknownVendor("unnamed")
    vendor = host.read(vendors.find, client_ids[0])
    if vendor is None:
        raise UnknownVendor("unknown")
    if len(redirect_uris) != 1:
        raise UnknownVendor("no_address")
    if not vendors.matches(vendor, redirect_uris[0]):
        raise UnknownVendor("wrong_address")
    return Request(vendor, {name: value for name, value in given.items() if value})


def check_no_parameter_twice(given: MultiDict[str, str]) -> None:
    """RFC 6749 section 3.1."""
    if any(len(values) > 1 for values in given.listvalues()):
        raise InvalidRequest("a parameter was sent twice")


def proceed(host: Host, request: Request) -> Answer:
    """A code at once where an earlier answer covers everything, else the consent page."""
    now, visitor = host.now(), host.visitor()
    new = ask_of(request, host.language(), now=now)
    if visitor is not None and (answer := code_again(host, request, new, visitor, now=now)):
        return answer
    if "none" in request.prompts:
        raise why_not(request, visitor, request.fresh_since(now))
    ask = host.write(asks.keep, new, browser=host.browser(), now=now)
    return Answer(303, {"Location": host.consent_page(ask.ask_id)})


def code_again(host: Host, request: Request, new: NewAsk, visitor: Visitor, *, now: int) -> Answer | None:
    """A code at once, if the person's sign-in is fresh enough and an earlier answer covers everything."""
    if visitor.auth_time < request.fresh_since(now) or not may_skip_page(request):
        return None
    code = host.write(answer_again, host, new, visitor, now=now)
    return redirect_to(host, new.request, {"code": code}) if code else None


def may_skip_page(request: Request) -> bool:
    """RFC 8252 section 8.6: a vendor that nothing proves is never answered without the person."""
    unassured = request.vendor.is_public and not request.parameters["redirect_uri"].startswith("https://")
    return not unassured and not request.prompts & {"consent", "login", "select_account"}


def why_not(request: Request, visitor: Visitor | None, fresh_since: int) -> VendorApiError:
    """OpenID Connect Core section 3.1.2.6: what keeps prompt=none from being answered."""
    if visitor is None or visitor.auth_time < fresh_since:
        return LoginRequired("the person has to sign in")
    if not may_skip_page(request):
        return InteractionRequired("the person has to be asked each time, because nothing proves who this vendor is")
    return ConsentRequired("the person has to be asked")


def ask_of(request: Request, language: str, *, now: int) -> NewAsk:
    asked = asking.wanted(request.vendor, request.scopes, request.parameters.get("claims"), language)
    remembered = asking.request_of(request.parameters, request.scopes, asked)
    remembered |= {"fresh_since": request.fresh_since(now), "may_skip_page": may_skip_page(request)}
    remembered |= {"wants_sign_out": request.vendor.wants_sign_out and "openid" in request.scopes}
    redirect_uri = request.parameters["redirect_uri"]
    return NewAsk(vendors.party(request.vendor, redirect_uri, language), asked.items, redirect_uri, remembered)


def answer_again(db: Connection, host: Host, new: NewAsk, visitor: Visitor, *, now: int) -> str | None:
    """A code under the live grant that covers this ask, or None where there is none."""
    found = engine.covering(db, new, person_id=visitor.person_id, persona_id=visitor.persona_id, now=now)
    if found is None:
        return None
    grant, cover = found
    engine.sign_in(db, host.secrets, grant, cover=cover, now=now)
    request = sign_ins.noted(db, grant, new.request, visitor, now=now)
    return codes.issue(db, host.secrets, grant, request=request, auth_time=visitor.auth_time, now=now)
