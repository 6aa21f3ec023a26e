"""Let the right people in. Password hashing is slow and stands between the transactions, never inside one."""

from sqlalchemy import Connection

from keys.opaque import digest
from wallet.house import House
from wallet.people import engine
from wallet.people.browser_names import browser_name
from wallet.people.errors import SignUpClosed, WrongCredentials
from wallet.people.invitations import check_invitation
from wallet.people.logins import login_digest
from wallet.people.model import Credentials, Person
from wallet.people.passwords import hash_password, nobodys_hash, renewed_hash, verify_password
from wallet.people.sessions import open_session
from wallet.people.throttle import STRANGER, begin_attempt, forget_failures


def sign_in(house: House, *, login: str, password: str, browser: str, agent: str) -> str:
    """The token of a new session. Raises WrongCredentials, or TooManyAttempts before the password is looked at."""
    credentials = prove(house, login=login, password=password, browser=browser)
    return start_session(house, credentials, browser=browser, agent=agent)


def prove(house: House, *, login: str, password: str, browser: str) -> Credentials:
    """Whose password this is. Raises WrongCredentials, or TooManyAttempts before the password is looked at."""
    browser_digest = digest(browser)
    found = house.database.read(engine.find_credentials, house.secrets, login=login, browser_digest=browser_digest)
    device = browser_digest if found and found.knows_browser else STRANGER
    typed = login_digest(house.secrets, login)
    house.database.write(begin_attempt, login_digest=typed, device=device, now=house.clock())
    credentials = check_password(found, password)
    new_hash = renewed_hash(password, credentials.password_hash)
    house.database.write(_note_right_password, credentials, login_digest=typed, device=device, new_hash=new_hash)
    return credentials


def check_password(found: Credentials | None, password: str) -> Credentials:
    """Raises WrongCredentials, for an unknown login as slowly as for a wrong password."""
    verify_password(password, found.password_hash if found else nobodys_hash())
    if found is None:
        raise WrongCredentials
    return found


def start_session(house: House, person: Credentials | Person, *, browser: str, agent: str) -> str:
    """The token of a new session; `agent` is the browser's User-Agent, of which little is kept."""
    return house.database.write(
        open_session,
        house.secrets,
        person_id=person.person_id,
        persona_id=person.persona_id,
        browser_digest=digest(browser),
        browser=browser_name(agent),
        now=house.clock(),
    )


def check_sign_up(house: House, *, invitation: str) -> None:
    """Whether strangers may sign up here. Raises SignUpClosed or InvitationNeeded."""
    if house.settings.sign_up == "closed":
        raise SignUpClosed
    if house.settings.sign_up == "invite":
        house.database.read(check_invitation, invitation=invitation, now=house.clock())


def sign_up(house: House, *, invitation: str, login: str, password: str, language: str | None) -> Person:
    """Raises SignUpClosed, InvitationNeeded, BadLogin, BadPassword or LoginTaken, and leaves nothing behind then."""
    check_sign_up(house, invitation=invitation)
    password_hash = hash_password(password)
    invited = invitation if house.settings.sign_up == "invite" else None
    return house.database.write(
        engine.sign_up,
        house.secrets,
        login=login,
        password_hash=password_hash,
        language=language,
        invitation=invited,
        now=house.clock(),
    )


def _note_right_password(
    db: Connection, credentials: Credentials, *, login_digest: str, device: str, new_hash: str | None
) -> None:
    forget_failures(db, login_digest=login_digest, device=device)
    if new_hash:
        old = credentials.password_hash
        engine.replace_password_hash(db, person_id=credentials.person_id, old=old, new=new_hash)
