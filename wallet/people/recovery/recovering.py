"""Let somebody in again who has forgotten their password, in two steps: the right words, then a new password."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hmac import compare_digest
from typing import Final

from sqlalchemy import Connection

from keys.opaque import digest
from wallet.house import House
from wallet.people import engine as people_engine
from wallet.people.locking import Wrapped, opened
from wallet.people.logins import login_digest
from wallet.people.model import Credentials
from wallet.people.recovery import engine
from wallet.people.recovery.carried import TICKET_LIFETIME
from wallet.people.recovery.errors import WrongWords
from wallet.people.recovery.model import Ticket
from wallet.people.recovery.new_password import NewPassword, end_others, put, set_password
from wallet.people.recovery.secret import check_of, wrapping_key
from wallet.people.throttle import STRANGER, begin_attempt, forget_failures

_NOBODY: Final = ""
_NO_CHECK: Final = "-" * 64


def try_words(house: House, *, login: str, kind: str, secret: bytes, browser: str) -> Ticket:
    """For whoever has the right words. Raises TooManyAttempts before they are looked at, and WrongWords.

    An unknown login runs through the same statements as a known one.
    """
    typed, browser_digest = login_digest(house.secrets, login), digest(browser)
    found = house.database.read(
        people_engine.find_credentials, house.secrets, login=login, browser_digest=browser_digest
    )
    counted = {
        "login_digest": digest(f"recovery {typed}"),
        "device": browser_digest if found and found.knows_browser else STRANGER,
    }
    house.database.write(begin_attempt, **counted, now=house.clock())
    way = house.database.read(engine.find, person_id=found.person_id if found else _NOBODY, kind=kind)
    fits = compare_digest(check_of(secret), way.checked_by if way else _NO_CHECK)
    if found is None or way is None or not fits:
        house.database.write(engine.note_failure, login_digest=typed, now=house.clock())
        raise WrongWords
    house.database.write(forget_failures, **counted)
    until = house.clock() + TICKET_LIFETIME
    return Ticket(found.person_id, found.persona_id, login, kind, secret, way.uses, until)


@dataclass(frozen=True, slots=True)
class Recovered:
    """Who is let in again, in how many browsers they were signed out, and their lock key, unless it stays shut."""

    person: Credentials
    ended: int
    lock_key: bytes | None = field(repr=False)


def recover(house: House, ticket: Ticket, *, password: str, keep: bool) -> Recovered:
    """Raises BadPassword, TicketOver and ChangedPasswordMeanwhile."""
    person_id = ticket.person_id

    def opens(ways: Mapping[str, Wrapped]) -> bytes | None:
        secret = wrapping_key(ticket.secret)
        return opened(ways, person_id=person_id, way=ticket.kind, key_of_way=lambda _wrapped: secret)

    def change(db: Connection, ready: NewPassword) -> int:
        set_password(db, ready, person_id=person_id)
        engine.use(db, ticket, keep=keep, now=house.clock())
        return end_others(db, house, person_id=person_id, besides=None)

    ended, ready = put(house, person_id=person_id, opens=opens, new=password, change=change)
    person = Credentials(person_id, ticket.persona_id, ready.password_hash, knows_browser=True)
    return Recovered(person, ended, ready.lock_key)
