"""Sign in to the console with a wallet of this house: the console asks for nothing but to know the person again."""

from collections.abc import Mapping
from typing import Any, Final

import orjson
from sqlalchemy import Connection

from vendor_api.console import entrance, flow, invitations, sessions, staff
from vendor_api.console.errors import NoWalletSignIn, SeveralOrganisations
from vendor_api.errors import InvalidRequest
from vendor_api.host import Host
from vendor_api.oauth.asking.hints import claims_of
from vendor_api.vendors.model import Vendor
from vendor_api.vendors.reserved import CONSOLE

PURPOSE: Final = "sign_in"
BACK: Final = "/console/back"


def console(db: Connection, host: Host, *, now: int) -> Vendor:
    """The console's own registration."""
    metadata = {"client_name": "Hausrecht", "redirect_uris": [host.issuer + BACK], "scope": "openid"}
    return flow.register(db, host, CONSOLE, metadata, now=now)


def begin(host: Host, *, client_id: str = "", invitation: str = "") -> str:
    """Where the browser goes; for an invitation the person says first which of their personas comes."""
    if invitation:
        host.read(invitations.find, host.secrets, invitation, now=host.now())
    vendor = host.write(console, host, now=host.now())
    said = {"client_id": client_id, "invitation": invitation}
    more = {"prompt": "select_account"} if invitation else {}
    return flow.address(flow.begin(host, vendor, purpose=PURPOSE, said=said, **more))


def arrive(host: Host, given: Mapping[str, str]) -> str:
    """The token of a new session. Raises NoWalletSignIn, SeveralOrganisations, InvitationOver and BadStaffLogin."""
    began = flow.opened(host, PURPOSE, given.get("state", ""))
    if began is None or given.get("iss") != host.issuer or "code" not in given:
        raise NoWalletSignIn
    _form, answer = flow.redemption(host, began, given["code"], host.issuer + BACK)
    if answer.status != 200:
        raise NoWalletSignIn
    sub = subject_of(host, orjson.loads(answer.body), began)
    return host.write(enter, host, began, sub, now=host.now())


def subject_of(host: Host, tokens: Mapping[str, Any], began: flow.Flow) -> str:
    """OpenID Connect Core section 3.1.3.7. Raises NoWalletSignIn."""
    try:
        claims = claims_of(host, tokens["id_token"], client_id=CONSOLE)
    except InvalidRequest:
        raise NoWalletSignIn from None
    if claims.get("nonce") != began.nonce or claims.get("exp", 0) <= host.now():
        raise NoWalletSignIn
    return str(claims["sub"])


def enter(db: Connection, host: Host, began: flow.Flow, sub: str, *, now: int) -> str:
    if began.said["invitation"]:
        subject = staff.subject_digest(host.secrets, sub)
        return entrance.accept(db, host, began.said["invitation"], subject_digest=subject, now=now)
    wanted = began.said["client_id"]
    found = [one for one in staff.of_wallet(db, host.secrets, sub=sub) if wanted in {"", one.client_id}]
    if not found:
        raise NoWalletSignIn
    if len(found) > 1:
        raise SeveralOrganisations
    return sessions.begin(db, client_id=found[0].client_id, staff_id=found[0].staff_id, now=now)
