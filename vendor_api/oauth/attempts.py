"""Whose a code or token is that was refused, and why, so that the person's ledger can tell of the attempt.

Looked up only after a refusal, and written in a transaction of its own: who is accepted pays nothing for it.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import jwt
from sqlalchemy import Column, Connection, Table, select
from sqlalchemy.exc import SQLAlchemyError

from consent import failures, grants
from consent.errors import UnknownGrant
from consent.failures import Attempt
from consent.model import Grant
from consent.moving import homes
from keys import opaque
from keys.errors import BadToken
from vendor_api.errors import (
    InvalidDpopProof,
    InvalidGrant,
    InvalidRequest,
    InvalidTarget,
    InvalidToken,
    SpentTwice,
    VendorApiError,
)
from vendor_api.host import Host
from vendor_api.oauth.framework.shapes import Request
from vendor_api.tables import codes, tokens
from vendor_api.vendors.metadata import JWT_BEARER, TOKEN_EXCHANGE
from vendor_api.vendors.model import Vendor

# Refusals of what a vendor holds. Others are about how it asks, or say only "not yet".
OF_WHAT_IT_HOLDS: Final = (InvalidGrant, InvalidToken, InvalidDpopProof, InvalidTarget)
NOT_ITS_OWN: Final = (InvalidGrant, InvalidToken, InvalidDpopProof, InvalidRequest)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Kept:
    """Where a kind of credential is stored: the table and its digest."""

    kind: str
    table: Table
    digest: Column[str]


CODE: Final = Kept("code", codes, codes.c.code_digest)
ACCESS: Final = Kept("access", tokens, tokens.c.token_digest)
REFRESH: Final = Kept("refresh", tokens, tokens.c.token_digest)
# By grant type: how the ledger calls the attempt, the parameter, and where it is stored.
REDEEMED: Final[Mapping[str, tuple[str, str, Kept]]] = {
    "authorization_code": ("code", "code", CODE),
    "refresh_token": ("refresh_token", "refresh_token", REFRESH),
    TOKEN_EXCHANGE: ("token_exchange", "subject_token", ACCESS),
}


@dataclass(frozen=True, slots=True)
class Traced:
    """A credential that exists, whatever has become of it, and the grant behind it."""

    grant: Grant
    client_id: str
    is_revoked: bool = False
    is_expired: bool = False
    is_replaced: bool = False


def note_read(host: Host, access_token: str, error: VendorApiError, *, now: int) -> None:
    """A read that was refused, if the token is or was a real one."""
    if isinstance(error, OF_WHAT_IT_HOLDS):
        note(host, "read", error, lambda db: stored(db, host, ACCESS, access_token, now=now), None, now=now)


def note_redemption(host: Host, request: Request, error: VendorApiError, *, now: int) -> None:
    """A redemption, renewal or exchange that was refused to a vendor that had proven itself."""
    form = request.form
    without_verifier = isinstance(error, InvalidRequest) and form.get("grant_type") == "authorization_code"
    if request.client is None or not (isinstance(error, OF_WHAT_IT_HOLDS) or without_verifier):
        return
    vendor: Vendor = request.client.vendor
    if form.get("grant_type") == JWT_BEARER:
        note(host, "consent_token", error, lambda db: asserted(db, host, form.get("assertion", "")), vendor, now=now)
    elif form.get("grant_type") in REDEEMED:
        tried, parameter, place = REDEEMED[form["grant_type"]]
        given = form.get(parameter, "")
        note(host, tried, error, lambda db: stored(db, host, place, given, now=now), vendor, now=now)


def note(
    host: Host,
    tried: str,
    error: VendorApiError,
    trace: Callable[[Connection], Traced | None],
    by: Vendor | None,
    *,
    now: int,
) -> None:
    """A refusal stays one, also where it can not be noted."""
    try:
        traced = host.read(trace)
        reason = reason_of(error, traced, by, now=now) if traced else None
        if traced is None or reason is None:
            return
        more = {"by": by.text("client_name", "en") or by.client_id} if by and reason == failures.OTHER_VENDOR else {}
        host.write(failures.note, host.secrets, Attempt(traced.grant, tried, reason, more), now=now)
    except SQLAlchemyError:
        log.exception("a failed attempt could not be noted")


def reason_of(error: VendorApiError, traced: Traced, by: Vendor | None, *, now: int) -> str | None:
    """None for what is no more than old: whoever comes late renews or asks again."""
    checks = (
        (failures.OTHER_VENDOR, by is not None and by.client_id != traced.client_id),
        (failures.REPLAYED, isinstance(error, SpentTwice)),
        (failures.ENDED, not traced.grant.is_live(now)),
        (failures.PAUSED, traced.grant.is_paused(now)),
        (failures.REVOKED, traced.is_revoked),
        (failures.REPLACED, traced.is_replaced),
        (None, traced.is_expired),
        (failures.WRONG_RECIPIENT, isinstance(error, InvalidTarget)),
        (failures.UNPROVEN, isinstance(error, NOT_ITS_OWN)),
    )
    return next((reason for reason, is_it in checks if is_it), None)


def stored(db: Connection, host: Host, place: Kept, given: str, *, now: int) -> Traced | None:
    """A code or token, also when it was spent, revoked or has expired."""
    try:
        person_id = opaque.person_of(host.secrets.tokens, place.kind, given)
    except BadToken:
        return None
    table = place.table
    found = select(table).where(table.c.person_id == person_id, place.digest == opaque.digest(given))
    row = db.execute(found).one_or_none()
    grant = grant_of(db, row.grant_id, person_id=person_id) if row else None
    if row is None or grant is None:
        return None
    is_revoked = table is tokens and row.revoked_at is not None
    return Traced(grant, row.client_id, is_revoked=is_revoked, is_expired=row.expires_at <= now)


def asserted(db: Connection, host: Host, assertion: str) -> Traced | None:
    """The grant that a consent token names, under an id that only those can know who have had it."""
    try:
        grant_id: Any = jwt.decode(assertion, options={"verify_signature": False}).get("grant_id")
        person_id = homes.owner(db, host.secrets, "grant", grant_id)
    except (jwt.PyJWTError, ValueError, RecursionError, BadToken):
        return None
    grant = grant_of(db, grant_id, person_id=person_id)
    return Traced(grant, grant.party.client_id, is_replaced=grant.consent_token != assertion) if grant else None


def grant_of(db: Connection, grant_id: str, *, person_id: str) -> Grant | None:
    try:
        return grants.find(db, grant_id, person_id=person_id)
    except UnknownGrant:
        return None
