"""Which people's terms a vendor accepts beforehand (IEEE 7012): in its registration, or in a document on its host.

The document is what tinyMyTerms reads, `/.well-known/myterms.json`: `agreements` is an array of objects with an `id`.
"""

from collections.abc import Mapping
from typing import Any, Final

from consent.model import Ask
from consent.terms.roster import named
from consent.terms.standing import KINDS, kind_of
from vendor_api.errors import CannotFetch, InvalidClientMetadata
from vendor_api.outbound.client import Outbound
from vendor_api.vendors.model import Vendor

MEMBER: Final = "myterms"
KIND: Final = "vendor_kind"
MEMBERS: Final = (MEMBER, KIND)
PATH: Final = "/.well-known/myterms.json"
MOST: Final = 100
IN_ASK: Final = "myterms"


def check(metadata: Mapping[str, Any]) -> None:
    """Ours: agreements of the roster, the dearest to the vendor first. Raises InvalidClientMetadata."""
    stated = metadata.get(MEMBER, [])
    if not isinstance(stated, list) or len(stated) > MOST or not all(map(named, stated)):
        raise InvalidClientMetadata(f"{MEMBER} must list agreements of IEEE 7012, such as SD-BASE")
    if KIND in metadata and metadata[KIND] not in KINDS:
        raise InvalidClientMetadata(f"{KIND} must be one of: {', '.join(KINDS)}")


def in_ask(vendor: Vendor) -> dict[str, Any]:
    """What an ask remembers of it, so that a person's terms can be held against it."""
    said = {"kind": kind_of(vendor.metadata.get(KIND))}
    stated = vendor.metadata.get(MEMBER)
    return {IN_ASK: said | ({} if stated is None else {"accepts": distinct(stated)})}


def kind_in(ask: Ask) -> str:
    return kind_of(ask.request.get(IN_ASK, {}).get("kind"))


def accepted(outbound: Outbound, ask: Ask, *, now: int) -> tuple[str, ...]:
    """What the vendor accepts beforehand: as registered, else as its host says. May fetch, so never in a transaction.

    An app or a loopback address has no host that could speak for it.
    """
    stated = ask.request.get(IN_ASK, {}).get("accepts")
    if stated is not None:
        return tuple(stated)
    if not ask.party.verified or ask.party.sector.startswith("client:"):
        return ()
    try:
        return in_document(outbound.get_json(f"https://{ask.party.host}{PATH}", now=now))
    except CannotFetch:
        return ()


def in_document(document: object) -> tuple[str, ...]:
    """The agreements a document names that are in the roster; anything else in it is skipped."""
    listed = document.get("agreements") if isinstance(document, dict) else None
    entries = [entry for entry in listed[:MOST] if isinstance(entry, dict)] if isinstance(listed, list) else []
    return distinct([entry.get("id") for entry in entries])


def distinct(stated: list[Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in map(named, stated) if name))
