"""Requests by reference: a request object at an address of the vendor's (OpenID Connect Core 6.2, RFC 9101 5.2).

Only addresses it registered are fetched, so that nobody can send the wallet elsewhere by a link.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from vendor_api.errors import CannotFetch, InvalidClientMetadata, InvalidRequest, InvalidRequestUri
from vendor_api.host import Host
from vendor_api.uris import is_link
from vendor_api.vendors.model import Vendor

TYPES: Final = ("application/oauth-authz-req+jwt", "application/jwt")
COMPACT: Final = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
FRAGMENT: Final = re.compile(r"[A-Za-z0-9_-]*")  # base64url
LONGEST: Final = 512
MOST: Final = 20


def check_metadata(metadata: Mapping[str, Any]) -> None:
    """OpenID Connect Registration section 2. Raises InvalidClientMetadata."""
    uris = metadata.get("request_uris", [])
    if not isinstance(uris, list) or len(uris) > MOST or not all(map(is_request_uri, uris)):
        raise InvalidClientMetadata(
            f"request_uris must list at most {MOST} https addresses of at most {LONGEST} characters; "
            "a fragment is the base64url SHA-256 of what is there"
        )


def is_request_uri(uri: object) -> bool:
    if not isinstance(uri, str) or len(uri) > LONGEST:
        return False
    address, _, fragment = uri.partition("#")
    return is_link(address) and FRAGMENT.fullmatch(fragment) is not None


def fetched(host: Host, vendor: Vendor, uri: str) -> str:
    """The request object at this address of the vendor's. May fetch, so never inside a transaction.

    Raises InvalidRequestUri, and InvalidRequest where this vendor has to push its requests.
    """
    check_may_refer(vendor, uri)
    try:
        found = host.outbound.get_text(uri, types=TYPES, now=host.now()).strip()
    except CannotFetch as error:
        raise InvalidRequestUri(f"the request_uri can not be used: {error}") from None
    if not COMPACT.fullmatch(found):
        raise InvalidRequestUri("the request_uri can not be used: there is no JWT at it")
    return found


def check_may_refer(vendor: Vendor, uri: str) -> None:
    """Before anything is fetched. The fragment names a version of what is there, so it does not count."""
    if vendor.pushes_requests:
        raise InvalidRequest("this vendor is registered to push its requests; use the PAR endpoint first")
    registered = {known.partition("#")[0] for known in vendor.metadata.get("request_uris", ())}
    if not is_request_uri(uri) or uri.partition("#")[0] not in registered:
        raise InvalidRequestUri("this request_uri is not registered for this vendor; list it in request_uris")
