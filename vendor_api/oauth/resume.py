"""GET /oauth/resume: carry the person's answer back to the vendor or device; same browser, same person, once."""

from typing import Final
from urllib.parse import quote

from sqlalchemy import Connection

from consent import asks, engine, grants, using
from consent.model import Ask
from keys.secrets import HostSecrets
from vendor_api.errors import AccessDenied, LoginRequired, UnauthorizedClient, UnknownVendor
from vendor_api.host import Host
from vendor_api.model import Visitor
from vendor_api.oauth import ciba_requests, codes, device_codes, front_tokens
from vendor_api.oauth.answers import Answer
from vendor_api.oauth.asking.responses import HTML, refuse, respond
from vendor_api.vendors import registry

PATH: Final = "/oauth/resume"


def resume_path(ask_id: str) -> str:
    """Where the house sends the browser once the person has answered."""
    return f"{PATH}?ask={quote(ask_id)}"


def resume(host: Host, ask_id: str) -> Answer:
    """Raises ConsentError or UnknownVendor where the answer can not leave, or not from here; then nothing was given."""
    now, visitor = host.now(), host.visitor()
    ask = host.read(find, ask_id, browser=host.browser(), now=now)
    if stays_here(ask):
        return answer_here(host, ask, visitor, now=now)
    if visitor is None:
        return refuse(host, ask.request, LoginRequired("the person has signed out"))
    try:
        answer = host.write(take, host, ask, visitor, now=now)
    except (LoginRequired, UnauthorizedClient) as error:
        return refuse(host, ask.request, error)
    if answer is None:
        return refuse(host, ask.request, AccessDenied("the person refused"))
    return respond(host, ask.request, answer)


def find(db: Connection, ask_id: str, *, browser: str | None, now: int) -> Ask:
    ask = asks.find(db, ask_id, browser=browser, now=now)
    if not stays_here(ask):
        check_address(db, ask)
    return ask


def stays_here(ask: Ask) -> bool:
    return device_codes.IN_ASK in ask.request or ciba_requests.IN_ASK in ask.request


def check_address(db: Connection, ask: Ask) -> None:
    """RFC 9700 section 2.1 once more: the address may have been taken from the vendor while the person was asked.

    Raises UnknownVendor.
    """
    vendor = registry.find(db, ask.party.client_id)
    if vendor is None:
        raise UnknownVendor("unknown")
    if not vendor.answers_at(ask.request["redirect_uri"]):
        raise UnknownVendor("wrong_address")


def take(db: Connection, host: Host, ask: Ask, visitor: Visitor, *, now: int) -> dict[str, str] | None:
    """What a granted ask gives, None for a refused one."""
    asks.take_answer(db, ask, person_id=visitor.person_id, now=now)
    if ask.grant_id is None:
        return None
    grant = grants.find(db, ask.grant_id, person_id=visitor.person_id)
    using.check_live(grant, now=now)
    codes.check_expected(grant, ask.request)
    return front_tokens.answer(db, host, grant, ask.request, visitor, now=now)


def answer_here(host: Host, ask: Ask, visitor: Visitor | None, *, now: int) -> Answer:
    """RFC 8628 and CIBA: there is nowhere to redirect to; the device or vendor gets its answer when it asks next."""
    if visitor is None:
        return Answer(303, {"Location": host.consent_page(ask.ask_id)})
    host.write(leave, host.secrets, ask, visitor, now=now)
    allowed, is_device = ask.grant_id is not None, device_codes.IN_ASK in ask.request
    page = host.device_page(allowed=allowed) if is_device else host.request_page(ask.party.name, allowed=allowed)
    return Answer(200, HTML, page.encode())


def leave(db: Connection, secrets: HostSecrets, ask: Ask, visitor: Visitor, *, now: int) -> None:
    asks.take_answer(db, ask, person_id=visitor.person_id, now=now)
    if device_codes.IN_ASK in ask.request:
        device_codes.settle(db, ask, person_id=visitor.person_id, auth_time=visitor.auth_time, now=now)
    else:
        ciba_requests.settle(db, secrets, ask, visitor, now=now)


def answered_before(
    db: Connection, secrets: HostSecrets, ask: Ask, visitor: Visitor, *, chosen: bool, now: int
) -> bool:
    """Answer the ask from an earlier answer, if one covers it and the vendor may skip the page; says whether it did.

    Where the person has just `chosen` how to answer, an answer of another persona does not count.
    """
    if not ask.request["may_skip_page"]:
        return False
    sub = ask.request.get("expected_subject")
    found = engine.covering(db, ask, person_id=visitor.person_id, persona_id=visitor.persona_id, sub=sub, now=now)
    if found is None or not codes.is_expected(found[0], ask.request):
        return False
    grant, cover = found
    if chosen and grant.persona_id != visitor.persona_id:
        return False
    asks.mark_answered(db, ask, person_id=visitor.person_id, grant_id=grant.grant_id, now=now)
    using.sign_in(db, secrets, grant, cover=cover, now=now)
    return True
