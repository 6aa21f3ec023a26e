"""The vendors of a person, as far as another host needs them: how they are registered, and how they listen."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from secrets import token_urlsafe
from typing import Any, Final

import orjson
from sqlalchemy import Connection, select

from consent.tables import event_streams, grants
from vendor_api.errors import VendorApiError
from vendor_api.events import configuration, streams
from vendor_api.proxies import Proxies
from vendor_api.tables import vendors
from vendor_api.vendors import registry, sector
from vendor_api.vendors.certificates import check_offered
from vendor_api.vendors.ciba import is_https
from vendor_api.vendors.metadata import checked
from vendor_api.vendors.model import Vendor
from wallet.vault.errors import BadVault

COLUMNS: Final[dict[str, Any]] = {"client_id": str, "secret_digest": str, "metadata": str, "stream": str}
LONGEST_ID: Final = 200
LONGEST_ADDRESS: Final = 2000
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


@dataclass(frozen=True, slots=True)
class Offer:
    """What this host offers vendors: response types, and certificates that its proxies look at."""

    response_types: Collection[str]
    proxies: Proxies | None


def take_over(db: Connection, given: Iterator[Mapping[str, Any]], *, offer: Offer | None, now: int) -> tuple[str, ...]:
    """Register those that are not known here, as far as that is offered; gives back who still is not.

    A vendor whose client_id is an address brings its metadata itself. Registered by the operator has to be who shared a
    secret with the old host to sign with, who asks for what is not offered here, and who counts as one with other hosts
    or goes without PKCE: that is nothing to be believed from a file. Raises BadVault.
    """
    missing = []
    for row in given:
        check_row(row)
        client_id = row["client_id"]
        if client_id.startswith("https://") or registry.find(db, client_id) is not None:
            continue
        vendor = vendor_of(row, offer, now=now) if offer is not None else None
        if vendor is None:
            missing.append(client_id)
            continue
        registry.save(db, vendor)
        if row["stream"] is not None:
            save_stream(db, vendor, parsed(row["stream"]), now=now)
    return tuple(missing)


def check_row(row: Mapping[str, Any]) -> None:
    """Raises BadVault."""
    client_id, secret, stream = row["client_id"], row["secret_digest"], row["stream"]
    fits = (
        isinstance(client_id, str)
        and 0 < len(client_id) <= LONGEST_ADDRESS
        and client_id.isascii()
        and client_id.isprintable()
        and (secret is None or (isinstance(secret, str) and DIGEST.fullmatch(secret) is not None))
        and isinstance(row["metadata"], str)
        and (stream is None or isinstance(stream, str))
    )
    if not fits:
        raise BadVault("A vendor in this vault can not be one.")


def parsed(text: str) -> dict[str, Any]:
    """Raises BadVault."""
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise BadVault("What a vendor in this vault says of itself can not be read.")
    return found


def vendor_of(row: Mapping[str, Any], offer: Offer, *, now: int) -> Vendor | None:
    """As it would be if it registered here; None where the operator has to do that. Raises BadVault."""
    given = parsed(row["metadata"])
    try:
        metadata = checked(given, offered=offer.response_types)
        check_offered(offer.proxies, metadata)
    except VendorApiError:
        return None
    except (TypeError, ValueError, LookupError, AttributeError):
        raise BadVault("What a vendor in this vault says of itself can not be read.") from None
    vendor = Vendor(row["client_id"], row["secret_digest"], None, metadata, now)
    needs_more = (
        vendor.has_document
        or vendor.auth_method == "client_secret_jwt"
        or sector.MEMBER in metadata
        or not vendor.requires_pkce
    )
    return None if needs_more or len(vendor.client_id) > LONGEST_ID else vendor


def save_stream(db: Connection, vendor: Vendor, said: Mapping[str, Any], *, now: int) -> None:
    """As the vendor has set it up, without the header that let the old host in. Pushed only to an https address.

    Raises BadVault.
    """
    method, status, address = said.get("method"), said.get("status"), said.get("endpoint_url")
    if method not in streams.METHODS or status not in streams.STATUSES:
        raise BadVault("A vendor in this vault listens in no way there is.")
    if method == streams.PUSH and not (
        isinstance(address, str) and len(address) <= LONGEST_ADDRESS and is_https(address)
    ):
        raise BadVault("A vendor in this vault listens at no address.")
    try:
        wanted, description = (
            configuration.events(said.get("events_requested")),
            configuration.text(said, "description"),
        )
    except VendorApiError:
        raise BadVault("A vendor in this vault listens to no events there are.") from None
    stream = streams.Stream(
        client_id=vendor.client_id,
        sector=vendor.sector,
        stream_id=token_urlsafe(16),
        method=str(method),
        endpoint_url=address if method == streams.PUSH else None,
        authorization_sealed=None,
        events_requested=wanted,
        description=description,
        status=str(status),
        reason=None,
        created_at=now,
        verified_at=None,
    )
    streams.save(db, stream)
