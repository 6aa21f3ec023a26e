"""Vendors without registration: their client_id is the address of their metadata (OAuth Client ID Metadata Document).

Where anybody may register (WALLET_REGISTRATION=open). What was fetched is stored like any registration, so that nothing
is fetched where a vendor redeems or reads.
"""

from collections.abc import Collection, Mapping
from typing import Any, Final

from sqlalchemy import Connection

from vendor_api.errors import CannotFetch, VendorApiError
from vendor_api.host import Host
from vendor_api.uris import split
from vendor_api.vendors import newcomers, registry, sector
from vendor_api.vendors.metadata import checked
from vendor_api.vendors.model import HAS_DOCUMENT, Vendor
from vendor_api.vendors.registry import MOST_VENDORS

METHODS: Final = ("none", "private_key_jwt")
LONGEST_ID: Final = 500


def known(host: Host, client_id: str) -> Vendor | None:
    """The vendor of this client_id, its document looked at if it has one. May fetch, so never inside a transaction.

    A document that can not be read, or is not good, changes nothing: the vendor is what it was before.
    """
    vendor = host.read(registry.find, client_id)
    if host.registration != "open" or not is_address(client_id) or (vendor and not vendor.has_document):
        return vendor
    try:
        document = host.outbound.get_json(client_id, now=host.now())
        metadata = described(client_id, document, offered=host.response_types)
        if vendor is None or vendor.metadata != metadata:
            sector.confirm(host.outbound, metadata, now=host.now())
    except (CannotFetch, VendorApiError):
        return vendor
    return host.write(keep, client_id, metadata, now=host.now())


def is_address(client_id: str) -> bool:
    """Section 3: https with a path, and none of what makes two spellings of one address."""
    parts = split(client_id) if len(client_id) <= LONGEST_ID else None
    return parts is not None and parts.scheme == "https" and parts.path not in {"", "/"}


def described(client_id: str, document: object, *, offered: Collection[str]) -> dict[str, Any]:
    """Section 4.1: about this very address, and without anything that has to stay secret. Raises VendorApiError."""
    if not isinstance(document, dict) or document.get("client_id") != client_id:
        raise VendorApiError("client_id of the document must be its address")
    if any(name.startswith("client_secret") for name in document) or "require_pkce" in document:
        raise VendorApiError("a document can not contain a secret")
    metadata = checked({"token_endpoint_auth_method": "none", **document}, offered=offered)
    if metadata["token_endpoint_auth_method"] not in METHODS:
        raise VendorApiError(f"token_endpoint_auth_method must be one of: {', '.join(METHODS)}")
    return {**metadata, HAS_DOCUMENT: True}


def keep(db: Connection, client_id: str, metadata: Mapping[str, Any], *, now: int) -> Vendor | None:
    """As it is stored now. A vendor that moves to another host would learn another's subjects, so it does not move."""
    before = registry.find(db, client_id)
    vendor = Vendor(client_id, None, None, metadata, now, unused_until=now + newcomers.UNUSED_FOR)
    if before is None:
        if registry.count(db) >= MOST_VENDORS or newcomers.is_crowded(db, now=now):
            return None
        registry.save(db, vendor)
    elif before.metadata != metadata and before.sector == vendor.sector:
        registry.change(db, vendor)
    return registry.find(db, client_id)
