"""What a page carries from one form to the next, sealed, so that no database and no cookie ever holds it."""

import base64
from dataclasses import asdict
from typing import Any, Final

import orjson
from sqlalchemy import Connection

from keys.errors import CannotOpen
from keys.opaque import digest
from keys.persons import open_data_key
from keys.sealing import seal, unseal
from keys.secrets import HostSecrets
from wallet.people.model import Visitor
from wallet.people.recovery import engine
from wallet.people.recovery.errors import DraftOver, TicketOver
from wallet.people.recovery.model import Draft, Ticket
from wallet.people.recovery.secret import new_secret
from wallet.people.recovery.words import Given, read, split

DRAFT_LIFETIME: Final = 3600
TICKET_LIFETIME: Final = 900
_LONGEST: Final = 16_000


def draw(
    db: Connection,
    *,
    person_id: str,
    kind: str,
    needed: int = 1,
    names: tuple[str, ...] = ("",),
    opens_lock: bool,
    now: int,
) -> Draft:
    """A new secret with a share for each name. It counts for nothing yet."""
    current = engine.find(db, person_id=person_id, kind=kind)
    secret = new_secret()
    shares = split(secret, needed=needed, count=len(names))
    instead_of = current.checked_by if current else None
    return Draft(kind, secret, shares, needed, names, instead_of, opens_lock, now + DRAFT_LIFETIME)


def seal_draft(db: Connection, secrets: HostSecrets, draft: Draft, visitor: Visitor) -> str:
    """It opens in this session alone."""
    key = open_data_key(db, secrets, person_id=visitor.person_id)
    return _packed(key, asdict(draft) | {"secret": draft.secret.hex()}, *_place(visitor))


def open_draft(db: Connection, secrets: HostSecrets, text: str, visitor: Visitor, *, now: int) -> Draft:
    """Raises DraftOver."""
    key = open_data_key(db, secrets, person_id=visitor.person_id)
    found = _unpacked(key, text, *_place(visitor))
    if found is None or now >= found["expires_at"]:
        raise DraftOver
    lists = {"secret": bytes.fromhex(found["secret"]), "shares": tuple(found["shares"]), "names": tuple(found["names"])}
    return Draft(**found | lists)


def seal_ticket(secrets: HostSecrets, ticket: Ticket, browser: str) -> str:
    """It opens in this browser alone."""
    plain = asdict(ticket) | {"secret": ticket.secret.hex()}
    return _packed(secrets.sealing, plain, "recovery", "ticket", digest(browser))


def open_ticket(secrets: HostSecrets, text: str, browser: str, *, now: int) -> Ticket:
    """Raises TicketOver."""
    found = _unpacked(secrets.sealing, text, "recovery", "ticket", digest(browser))
    if found is None or now >= found["expires_at"]:
        raise TicketOver
    return Ticket(**found | {"secret": bytes.fromhex(found["secret"])})


def seal_shares(secrets: HostSecrets, given: tuple[Given, ...], browser: str) -> str:
    """Those that were typed before the last one."""
    return _packed(secrets.sealing, [one.text for one in given], "recovery", "shares", digest(browser))


def open_shares(secrets: HostSecrets, text: str, browser: str) -> tuple[Given, ...]:
    """None, where the text is not ours."""
    return tuple(read(one) for one in _unpacked(secrets.sealing, text, "recovery", "shares", digest(browser)) or ())


def _place(visitor: Visitor) -> tuple[str, ...]:
    return "recovery", "draft", visitor.person_id, visitor.session_digest


def _packed(key: bytes, content: object, *place: str) -> str:
    return base64.urlsafe_b64encode(seal(key, orjson.dumps(content), *place)).decode()


def _unpacked(key: bytes, text: str, *place: str) -> Any:
    if not text or len(text) > _LONGEST or not text.isascii():
        return None
    try:
        return orjson.loads(unseal(key, base64.urlsafe_b64decode(text), *place))
    except (ValueError, CannotOpen):
        return None
