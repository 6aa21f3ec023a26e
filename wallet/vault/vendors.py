"""The vendors of a person, as far as another host needs them: how they are registered, and how they listen."""

import re
from collections.abc import Iterator, Mapping
from secrets import token_urlsafe
from typing import Any, Final

import orjson
from sqlalchemy import Connection, select

from consent.tables import event_streams, grants
from vendor_api.errors import VendorApiError
from vendor_api.events import configuration, streams
from vendor_api.tables import vendors
from vendor_api.vendors import registry
from vendor_api.vendors.metadata import checked
from vendor_api.vendors.model import Vendor
from wallet.vault.errors import BadVault

COLUMNS: Final[dict[str, Any]] = {"client_id": str, "secret_digest": str, "metadata": str, "stream": str}
LONGEST_ID: Final = 200
DIGEST: Final = re.compile(r"[0-9a-f]{64}")
# Of a stream all but the secret with which this host is let in at the vendor's.
STREAM: Final = ("sector", "method", "endpoint_url", "events_requested", "description", "status")


def vendor_rows(db: Connection, *, person_id: str) -> Iterator[dict[str, str | None]]:
    """Those the person has granted something, by client_id."""
    mine = select(grants.c.client_id).where(grants.c.person_id == person_id).distinct()
    known = select(vendors.c.client_id, vendors.c.secret_digest, vendors.c.metadata).where(
        vendors.c.client_id.in_(mine)
    )
    streams = {
        row.client_id: {name: row._mapping[name] for name in STREAM}
        for row in db.execute(select(event_streams).where(event_streams.c.client_id.in_(mine)))
    }
    for row in sorted(db.execute(known), key=lambda row: str(row.client_id)):
        yield {
            "client_id": row.client_id,
            "secret_digest": row.secret_digest,
            "metadata": said(row.metadata),
            "stream": said(streams[row.client_id]) if row.client_id in streams else None,
        }


def said(content: object) -> str:
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS).decode()


def take_over(db: Connection, given: Iterator[Mapping[str, Any]], *, allowed: bool, now: int) -> tuple[str, ...]:
    """Register those that are not known here, if that is allowed; gives back who still is not.

    A vendor whose client_id is an address brings its metadata itself; one that has shared a secret with the old host
    to sign with, or asks for what this host does not offer, has to be registered by the operator.
    """
    missing = []
    for row in given:
        client_id = row["client_id"]
        if not isinstance(client_id, str) or not client_id.isascii() or not client_id.isprintable():
            raise BadVault("A vendor in this vault can not be one.")
        if client_id.startswith("https://") or registry.find(db, client_id) is not None:
            continue
        vendor = vendor_of(row, now=now) if allowed else None
        if vendor is None:
            missing.append(client_id)
            continue
        registry.save(db, vendor)
        if row["stream"] is not None:
            save_stream(db, vendor, orjson.loads(row["stream"]), now=now)
    return tuple(missing)


def vendor_of(row: Mapping[str, Any], *, now: int) -> Vendor | None:
    secret, given = row["secret_digest"], orjson.loads(row["metadata"])
    if secret is not None and not (isinstance(secret, str) and DIGEST.fullmatch(secret)):
        raise BadVault("A vendor in this vault can not be one.")
    try:
        metadata = checked(given)
    except VendorApiError:
        return None
    vendor = Vendor(row["client_id"], secret, None, metadata, now)
    needs_more = vendor.has_document or vendor.auth_method == "client_secret_jwt"
    return None if needs_more or len(vendor.client_id) > LONGEST_ID else vendor


def save_stream(db: Connection, vendor: Vendor, said: Mapping[str, Any], *, now: int) -> None:
    """As the vendor has set it up, without the header that let the old host in. Pushed only to an https address."""
    if said["method"] not in streams.METHODS or said["status"] not in streams.STATUSES:
        raise BadVault("A vendor in this vault listens in no way there is.")
    address = said["endpoint_url"]
    if said["method"] == streams.PUSH and not (isinstance(address, str) and address.startswith("https://")):
        return
    stream = streams.Stream(
        client_id=vendor.client_id,
        sector=vendor.sector,
        stream_id=token_urlsafe(16),
        method=said["method"],
        endpoint_url=address if said["method"] == streams.PUSH else None,
        authorization_sealed=None,
        events_requested=configuration.events(said["events_requested"]),
        description=configuration.text(said, "description"),
        status=said["status"],
        reason=None,
        created_at=now,
        verified_at=None,
    )
    streams.save(db, stream)
