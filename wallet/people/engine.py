"""Take people in, and find them again."""

from sqlalchemy import Connection, Row, Select, exists, insert, select, update
from sqlalchemy.exc import IntegrityError
from ulid import ULID

from keys.persons import create_data_key, unwrap_data_key
from keys.relationship import RelationshipKey, ledger_key, new_root
from keys.sealing import seal, unseal
from keys.secrets import HostSecrets
from keys.tables import person_keys
from wallet.people.errors import LoginTaken
from wallet.people.invitations import use_invitation
from wallet.people.logins import check_login, login_digest
from wallet.people.model import Credentials, Person
from wallet.people.personas import first_persona
from wallet.people.tables import browsers, people, personas


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
        "ledger_root_sealed": seal(data_key, new_root(), "people", person_id, "ledger_root"),
        "password_hash": password_hash,
        "language": language,
        "created_at": now,
    }
    try:
        db.execute(insert(people).values(row))
    except IntegrityError:
        raise LoginTaken from None
    persona = first_persona(db, data_key, person_id=person_id, now=now)
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


def password_hash_of(db: Connection, *, person_id: str) -> str:
    found: str = db.execute(select(people.c.password_hash).where(people.c.person_id == person_id)).scalar_one()
    return found


def replace_password_hash(db: Connection, *, person_id: str, old: str, new: str) -> bool:
    """Keep another hash, unless the password was changed meanwhile; says which.

    The same hash once more holds the row: of two transactions that begin with this, one sees what the other did.
    """
    same = update(people).where(people.c.person_id == person_id, people.c.password_hash == old)
    return db.execute(same.values(password_hash=new)).rowcount == 1


def set_language(db: Connection, *, person_id: str, language: str) -> None:
    db.execute(update(people).where(people.c.person_id == person_id).values(language=language))


def own_ledger_key(db: Connection, secrets: HostSecrets, *, person_id: str) -> RelationshipKey:
    """By which this person vouches for their ledger: one for all of it, whichever personas come and go."""
    mine = select(people.c.ledger_root_sealed, person_keys.c.data_key_sealed).join(
        person_keys, person_keys.c.person_id == people.c.person_id
    )
    row = db.execute(mine.where(people.c.person_id == person_id)).one()
    data_key = unwrap_data_key(secrets, row.data_key_sealed, person_id=person_id)
    return ledger_key(unseal(data_key, row.ledger_root_sealed, "people", person_id, "ledger_root"))


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
