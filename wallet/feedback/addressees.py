"""Vendors one can tell something: those one knows, and all that are registered here, by name."""

from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from sqlalchemy import Connection, select

from consent import grants
from consent.errors import UnknownGrant
from consent.model import Grant
from vendor_api.tables import vendors
from vendor_api.vendors import registry
from vendor_api.vendors.model import Vendor
from wallet.feedback.errors import UnknownAddressee
from wallet.feedback.telling import host_of, live_grant, name_of
from wallet.people.model import Visitor

MOST_FOUND: Final = 20
MOST_KNOWN: Final = 50
LONGEST_SEARCH: Final = 100


@dataclass(frozen=True, slots=True)
class Addressee:
    """`host` is where its answers go, which TLS proves; `grant_id` is there while it may read something."""

    client_id: str
    name: str = field(repr=False)
    host: str
    grant_id: str | None = None


def known(db: Connection, who: Visitor, *, now: int) -> list[Addressee]:
    """Those that may read something of this persona, each once."""
    place: dict[str, Any] = {"person_id": who.person_id, "persona_id": who.persona_id}
    found = grants.newest(db, **place, live=True, limit=MOST_KNOWN, now=now)
    return [Addressee(one.party.client_id, one.party.name, one.party.host, one.grant_id) for one in found]


def named(db: Connection, words: str, language: str) -> list[Addressee]:
    """Whose name or address has these words in it; not those that nobody has dealt with yet."""
    wanted = words[:LONGEST_SEARCH].casefold().split()
    if not wanted:
        return []
    listed = select(vendors.c.client_id, vendors.c.metadata).where(vendors.c.unused_until.is_(None))
    matching = [row.client_id for row in db.execute(listed) if all(word in said_of(row.metadata) for word in wanted)]
    found = (registry.find(db, client_id) for client_id in sorted(matching)[:MOST_FOUND])
    return [of_vendor(one, language) for one in found if one]


def said_of(metadata: dict[str, object]) -> str:
    names = [str(said) for name, said in metadata.items() if name.partition("#")[0] == "client_name"]
    uris = metadata.get("redirect_uris")
    hosts = [urlsplit(str(uri)).netloc for uri in uris] if isinstance(uris, list) else []
    return " ".join((*names, *hosts)).casefold()


def find(db: Connection, who: Visitor, vendor: str, language: str, *, now: int) -> Addressee:
    """By its client_id, or by a grant of one's own. Raises UnknownAddressee."""
    registered = registry.find(db, vendor) or registry.find(db, client_of_grant(db, who, vendor))
    if registered is None:
        raise UnknownAddressee
    place = {"person_id": who.person_id, "persona_id": who.persona_id}
    grant: Grant | None = live_grant(db, **place, client_id=registered.client_id, now=now)
    found = of_vendor(registered, language)
    return Addressee(found.client_id, found.name, found.host, grant.grant_id if grant else None)


def client_of_grant(db: Connection, who: Visitor, grant_id: str) -> str:
    try:
        return grants.find(db, grant_id, person_id=who.person_id).party.client_id
    except UnknownGrant:
        return ""


def of_vendor(vendor: Vendor, language: str) -> Addressee:
    return Addressee(vendor.client_id, name_of(vendor, language), host_of(vendor))
