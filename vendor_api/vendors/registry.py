"""The register of vendors: organisations that ask, as OAuth clients registered by RFC 7591 metadata."""

from collections.abc import Collection, Iterable
from functools import lru_cache
from secrets import token_urlsafe
from typing import Any, Final
from urllib.parse import urlsplit

import orjson
from sqlalchemy import Connection, bindparam, delete, exists, func, insert, null, select, update

from consent import given_caps
from consent.caps import Table
from consent.model import Party
from consent.tables import event_streams, outbox
from keys.prepared import Prepared, as_text
from keys.tables import metadata
from vendor_api.tables import (
    backchannel_requests,
    codes,
    console_clients,
    device_codes,
    sign_ins,
    staff,
    staff_invitations,
    staff_sessions,
    tokens,
    vendors,
)
from vendor_api.vendors.model import Vendor
from vendor_api.vendors.reserved import TRIAL

MOST_VENDORS: Final = 10_000


@lru_cache(maxsize=500)
def party(vendor: Vendor, redirect_uri: str, language: str) -> Party:
    """The vendor as the person is shown it when the answer goes to `redirect_uri`."""
    parts = urlsplit(redirect_uri)
    contacts = vendor.metadata.get("contacts")
    return Party(
        client_id=vendor.client_id,
        name=vendor.text("client_name", language) or parts.netloc or vendor.client_id,
        host=parts.netloc or parts.scheme,
        verified=parts.scheme == "https",
        sector=vendor.sector,
        policy_uri=vendor.text("policy_uri", language),
        contact=contacts[0] if contacts else None,
        address=vendor.text("postal_address", language),
        jurisdiction=vendor.text("jurisdiction", language),
        storage_location=vendor.text("storage_location", language),
        retention=vendor.text("data_retention", language),
        recipients=tuple(vendor.metadata.get("recipients", ())),
        language=language,
        notice=vendor.notice,
    )


LISTENS = exists().where(event_streams.c.client_id == vendors.c.client_id, event_streams.c.status != "disabled")
PARSED: Final = frozenset({"metadata", "caps"})  # read as text, parsed once for each text
SELECT = select(
    *(as_text(column) if column.name in PARSED else column for column in vendors.c), LISTENS.label("listens")
)
FIND = Prepared(SELECT.where(vendors.c.client_id == bindparam("client_id")))


def find(db: Connection, client_id: str) -> Vendor | None:
    row = FIND.first(db, {"client_id": client_id})
    return vendor_from(row) if row else None


def known(db: Connection, client_ids: Collection[str]) -> frozenset[str]:
    """Which of these are registered."""
    return frozenset(db.execute(select(vendors.c.client_id).where(vendors.c.client_id.in_(client_ids))).scalars())


def everyone(db: Connection) -> tuple[Vendor, ...]:
    return tuple(vendor_from(row) for row in db.execute(SELECT.order_by(vendors.c.created_at, vendors.c.client_id)))


def count(db: Connection) -> int:
    return db.execute(select(func.count()).select_from(vendors)).scalar_one()


def save(db: Connection, vendor: Vendor) -> None:
    """Store a vendor that is not there yet."""
    db.execute(
        insert(vendors).values(
            client_id=vendor.client_id,
            secret_digest=vendor.secret_digest,
            registration_digest=vendor.registration_digest,
            metadata=dict(vendor.metadata),
            created_at=vendor.created_at,
            secret_sealed=vendor.secret_sealed,
            unused_until=vendor.unused_until,
        )
    )


def change(db: Connection, vendor: Vendor) -> bool:
    """Replace a vendor's metadata and secret; says whether it was still there."""
    changed = update(vendors).where(vendors.c.client_id == vendor.client_id)
    changed = changed.values(
        metadata=dict(vendor.metadata), secret_digest=vendor.secret_digest, secret_sealed=vendor.secret_sealed
    )
    return db.execute(changed).rowcount == 1


def remove(db: Connection, client_id: str) -> bool:
    """Remove a vendor with all it holds; says whether it was there. People's grants and ledgers stay theirs."""
    gone = db.execute(delete(vendors).where(vendors.c.client_id == client_id)).rowcount == 1
    forget(db, [client_id])
    return gone


def forget(db: Connection, client_ids: Collection[str]) -> None:
    """Remove what vendors held that are gone; and what is theirs alone, whose key begins with their id."""
    begun = [table for table in metadata.tables.values() if table.primary_key.columns.keys()[0] == "client_id"]
    theirs = [table for table in begun if not table.info.get("public")]
    for table in {*HELD, *theirs}:
        db.execute(delete(table).where(table.c.client_id.in_(client_ids)))
    db.execute(delete(console_clients).where(console_clients.c.owned_id.in_(client_ids)))
    db.execute(delete(vendors).where(vendors.c.client_id.in_([client_id + TRIAL for client_id in client_ids])))


HELD: Final = (
    *(codes, device_codes, backchannel_requests, tokens, sign_ins, outbox, event_streams),
    *(staff, staff_sessions, staff_invitations, console_clients),
)


def new_secret() -> str:
    """256 random bits, so a plain SHA-256 is enough to keep it safe at rest."""
    return token_urlsafe(32)


def cap(db: Connection, client_id: str, given: object) -> bool:
    """Put these caps on a vendor (None takes them away); says whether it was there. Raises BadCap."""
    if given is not None:
        given_caps.checked(given)
    changed = update(vendors).where(vendors.c.client_id == client_id)
    return db.execute(changed.values(caps=null() if given is None else given)).rowcount == 1


def caps_from(stored: str | None) -> Table:
    return tuple(map(given_caps.row_from, orjson.loads(stored))) if stored else ()


def vendor_from(row: Iterable[Any]) -> Vendor:
    return parsed_vendor(*row)


@lru_cache(maxsize=500)
def parsed_vendor(  # noqa: PLR0917 - the columns in their order
    client_id: str,
    secret: str | None,
    registration: str | None,
    stored: str,
    created_at: int,
    sealed: bytes | None,
    unused_until: int | None,
    caps: str | None,
    listens: int,
) -> Vendor:
    metadata, table = orjson.loads(stored), caps_from(caps)
    return Vendor(client_id, secret, registration, metadata, created_at, sealed, unused_until, table, bool(listens))
