"""A link that lets one of the staff in once, so that they choose how they sign in; good for seven days."""

from secrets import token_urlsafe

from sqlalchemy import Connection, delete, insert, select

from keys.opaque import digest
from keys.secrets import HostSecrets
from vendor_api.console import staff
from vendor_api.console.errors import InvitationOver, NotYours
from vendor_api.console.model import Member
from vendor_api.tables import staff_invitations

LIFETIME = 7 * 24 * 3600
PATH = "/console/invitation"


def invite(db: Connection, member: Member, *, now: int) -> str:
    """The invitation, of which only the digest is kept; one before it counts no more."""
    invitation = token_urlsafe(32)
    row = staff_invitations.c
    db.execute(delete(staff_invitations).where(row.client_id == member.client_id, row.staff_id == member.staff_id))
    made = {"client_id": member.client_id, "staff_id": member.staff_id, "expires_at": now + LIFETIME}
    db.execute(insert(staff_invitations).values(**made, invitation_digest=digest(invitation)))
    return invitation


def find(db: Connection, secrets: HostSecrets, invitation: str, *, now: int) -> Member:
    """For whom it is, without spending it. Raises InvitationOver."""
    row = staff_invitations.c
    good = (row.invitation_digest == digest(invitation), row.expires_at > now)
    found = db.execute(select(row.client_id, row.staff_id).where(*good)).one_or_none()
    if found is None:
        raise InvitationOver
    try:
        return staff.find(db, secrets, client_id=found.client_id, staff_id=found.staff_id)
    except NotYours:
        raise InvitationOver from None


def use(db: Connection, invitation: str, *, now: int) -> None:
    """It can be used once. Raises InvitationOver."""
    row = staff_invitations.c
    spent = delete(staff_invitations).where(row.invitation_digest == digest(invitation), row.expires_at > now)
    if db.execute(spent).rowcount != 1:
        raise InvitationOver


def sweep(db: Connection, *, now: int) -> int:
    """Forget invitations that are over; returns how many."""
    return db.execute(delete(staff_invitations).where(staff_invitations.c.expires_at <= now)).rowcount
