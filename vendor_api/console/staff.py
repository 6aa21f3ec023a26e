"""Who works for a vendor: take them in, give them another role, remove them."""

import hashlib
import hmac
import unicodedata
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from ulid import ULID

from keys.sealing import seal, unseal
from keys.secrets import HostSecrets
from vendor_api.console.errors import BadStaffLogin, LastAdmin, NotYours
from vendor_api.console.model import Member, StaffCredentials
from vendor_api.console.roles import ADMIN
from vendor_api.tables import staff, staff_invitations, staff_sessions, vendors

LONGEST: int = 100
MOST_STAFF: int = 500
INVISIBLE = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}


def add(
    db: Connection,
    secrets: HostSecrets,
    *,
    client_id: str,
    login: str,
    name: str,
    role: str,
    password_hash: str | None = None,
    now: int,
) -> Member:
    """Raises BadStaffLogin, also where the login is taken."""
    login, name, staff_id = checked(login), checked(name.strip() or login), str(ULID())
    if len(everyone(db, secrets, client_id=client_id)) >= MOST_STAFF:
        raise BadStaffLogin(_("There can not be more staff than %(most)s.", most=MOST_STAFF))
    row = {
        "client_id": client_id,
        "staff_id": staff_id,
        "name_sealed": seal(secrets.sealing, name.encode(), "staff", client_id, staff_id, "name"),
        "login_sealed": seal(secrets.sealing, login.encode(), "staff", client_id, staff_id, "login"),
        "login_digest": login_digest(secrets, client_id, login),
        "role": role,
        "password_hash": password_hash,
        "created_at": now,
    }
    try:
        with db.begin_nested():
            db.execute(insert(staff).values(row))
    except IntegrityError:
        raise BadStaffLogin(_("Somebody of your organisation has this login. Choose another one.")) from None
    return Member(client_id, staff_id, name, login, role, now, is_invited=password_hash is None)


def checked(text: str) -> str:
    """A login or name as it is kept and shown. Raises BadStaffLogin."""
    text = unicodedata.normalize("NFC", text).strip()
    if not 0 < len(text) <= LONGEST or any(unicodedata.category(letter) in INVISIBLE for letter in text):
        raise BadStaffLogin(_("A login and a name have 1 to %(most)s characters that one can see.", most=LONGEST))
    return text


def login_digest(secrets: HostSecrets, client_id: str, login: str) -> str:
    """Under which a login is found, and counted when somebody guesses. Takes anything."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", login.strip()).casefold()).strip()
    return _digest(secrets, "login", client_id, folded)


def subject_digest(secrets: HostSecrets, sub: str) -> str:
    """What is kept of the number by which the console knows somebody's wallet."""
    return _digest(secrets, "subject", sub)


def _digest(secrets: HostSecrets, *parts: str) -> str:
    place = "".join(f"{len(part)}:{part}" for part in ("console", *parts))
    return hmac.new(secrets.logins, place.encode(errors="surrogatepass"), hashlib.sha256).hexdigest()


def everyone(db: Connection, secrets: HostSecrets, *, client_id: str) -> tuple[Member, ...]:
    """All who are not removed, the first come first."""
    here = select(staff).where(staff.c.client_id == client_id, staff.c.disabled_at.is_(None))
    return tuple(member_from(secrets, row) for row in db.execute(here.order_by(staff.c.staff_id)))


def find(db: Connection, secrets: HostSecrets, *, client_id: str, staff_id: str) -> Member:
    """Raises NotYours, also for another vendor's and for who was removed."""
    row = db.execute(select(staff).where(*_is(client_id, staff_id), staff.c.disabled_at.is_(None))).one_or_none()
    if row is None:
        raise NotYours
    return member_from(secrets, row)


def credentials(db: Connection, *, client_id: str, login_digest: str) -> StaffCredentials | None:
    """None for who has no password here."""
    found = select(staff.c.client_id, staff.c.staff_id, staff.c.password_hash).where(
        staff.c.client_id == client_id, staff.c.login_digest == login_digest
    )
    row = db.execute(found.where(staff.c.password_hash.is_not(None), staff.c.disabled_at.is_(None))).one_or_none()
    return StaffCredentials(*row) if row else None


def of_wallet(db: Connection, secrets: HostSecrets, *, sub: str) -> tuple[Member, ...]:
    """Whoever signs in with this wallet; one person may work for several vendors."""
    mine = (staff.c.subject_digest == subject_digest(secrets, sub), staff.c.disabled_at.is_(None))
    return tuple(member_from(secrets, row) for row in db.execute(select(staff).where(*mine)))


def has_admin(db: Connection, *, client_id: str) -> bool:
    """One who can sign in."""
    can = staff.c.password_hash.is_not(None) | staff.c.subject_digest.is_not(None)
    admins = select(staff.c.staff_id).where(staff.c.client_id == client_id, staff.c.role == ADMIN, can)
    return db.execute(admins.where(staff.c.disabled_at.is_(None)).limit(1)).first() is not None


def choose_sign_in(
    db: Connection, member: Member, *, password_hash: str | None = None, subject_digest: str | None = None
) -> None:
    """By what they sign in from now on; what was before counts no more. Raises BadStaffLogin for a wallet that is
    another's of the same vendor."""
    ways = {"password_hash": password_hash, "subject_digest": subject_digest}
    try:
        with db.begin_nested():
            db.execute(update(staff).where(*_is(member.client_id, member.staff_id)).values(**ways))
    except IntegrityError:
        raise BadStaffLogin(_("Somebody else of your organisation signs in with this wallet.")) from None
    end_sessions(db, client_id=member.client_id, staff_id=member.staff_id)


def change_role(db: Connection, *, client_id: str, staff_id: str, role: str) -> None:
    """Counts from their next request on. Raises NotYours and LastAdmin."""
    meet(db, client_id)
    changed = update(staff).where(*_is(client_id, staff_id), staff.c.disabled_at.is_(None)).values(role=role)
    if db.execute(changed).rowcount != 1:
        raise NotYours
    if not has_admin(db, client_id=client_id):
        raise LastAdmin


def remove(db: Connection, secrets: HostSecrets, *, client_id: str, staff_id: str, now: int) -> None:
    """They are signed out at once and can not come back. Raises NotYours and LastAdmin."""
    meet(db, client_id)
    gone: dict[str, Any] = {"disabled_at": now, "password_hash": None, "subject_digest": None, "login_digest": None}
    gone["login_sealed"] = seal(secrets.sealing, b"", "staff", client_id, staff_id, "login")
    removed = update(staff).where(*_is(client_id, staff_id), staff.c.disabled_at.is_(None)).values(**gone)
    if db.execute(removed).rowcount != 1:
        raise NotYours
    if not has_admin(db, client_id=client_id):
        raise LastAdmin
    mine = (staff_invitations.c.client_id == client_id, staff_invitations.c.staff_id == staff_id)
    db.execute(delete(staff_invitations).where(*mine))
    end_sessions(db, client_id=client_id, staff_id=staff_id)


def meet(db: Connection, client_id: str) -> None:
    """Two who remove each other at once, or both become the first: the later one runs again, and looks anew."""
    same = update(vendors).where(vendors.c.client_id == client_id)
    if db.execute(same.values(created_at=vendors.c.created_at)).rowcount != 1:
        raise NotYours


def end_sessions(db: Connection, *, client_id: str, staff_id: str) -> None:
    theirs = (staff_sessions.c.client_id == client_id, staff_sessions.c.staff_id == staff_id)
    db.execute(delete(staff_sessions).where(*theirs))


def member_from(secrets: HostSecrets, row: Row[Any]) -> Member:
    name, login = (
        unseal(secrets.sealing, sealed, "staff", row.client_id, row.staff_id, what).decode()
        for what, sealed in (("name", row.name_sealed), ("login", row.login_sealed))
    )
    has_wallet = row.subject_digest is not None
    is_invited = row.password_hash is None and not has_wallet
    return Member(row.client_id, row.staff_id, name, login, row.role, row.created_at, is_invited, has_wallet)


def _is(client_id: str, staff_id: str) -> tuple[Any, ...]:
    return staff.c.client_id == client_id, staff.c.staff_id == staff_id
