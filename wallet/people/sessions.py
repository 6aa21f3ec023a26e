"""Remember who is signed in where; every browser has a session of its own, and ending one does not end the others."""

from collections.abc import Collection
from contextlib import suppress
from secrets import token_bytes
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from keys.errors import BadToken
from keys.opaque import digest, mint, person_of
from keys.persons import open_data_key
from keys.prepared import Prepared
from keys.sealing import seal, unseal
from keys.secrets import HostSecrets
from keys.tables import person_keys
from vendor_api.oauth import released
from vendor_api.oauth.leaving import sign_ins
from vendor_api.oauth.leaving.sign_ins import SignIn
from wallet.people.engine import unseal_login
from wallet.people.model import Session, Visitor
from wallet.people.tables import browsers, people, sessions

LIFETIME = 7 * 24 * 3600
IDLE_LIFETIME = 12 * 3600
SEEN_EVERY = 5 * 60
BROWSER_KNOWN = 400 * 24 * 3600
KIND = "session"


def open_session(
    db: Connection,
    secrets: HostSecrets,
    *,
    person_id: str,
    persona_id: str,
    browser_digest: str,
    browser: str | None = None,
    now: int,
) -> str:
    """The token of a new session, for somebody whose password was just checked. Remembers the browser as theirs."""
    token = mint(secrets.tokens, KIND, person_id)
    db.execute(delete(sessions).where(sessions.c.person_id == person_id, sessions.c.expires_at <= now))
    row: dict[str, Any] = {
        "person_id": person_id,
        "session_digest": digest(token),
        "persona_id": persona_id,
        "auth_time": now,
        "created_at": now,
        "seen_at": now,
        "expires_at": now + LIFETIME,
        "browser_sealed": None,
        "presence_key": token_bytes(32),
    }
    if browser is not None:
        data_key = open_data_key(db, secrets, person_id=person_id)
        row["browser_sealed"] = seal(data_key, browser.encode(), "sessions", person_id, digest(token), "browser")
    db.execute(insert(sessions).values(row))
    _remember_browser(db, person_id=person_id, browser_digest=browser_digest, now=now)
    return token


_FIND = Prepared(
    select(
        sessions.c.persona_id,
        sessions.c.auth_time,
        sessions.c.seen_at,
        sessions.c.presence_key,
        people.c.login_sealed,
        people.c.language,
        person_keys.c.data_key_sealed,
    )
    .join(people, people.c.person_id == sessions.c.person_id)
    .join(person_keys, person_keys.c.person_id == sessions.c.person_id)
    .where(
        sessions.c.person_id == bindparam("person_id"),
        sessions.c.session_digest == bindparam("session_digest"),
        sessions.c.ended_at.is_(None),
        sessions.c.expires_at > bindparam("now"),
        sessions.c.seen_at > bindparam("seen_since"),
    )
)


def recognise(
    db: Connection, secrets: HostSecrets, *, token: str, now: int
) -> tuple[str, str, int, str, bytes | None] | None:
    """person_id, persona_id, auth_time, digest and presence key of a good session that needs no looking after."""
    found = _find(db, secrets, token=token, now=now, seen_since=now - SEEN_EVERY)
    if found is None:
        return None
    person_id, session = found
    return person_id, session.persona_id, session.auth_time, digest(token), session.presence_key


def _find(db: Connection, secrets: HostSecrets, *, token: str, now: int, seen_since: int) -> tuple[str, Any] | None:
    try:
        person_id = person_of(secrets.tokens, KIND, token)
    except BadToken:
        return None
    looked_for = {"person_id": person_id, "session_digest": digest(token), "now": now, "seen_since": seen_since}
    session = _FIND.first(db, looked_for)
    return (person_id, session) if session else None


def find_session(db: Connection, secrets: HostSecrets, *, token: str, now: int) -> Visitor | None:
    """Whose session this is, if it is still good; one statement."""
    found = _find(db, secrets, token=token, now=now, seen_since=now - IDLE_LIFETIME)
    if found is None:
        return None
    person_id, session = found
    login = unseal_login(secrets, session.login_sealed, session.data_key_sealed, person_id=person_id)
    return Visitor(
        person_id,
        session.persona_id,
        digest(token),
        session.auth_time,
        login,
        session.language,
        session.seen_at,
        session.presence_key,
    )


def live_sessions(db: Connection, secrets: HostSecrets, *, person_id: str, now: int) -> tuple[Session, ...]:
    """All that are still good, the last used first."""
    row = sessions.c
    live = (row.ended_at.is_(None), row.expires_at > now, row.seen_at > now - IDLE_LIFETIME)
    found = select(sessions).where(row.person_id == person_id, *live).order_by(row.seen_at.desc(), row.session_digest)
    data_key = open_data_key(db, secrets, person_id=person_id)
    return tuple(
        Session(one.session_digest, _browser_of(data_key, one), one.created_at, one.seen_at)
        for one in db.execute(found)
    )


def _browser_of(data_key: bytes, row: Row[Any]) -> str | None:
    if row.browser_sealed is None:
        return None
    return unseal(data_key, row.browser_sealed, "sessions", row.person_id, row.session_digest, "browser").decode()


def is_due(visitor: Visitor, *, now: int) -> bool:
    """Whether it is time to note again that this session is in use."""
    return visitor.seen_at <= now - SEEN_EVERY


def note_seen(db: Connection, *, person_id: str, session_digest: str, now: int) -> None:
    row = sessions.c
    due = (row.person_id == person_id) & (row.session_digest == session_digest) & (row.seen_at <= now - SEEN_EVERY)
    db.execute(update(sessions).where(due, row.ended_at.is_(None)).values(seen_at=now))


def end_session(db: Connection, *, person_id: str, session_digest: str, now: int) -> bool:
    """Whether there was a session to end."""
    mine = (sessions.c.person_id == person_id) & (sessions.c.session_digest == session_digest)
    ended = update(sessions).where(mine, sessions.c.ended_at.is_(None)).values(ended_at=now, presence_key=None)
    return db.execute(ended).rowcount == 1


def hold_presence(db: Connection, visitor: Visitor) -> bool:
    """Whether what this browser holds of the lock key still counts; it does until the end of the transaction."""
    mine = (sessions.c.person_id == visitor.person_id) & (sessions.c.session_digest == visitor.session_digest)
    same = update(sessions).where(mine, sessions.c.presence_key == visitor.presence_key)
    return db.execute(same.values(presence_key=visitor.presence_key)).rowcount == 1


def sign_out(db: Connection, *, person_id: str, session_digests: Collection[str], now: int) -> tuple[SignIn, ...]:
    """End these sessions and the sign-ins at vendors that came from them; returns those."""
    for session_digest in session_digests:
        end_session(db, person_id=person_id, session_digest=session_digest, now=now)
    released.withdraw(db, person_id=person_id, sessions=session_digests)
    return sign_ins.end(db, person_id=person_id, sessions=session_digests, now=now)


def renew(db: Connection, secrets: HostSecrets, *, before: Visitor, token: str, now: int) -> bool:
    """A new session of the same person in the same browser goes on where the one before is signed in, and ends that.

    Says whether it is the same person.
    """
    if person_of(secrets.tokens, KIND, token) != before.person_id:
        return False
    sign_ins.hand_over(db, person_id=before.person_id, before=before.session_digest, after=digest(token))
    released.hand_over(db, person_id=before.person_id, before=before.session_digest, after=digest(token))
    sign_out(db, person_id=before.person_id, session_digests=(before.session_digest,), now=now)
    return True


def sweep(db: Connection, *, now: int) -> int:
    """Forget sessions that have run out, and browsers nobody signed in with for long; returns how many."""
    over = db.execute(delete(sessions).where(sessions.c.expires_at <= now)).rowcount
    return over + db.execute(delete(browsers).where(browsers.c.signed_in_at <= now - BROWSER_KNOWN)).rowcount


def _remember_browser(db: Connection, *, person_id: str, browser_digest: str, now: int) -> None:
    mine = (browsers.c.person_id == person_id) & (browsers.c.browser_digest == browser_digest)
    if db.execute(update(browsers).where(mine).values(signed_in_at=now)).rowcount:
        return
    with suppress(IntegrityError), db.begin_nested():  # the same form sent twice at once
        db.execute(insert(browsers).values(person_id=person_id, browser_digest=browser_digest, signed_in_at=now))
