"""Which vendors know a person by the same pairwise subject: those of one sector (OpenID Connect Core section 8.1).

Several hosts are one sector where a document says so, behind `sector_identifier_uri` (docs/decisions/0018).
"""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from vendor_api.errors import CannotFetch, InvalidClientMetadata, InvalidRedirectUri
from vendor_api.outbound.client import Outbound
from vendor_api.uris import is_link
from vendor_api.vendors.model import DEVICE_CODE

MEMBER: Final = "sector_identifier_uri"


def check_metadata(metadata: Mapping[str, Any]) -> None:
    """One host, or the address of a document that joins several. Raises InvalidRedirectUri or InvalidClientMetadata."""
    parts = [urlsplit(uri) for uri in metadata["redirect_uris"]]
    if MEMBER not in metadata:
        if len({(uri.hostname or "").lower() for uri in parts if uri.scheme == "https"}) > 1:
            raise InvalidRedirectUri(
                f"all https redirect URIs must be on one host; register a {MEMBER} that lists them, "
                "or each host as a vendor of its own"
            )
        return
    address = metadata[MEMBER]
    if not (is_link(address) and address.startswith("https:")):
        raise InvalidClientMetadata(f"{MEMBER} must be an https address without fragment")
    if DEVICE_CODE in metadata["grant_types"] or any(uri.scheme != "https" for uri in parts):
        raise InvalidClientMetadata(
            f"{MEMBER} is for vendors whose redirect URIs are all https and who ask for no devices: "
            "nothing proves whose an application is"
        )


def confirm(outbound: Outbound, metadata: Mapping[str, Any], *, now: int) -> None:
    """OpenID Connect Registration section 5: the document lists all redirect URIs, or the registration fails.

    May fetch, so never inside a transaction. Raises InvalidClientMetadata.
    """
    address = metadata.get(MEMBER)
    if address is None:
        return
    try:
        if lists(outbound.get_json(address, now=now), metadata["redirect_uris"]):
            return
        if lists(outbound.get_json(address, refresh=True, now=now), metadata["redirect_uris"]):
            return
    except CannotFetch as error:
        raise InvalidClientMetadata(f"{MEMBER} can not be used: {error}") from None
    raise InvalidClientMetadata(f"{MEMBER} must lead to a JSON array with every one of your redirect_uris")


def lists(document: object, redirect_uris: list[str]) -> bool:
    """Compared letter by letter, as everywhere."""
    if not isinstance(document, list) or not all(isinstance(uri, str) for uri in document):
        return False
    return set(redirect_uris) <= set(document)
