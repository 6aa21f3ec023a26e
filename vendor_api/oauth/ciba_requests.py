"""What vendors ask people who did not come from them, from the request to its tokens (OpenID Connect CIBA Core).

The answer of a person who allows is kept among the codes, with the auth_req_id as the code: so it is spent once, and
ends with the person's session.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from secrets import token_urlsafe
from typing import Any, Final

import orjson
from sqlalchemy import ColumnElement, Connection, Row, delete, exists, func, insert, or_, select, update

from consent import grants, outbox, using
from consent.errors import AskExpired, UnknownAsk
from consent.grants import can_be_reached
from consent.model import Ask, Grant
from consent.tables import grants as grant_rows
from keys import opaque
from keys.errors import BadToken
from keys.sealing import seal, unseal
from keys.secrets import HostSecrets
from vendor_api.errors import InvalidGrant, SpentTwice, TooManyAsks, VendorApiError
from vendor_api.model import Visitor
from vendor_api.oauth import codes, polling
from vendor_api.oauth.leaving import sign_ins
from vendor_api.oauth.polling import INTERVAL, StillWaiting
from vendor_api.oauth.spending import Spendable, Spent
from vendor_api.tables import backchannel_requests
from vendor_api.tables import codes as code_rows
from vendor_api.vendors import registry
from vendor_api.vendors.ciba import CIBA
from vendor_api.vendors.model import Vendor

LIFETIME: Final = 600
MOST_ASKS: Final = 3
REMEMBERED: Final = 24 * 3600
KIND: Final = "auth_req_id"
IN_ASK: Final = "backchannel"
PING: Final = "ping"

AUTH_REQ_IDS: Final = Spendable(KIND, KIND, code_rows, code_rows.c.code_digest)

_row = backchannel_requests.c


@dataclass(frozen=True, slots=True)
class Private:
    """What is kept sealed. Of the auth_req_id nothing but its digest is kept where the vendor polls alone."""

    binding_message: str | None
    auth_req_id: str | None
    notification_token: str | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A vendor that waits for this person's answer."""

    person_id: str
    persona_id: str
    request_digest: str
    vendor: Vendor
    parameters: Mapping[str, str]
    binding_message: str | None
    expires_at: int


def issue(
    db: Connection,
    secrets: HostSecrets,
    grant: Grant,
    parameters: Mapping[str, str],
    *,
    binding_message: str | None,
    notification_token: str | None,
    lifetime: int,
    now: int,
) -> str:
    """Keep the request; gives back its auth_req_id. Raises TooManyAsks."""
    grants.meet(db, grant)
    check_not_flooded(db, grant, now=now)
    auth_req_id = opaque.mint(secrets.tokens, KIND, grant.person_id)
    request_digest = opaque.digest(auth_req_id)
    private = (binding_message, auth_req_id if notification_token else None, notification_token)
    row = {
        "person_id": grant.person_id,
        "request_digest": request_digest,
        "persona_id": grant.persona_id,
        "client_id": grant.party.client_id,
        "parameters": dict(parameters),
        "sealed": seal(secrets.sealing, orjson.dumps(private), IN_ASK, request_digest),
        "pause": INTERVAL,
        "created_at": now,
        "expires_at": now + lifetime,
    }
    db.execute(insert(backchannel_requests).values(row))
    return auth_req_id


def check_not_flooded(db: Connection, grant: Grant, *, now: int) -> None:
    """An ask counts while it could be answered, and ten minutes at least, so that refusing makes room for no other."""
    asked = select(func.count()).where(
        _row.person_id == grant.person_id,
        _row.client_id == grant.party.client_id,
        or_(_row.expires_at > now, _row.created_at > now - LIFETIME),
    )
    if db.execute(asked).scalar_one() >= MOST_ASKS:
        raise TooManyAsks("you have asked this person often enough; wait before you ask again")


def unsealed(secrets: HostSecrets, row: Row[Any]) -> Private:
    return Private(*orjson.loads(unseal(secrets.sealing, row.sealed, IN_ASK, row.request_digest)))


def of_person(db: Connection, secrets: HostSecrets, *, person_id: str, now: int) -> tuple[Waiting, ...]:
    """Who waits for an answer of this person, as whichever persona, the longest waiting first."""
    found = select(backchannel_requests).where(*unanswered(person_id, now=now), _row.expires_at > now)
    rows = db.execute(found.order_by(_row.created_at, _row.request_digest)).all()
    return tuple(waiting for row in rows if (waiting := waiting_from(db, secrets, row)) is not None)


def find(db: Connection, secrets: HostSecrets, request_digest: str, *, person_id: str, now: int) -> Waiting:
    """Raises UnknownAsk, also for somebody else's, and AskExpired."""
    mine = (*unanswered(person_id, now=now), _row.request_digest == request_digest)
    row = db.execute(select(backchannel_requests).where(*mine)).one_or_none()
    waiting = waiting_from(db, secrets, row) if row else None
    if waiting is None:
        raise UnknownAsk("nobody waits for this answer of yours")
    if waiting.expires_at <= now:
        raise AskExpired("the vendor no longer waits for this answer")
    return waiting


def unanswered(person_id: str, *, now: int) -> tuple[ColumnElement[bool], ...]:
    """What waits of vendors that may still ask: who stopped sharing, or sent such asks away, sees none of them."""
    may_ask = exists().where(
        grant_rows.c.person_id == _row.person_id,
        grant_rows.c.persona_id == _row.persona_id,
        grant_rows.c.client_id == _row.client_id,
        *can_be_reached(now),
    )
    return _row.person_id == person_id, _row.answered_at.is_(None), may_ask


def waiting_from(db: Connection, secrets: HostSecrets, row: Row[Any]) -> Waiting | None:
    """None where the vendor is gone, or registered otherwise since."""
    vendor = registry.find(db, row.client_id)
    if vendor is None or CIBA not in vendor.grant_types:
        return None
    message = unsealed(secrets, row).binding_message
    return Waiting(row.person_id, row.persona_id, row.request_digest, vendor, row.parameters, message, row.expires_at)


def settle(db: Connection, secrets: HostSecrets, ask: Ask, visitor: Visitor, *, now: int) -> None:
    """Leave the person's answer for the vendor, once, and have it told. Raises AskExpired where it no longer waits."""
    waiting = update(backchannel_requests).where(
        _row.person_id == visitor.person_id,
        _row.request_digest == ask.request[IN_ASK]["digest"],
        _row.answered_at.is_(None),
        _row.expires_at > now,
    )
    answered = waiting.values(answered_at=now, grant_id=ask.grant_id).returning(*_row)
    row = db.execute(answered).one_or_none()
    if row is None:
        raise AskExpired("the vendor no longer waits for this answer")
    if ask.grant_id is not None:
        allow(db, ask, row, visitor, now=now)
    if unsealed(secrets, row).notification_token is not None:
        about = {"person_id": row.person_id, "client_id": row.client_id}
        outbox.put(db, **about, event=PING, detail={"request": row.request_digest}, now=now)


def allow(db: Connection, ask: Ask, row: Row[Any], visitor: Visitor, *, now: int) -> None:
    grant = grants.find(db, row.grant_id, person_id=visitor.person_id)
    using.check_live(grant, now=now)
    if grant.persona_id != row.persona_id:
        raise UnknownAsk("another persona was asked")
    kept = {name: value for name, value in ask.request.items() if name != IN_ASK}
    noted = sign_ins.noted(db, grant, kept, visitor, now=now)
    request, family = codes.settled(noted, grant, auth_time=visitor.auth_time), token_urlsafe(16)
    codes.keep(db, grant, row.request_digest, request=request, family=family, expires_at=row.expires_at)


def to_ping(db: Connection, secrets: HostSecrets, *, person_id: str, request_digest: str, now: int) -> Private | None:
    """What a ping has to carry; None once it would come too late."""
    mine = (_row.person_id == person_id, _row.request_digest == request_digest, _row.expires_at > now)
    row = db.execute(select(backchannel_requests).where(*mine)).one_or_none()
    return unsealed(secrets, row) if row else None


def spend(db: Connection, secrets: HostSecrets, auth_req_id: str, *, client_id: str, now: int) -> Spent:
    """What the person allowed, once. Raises why there is nothing to have, or not yet."""
    try:
        return AUTH_REQ_IDS.spend(db, secrets, auth_req_id, client_id=client_id, now=now)
    except SpentTwice:
        raise
    except InvalidGrant as nothing:
        raise why_not(db, secrets, auth_req_id, nothing, client_id=client_id, now=now) from None


def why_not(
    db: Connection, secrets: HostSecrets, auth_req_id: str, nothing: InvalidGrant, *, client_id: str, now: int
) -> VendorApiError:
    """Section 11. Nothing is to be had either where the person has signed out since they allowed it."""
    try:
        person_id = opaque.person_of(secrets.tokens, KIND, auth_req_id)
    except BadToken:
        return nothing
    this = (_row.person_id == person_id, _row.request_digest == opaque.digest(auth_req_id))
    row = db.execute(select(backchannel_requests).where(*this, _row.client_id == client_id)).one_or_none()
    if row is None or (row.grant_id is not None and row.expires_at > now):
        return nothing
    return polling.why_not(row, StillWaiting(backchannel_requests, *this), called=KIND, now=now)


def sweep(db: Connection, *, now: int) -> int:
    """Forget requests a day after they expired; returns how many."""
    gone = delete(backchannel_requests).where(_row.expires_at <= now - REMEMBERED)
    return db.execute(gone).rowcount
