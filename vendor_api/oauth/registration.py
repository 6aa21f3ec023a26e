"""POST /oauth/register and /oauth/register/<client_id>: vendors register and manage themselves (RFC 7591, RFC 7592).

Not built on Authlib's endpoints: those accept wildcards, hostile schemes and plain http, so every check is ours.
"""

import base64
from collections.abc import Collection, Mapping
from dataclasses import replace
from secrets import compare_digest, token_urlsafe
from typing import Any, Final

from sqlalchemy import Connection
from werkzeug.datastructures import Headers

from keys.errors import CannotOpen
from keys.opaque import digest
from keys.sealing import seal, unseal
from keys.secrets import HostSecrets
from vendor_api.call import Call
from vendor_api.errors import AccessDenied, InvalidClientMetadata, InvalidRedirectUri, InvalidToken, TokenMissing
from vendor_api.host import Host
from vendor_api.oauth.answers import NO_STORE, Answer, as_json
from vendor_api.oauth.framework.client_assertion import place
from vendor_api.vendors import newcomers, registry, sector
from vendor_api.vendors.certificates import check_offered
from vendor_api.vendors.metadata import SECRET_METHODS, checked
from vendor_api.vendors.model import Vendor
from vendor_api.vendors.reserved import is_reserved
from vendor_api.vendors.response_types import USUAL

PATH: Final = "/oauth/register"
INITIAL_TOKEN_LIFETIME: Final = 7 * 24 * 3600
LONGEST_ID: Final = 200
SHORTEST_HMAC_SECRET: Final = 32  # RFC 7518 section 3.2: as long as the hash
ISSUED_BY_US: Final = frozenset(
    {"registration_access_token", "registration_client_uri", "client_secret_expires_at", "client_id_issued_at"}
)


def register(host: Host, call: Call) -> Answer:
    """RFC 7591 section 3. Raises AccessDenied or InvalidToken if registration is guarded, and what checked() raises."""
    given, now = call.json(), host.now()
    admit(host, call.headers, now=now)
    if isinstance(given, dict) and "require_pkce" in given:
        raise InvalidClientMetadata("require_pkce can only be set by the operator of this wallet")
    metadata = checked(given, offered=host.response_types)
    check_offered(host.proxies, metadata)
    sector.confirm(host.outbound, metadata, now=now)
    vendor, secret = new_vendor(host.secrets, metadata, now=now)
    token = token_urlsafe(32)
    vendor = replace(vendor, registration_digest=digest(token), unused_until=now + newcomers.UNUSED_FOR)
    host.write(add, vendor, is_open=host.registration == "open", now=now)
    registered = described(vendor, secret) | {
        "registration_access_token": token,
        "registration_client_uri": f"{host.issuer}{PATH}/{vendor.client_id}",
    }
    return as_json(registered, status=201)


def admit(host: Host, headers: Headers, *, now: int) -> None:
    if host.registration == "closed":
        raise AccessDenied("registration is closed here; ask the operator of this wallet to register you")
    if host.registration == "token":
        check_initial_token(host.secrets, bearer(headers), now=now)


def add(db: Connection, vendor: Vendor, *, is_open: bool, now: int) -> None:
    """Raises AccessDenied where the house is full, TooManyRegistrations where strangers come too fast."""
    if registry.count(db) >= registry.MOST_VENDORS:
        raise AccessDenied("no more vendors can register here; ask the operator of this wallet")
    if is_open:
        newcomers.check_room(db, now=now)
    registry.save(db, vendor)


def new_vendor(
    secrets: HostSecrets,
    metadata: Mapping[str, Any],
    *,
    client_id: str | None = None,
    secret: str | None = None,
    now: int,
) -> tuple[Vendor, str | None]:
    """A vendor with its secret in clear; one that uses none has none."""
    vendor = Vendor(client_id or token_urlsafe(16), None, None, metadata, now)
    if vendor.auth_method not in SECRET_METHODS:
        return vendor, None
    secret = secret or registry.new_secret()
    return with_secret(secrets, vendor, secret), secret


def with_secret(secrets: HostSecrets, vendor: Vendor, secret: str) -> Vendor:
    """Kept as a digest; sealed as well where it has to verify assertions (client_secret_jwt)."""
    sealed = None
    if vendor.auth_method == "client_secret_jwt":
        if len(secret) < SHORTEST_HMAC_SECRET:
            raise InvalidClientMetadata(f"client_secret must have {SHORTEST_HMAC_SECRET} characters or more for HS256")
        sealed = seal(secrets.sealing, secret.encode(), *place(vendor))
    return replace(vendor, secret_digest=digest(secret), secret_sealed=sealed)


def add_by_operator(
    db: Connection, secrets: HostSecrets, given: object, *, offered: Collection[str] = USUAL, now: int
) -> dict[str, Any]:
    """Register a vendor of the operator's choice, whose client_id and client_secret are kept if given.

    Returns what was registered. Raises InvalidClientMetadata or InvalidRedirectUri.
    """
    metadata = checked(given, offered=offered)
    wishes = {name: given.get(name) for name in ("client_id", "client_secret")} if isinstance(given, dict) else {}
    for name, wish in wishes.items():
        if wish is not None and not (
            isinstance(wish, str) and 0 < len(wish) <= LONGEST_ID and wish.isascii() and wish.isprintable()
        ):
            raise InvalidClientMetadata(f"{name} must be a short ASCII text")
    client_id, secret = wishes.get("client_id"), wishes.get("client_secret")
    if client_id and is_reserved(client_id):
        raise InvalidClientMetadata("this client_id belongs to the wallet itself; choose another one")
    vendor, secret = new_vendor(secrets, metadata, client_id=client_id, secret=secret, now=now)
    if registry.find(db, vendor.client_id) is not None:
        raise InvalidClientMetadata(
            f"a vendor with client_id {vendor.client_id} is registered already; remove it first"
        )
    registry.save(db, vendor)
    return described(vendor, secret)


def read(host: Host, call: Call) -> Answer:
    """RFC 7592 section 2.1. Raises InvalidToken if id and token do not fit."""
    token = bearer(call.headers)
    vendor = host.read(owned, call.rest, token)
    return as_json(managed(vendor, None, issuer=host.issuer, token=token))


def remove(host: Host, call: Call) -> Answer:
    """RFC 7592 section 2.3. Raises InvalidToken."""
    host.write(remove_owned, call.rest, bearer(call.headers))
    return Answer(204, NO_STORE)


def remove_owned(db: Connection, client_id: str, token: str) -> None:
    registry.remove(db, owned(db, client_id, token).client_id)


def change(host: Host, call: Call) -> Answer:
    """RFC 7592 section 2.2. Raises InvalidToken, InvalidClientMetadata or InvalidRedirectUri."""
    given, token = call.json(), bearer(call.headers)
    if isinstance(given, dict) and sector.MEMBER in given:
        host.read(owned, call.rest, token)
        sector.confirm(host.outbound, checked(given, offered=host.response_types), now=host.now())
    return host.write(change_owned, host, call.rest, token, given)


def change_owned(db: Connection, host: Host, client_id: str, token: str, given: object) -> Answer:
    """All metadata is replaced; the secret stays, or is made where the method newly needs one."""
    vendor = owned(db, client_id, token)
    if not isinstance(given, dict) or given.get("client_id") != client_id or ISSUED_BY_US & given.keys():
        raise InvalidClientMetadata("send client_id and the complete metadata, without what this wallet issued")
    if "client_secret" in given and not vendor.check_secret(str(given["client_secret"])):
        raise InvalidClientMetadata("client_secret must be the one that was issued")
    changed, secret = replaced(host, vendor, given)
    registry.change(db, changed)
    return as_json(managed(changed, secret, issuer=host.issuer, token=token))


def replaced(host: Host, vendor: Vendor, given: Mapping[str, Any]) -> tuple[Vendor, str | None]:
    """The vendor with other metadata, and a secret where its method newly needs one; nothing is stored yet."""
    if "require_pkce" in given and given["require_pkce"] != vendor.metadata.get("require_pkce", True):
        raise InvalidClientMetadata("require_pkce can only be set by the operator of this wallet")
    changed, secret = replace(vendor, metadata=checked(given, offered=host.response_types)), None
    check_same_sector(vendor, changed)
    check_offered(host.proxies, changed.metadata)
    if changed.auth_method not in SECRET_METHODS:
        changed = replace(changed, secret_digest=None, secret_sealed=None)
    elif changed.auth_method != "client_secret_jwt" and changed.secret_digest is not None:
        changed = replace(changed, secret_sealed=None)
    elif changed.secret_sealed is None:
        secret = registry.new_secret()
        changed = with_secret(host.secrets, changed, secret)
    return changed, secret


def check_same_sector(vendor: Vendor, changed: Vendor) -> None:
    """The sector decides which pairwise subject a vendor sees: moving, it would learn another vendor's."""
    if changed.sector != vendor.sector:
        raise InvalidRedirectUri(
            "redirect URIs or sector_identifier_uri must stay on their host, and devices allowed or not; "
            "register another vendor instead"
        )


def owned(db: Connection, client_id: str, token: str) -> Vendor:
    vendor = registry.find(db, client_id)
    if vendor is None or not compare_digest(vendor.registration_digest or "", digest(token)):
        raise InvalidToken("this registration access token is not valid here")
    return vendor


def described(vendor: Vendor, secret: str | None) -> dict[str, Any]:
    """RFC 7591 section 3.2.1."""
    issued = {"client_id": vendor.client_id, "client_id_issued_at": vendor.created_at}
    if secret is not None:
        issued |= {"client_secret": secret, "client_secret_expires_at": 0}
    return {**vendor.metadata, **issued}


def managed(vendor: Vendor, secret: str | None, *, issuer: str, token: str) -> dict[str, Any]:
    return described(vendor, secret) | {
        "registration_access_token": token,
        "registration_client_uri": f"{issuer}{PATH}/{vendor.client_id}",
    }


def bearer(headers: Headers) -> str:
    scheme, _, token = headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise TokenMissing("send the token in the Authorization header")
    return token.strip()


def mint_initial_token(secrets: HostSecrets, *, now: int) -> str:
    """An initial access token (RFC 7591 section 1.2) that lets its holder register for a week. Nothing is stored."""
    sealed = seal(secrets.tokens, str(now + INITIAL_TOKEN_LIFETIME).encode(), "initial_access_token")
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def check_initial_token(secrets: HostSecrets, token: str, *, now: int) -> None:
    try:
        sealed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        expires_at = int(unseal(secrets.tokens, sealed, "initial_access_token"))
    except (ValueError, CannotOpen):
        raise InvalidToken("this initial access token is not valid here") from None
    if now >= expires_at:
        raise InvalidToken("this initial access token has expired; ask the operator for a new one")
