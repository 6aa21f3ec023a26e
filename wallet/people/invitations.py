"""Let somebody in once: an invitation is a secret that is good for one sign-up."""

from secrets import token_urlsafe

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select, update

from keys.opaque import digest
from wallet.people.errors import InvitationNeeded
from wallet.people.tables import invitations

LIFETIME = 7 * 24 * 3600


def invite(db: Connection, *, now: int) -> str:
    """A new invitation, for the link /sign-up?invitation=…; only its digest is kept."""
    invitation = token_urlsafe(32)
    row = {"invitation_digest": digest(invitation), "created_at": now, "expires_at": now + LIFETIME}
    db.execute(insert(invitations).values(row))
    return invitation


def check_invitation(db: Connection, *, invitation: str, now: int) -> None:
    """Look whether an invitation is still good, without spending it. Raises InvitationNeeded."""
    if db.execute(select(invitations.c.created_at).where(_is_good(invitation, now))).first() is None:
        raise InvitationNeeded


def use_invitation(db: Connection, *, invitation: str, now: int) -> None:
    """Spend an invitation; it can be spent once. Raises InvitationNeeded."""
    if db.execute(update(invitations).where(_is_good(invitation, now)).values(used_at=now)).rowcount != 1:
        raise InvitationNeeded


def sweep(db: Connection, *, now: int) -> int:
    """Forget invitations that are over, used or not; returns how many."""
    return db.execute(delete(invitations).where(invitations.c.expires_at <= now)).rowcount


def _is_good(invitation: str, now: int) -> ColumnElement[bool]:
    row = invitations.c
    return and_(row.invitation_digest == digest(invitation), row.used_at.is_(None), row.expires_at > now)
