"""Let the right staff in. Passwords are hashed between the transactions, never inside one."""

from secrets import compare_digest

from sqlalchemy import Connection, select

from keys import passwords, throttle
from keys.errors import TooManyTries, WrongPassword
from keys.opaque import digest
from vendor_api.console import invitations, sessions, staff
from vendor_api.console.errors import NoFirstAdmin, TooManyStaffAttempts, WrongStaffCredentials
from vendor_api.console.model import Member
from vendor_api.console.roles import ADMIN
from vendor_api.host import Host
from vendor_api.tables import console_clients
from vendor_api.vendors import registry


def sign_in(host: Host, *, client_id: str, login: str, password: str) -> str:
    """The token of a new session. Raises WrongStaffCredentials, or TooManyStaffAttempts before anything is looked at.

    A login that nobody has takes as long as a wrong password, and waits as long.
    """
    typed = staff.login_digest(host.secrets, client_id, login)
    begin_attempt(host, typed)
    found = host.read(staff.credentials, client_id=client_id, login_digest=typed)
    try:
        passwords.check(password, found.password_hash if found else passwords.nobodys_hash())
    except WrongPassword:
        raise WrongStaffCredentials from None
    if found is None:
        raise WrongStaffCredentials
    host.write(throttle.forget_failures, login_digest=typed)
    return host.write(sessions.begin, client_id=found.client_id, staff_id=found.staff_id, now=host.now())


def make_first_admin(host: Host, *, client_id: str, secret: str, login: str, name: str, password: str) -> str:
    """Who holds what the registration gave makes the first admin, once; the token of their session.

    Raises NoFirstAdmin, TooManyStaffAttempts and BadStaffLogin.
    """
    guessed = staff.login_digest(host.secrets, client_id, "\x00first admin")
    begin_attempt(host, guessed)
    host.read(check_may_begin, client_id, secret)
    password_hash = passwords.hashed(password)

    def work(db: Connection) -> str:
        if registry.find(db, client_id) is None:
            raise NoFirstAdmin
        staff.meet(db, client_id)
        check_may_begin(db, client_id, secret)
        who = {"client_id": client_id, "login": login, "name": name, "role": ADMIN}
        made = staff.add(db, host.secrets, **who, password_hash=password_hash, now=host.now())
        throttle.forget_failures(db, login_digest=guessed)
        return sessions.begin(db, client_id=client_id, staff_id=made.staff_id, now=host.now())

    return host.write(work)


def check_may_begin(db: Connection, client_id: str, secret: str) -> None:
    """Raises NoFirstAdmin, one sentence for all that can be wrong."""
    vendor = registry.find(db, client_id)
    is_owned = select(console_clients.c.owned_id).where(console_clients.c.owned_id == client_id)
    fits = vendor is not None and (
        vendor.check_secret(secret) or compare_digest(vendor.registration_digest or "", digest(secret))
    )
    if not fits or db.execute(is_owned).first() or staff.has_admin(db, client_id=client_id):
        raise NoFirstAdmin


def accept_by_password(host: Host, invitation: str, *, password: str) -> str:
    """The token of the first session of who was invited. Raises InvitationOver."""
    host.read(invitations.find, host.secrets, invitation, now=host.now())
    password_hash = passwords.hashed(password)

    def work(db: Connection) -> str:
        return accept(db, host, invitation, password_hash=password_hash, now=host.now())

    return host.write(work)


def accept(
    db: Connection,
    host: Host,
    invitation: str,
    *,
    password_hash: str | None = None,
    subject_digest: str | None = None,
    now: int,
) -> str:
    """Spend the invitation for one way to sign in. Raises InvitationOver and BadStaffLogin."""
    member: Member = invitations.find(db, host.secrets, invitation, now=now)
    invitations.use(db, invitation, now=now)
    staff.choose_sign_in(db, member, password_hash=password_hash, subject_digest=subject_digest)
    return sessions.begin(db, client_id=member.client_id, staff_id=member.staff_id, now=now)


def begin_attempt(host: Host, guessed: str) -> None:
    try:
        host.write(throttle.begin_attempt, login_digest=guessed, now=host.now())
    except TooManyTries:
        raise TooManyStaffAttempts from None
