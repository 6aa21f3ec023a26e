"""Access and refresh tokens: opaque, stored as digests, alive only as long as the grant behind them."""

from collections.abc import Mapping
from dataclasses import dataclass
from secrets import token_urlsafe
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from consent import using
from consent.errors import GrantEnded
from consent.grants import cover_of, grant_from, select_grants
from consent.model import WHILE_AWAY, Cover, Grant
from consent.tables import grants
from keys import opaque
from keys.errors import BadToken
from keys.prepared import Prepared
from keys.secrets import HostSecrets
from vendor_api.oauth.spending import Spendable
from vendor_api.tables import tokens, vendors

ACCESS_LIFETIME: Final = 3600
REFRESH_LIFETIME: Final = 90 * 24 * 3600

# What a token was asked for: its scope, and the attributes it may read at userinfo and in an ID token.
Request = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Token:
    """A token that is alive, with the live grant behind it."""

    kind: str
    client_id: str
    family: str
    request: Mapping[str, Any]
    issued_at: int
    expires_at: int
    grant: Grant
    cover: Cover

    @property
    def attributes(self) -> frozenset[str]:
        """What it may read at userinfo: asked for when it was given, and still granted."""
        return frozenset(self.request["userinfo"]) & self.grant.attributes


@dataclass(frozen=True, slots=True)
class Pair:
    """Freshly minted tokens; only here do they exist in clear."""

    access: str
    refresh: str | None
    expires_in: int


INSERT = Prepared(insert(tokens))


def issue(
    db: Connection,
    secrets: HostSecrets,
    grant: Grant,
    *,
    access: Request,
    refresh: Request | None,
    family: str | None,
    until: int | None = None,
    now: int,
) -> Pair:
    """Mint an access token for one request, and a refresh token for another, if any.

    Neither outlives the grant, nor `until`.
    """
    end = min(until or grant.expires_at, grant.expires_at)
    wanted = [("access", ACCESS_LIFETIME, access)] + (
        [("refresh", REFRESH_LIFETIME, refresh)] if refresh is not None else []
    )
    family = family or token_urlsafe(16)
    minted = {kind: opaque.mint(secrets.tokens, kind, grant.person_id) for kind, _lifetime, _request in wanted}
    rows = [
        {
            "person_id": grant.person_id,
            "token_digest": opaque.digest(minted[kind]),
            "kind": kind,
            "client_id": grant.party.client_id,
            "grant_id": grant.grant_id,
            "family": family,
            "request": dict(request),
            "issued_at": now,
            "expires_at": min(now + lifetime, end),
            "spent_at": None,
            "revoked_at": None,
        }
        for kind, lifetime, request in wanted
    ]
    INSERT.run(db, *rows)
    return Pair(minted["access"], minted.get("refresh"), min(ACCESS_LIFETIME, end - now))


# One statement finds token, vendor, grant, relationship and the ledger's cover: all a read has to know.
FIND = Prepared(
    select_grants()
    .add_columns(
        tokens.c.kind,
        tokens.c.family,
        tokens.c.request,
        tokens.c.issued_at.label("token_issued_at"),
        tokens.c.expires_at.label("token_expires_at"),
    )
    .join(tokens, (tokens.c.person_id == grants.c.person_id) & (tokens.c.grant_id == grants.c.grant_id))
    .join(vendors, vendors.c.client_id == tokens.c.client_id)
    .where(
        tokens.c.person_id == bindparam("person_id"),
        tokens.c.token_digest == bindparam("digest"),
        tokens.c.kind == bindparam("kind"),
        tokens.c.expires_at > bindparam("now"),
        tokens.c.spent_at.is_(None),
        tokens.c.revoked_at.is_(None),
        grants.c.ended_at.is_(None),
        grants.c.expires_at > bindparam("now"),
    )
)


def find(db: Connection, secrets: HostSecrets, token: str, *, kind: str, now: int) -> Token | None:
    """The token, if it and the grant behind it are alive and its vendor is still registered. Raises GrantPaused."""
    found = find_paused_too(db, secrets, token, kind=kind, now=now)
    if found is not None:
        using.check_live(found.grant, now=now)
    return found


def find_paused_too(db: Connection, secrets: HostSecrets, token: str, *, kind: str, now: int) -> Token | None:
    """The same, also while the person has paused the grant: to end something, or to say that it is paused."""
    try:
        person_id = opaque.person_of(secrets.tokens, kind, token)
    except BadToken:
        return None
    found = {"person_id": person_id, "digest": opaque.digest(token), "kind": kind, "now": now}
    row = FIND.first(db, found)
    if row is None:
        return None
    return Token(
        row.kind,
        row.client_id,
        row.family,
        row.request,
        row.token_issued_at,
        row.token_expires_at,
        grant_from(row),
        cover_of(row),
    )


REFRESH_TOKENS: Final = Spendable(
    "refresh", "refresh token", tokens, tokens.c.token_digest, tokens.c.kind == "refresh", tokens.c.revoked_at.is_(None)
)


def revoke_family(db: Connection, *, person_id: str, family: str, now: int) -> int:
    """Kill every token that came from one code; returns how many were alive."""
    alive = update(tokens).where(
        tokens.c.person_id == person_id, tokens.c.family == family, tokens.c.revoked_at.is_(None)
    )
    return db.execute(alive.values(revoked_at=now)).rowcount


def end_while_away(db: Connection, *, person_id: str, grant_id: str, now: int) -> None:
    """Kill the tokens that would outlive the person's session, when the person no longer wants that."""
    alive = (tokens.c.person_id == person_id, tokens.c.grant_id == grant_id, tokens.c.revoked_at.is_(None))
    found = db.execute(select(tokens.c.family, tokens.c.request).where(*alive)).all()
    away = {row.family for row in found if WHILE_AWAY in row.request["scope"].split()}
    db.execute(update(tokens).where(*alive, tokens.c.family.in_(away)).values(revoked_at=now))


def revoke(db: Connection, token: str, *, person_id: str, client_id: str, now: int) -> bool:
    """Kill one access token of this vendor; says whether it was alive."""
    alive = update(tokens).where(
        tokens.c.person_id == person_id,
        tokens.c.token_digest == opaque.digest(token),
        tokens.c.client_id == client_id,
        tokens.c.revoked_at.is_(None),
    )
    return db.execute(alive.values(revoked_at=now)).rowcount == 1


FIND_GRANT = Prepared(
    select_grants().where(grants.c.person_id == bindparam("person_id"), grants.c.grant_id == bindparam("grant_id"))
)


def live_grant(db: Connection, *, person_id: str, grant_id: str, now: int) -> tuple[Grant, Cover]:
    """The grant behind a code or token, with the ledger's cover. Raises GrantEnded, GrantPaused, TermsOver."""
    row = FIND_GRANT.first(db, {"person_id": person_id, "grant_id": grant_id})
    if row is None:
        raise GrantEnded("the person has ended this grant, or it has expired")
    grant = grant_from(row)
    using.check_redeemable(grant, now=now)
    return grant, cover_of(row)


def sweep(db: Connection, *, now: int) -> int:
    """Forget tokens that expired; returns how many."""
    return db.execute(delete(tokens).where(tokens.c.expires_at <= now)).rowcount
