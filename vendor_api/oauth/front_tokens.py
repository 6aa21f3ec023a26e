"""What goes to a vendor through the browser: a code and, where operator and vendor want it so, tokens (Core 3.2, 3.3).

Such tokens lie in histories and logs, so they are short-lived, and nothing renews them.
"""

from collections.abc import Callable, Mapping
from secrets import token_urlsafe
from typing import Any, Final

from sqlalchemy import Connection

from consent import using
from consent.model import Grant
from vendor_api.errors import InvalidRequest, InvalidScope, UnauthorizedClient, UnknownVendor
from vendor_api.host import Host
from vendor_api.model import Visitor
from vendor_api.oauth import codes, released, tokens
from vendor_api.oauth.asking.request import Request
from vendor_api.oauth.asking.wishes import Wanted
from vendor_api.oauth.framework.issuing import kept, signed_for
from vendor_api.oauth.id_token import make_id_token
from vendor_api.oauth.leaving import sign_ins
from vendor_api.oauth.leaving.session_management import session_state
from vendor_api.oauth.released import Released
from vendor_api.vendors import registry
from vendor_api.vendors.response_types import CODE, NOT_WITH_TOKENS

LIFETIME: Final = 600


def check_not_in_query(request: Request) -> None:
    """OAuth 2.0 Multiple Response Types section 3, JARM section 2.3.1: servers on the way would read it."""
    if request.parameters.get("response_mode") in NOT_WITH_TOKENS:
        raise InvalidRequest("with this response_type, response_mode must not be query or query.jwt")


def check_openid(request: Request) -> None:
    """Sections 3.2.2.1 and 3.3.2.1."""
    if "id_token" in request.response_words and "openid" not in request.scopes:
        raise InvalidScope("an ID token needs scope openid")


def check_nonce(request: Request) -> None:
    """Sections 3.2.2.1 and 3.3.2.11: without it, an ID token of another sign-in could be put in its place."""
    if "id_token" in request.response_words and "nonce" not in request.parameters:
        raise InvalidRequest("an ID token through the browser needs a nonce")


CHECKS: Final[tuple[Callable[[Request], None], ...]] = (check_not_in_query, check_openid, check_nonce)


def remembered(request: Request, asked: Wanted) -> dict[str, Any]:
    """What has to be known of a request whose answer is more than a code."""
    if request.response_type == CODE:
        return {}
    if request.response_words == ["id_token"]:  # section 5.4: no access token, so nowhere else to read
        in_id_token = sorted({*asked.userinfo, *asked.id_token})
        return {"response_type": request.response_type, "id_token": in_id_token}
    return {"response_type": request.response_type}


def answer(
    db: Connection, host: Host, grant: Grant, asked: Mapping[str, Any], visitor: Visitor, *, now: int
) -> dict[str, str]:
    """The parameters of the authorization response. All of it is one family: a code used twice ends the rest too."""
    noted = sign_ins.noted(db, grant, asked, visitor, now=now)
    opened = released.open_here(db, host, grant, noted, visitor, now=now)
    request = codes.settled(noted, grant, auth_time=visitor.auth_time) | released.flag(opened)
    words, family = request.get("response_type", CODE).split(), token_urlsafe(16)
    given: dict[str, str] = {}
    if CODE in words:
        given["code"] = codes.issue(db, host.secrets, grant, request=request, family=family, now=now)
        if opened:
            released.keep(db, grant.person_id, given["code"], opened)
    if words != [CODE]:
        given |= tokens_beside(db, host, grant, request, code=given.get("code"), family=family, opened=opened, now=now)
    return given | session_state(request, client_id=grant.party.client_id, states=visitor.states)


def tokens_beside(
    db: Connection,
    host: Host,
    grant: Grant,
    request: Mapping[str, Any],
    *,
    code: str | None,
    family: str,
    opened: Released | None,
    now: int,
) -> dict[str, str]:
    """Sections 3.2.2.5 and 3.3.2.5. Raises UnknownVendor or UnauthorizedClient if that is news."""
    vendor, response_type, given = registry.find(db, grant.party.client_id), request["response_type"], {}
    if vendor is None:
        raise UnknownVendor("unknown")
    if response_type not in host.response_types or response_type not in vendor.response_types:
        raise UnauthorizedClient("this response_type can no longer be had")
    words = response_type.split()
    if "token" in words:
        access, until = kept(request) | signed_for(vendor) | released.flag(opened), now + LIFETIME
        pair = tokens.issue(db, host.secrets, grant, access=access, refresh=None, family=family, until=until, now=now)
        if opened:
            released.keep(db, grant.person_id, pair.access, opened)
        using.redeem(db, host.secrets, grant, via="browser", now=now)
        given = {"access_token": pair.access, "token_type": "Bearer", "expires_in": str(pair.expires_in)}
        given["scope"] = request["scope"]
    if "id_token" in words:
        given["id_token"] = make_id_token(
            db,
            host,
            vendor,
            grant,
            request,
            access_token=given.get("access_token"),
            code=code,
            released=opened.values if opened else {},
            now=now,
        )
    return given
