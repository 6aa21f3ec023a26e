"""Security Event Tokens (RFC 8417): one for each event and relationship, the same `jti` however often it is sent.

Nothing in one links two relationships: the subject is the number this vendor knows, and `txn` is random.
"""

from typing import Any, Final

from sqlalchemy import Connection

from consent import statuses, token
from consent.events import FIRED, SESSION_REVOKED, VERIFICATION
from consent.outbox import Telling
from vendor_api.host import Host
from vendor_api.vendors.model import Vendor

TYPE: Final = "secevent+jwt"


def event_token(db: Connection, host: Host, vendor: Vendor, telling: Telling) -> str:
    """Section 2.2. Signed as the vendor's ID tokens are, and never with `sub` or `exp`, so that it is none."""
    detail = telling.detail
    claims = {
        "iss": host.issuer,
        "aud": vendor.client_id,
        "jti": telling.telling_id,
        "iat": telling.created_at,
        "toe": telling.created_at,
        "txn": detail["txn"],
        "sub_id": subject(host, telling),
        "events": {detail["type"]: said(db, host, telling)},
    }
    return host.signing_keys().active[vendor.id_token_algorithm].sign(claims, typ=TYPE)


def subject(host: Host, telling: Telling) -> dict[str, Any]:
    """RFC 9493; for one session of the person CAEP 1.0 section 3.1, for the stream itself SSF 1.0 section 8.1.4."""
    if telling.detail["type"] == VERIFICATION:
        return {"format": "opaque", "id": telling.lane}
    person = {"format": "iss_sub", "iss": host.issuer, "sub": telling.lane}
    if telling.detail["type"] == SESSION_REVOKED:
        session = {"format": "opaque", "id": telling.detail["said"]["sid"]}
        return {"format": "complex", "user": person, "session": session}
    return person


def said(db: Connection, host: Host, telling: Telling) -> dict[str, Any]:
    """What the event itself says, with where to look whether the consent token still counts."""
    given = dict(telling.detail["said"])
    if telling.detail["type"] == SESSION_REVOKED:
        return {"event_timestamp": telling.created_at, "initiating_entity": "user"}
    if telling.detail["type"] == FIRED:
        given["released"] = dict(host.released(db, telling.person_id, given["firing_id"]))
    if "consent_token_id" in given:
        place = statuses.find(db, person_id=telling.person_id, consent_token_id=given["consent_token_id"])
        given["consent_token_id"] = token.jti(given["consent_token_id"])
        given |= {"status": place.claim(issuer=host.issuer)} if place else {}
    return given
