"""Token exchange (RFC 8693): a vendor narrows its access token for a processor, and never widens it.

Authlib's is an empty stub.
"""

from collections.abc import Collection
from typing import Any, Final

from authlib.oauth2.rfc6749 import BaseGrant, TokenEndpointMixin

from consent import using
from vendor_api.errors import (
    InvalidGrant,
    InvalidRequest,
    InvalidScope,
    InvalidTarget,
    UnauthorizedClient,
)
from vendor_api.oauth import tokens
from vendor_api.oauth.asking import wishes
from vendor_api.oauth.binding import dpop
from vendor_api.oauth.framework.issuing import narrowed
from vendor_api.oauth.framework.shapes import Client
from vendor_api.scopes import attributes_of_claim
from vendor_api.vendors.metadata import AUTH_METHODS, TOKEN_EXCHANGE

ACCESS_TOKEN: Final = "urn:ietf:params:oauth:token-type:access_token"
NOT_HERE: Final = ("actor_token", "actor_token_type")


class TokenExchangeGrant(BaseGrant, TokenEndpointMixin):
    """Section 2. The new token lives no longer than the old one, dies with it, and is never renewed."""

    GRANT_TYPE = TOKEN_EXCHANGE
    TOKEN_ENDPOINT_AUTH_METHODS = [method for method in AUTH_METHODS if method != "none"]

    def validate_token_request(self) -> None:
        client: Client = self.authenticate_token_endpoint_client()
        if not client.check_grant_type(self.GRANT_TYPE):
            raise UnauthorizedClient(f"this vendor is not registered for {self.GRANT_TYPE}")
        self.request.client = client
        check_parameters(self.request.form)

    def create_token_response(self) -> tuple[int, dict[str, Any], list[tuple[str, str]]]:
        gate, client, form = self.server, self.request.client, self.request.form
        token = tokens.find(gate.db, gate.host.secrets, form["subject_token"], kind="access", now=gate.now)
        if token is None or token.client_id != client.get_client_id():
            raise InvalidGrant("subject_token is not a living access token of yours")
        if dpop.thumbprint_in(token.request) and gate.proof is None:
            raise InvalidGrant("subject_token is bound to a key; send a DPoP proof made with that key")
        bound = gate.bound(client.vendor, token.request)
        recipient = recipient_of(client, token, form)
        request = narrower(token, form) | ({"recipient": recipient} if recipient else {})
        if "claims" in form:
            check_may_have(token, request["userinfo"], recipient)
        using.redeem(
            gate.db,
            gate.host.secrets,
            token.grant,
            via="token_exchange",
            recipient=recipient,
            cover=token.cover,
            now=gate.now,
        )
        pair = tokens.issue(
            gate.db,
            gate.host.secrets,
            token.grant,
            access=request | bound,
            refresh=None,
            family=token.family,
            until=token.expires_at,
            now=gate.now,
        )
        answer = {
            "access_token": pair.access,
            "issued_token_type": ACCESS_TOKEN,
            "token_type": dpop.token_type(bound),
            "expires_in": pair.expires_in,
            "scope": request["scope"],
        }
        return 200, answer, self.TOKEN_RESPONSE_HEADER


def check_parameters(form: dict[str, str]) -> None:
    """Section 2.1: access tokens for access tokens, and nobody acts for somebody else."""
    if not form.get("subject_token"):
        raise InvalidRequest("subject_token is missing")
    if form.get("subject_token_type") != ACCESS_TOKEN:
        raise InvalidRequest(f"subject_token_type must be {ACCESS_TOKEN}")
    if form.get("requested_token_type", ACCESS_TOKEN) != ACCESS_TOKEN:
        raise InvalidRequest(f"requested_token_type must be {ACCESS_TOKEN}")
    if any(name in form for name in NOT_HERE):
        raise InvalidRequest("actor_token is not supported; name the processor as audience")


def recipient_of(client: Client, token: tokens.Token, form: dict[str, str]) -> str | None:
    """The processor the token is for: one the person was told of (`recipients`), and once named it stays.

    Raises InvalidTarget.
    """
    before, asked = token.request.get("recipient"), form.get("audience")
    if asked is not None and asked not in token.grant.party.recipients:
        raise InvalidTarget("audience must be one of the recipients that the person was shown")
    if before is not None and asked not in {None, before}:
        raise InvalidTarget("this token is for another processor already")
    return asked or before


def check_may_have(token: tokens.Token, attributes: Collection[str], recipient: str | None) -> None:
    """Each value the processor is to read is one the person lets it have, as far as was named. Raises InvalidTarget."""
    limits = {item.attribute: item.in_force for item in token.grant.items}
    for attribute in attributes if recipient else ():
        held = limits[attribute]
        if held is not None and held.recipients is not None and recipient not in held.recipients:
            raise InvalidTarget(f"{attribute} may not be passed on to this audience")


def narrower(token: tokens.Token, form: dict[str, str]) -> dict[str, Any]:
    """The old token's request with fewer scopes (`scope`) and attributes (`claims`). Raises InvalidScope."""
    had, scope = token.request["scope"].split(), form.get("scope", token.request["scope"])
    if not set(scope.split()) <= set(had):
        raise InvalidScope("scope can only become narrower")
    request = narrowed(token.request, scope)
    kept = {name: token.request[name] for name in ("signed", "encrypted") if name in token.request}
    if "claims" not in form:
        return request | kept
    wanted = {name for claim in wishes.parse_claims(form["claims"]) for name in attributes_of_claim(claim.name)}
    if not wanted <= token.attributes.intersection(request["userinfo"]):
        raise InvalidScope("claims can only name what the token may read")
    return request | kept | {"userinfo": sorted(wanted)}
