"""Grant Management for OAuth 2.0: a vendor looks its grant up, ends it, or asks to replace it, by `grant_id`.

Authlib has none. A persona has one living grant for each vendor, so there is no action `create`.
"""

from typing import Final

from sqlalchemy import Connection

from consent import changes, grants
from consent.errors import UnknownGrant
from consent.model import Grant
from consent.moving import homes
from keys.errors import BadToken
from keys.secrets import HostSecrets
from vendor_api.call import Call
from vendor_api.errors import InsufficientScope, InvalidGrantId, InvalidRequest, NotFound
from vendor_api.host import Host
from vendor_api.oauth import access
from vendor_api.oauth.answers import NO_STORE, Answer, as_json
from vendor_api.oauth.asking.request import Request

PATH: Final = "/oauth/grants"
QUERY: Final = "grant_management_query"
REVOKE: Final = "grant_management_revoke"
ACTIONS: Final = ("merge", "replace")


@access.challenging
def query(host: Host, call: Call) -> Answer:
    """What the person granted, by name, and whether they have paused it. Raises NotFound for another's grant."""
    given, now = presented(host, call), host.now()
    return as_json(described(host.write(found, host, call.rest, given, scope=QUERY, now=now), now=now))


@access.challenging
def revoke(host: Host, call: Call) -> Answer:
    """End the grant and all its tokens. Raises NotFound for another's grant."""
    host.write(end, host, call.rest, presented(host, call), now=host.now())
    return Answer(204, NO_STORE)


def presented(host: Host, call: Call) -> access.Presented:
    return access.presented(host, call, f"{PATH}/{call.rest}", now=host.now())


def end(db: Connection, host: Host, grant_id: str, given: access.Presented, *, now: int) -> None:
    grant = found(db, host, grant_id, given, scope=REVOKE, now=now)
    signs = host.signs(db, grant)
    person_id = grant.person_id
    changes.revoke(db, host.secrets, grant.grant_id, person_id=person_id, by_vendor=True, signs=signs, now=now)


def found(db: Connection, host: Host, grant_id: str, given: access.Presented, *, scope: str, now: int) -> Grant:
    token = access.find_paused_too(db, host, given, now=now)
    if scope not in token.request["scope"].split():
        raise InsufficientScope(scope)
    if token.grant.grant_id != grant_id:
        raise NotFound("this access token is not of that grant; use one that came with its grant_id")
    return token.grant


def described(grant: Grant, *, now: int) -> dict[str, object]:
    return {
        "grant_id": grant.grant_id,
        "claims": sorted(grant.attributes),
        "refused": sorted(item.attribute for item in grant.refused),
        "granted_at": grant.granted_at,
        "expires_at": grant.expires_at,
        "consent_token": grant.consent_token,
        **({"paused": True} if grant.is_paused(now) else {}),
    }


def check_action(request: Request) -> None:
    """`grant_management_action` and `grant_id` come together, and only the actions there are."""
    action, grant_id = (request.parameters.get(name) for name in ("grant_management_action", "grant_id"))
    if action is not None and action not in ACTIONS:
        raise InvalidRequest(f"grant_management_action must be one of: {', '.join(ACTIONS)}")
    if (action is None) != (grant_id is None):
        raise InvalidRequest("grant_management_action and grant_id come together")


def named(db: Connection, secrets: HostSecrets, request: Request, *, now: int) -> Grant:
    """The living grant that `grant_id` names. Raises InvalidGrantId, also for another vendor's."""
    grant_id = request.parameters["grant_id"]
    try:
        person_id = homes.owner(db, secrets, "grant", grant_id)
        grant = grants.find(db, grant_id, person_id=person_id)
    except (BadToken, UnknownGrant):
        raise InvalidGrantId("there is no such grant, or it is not yours") from None
    if grant.party.client_id != request.vendor.client_id or not grant.is_live(now):
        raise InvalidGrantId("there is no such grant, or it is not yours")
    return grant
