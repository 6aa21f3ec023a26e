"""Introspection and revocation: what a token is worth, and the end of it (RFC 7662, RFC 7009)."""

from collections.abc import Mapping
from typing import Any

from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint

from consent.errors import GrantPaused
from vendor_api.errors import InvalidRequest
from vendor_api.oauth import tokens
from vendor_api.oauth.asking import rar
from vendor_api.oauth.asking.acr import ACR
from vendor_api.oauth.binding import dpop
from vendor_api.oauth.framework.gate import Gate
from vendor_api.oauth.framework.shapes import Client, Request
from vendor_api.vendors.metadata import AUTH_METHODS, PROVING_METHODS


class Introspection(IntrospectionEndpoint):
    """RFC 7662, for the vendor the token was given to and nobody else."""

    def authenticate_endpoint_client(self, request: Request) -> Client:
        return confidential_client(self.server, request)

    def check_params(self, request: Request, client: Client) -> None:
        check_token_parameter(request)

    def query_token(self, token_string: str, token_type_hint: str | None) -> tokens.Token | None:
        gate: Gate = self.server
        kinds = ("refresh", "access") if token_type_hint == "refresh_token" else ("access", "refresh")
        found = (tokens.find(gate.db, gate.host.secrets, token_string, kind=kind, now=gate.now) for kind in kinds)
        try:
            return next(filter(None, found), None)
        except GrantPaused:
            return None

    def check_permission(self, token: tokens.Token, client: Client, request: Request) -> bool:
        return token.client_id == client.get_client_id()

    def create_introspection_payload(self, token: tokens.Token | None) -> dict[str, Any]:
        if token is None:
            return {"active": False}
        cnf = token.request.get("cnf")
        described = {
            "active": True,
            "iss": self.server.host.issuer,
            "client_id": token.client_id,
            "sub": token.grant.sub,
            "aud": token.request.get("recipient", token.client_id),
            "scope": token.request["scope"],
            "token_type": token_type(token),
            "iat": token.issued_at,
            "exp": min(token.expires_at, token.grant.expires_at),
            "grant_id": token.grant.grant_id,
        }
        if "authorization_details" in token.request:
            described["authorization_details"] = rar.granted(
                token.request["authorization_details"], token.attributes, token.grant
            )
        described |= sign_in_behind(token.request)
        return {**described, "cnf": cnf} if cnf else described


class Revocation(RevocationEndpoint):
    """RFC 7009: a refresh token takes its family along, an access token only itself; others' tokens are left alone."""

    def authenticate_endpoint_client(self, request: Request) -> Client:
        return self.server.authenticate_client(request, list(AUTH_METHODS), "revocation")  # type: ignore[no-any-return]

    def check_params(self, request: Request, client: Client) -> None:
        check_token_parameter(request)

    def authenticate_token(self, request: Request, client: Client) -> None:
        self.check_params(request, client)
        gate: Gate = self.server
        given, client_id = request.form["token"], client.get_client_id()
        refresh = tokens.find_paused_too(gate.db, gate.host.secrets, given, kind="refresh", now=gate.now)
        if refresh is not None and refresh.client_id == client_id:
            tokens.revoke_family(gate.db, person_id=refresh.grant.person_id, family=refresh.family, now=gate.now)
            return
        access = tokens.find_paused_too(gate.db, gate.host.secrets, given, kind="access", now=gate.now)
        if access is not None:
            tokens.revoke(gate.db, given, person_id=access.grant.person_id, client_id=client_id, now=gate.now)


def sign_in_behind(request: Mapping[str, Any]) -> dict[str, Any]:
    """RFC 9470 section 6.2: what of it the vendor asked for, as in the ID token (docs/decisions/0009)."""
    known = {"auth_time": request.get("auth_time"), "acr": ACR}
    return {name: known[name] for name in known if name in request.get("tells", ())}


def token_type(token: tokens.Token) -> str:
    if token.kind != "access":
        return "refresh_token"
    return dpop.token_type(token.request)


def confidential_client(gate: Gate, request: Request) -> Client:
    """RFC 7662 section 2.1: introspection is not for those who prove nothing."""
    client = request.client = gate.authenticate_client(request, list(PROVING_METHODS), "introspection")
    return client


def check_token_parameter(request: Request) -> None:
    if not request.form.get("token"):
        raise InvalidRequest("token is missing")
