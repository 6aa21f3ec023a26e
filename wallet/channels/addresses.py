"""Where a persona is reached: sealed addresses, each of which can be erased alone."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, delete, func, insert, literal, select, update
from ulid import ULID

from keys.opaque import digest
from keys.persons import destroy_subject_keys, key_of_row, open_subject_key, with_keys
from keys.sealing import seal, unseal
from keys.secrets import HostSecrets
from wallet.channels.errors import TooManyAddresses, UnknownAddress
from wallet.channels.model import Address, Channel
from wallet.channels.tables import channel_addresses, channel_codes

SUBJECT: Final = "channels/"
SMS: Final = "sms"
MOST_OF_A_KIND: Final = 10


@dataclass(frozen=True, slots=True)
class Kept:
    """`verified_at` is None while nobody has shown that it is theirs."""

    address_id: str
    persona_id: str
    kind: str
    address: Address = field(repr=False)
    added_at: int
    verified_at: int | None


def subject_of(address_id: str) -> str:
    return SUBJECT + address_id


def add(
    db: Connection,
    secrets: HostSecrets,
    channel: Channel,
    *,
    person_id: str,
    persona_id: str,
    address: Address,
    token: str | None = None,
    now: int,
) -> str:
    """Keep an address that the channel has checked; gives back its id. Raises TooManyAddresses.

    Where there can be only one, it takes the place of another once it is verified (`verify`).
    """
    mine = (channel_addresses.c.person_id == person_id, channel_addresses.c.persona_id == persona_id)
    there = select(func.count()).select_from(channel_addresses).where(*mine, channel_addresses.c.kind == channel.kind)
    if db.execute(there).scalar_one() >= MOST_OF_A_KIND:
        raise TooManyAddresses
    address_id = str(ULID())
    place = {"person_id": person_id, "persona_id": persona_id, "subject": subject_of(address_id)}
    key = open_subject_key(db, secrets, **place)
    sealed = seal(key, json.dumps(dict(address)).encode(), *aad(person_id, address_id))
    row: dict[str, Any] = {
        "person_id": person_id,
        "address_id": address_id,
        "persona_id": persona_id,
        "kind": channel.kind,
    }
    row |= {"address_sealed": sealed, "token_digest": digest(token) if token else None, "added_at": now}
    db.execute(insert(channel_addresses).values(**row, verified_at=None))
    if not channel.proves:
        verified(db, channel, person_id=person_id, persona_id=persona_id, address_id=address_id, now=now)
    return address_id


def verified(db: Connection, channel: Channel, *, person_id: str, persona_id: str, address_id: str, now: int) -> None:
    """It counts from now on; where there can be only one, the others of its kind go."""
    this = (channel_addresses.c.person_id == person_id, channel_addresses.c.address_id == address_id)
    unverified = channel_addresses.c.verified_at.is_(None)
    db.execute(update(channel_addresses).where(*this, unverified).values(verified_at=now))
    if channel.several:
        return
    others = select(channel_addresses.c.address_id).where(
        channel_addresses.c.person_id == person_id,
        channel_addresses.c.persona_id == persona_id,
        channel_addresses.c.kind == channel.kind,
        channel_addresses.c.address_id != address_id,
    )
    for other in db.execute(others).scalars().all():
        remove(db, person_id=person_id, address_id=other)


def remove(db: Connection, *, person_id: str, address_id: str) -> bool:
    """Erase it, from backups too; whether it was there."""
    this = (channel_addresses.c.person_id == person_id, channel_addresses.c.address_id == address_id)
    persona_id = db.execute(select(channel_addresses.c.persona_id).where(*this)).scalar_one_or_none()
    if persona_id is None:
        return False
    whose = {"person_id": person_id, "persona_id": persona_id}
    destroy_subject_keys(db, **whose, subject=subject_of(address_id))
    codes = (channel_codes.c.person_id == person_id, channel_codes.c.address_id == address_id)
    db.execute(update(channel_codes).where(*codes).values(code_digest=""))  # still counted, and opens nothing
    return db.execute(delete(channel_addresses).where(*this)).rowcount == 1


def find(db: Connection, secrets: HostSecrets, *, person_id: str, address_id: str) -> Kept:
    """Raises UnknownAddress."""
    found = _read(db, secrets, channel_addresses.c.address_id == address_id, person_id=person_id)
    if not found:
        raise UnknownAddress
    return found[0]


def of_persona(db: Connection, secrets: HostSecrets, *, person_id: str, persona_id: str) -> tuple[Kept, ...]:
    """All of them, verified or not, in the order in which they came."""
    return _read(db, secrets, channel_addresses.c.persona_id == persona_id, person_id=person_id)


def usable(
    db: Connection, secrets: HostSecrets, channel: Channel, *, person_id: str, persona_id: str, kind: str
) -> Sequence[Kept]:
    """Those to which something may be delivered."""
    wanted = (channel_addresses.c.persona_id == persona_id) & (channel_addresses.c.kind == kind)
    found = _read(db, secrets, wanted & channel_addresses.c.verified_at.is_not(None), person_id=person_id)
    return found if channel.several else found[-1:]


def is_proved(db: Connection, secrets: HostSecrets, number: str, *, person_id: str, persona_id: str) -> bool:
    """Whether this persona typed in a code that was sent to this number as a text message."""
    found = _read(db, secrets, channel_addresses.c.persona_id == persona_id, person_id=person_id)
    return any(one.kind == SMS and one.verified_at is not None and one.address["phone"] == number for one in found)


def aad(person_id: str, address_id: str) -> tuple[str, ...]:
    return "channel_addresses", person_id, address_id


def _read(db: Connection, secrets: HostSecrets, wanted: Any, *, person_id: str) -> tuple[Kept, ...]:
    table = channel_addresses
    subject = literal(SUBJECT).concat(table.c.address_id)
    found = with_keys(table, table, persona_id=table.c.persona_id, subject=subject)
    found = found.where(table.c.person_id == person_id, wanted).order_by(table.c.address_id)
    return tuple(_kept(secrets, row) for row in db.execute(found))


def _kept(secrets: HostSecrets, row: Any) -> Kept:
    place = {"person_id": row.person_id, "persona_id": row.persona_id, "subject": subject_of(row.address_id)}
    plain = unseal(key_of_row(secrets, row, **place), row.address_sealed, *aad(row.person_id, row.address_id))
    return Kept(row.address_id, row.persona_id, row.kind, json.loads(plain), row.added_at, row.verified_at)
