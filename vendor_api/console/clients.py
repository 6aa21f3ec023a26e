"""The clients of a vendor, as its staff manage them: the one they are staff of, and those registered in the console."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from secrets import token_urlsafe
from typing import Any, Final

from flask_babel import lazy_gettext as _
from sqlalchemy import Connection, insert, select

from keys.opaque import digest
from vendor_api.console.errors import ChangedSince, ConsoleError, NotYours
from vendor_api.console.model import Member
from vendor_api.errors import AccessDenied, InvalidClientMetadata
from vendor_api.host import Host
from vendor_api.oauth import registration
from vendor_api.tables import console_clients
from vendor_api.vendors import newcomers, registry, sector
from vendor_api.vendors.certificates import check_offered
from vendor_api.vendors.metadata import SECRET_METHODS, checked
from vendor_api.vendors.model import HAS_DOCUMENT, Vendor

MOST_CLIENTS: Final = 20


class OwnClient(ConsoleError):
    status = 409

    def __init__(self) -> None:
        super().__init__(_("The console belongs to this client, so it can not be removed here."))


class NoSecret(ConsoleError):
    status = 409

    def __init__(self) -> None:
        super().__init__(_("This client proves itself in another way, so it has no secret."))


def of_member(db: Connection, member: Member) -> tuple[Vendor, ...]:
    """The one it is staff of first, then the others as they came."""
    mine = console_clients.c.client_id == member.client_id
    owned = db.execute(select(console_clients.c.owned_id).where(mine).order_by(console_clients.c.created_at)).scalars()
    found = (registry.find(db, client_id) for client_id in (member.client_id, *owned))
    return tuple(vendor for vendor in found if vendor is not None)


def find(db: Connection, member: Member, client_id: str) -> Vendor:
    """Raises NotYours, also for one of another vendor."""
    place = (console_clients.c.client_id == member.client_id, console_clients.c.owned_id == client_id)
    is_ours = client_id == member.client_id or db.execute(select(console_clients.c.owned_id).where(*place)).first()
    vendor = registry.find(db, client_id) if is_ours else None
    if vendor is None:
        raise NotYours
    return vendor


def version(vendor: Vendor) -> str:
    """What a form was made from, so that whoever saves later learns of it."""
    said = json.dumps([vendor.client_id, dict(vendor.metadata)], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()


def register(host: Host, member: Member, given: object, *, initial_token: str, now: int) -> dict[str, Any]:
    """What RFC 7591 section 3.2.1 answers, secrets included, which are shown once. Raises VendorApiError.

    By the same rule as at /oauth/register: who may register here is for whoever runs the wallet to say.
    """
    if host.registration == "closed":
        raise AccessDenied("registration is closed here; ask the operator of this wallet to register your client")
    if host.registration == "token":
        registration.check_initial_token(host.secrets, initial_token, now=now)
    check_not_ours_to_say(given)
    metadata = checked(given, offered=host.response_types)
    check_offered(host.proxies, metadata)
    sector.confirm(host.outbound, metadata, now=now)
    vendor, secret = registration.new_vendor(host.secrets, metadata, now=now)
    token = token_urlsafe(32)
    vendor = replace(vendor, registration_digest=digest(token), unused_until=now + newcomers.UNUSED_FOR)
    host.write(keep, host, member, vendor, now=now)
    return registration.managed(vendor, secret, issuer=host.issuer, token=token)


def check_not_ours_to_say(given: object) -> None:
    if isinstance(given, dict) and "require_pkce" in given:
        raise InvalidClientMetadata("require_pkce can only be set by the operator of this wallet")


def keep(db: Connection, host: Host, member: Member, vendor: Vendor, *, now: int) -> None:
    if len(of_member(db, member)) >= MOST_CLIENTS:
        raise AccessDenied(f"an organisation has at most {MOST_CLIENTS} clients here")
    registration.add(db, vendor, is_open=host.registration == "open", now=now)
    row = {"client_id": member.client_id, "owned_id": vendor.client_id, "created_at": now}
    db.execute(insert(console_clients).values(row))


def change(host: Host, member: Member, client_id: str, given: object, *, seen: str, now: int) -> str | None:
    """All its metadata is replaced; a secret, where its method newly needs one. Raises ChangedSince, VendorApiError."""
    if isinstance(given, dict) and sector.MEMBER in given:
        sector.confirm(host.outbound, checked(given, offered=host.response_types), now=now)
    return host.write(changed, host, member, client_id, given, seen=seen)


def changed(db: Connection, host: Host, member: Member, client_id: str, given: object, *, seen: str) -> str | None:
    vendor = find(db, member, client_id)
    if version(vendor) != seen:
        raise ChangedSince
    if not isinstance(given, dict):
        raise InvalidClientMetadata("send the client metadata as one JSON object")
    made, secret = registration.replaced(host, vendor, given)
    registry.change(db, made)
    return secret


def rotate(db: Connection, host: Host, member: Member, client_id: str) -> str:
    """The new secret; the old one counts no more at once. Raises NotYours and NoSecret."""
    vendor = find(db, member, client_id)
    if vendor.auth_method not in SECRET_METHODS:
        raise NoSecret
    secret = registry.new_secret()
    registry.change(db, registration.with_secret(host.secrets, vendor, secret))
    return secret


def remove(db: Connection, member: Member, client_id: str) -> None:
    """Raises NotYours and OwnClient."""
    find(db, member, client_id)
    if client_id == member.client_id:
        raise OwnClient
    registry.remove(db, client_id)


def as_registered(vendor: Vendor) -> dict[str, Any]:
    """What staff see and may change; `require_pkce` goes along as it is."""
    return {name: value for name, value in vendor.metadata.items() if name != HAS_DOCUMENT}


def with_usual(vendor: Vendor | None, usual: Mapping[str, Any]) -> dict[str, Any]:
    """The metadata with what the form for the usual members says; what is empty is left out."""
    before = as_registered(vendor) if vendor else {}
    return {name: value for name, value in {**before, **usual}.items() if value or name == "scope"}
