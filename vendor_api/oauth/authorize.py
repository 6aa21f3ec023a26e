"""GET and POST /oauth/authorize: take a vendor's request and lead the person to the answer."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from sqlalchemy import Connection
from werkzeug.datastructures import MultiDict

from consent import asks, engine, standing, using
from consent.model import NewAsk
from vendor_api.call import REPEATABLE
from vendor_api.errors import (
    ConsentRequired,
    InteractionRequired,
    InvalidRequest,
    InvalidRequestUri,
    LoginRequired,
    UnknownVendor,
    VendorApiError,
)
from vendor_api.host import Host
from vendor_api.model import Visitor
from vendor_api.oauth import codes, front_tokens, par
from vendor_api.oauth.answers import Answer
from vendor_api.oauth.asking import jar, rar, wishes
from vendor_api.oauth.asking.request import Request
from vendor_api.oauth.asking.responses import refuse, respond
from vendor_api.oauth.checks import check_all
from vendor_api.oauth.expected import expected_subject
from vendor_api.vendors import documents, myterms, newcomers, registry, request_uris
from vendor_api.vendors.model import Vendor

PATH: Final = "/oauth/authorize"
HINTS: Final = ("login_hint", "ui_locales")


def remembered(host: Host, given: Mapping[str, str], cookies: str) -> Answer | None:
    """The answer where everything was answered before, so that no page is needed; None where authorize() has to see.

    Whatever is wrong with a request is left to authorize(), which says it in the person's language.
    """
    now = host.now()
    vendor, visitor = host.read(who_meets, host, given.get("client_id", ""), cookies, now=now)
    if vendor is None or visitor is None or vendor.has_document or not vendor.answers_at(given.get("redirect_uri", "")):
        return None
    if "request" in given or "request_uri" in given or "form_post" in given.get("response_mode", ""):
        return None
    request = Request(vendor, given)
    try:
        check_all(host, request)
        return code_again(host, request, ask_of(host, request, wishes.ANY_LANGUAGE, now=now), visitor, now=now)
    except VendorApiError:
        return None


def who_meets(
    db: Connection, host: Host, client_id: str, cookies: str, *, now: int
) -> tuple[Vendor | None, Visitor | None]:
    return registry.find(db, client_id), host.recognised(db, cookies, now=now)


def authorize(host: Host, given: MultiDict[str, str]) -> Answer:
    """The answer to an authorization request. Raises UnknownVendor where no redirect is safe."""
    try:
        request = known_request(host, given)
    except Refused as refused:
        return refuse(host, refused.request.reply_to, refused.error)
    try:
        check_no_parameter_twice(given)
        check_all(host, request)
        return proceed(host, request)
    except VendorApiError as error:
        return refuse(host, request.reply_to, error)


def known_request(host: Host, given: MultiDict[str, str]) -> Request:
    """RFC 6749 section 4.1.2.1: until vendor and address are known to be right, the person is told, not redirected."""
    client_ids, redirect_uris = given.getlist("client_id"), given.getlist("redirect_uri")
    if len(client_ids) != 1:
        raise UnknownVendor("unnamed")
    vendor = documents.known(host, client_ids[0])
    if vendor is None:
        raise UnknownVendor("unknown")
    if given.get("request") and given.get("request_uri"):
        raise refused(vendor, given, InvalidRequest("send request or request_uri, not both"))
    if given.get("request_uri", "").startswith(par.REFERENCE):
        return pushed_request(host, vendor, given)
    if given.get("request") or given.get("request_uri"):
        return signed_request(host, vendor, given)
    if len(redirect_uris) != 1:
        raise UnknownVendor("no_address")
    if not vendor.answers_at(redirect_uris[0]):
        raise UnknownVendor("wrong_address")
    return Request(vendor, {name: value for name, value in joined(given).items() if value})


def signed_request(host: Host, vendor: Vendor, given: MultiDict[str, str]) -> Request:
    """RFC 9101 section 5: of what stands beside the request object, nothing counts but the client_id.

    Where the object is not good, the address beside it tells the vendor so, if it is one of the vendor's own.
    """
    try:
        check_no_parameter_twice(given)
        compact = given.get("request") or request_uris.fetched(host, vendor, given["request_uri"])
        parameters = jar.parameters_in(host, vendor, compact)
    except VendorApiError as error:
        raise refused(vendor, given, error) from error
    if not vendor.answers_at(parameters.get("redirect_uri", "")):
        raise UnknownVendor("wrong_address")
    return Request(vendor, parameters, was_signed=True)


class Refused(Exception):
    """A refusal that can be sent to the vendor, before there is a request to check."""

    def __init__(self, request: Request, error: VendorApiError) -> None:
        super().__init__(str(error))
        self.request, self.error = request, error


def refused(vendor: Vendor, given: MultiDict[str, str], error: VendorApiError) -> UnknownVendor | Refused:
    """The refusal of what stands in a request object; a page, unless the address beside it is one of the vendor's."""
    if vendor.answers_at(given.get("redirect_uri", "")):
        return Refused(Request(vendor, joined(given)), error)
    return UnknownVendor("bad_request_uri" if isinstance(error, InvalidRequestUri) else "bad_request_object")


def joined(given: MultiDict[str, str]) -> dict[str, str]:
    """Each parameter, and all values of the one that may be repeated, with spaces between."""
    return {**given.to_dict(), REPEATABLE: " ".join(filter(None, given.getlist(REPEATABLE)))}


def pushed_request(host: Host, vendor: Vendor, given: MultiDict[str, str]) -> Request:
    """RFC 9126 section 4: nothing but what was pushed counts, once. The registration may have changed meanwhile."""
    try:
        check_no_parameter_twice(given)  # or the reference would be spent for a refusal
    except InvalidRequest as error:
        if not vendor.answers_at(given.get("redirect_uri", "")):
            raise UnknownVendor("no_address") from None
        raise refused(vendor, given, error) from None
    request = host.write(par.take, given["request_uri"], vendor, now=host.now())
    if request is None:
        raise UnknownVendor("spent_request")
    if not vendor.answers_at(request.parameters["redirect_uri"]):
        raise UnknownVendor("wrong_address")
    return request


def check_no_parameter_twice(given: MultiDict[str, str]) -> None:
    """RFC 6749 section 3.1."""
    if any(len(values) > 1 for name, values in given.lists() if name != REPEATABLE):
        raise InvalidRequest("a parameter was sent twice")


def proceed(host: Host, request: Request) -> Answer:
    """A code at once where an earlier answer covers everything, else the consent page."""
    now, visitor = host.now(), host.visitor()
    new = ask_of(host, request, host.language(request.parameters.get("ui_locales")), now=now)
    try:
        if visitor is not None and (answer := code_again(host, request, new, visitor, now=now)):
            return answer
    except LoginRequired:  # the wrong person; another one may come to the door
        if "none" in request.prompts:
            raise
        new = replace(new, request={**new.request, "choose_account": True})
    if "none" in request.prompts:
        here = visitor if visitor and not host.read(is_blocked, request.vendor, visitor) else None
        raise why_not(request, here, request.fresh_since(now))
    ask = host.write(asks.keep, new, browser=host.browser(), now=now)
    where = host.sign_up_page if "create" in request.prompts and visitor is None else host.consent_page
    return Answer(303, {"Location": where(ask.ask_id)})


def code_again(host: Host, request: Request, new: NewAsk, visitor: Visitor, *, now: int) -> Answer | None:
    """The answer at once, if the person's sign-in is fresh enough and an earlier answer covers everything."""
    if visitor.auth_time < request.fresh_since(now) or request.chooses_account or not request.may_skip_page:
        return None
    answer = host.write(answer_again, host, new, visitor, now=now)
    return respond(host, new.request, answer) if answer else None


def is_blocked(db: Connection, vendor: Vendor, visitor: Visitor) -> bool:
    """Such a vendor is answered as if nobody sat there."""
    return standing.of(db, whose=standing.Whose(visitor.person_id, visitor.persona_id)).blocks(vendor.client_id)


def why_not(request: Request, visitor: Visitor | None, fresh_since: int) -> VendorApiError:
    """OpenID Connect Core section 3.1.2.6: what keeps prompt=none from being answered."""
    if visitor is None or visitor.auth_time < fresh_since:
        return LoginRequired("the person has to sign in")
    if not request.may_skip_page:
        return InteractionRequired("the person has to be asked each time, because nothing proves who this vendor is")
    return ConsentRequired("the person has to be asked")


def ask_of(host: Host, request: Request, language: str, *, now: int) -> NewAsk:
    claims, details = (request.parameters.get(name) for name in ("claims", "authorization_details"))
    asked = wishes.wanted(request.vendor, request.scopes, claims, language, rar.as_claims(details))
    remembered = wishes.request_of(request.parameters, request.scopes, asked) | request.reply_to
    remembered |= {name: request.parameters[name] for name in HINTS if name in request.parameters}
    if details:
        remembered["authorization_details"] = rar.details(details)
    remembered |= front_tokens.remembered(request, asked)
    remembered |= {"fresh_since": request.fresh_since(now), "may_skip_page": request.may_skip_page}
    remembered |= {"wants_sign_out": request.vendor.wants_sign_out and "openid" in request.scopes}
    remembered |= newcomers.in_ask(request.vendor) | myterms.in_ask(request.vendor)
    if request.replaces:
        remembered["replaces"] = True
    if request.chooses_account:
        remembered["choose_account"] = True
    if subject := expected_subject(host, request):
        remembered["expected_subject"] = subject
    redirect_uri = request.parameters["redirect_uri"]
    return NewAsk(
        registry.party(request.vendor, redirect_uri, language),
        asked.items,
        redirect_uri,
        remembered,
        trimmed=asked.trimmed,
    )


def answer_again(db: Connection, host: Host, new: NewAsk, visitor: Visitor, *, now: int) -> dict[str, str] | None:
    """What the live grant that covers this ask gives, or None where there is none.

    Raises LoginRequired where the vendor expects somebody else.
    """
    found = engine.covering(
        db,
        new,
        person_id=visitor.person_id,
        persona_id=visitor.persona_id,
        sub=new.request.get("expected_subject"),
        now=now,
    )
    if found is None:
        return None
    grant, cover = found
    codes.check_expected(grant, new.request)
    using.sign_in(db, host.secrets, grant, cover=cover, now=now)
    return front_tokens.answer(db, host, grant, new.request, visitor, now=now)
