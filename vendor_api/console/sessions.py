"""Where staff are signed in. A session ends after an hour without use, or twelve in all."""

from secrets import token_urlsafe

from sqlalchemy import Connection, delete, insert, select, update

from keys.opaque import digest
from keys.secrets import HostSecrets
from vendor_api.console.model import Member
from vendor_api.console.staff import member_from
from vendor_api.tables import staff, staff_sessions

LIFETIME = 12 * 3600
IDLE_LIFETIME = 3600
SEEN_EVERY = 60


def begin(db: Connection, *, client_id: str, staff_id: str, now: int) -> str:
    """The token of a new session; only its digest is kept."""
    token = token_urlsafe(32)
    row = {"client_id": client_id, "staff_id": staff_id, "created_at": now, "seen_at": now}
    db.execute(insert(staff_sessions).values(session_digest=digest(token), expires_at=now + LIFETIME, **row))
    return token


def find(db: Connection, secrets: HostSecrets, token: str, *, now: int) -> tuple[Member, int] | None:
    """Who is signed in with it, as they are now, and when that was last noted."""
    mine = staff_sessions.c
    same = (mine.client_id == staff.c.client_id) & (mine.staff_id == staff.c.staff_id)
    live = (mine.session_digest == digest(token), mine.expires_at > now, mine.seen_at > now - IDLE_LIFETIME)
    found = select(staff, mine.seen_at).join(staff_sessions, same).where(*live, staff.c.disabled_at.is_(None))
    row = db.execute(found).one_or_none()
    return (member_from(secrets, row), row.seen_at) if row else None


def note_seen(db: Connection, token: str, *, now: int) -> None:
    db.execute(update(staff_sessions).where(staff_sessions.c.session_digest == digest(token)).values(seen_at=now))


def end(db: Connection, token: str) -> None:
    db.execute(delete(staff_sessions).where(staff_sessions.c.session_digest == digest(token)))


def sweep(db: Connection, *, now: int) -> int:
    """Forget sessions that are over; returns how many."""
    row = staff_sessions.c
    over = (row.expires_at <= now) | (row.seen_at <= now - IDLE_LIFETIME)
    return db.execute(delete(staff_sessions).where(over)).rowcount
