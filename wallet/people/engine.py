"""Take people in, find them again, and look after their personas."""

from sqlalchemy import Connection, Row, Select, exists, insert, select, update
from sqlalchemy.exc import IntegrityError
from ulid import ULID

from keys.persons import create_data_key, open_data_key, unwrap_data_key
from keys.relationship import new_root
from keys.sealing import seal, unseal
from keys.secrets import HostSecrets
from keys.tables import person_keys
from wallet.people.errors import LoginTaken, UnknownPersona
from wallet.people.invitations import use_invitation
from wallet.people.logins import check_login, login_digest
from wallet.people.model import Credentials, Person, Persona
from wallet.people.tables import browsers, people, personas

DEFAULT_PERSONA_NAME = "Me"


def sign_up(
    db: Connection,
    secrets: HostSecrets,
    *,
    login: str,
    password_hash: str,
    language: str | None,
    invitation: str | None = None,
    now: int,
) -> Person:
    """A new person with a data key and one persona. A given invitation is spent with it.

    Raises BadLogin, LoginTaken and InvitationNeeded; each ends the caller's transaction, so nothing is left behind.
    """
    if invitation is not None:
        use_invitation(db, invitation=invitation, now=now)
    login = check_login(login)
    person_id = str(ULID())
    data_key = create_data_key(db, secrets, person_id=person_id, now=now)
    row = {
        "person_id": person_id,
        "login_digest": login_digest(secrets, login),
        "login_sealed": seal(data_key, login.encode(), "people", person_id, "login"),
        "password_hash": password_hash,
        "language": language,
        "created_at": now,
    }
    try:
        db.execute(insert(people).values(row))
    except IntegrityError:
        raise LoginTaken from None
    persona = _insert_persona(db, data_key, person_id=person_id, name=DEFAULT_PERSONA_NAME, is_default=True, now=now)
    return Person(person_id, persona.persona_id, login, language, now)


def find_person_by_login(db: Connection, secrets: HostSecrets, *, login: str) -> Person | None:
    row = db.execute(_people().where(people.c.login_digest == login_digest(secrets, login))).one_or_none()
    return _person(secrets, row) if row else None


def list_people(db: Connection, secrets: HostSecrets) -> list[Person]:
    """Everybody on this host, oldest first; for the operator."""
    rows = db.execute(_people().order_by(people.c.created_at, people.c.person_id))
    return [_person(secrets, row) for row in rows]


def find_credentials(db: Connection, secrets: HostSecrets, *, login: str, browser_digest: str) -> Credentials | None:
    known = exists().where(browsers.c.person_id == people.c.person_id, browsers.c.browser_digest == browser_digest)
    found = (
        select(
            people.c.person_id,
            personas.c.persona_id,
            people.c.password_hash,
            known.label("knows_browser"),
        )
        .join(personas, personas.c.person_id == people.c.person_id)
        .where(people.c.login_digest == login_digest(secrets, login), personas.c.is_default)
    )
    row = db.execute(found).one_or_none()
    return Credentials(**row._mapping) if row else None


def replace_password_hash(db: Connection, *, person_id: str, old: str, new: str) -> None:
    """Keep a hash with today's parameters, unless the password was changed meanwhile."""
    same = update(people).where(people.c.person_id == person_id, people.c.password_hash == old)
    db.execute(same.values(password_hash=new))


def set_language(db: Connection, *, person_id: str, language: str) -> None:
    db.execute(update(people).where(people.c.person_id == person_id).values(language=language))


def add_persona(db: Connection, secrets: HostSecrets, *, person_id: str, name: str, now: int) -> Persona:
    """A further face with its own values and its own root. Raises keys.errors.UnknownKey."""
    data_key = open_data_key(db, secrets, person_id=person_id)
    return _insert_persona(db, data_key, person_id=person_id, name=name, is_default=False, now=now)


def persona_root(db: Connection, secrets: HostSecrets, *, person_id: str, persona_id: str) -> bytes:
    """From which the keys of this persona's relationships are derived. Raises UnknownPersona."""
    found = (
        select(personas.c.root_sealed, person_keys.c.data_key_sealed)
        .join(person_keys, person_keys.c.person_id == personas.c.person_id)
        .where(personas.c.person_id == person_id, personas.c.persona_id == persona_id)
    )
    row = db.execute(found).one_or_none()
    if row is None:
        raise UnknownPersona
    data_key = unwrap_data_key(secrets, row.data_key_sealed, person_id=person_id)
    return unseal(data_key, row.root_sealed, "personas", person_id, persona_id, "root")


def _insert_persona(
    db: Connection, data_key: bytes, *, person_id: str, name: str, is_default: bool, now: int
) -> Persona:
    persona_id = str(ULID())
    row = {
        "person_id": person_id,
        "persona_id": persona_id,
        "name_sealed": seal(data_key, name.encode(), "personas", person_id, persona_id, "name"),
        "root_sealed": seal(data_key, new_root(), "personas", person_id, persona_id, "root"),
        "is_default": is_default,
        "created_at": now,
    }
    db.execute(insert(personas).values(row))
    return Persona(person_id, persona_id, name, is_default, now)


def _people() -> Select[tuple[str, str, bytes, str | None, int, bytes]]:
    return (
        select(
            people.c.person_id,
            personas.c.persona_id,
            people.c.login_sealed,
            people.c.language,
            people.c.created_at,
            person_keys.c.data_key_sealed,
        )
        .join(personas, personas.c.person_id == people.c.person_id)
        .join(person_keys, person_keys.c.person_id == people.c.person_id)
        .where(personas.c.is_default)
    )


def _person(secrets: HostSecrets, row: Row[tuple[str, str, bytes, str | None, int, bytes]]) -> Person:
    login = unseal_login(secrets, row.login_sealed, row.data_key_sealed, person_id=row.person_id)
    return Person(row.person_id, row.persona_id, login, row.language, row.created_at)


def unseal_login(secrets: HostSecrets, login_sealed: bytes, data_key_sealed: bytes, *, person_id: str) -> str:
    data_key = unwrap_data_key(secrets, data_key_sealed, person_id=person_id)
    return unseal(data_key, login_sealed, "people", person_id, "login").decode()
