"""Where a session signed a person in, so that its end can reach these vendors (OpenID Connect Back-Channel Logout 1.0).

Only vendors that want to be told stand here. A `sid` is random for each session at each vendor, so it links no two.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from secrets import token_urlsafe
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, delete, select, text, update

from consent import events, outbox
from consent.events import About
from consent.model import WHILE_AWAY, Grant
from vendor_api.model import Visitor
from vendor_api.tables import codes, sign_ins, tokens
from vendor_api.vendors import registry

REMEMBERED: Final = 30 * 24 * 3600


@dataclass(frozen=True, slots=True)
class SignIn:
    """One session at one vendor, which knows it as `sid` and the person as `sub`."""

    person_id: str
    session: str
    client_id: str
    sub: str
    sid: str
    at: int


# Whoever comes again in the same session keeps their sid, each persona one of its own.
NOTE = text(
    "insert into sign_ins (person_id, session, client_id, sub, sid, at) "
    "values (:person_id, :session, :client_id, :sub, :sid, :at) "
    "on conflict (person_id, session, client_id, sub) do update set at = excluded.at returning sid"
)


def noted(db: Connection, grant: Grant, request: Mapping[str, Any], visitor: Visitor, *, now: int) -> Mapping[str, Any]:
    """What the code must remember: request and session, and the `sid` where this vendor wants to be told of the end."""
    request = {**request, "session": visitor.session}
    if not request["wants_sign_out"]:
        return request
    new = SignIn(grant.person_id, visitor.session, grant.party.client_id, grant.sub, token_urlsafe(16), now)
    return {**request, "sid": db.execute(NOTE, values(new)).scalar_one()}


def values(sign_in: SignIn) -> dict[str, Any]:
    return {column.name: getattr(sign_in, column.name) for column in sign_ins.c}


def of_person(db: Connection, *, person_id: str) -> tuple[SignIn, ...]:
    """All of them, the latest first."""
    found = select(sign_ins).where(sign_ins.c.person_id == person_id)
    return tuple(map(sign_in_from, db.execute(found.order_by(sign_ins.c.at.desc(), sign_ins.c.client_id))))


def end(
    db: Connection, *, person_id: str, sessions: Collection[str] | None, client_id: str | None = None, now: int
) -> tuple[SignIn, ...]:
    """End the person's sign-ins of these sessions (None: of all), at one vendor or at all, and have them told.

    Each sign-in ends once: of two who end it at the same time, one gets it back.
    """
    wanted = [sign_ins.c.person_id == person_id]
    if sessions is not None:
        wanted.append(sign_ins.c.session.in_(sessions))
    if client_id is not None:
        wanted.append(sign_ins.c.client_id == client_id)
    ended = tuple(map(sign_in_from, db.execute(delete(sign_ins).where(*wanted).returning(*sign_ins.c))))
    end_tokens(db, person_id=person_id, sessions=sessions, client_id=client_id, now=now)
    for sign_in in ended:
        vendor = registry.find(db, sign_in.client_id)
        if vendor is not None and vendor.listens:
            whom = About(person_id, sign_in.client_id, sign_in.sub)
            events.end_session(db, whom, sid=sign_in.sid, now=now)
        if vendor is not None and vendor.metadata.get("backchannel_logout_uri"):
            outbox.put(
                db,
                person_id=person_id,
                client_id=vendor.client_id,
                event="logout",
                detail={"sid": sign_in.sid, "sub": sign_in.sub},
                now=now,
            )
    return ended


def end_tokens(
    db: Connection, *, person_id: str, sessions: Collection[str] | None, client_id: str | None, now: int
) -> None:
    """What came from these sessions ends, at whatever vendor, but for what the person gave `offline_access`."""

    def of_these(columns: Any) -> tuple[ColumnElement[bool], ...]:
        wanted = [columns.person_id == person_id]
        if sessions is not None:
            wanted.append(session_of(columns).in_(sessions))
        if client_id is not None:
            wanted.append(columns.client_id == client_id)
        return tuple(wanted)

    unspent = update(codes).where(*of_these(codes.c), codes.c.spent_at.is_(None))
    db.execute(unspent.values(expires_at=now))
    alive = (*of_these(tokens.c), tokens.c.revoked_at.is_(None))
    found = db.execute(select(tokens.c.family, tokens.c.request).where(*alive)).all()
    kept = {row.family for row in found if WHILE_AWAY in row.request["scope"].split()}
    gone = {row.family for row in found} - kept
    if gone:
        db.execute(update(tokens).where(*alive, tokens.c.family.in_(gone)).values(revoked_at=now))


def session_of(columns: Any) -> ColumnElement[str]:
    found: ColumnElement[str] = columns.request["session"].as_string()
    return found


def hand_over(db: Connection, *, person_id: str, before: str, after: str) -> None:
    """Who proves anew in the same browser who they are stays signed in where they were."""
    mine = (sign_ins.c.person_id == person_id) & (sign_ins.c.session == before)
    db.execute(update(sign_ins).where(mine).values(session=after))
    for table, digest in ((codes, codes.c.code_digest), (tokens, tokens.c.token_digest)):
        theirs = (table.c.person_id == person_id) & (session_of(table.c) == before)
        for row in db.execute(select(digest.label("digest"), table.c.request).where(theirs)).all():
            moved = update(table).where(table.c.person_id == person_id, digest == row.digest)
            db.execute(moved.values(request={**row.request, "session": after}))


def sweep(db: Connection, *, now: int) -> int:
    """Forget sign-ins whose session is long over; returns how many."""
    return db.execute(delete(sign_ins).where(sign_ins.c.at <= now - REMEMBERED)).rowcount


def sign_in_from(row: Row[Any]) -> SignIn:
    return SignIn(**row._mapping)
