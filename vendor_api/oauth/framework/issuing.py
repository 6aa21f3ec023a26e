"""What a redemption gives: tokens, an ID token where it was asked for, grant_id and consent token."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection

from vendor_api.host import Host
from vendor_api.oauth import released, tokens
from vendor_api.oauth.asking import rar
from vendor_api.oauth.binding.dpop import token_type
from vendor_api.oauth.framework.shapes import Redemption
from vendor_api.oauth.id_token import make_id_token
from vendor_api.scopes import SCOPES
from vendor_api.vendors import encryption
from vendor_api.vendors.model import Vendor


def issue(
    db: Connection, host: Host, vendor: Vendor, spent: Redemption, bound: Mapping[str, Any], *, scope: str, now: int
) -> dict[str, Any]:
    """The token response of a redemption (RFC 6749 section 5.1), with grant_id and consent token beside the tokens.

    `bound` is what the access token is bound to, and the refresh token of a vendor without a secret (RFC 9449
    section 5, RFC 8705 section 7.1).
    """
    by_assertion = spent.via == "consent_token"
    renewable = "refresh_token" in vendor.grant_types and spent.via not in {"consent_token", "kept_refresh_token"}
    pair = tokens.issue(
        db,
        host.secrets,
        spent.grant,
        access=narrowed(spent.request, scope) | signed_for(vendor) | dict(bound) | released.flag(spent.released),
        refresh=kept(spent.request) | (dict(bound) if vendor.is_public else {}) if renewable else None,
        family=spent.family,
        now=now,
    )
    if spent.released:
        released.keep(db, spent.grant.person_id, pair.access, spent.released)
    answer: dict[str, Any] = {"access_token": pair.access, "token_type": token_type(bound)}
    answer |= {"expires_in": pair.expires_in, "scope": scope}
    if "authorization_details" in spent.request:
        answer["authorization_details"] = rar.granted(
            spent.request["authorization_details"], spent.grant.attributes, spent.grant
        )
    if pair.refresh:
        answer["refresh_token"] = pair.refresh
    if "openid" in scope.split() and not by_assertion:
        values = spent.released.values if spent.released else {}
        about = (vendor, spent.grant, spent.request)
        answer["id_token"] = make_id_token(db, host, *about, access_token=pair.access, released=values, now=now)
    return answer | {"grant_id": spent.grant.grant_id, "consent_token": spent.grant.consent_token}


TOKENS_REMEMBER: Final = (
    "scope",
    "userinfo",
    "id_token",
    "auth_time",
    "tells",
    "sid",
    "session",
    "authorization_details",
)


def signed_for(vendor: Vendor) -> dict[str, Any]:
    """OpenID Connect Core section 5.3.2: how userinfo answers a vendor that wants it signed, encrypted or both."""
    wishes = {
        "signed": vendor.metadata.get("userinfo_signed_response_alg"),
        "encrypted": encryption.recipient(vendor.metadata, "userinfo"),
    }
    return {name: wish for name, wish in wishes.items() if wish}


def kept(request: Mapping[str, Any]) -> dict[str, Any]:
    """What tokens remember of a request: nothing that belonged to the code alone, such as nonce and challenge."""
    return {name: request[name] for name in TOKENS_REMEMBER if name in request}


def narrowed(request: Mapping[str, Any], scope: str) -> dict[str, Any]:
    """The request for an access token whose vendor asked for fewer scopes this time (RFC 6749 section 6)."""
    left = set(request["scope"].split()) - set(scope.split())
    gone = {attribute for name in left for attribute in SCOPES.get(name, ())}
    return {**kept(request), "scope": scope, "userinfo": [name for name in request["userinfo"] if name not in gone]}
