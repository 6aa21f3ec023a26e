"""Sign in on a second device without typing the password there: one browser opens a link, another one lets it in."""

import hmac
from dataclasses import dataclass, field
from secrets import randbelow
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, delete, exists, insert, select, update

from keys.errors import BadToken
from keys.opaque import digest, mint, person_of
from keys.persons import open_data_key
from keys.sealing import seal, unseal
from keys.secrets import HostSecrets
from wallet.people.model import Visitor
from wallet.people.personas import default_persona
from wallet.people.sessions import open_session
from wallet.people.tables import pairings, people, sessions

LIFETIME: Final = 300
SHOWN, OPENED, ALLOWED, OVER = "shown", "opened", "allowed", "over"
_KIND: Final = "pairing"
_GUEST: Final = "pairing guest"
_LETTERS: Final = "BCDFGHJKLMNPQRSTVWXZ"
_LENGTH: Final = 8
_row = pairings.c


@dataclass(frozen=True, slots=True)
class Pairing:
    """`number` is shown on the second device and typed on the first; `browser` is what the second calls itself."""

    person_id: str
    pairing_digest: str = field(repr=False)
    number: int = field(repr=False)
    state: str
    opened_by: str | None = field(repr=False)
    browser: str | None
    login: str = field(repr=False)


def begin(db: Connection, secrets: HostSecrets, visitor: Visitor, *, now: int) -> str:
    """A token for a link that is good once, for five minutes. One that this browser showed before is over."""
    mine = (_row.person_id == visitor.person_id) & (_row.session_digest == visitor.session_digest)
    db.execute(delete(pairings).where(mine))
    token = mint(secrets.tokens, _KIND, visitor.person_id)
    row = {
        "person_id": visitor.person_id,
        "pairing_digest": digest(token),
        "code_digest": _code_digest(secrets, visitor.person_id, code_of(secrets, token)),
        "session_digest": visitor.session_digest,
        "number": 10 + randbelow(90),
        "state": SHOWN,
        "expires_at": now + LIFETIME,
    }
    db.execute(insert(pairings).values(row))
    return token


def code_of(secrets: HostSecrets, token: str) -> str:
    """Eight letters for who can not scan; with the login they stand for the link."""
    drawn = int.from_bytes(hmac.digest(secrets.user_codes, f"pairing {token}".encode(), "sha256"))
    letters = "".join(_LETTERS[drawn // len(_LETTERS) ** place % len(_LETTERS)] for place in range(_LENGTH))
    return f"{letters[: _LENGTH // 2]}-{letters[_LENGTH // 2 :]}"


def find(db: Connection, secrets: HostSecrets, token: str, *, now: int) -> Pairing | None:
    """By the link."""
    try:
        person_id = person_of(secrets.tokens, _KIND, token)
    except BadToken:
        return None
    return _find(db, secrets, person_id, _row.pairing_digest == digest(token), now=now)


def find_by_code(db: Connection, secrets: HostSecrets, *, login_digest: str, code: str, now: int) -> Pairing | None:
    found = select(people.c.person_id).where(people.c.login_digest == login_digest)
    person_id = db.execute(found).scalar_one_or_none() or ""
    return _find(db, secrets, person_id, _row.code_digest == _code_digest(secrets, person_id, code), now=now)


def find_as_guest(db: Connection, secrets: HostSecrets, guest: str, *, browser_digest: str, now: int) -> Pairing | None:
    """By what the second device got when it opened the link; nobody but that browser finds it."""
    try:
        person_id, _slash, pairing_digest = person_of(secrets.tokens, _GUEST, guest).partition("/")
    except BadToken:
        return None
    mine = (_row.pairing_digest == pairing_digest) & (_row.opened_by == browser_digest)
    return _find(db, secrets, person_id, mine, now=now)


def open_it(
    db: Connection, secrets: HostSecrets, found: Pairing, *, browser_digest: str, browser: str | None, now: int
) -> str | None:
    """What the second device goes on with. The first browser that opens a link has it; None for all others."""
    sealed = None
    if browser is not None:
        data_key = open_data_key(db, secrets, person_id=found.person_id)
        sealed = seal(data_key, browser.encode(), *_place(found.person_id, found.pairing_digest))
    values = {"state": OPENED, "opened_by": browser_digest, "browser_sealed": sealed}
    if not _change(db, found, _row.state == SHOWN, now=now, **values) and found.opened_by != browser_digest:
        return None
    return mint(secrets.tokens, _GUEST, f"{found.person_id}/{found.pairing_digest}")


def allow(db: Connection, visitor: Visitor, found: Pairing, *, number: str, now: int) -> bool:
    """Whether it was the number that the second device shows. There is one try."""
    right = hmac.compare_digest(number.encode(), str(found.number).encode())
    mine = (_row.state == OPENED) & (_row.session_digest == visitor.session_digest)
    mine &= _row.person_id == visitor.person_id
    changed = _change(db, found, mine, now=now, state=ALLOWED if right else OVER)
    return changed and right


def stop(db: Connection, visitor: Visitor, found: Pairing) -> None:
    """Nobody comes in by this link."""
    mine = (_row.person_id == visitor.person_id) & (_row.session_digest == visitor.session_digest)
    db.execute(delete(pairings).where(mine, _row.pairing_digest == found.pairing_digest))


def enter(
    db: Connection, secrets: HostSecrets, found: Pairing, *, browser_digest: str, browser: str | None, now: int
) -> str | None:
    """The token of a session on the second device, once, as long as the first one is still signed in."""
    mine = (_row.state == ALLOWED) & (_row.opened_by == browser_digest)
    if not _change(db, found, mine & _first_is_signed_in(now), now=now, state=OVER):
        return None
    return open_session(
        db,
        secrets,
        person_id=found.person_id,
        persona_id=default_persona(db, person_id=found.person_id),
        browser_digest=browser_digest,
        browser=browser,
        now=now,
    )


def sweep(db: Connection, *, now: int) -> int:
    """Forget what is over; returns how many."""
    return db.execute(delete(pairings).where(_row.expires_at <= now)).rowcount


def _change(db: Connection, found: Pairing, condition: ColumnElement[bool], *, now: int, **values: Any) -> bool:
    this = (_row.person_id == found.person_id) & (_row.pairing_digest == found.pairing_digest)
    return db.execute(update(pairings).where(this, condition, _row.expires_at > now).values(values)).rowcount == 1


def _find(
    db: Connection, secrets: HostSecrets, person_id: str, which: ColumnElement[bool], *, now: int
) -> Pairing | None:
    live = (_row.person_id == person_id) & which & (_row.expires_at > now) & _first_is_signed_in(now)
    row = db.execute(select(pairings, people.c.login_sealed).join(people).where(live)).one_or_none()
    if row is None:
        return None
    data_key = open_data_key(db, secrets, person_id=person_id)
    name = row.browser_sealed and unseal(data_key, row.browser_sealed, *_place(person_id, row.pairing_digest)).decode()
    login = unseal(data_key, row.login_sealed, "people", person_id, "login").decode()
    return Pairing(person_id, row.pairing_digest, row.number, row.state, row.opened_by, name, login)


def _first_is_signed_in(now: int) -> ColumnElement[bool]:
    """A link dies with the session that showed it."""
    there = (sessions.c.person_id == _row.person_id) & (sessions.c.session_digest == _row.session_digest)
    return exists().where(there, sessions.c.ended_at.is_(None), sessions.c.expires_at > now)


def _code_digest(secrets: HostSecrets, person_id: str, code: str) -> str:
    """Under a key of the host, because eight letters alone are soon found for a plain digest."""
    letters = "".join(letter for letter in code.upper() if letter.isalnum())
    said = f"pairing {person_id} {letters}".encode(errors="surrogatepass")
    return hmac.digest(secrets.user_codes, said, "sha256").hex()


def _place(person_id: str, pairing_digest: str) -> tuple[str, ...]:
    return "pairings", person_id, pairing_digest, "browser"
