"""Authlib's server framework, tightened: every subclass of it stands here, and each says what it closes."""

from collections.abc import Mapping
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any, Final, NoReturn

from authlib.oauth2.rfc6749 import AuthorizationServer, ClientMixin, OAuth2Error, OAuth2Payload, OAuth2Request
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant, RefreshTokenGrant
from authlib.oauth2.rfc6749.util import extract_basic_authorization
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7523 import JWTBearerGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc7636.challenge import compare_s256_code_challenge
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from sqlalchemy import Connection
from werkzeug.datastructures import MultiDict

from consent import engine, token
from consent.errors import BadConsentToken, ConsentError
from consent.model import Cover, Grant
from keys import opaque
from keys.errors import BadToken
from vendor_api import vendors
from vendor_api.errors import (
    InvalidClient,
    InvalidGrant,
    InvalidRequest,
    InvalidScope,
    UnauthorizedClient,
    UnsupportedGrantType,
    VendorApiError,
)
from vendor_api.host import Host
from vendor_api.oauth import codes, tokens
from vendor_api.oauth.answers import Answer, as_json
from vendor_api.oauth.id_token import make_id_token
from vendor_api.scopes import SCOPES
from vendor_api.vendors import Vendor

AUTH_METHODS: Final = ["client_secret_basic", "client_secret_post", "none"]
LONGEST_CREDENTIAL: Final = 1000
ERRORS: Final = {
    error.error: error for error in (InvalidRequest, InvalidClient, InvalidGrant, InvalidScope, UnauthorizedClient, UnsupportedGrantType)
}


class Form(OAuth2Payload):
    """Parameters of the body alone: a secret or code in a URL would end up in logs (RFC 6749 section 2.3.1)."""

    def __init__(self, form: MultiDict[str, str]) -> None:
        if any(len(values) > 1 for values in form.listvalues()):
            raise InvalidRequest("a parameter was sent twice")
        self.data = {name: value for name, value in form.items() if value}
        self.datalist = {name: [value] for name, value in self.data.items()}

    data: dict[str, str] = {}
    datalist: dict[str, list[str]] = {}  # type: ignore[assignment]


class Request(OAuth2Request):
    """One POST of a vendor. The transport was checked where the issuer was set, so Authlib's check by URL is left out."""

    def __init__(self, form: MultiDict[str, str], headers: Mapping[str, str]) -> None:
        self.method, self.uri, self.headers = "POST", "", headers
        self.payload = Form(form)
        self.client = self.auth_method = self.user = self.authorization_code = self.refresh_token = self.credential = None
        self._scope = None

    @property
    def form(self) -> dict[str, str]:
        return self.payload.data


class Client(ClientMixin):
    """A vendor in Authlib's shape."""

    def __init__(self, vendor: Vendor) -> None:
        self.vendor = vendor

    def get_client_id(self) -> str:
        return self.vendor.client_id

    def check_client_secret(self, client_secret: str) -> bool:
        return self.vendor.check_secret(client_secret)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == self.vendor.auth_method

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in self.vendor.grant_types


@dataclass(frozen=True, slots=True)
class Spent:
    """What is being redeemed, in Authlib's shape: a code, a refresh token or a consent token, with the live grant behind it."""

    grant: Grant
    cover: Cover
    family: str | None
    request: Mapping[str, Any]
    via: str

    def get_redirect_uri(self) -> str:
        return str(self.request["redirect_uri"])

    def get_scope(self) -> str:
        return str(self.request["scope"])

    def check_client(self, client: Client) -> bool:
        return self.grant.party.client_id == client.get_client_id()


class Desk(AuthorizationServer):
    """Authlib's server for one request in one transaction. Every refusal is raised, so that the transaction is rolled back."""

    def __init__(self, db: Connection, host: Host, *, now: int) -> None:
        super().__init__()
        self.db, self.host, self.now = db, host, now

    def query_client(self, client_id: str) -> Client | None:
        vendor = vendors.find(self.db, client_id) if len(client_id) <= LONGEST_CREDENTIAL else None
        return Client(vendor) if vendor else None

    def authenticate_client(self, request: Request, methods: list[str], endpoint: str = "token") -> Client:
        """Closes: two methods at once, and answers that tell an unknown vendor from a wrong secret."""
        check_one_method(request)
        try:
            return super().authenticate_client(request, methods, endpoint)  # type: ignore[no-any-return]
        except (OAuth2Error, ValueError):
            raise InvalidClient("client authentication failed: check client_id, client_secret and the registered method") from None

    def create_oauth2_request(self, request: Request) -> Request:
        return request

    def generate_token(self, grant_type: str, client: Client, user: Spent, scope: str | None = None, **_: Any) -> dict[str, Any]:
        return issue(self, client.vendor, user, scope or user.get_scope())

    def save_token(self, token: dict[str, Any], request: Request) -> None:
        """Nothing is left to do: tokens are stored where they are made."""

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens."""

    def handle_response(self, status: int, body: dict[str, Any], headers: object) -> Answer:
        return as_json(body, status=status)

    def handle_error_response(self, request: Request, error: OAuth2Error) -> NoReturn:
        raise translated(error)


def translated(error: OAuth2Error) -> VendorApiError:
    """Authlib's refusal as one of ours."""
    kind = ERRORS.get(error.error, InvalidRequest)
    return kind(error.get_error_description() or "the request is not valid")


def check_one_method(request: Request) -> None:
    """RFC 6749 section 2.3: one authentication method per request."""
    client_id, _ = extract_basic_authorization(request.headers)
    if client_id and ("client_secret" in request.form or request.form.get("client_id", client_id) != client_id):
        raise InvalidRequest("use one client authentication method, not two")


def issue(desk: Desk, vendor: Vendor, spent: Spent, scope: str) -> dict[str, Any]:
    """The token response of a redemption (RFC 6749 section 5.1), with grant_id and consent token beside the tokens."""
    by_assertion = spent.via == "consent_token"
    pair = tokens.issue(
        desk.db,
        desk.host.secrets,
        spent.grant,
        access=narrowed(spent.request, scope),
        refresh=kept(spent.request) if "refresh_token" in vendor.grant_types and not by_assertion else None,
        family=spent.family,
        now=desk.now,
    )
    answer: dict[str, Any] = {"access_token": pair.access, "token_type": "Bearer", "expires_in": pair.expires_in, "scope": scope}
    if pair.refresh:
        answer["refresh_token"] = pair.refresh
    if "openid" in scope.split() and not by_assertion:
        answer["id_token"] = make_id_token(desk.db, desk.host, vendor, spent.grant, spent.request, access_token=pair.access, now=desk.now)
    return answer | {"grant_id": spent.grant.grant_id, "consent_token": spent.grant.consent_token}


def kept(request: Mapping[str, Any]) -> dict[str, Any]:
    """What tokens remember of a request: nothing that belonged to the code alone, such as nonce and challenge."""
    return {name: request[name] for name in ("scope", "userinfo", "id_token", "auth_time") if name in request}


def narrowed(request: Mapping[str, Any], scope: str) -> dict[str, Any]:
    """The request for an access token whose vendor asked for fewer scopes this time (RFC 6749 section 6)."""
    left = set(request["scope"].split()) - set(scope.split())
    gone = {attribute for name in left for attribute in SCOPES[name]}
    return {**kept(request), "scope": scope, "userinfo": [name for name in request["userinfo"] if name not in gone]}


def redeemed(desk: Desk, spent: Spent) -> Spent:
    """Write the redemption into the person's ledger."""
    engine.redeem(desk.db, desk.host.secrets, spent.grant, via=spent.via, cover=spent.cover, now=desk.now)
    return spent


class CodeGrant(AuthorizationCodeGrant):
    """Closes: a code is spent by the very look-up, so two redemptions at once can not both find it."""

    TOKEN_ENDPOINT_AUTH_METHODS = AUTH_METHODS

    def query_authorization_code(self, code: str, client: Client) -> Spent:
        desk: Desk = self.server
        spent = codes.spend(desk.db, desk.host.secrets, code, client_id=client.get_client_id(), now=desk.now)
        grant, cover = tokens.live_grant(desk.db, person_id=spent.person_id, grant_id=spent.grant_id, now=desk.now)
        return Spent(grant, cover, spent.family, spent.request, "code")

    def authenticate_user(self, authorization_code: Spent) -> Spent:
        return redeemed(self.server, authorization_code)

    def delete_authorization_code(self, authorization_code: Spent) -> None:
        """It was spent when it was looked up."""


class StrictCodeChallenge(CodeChallenge):
    """Closes: `plain`, and a challenge that would bind public vendors only."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]
    CODE_CHALLENGE_METHODS = {"S256": compare_s256_code_challenge}

    def get_authorization_code_challenge(self, authorization_code: Spent) -> str | None:
        return authorization_code.request.get("code_challenge")

    def get_authorization_code_challenge_method(self, authorization_code: Spent) -> str:
        return "S256"


class RefreshGrant(RefreshTokenGrant):
    """Closes: a rotated token is spent by the very look-up, and its second use kills the family."""

    TOKEN_ENDPOINT_AUTH_METHODS = AUTH_METHODS
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token: str) -> Spent:
        desk: Desk = self.server
        client_id = self.request.client.get_client_id() if self.request.client else ""
        spent = tokens.spend_refresh(desk.db, desk.host.secrets, refresh_token, client_id=client_id, now=desk.now)
        grant, cover = tokens.live_grant(desk.db, person_id=spent.person_id, grant_id=spent.grant_id, now=desk.now)
        return Spent(grant, cover, spent.family, spent.request, "refresh_token")

    def _validate_request_token(self, client: Client) -> Spent:
        self.request.client = client
        return super()._validate_request_token(client)  # type: ignore[no-any-return]

    def authenticate_user(self, refresh_token: Spent) -> Spent:
        return refresh_token

    def revoke_old_credential(self, refresh_token: Spent) -> None:
        """It was spent when it was looked up."""


class ConsentTokenGrant(JWTBearerGrant):
    """RFC 7523 with the consent token as the assertion. Closes: vendors without authentication, and any token but the latest one."""

    TOKEN_ENDPOINT_AUTH_METHODS = AUTH_METHODS

    def validate_token_request(self) -> None:
        self.request.client = client = self.authenticate_token_endpoint_client()
        if not client.check_grant_type(self.GRANT_TYPE):
            raise UnauthorizedClient(f"this vendor is not registered for {self.GRANT_TYPE}")
        if not self.request.form.get("assertion"):
            raise InvalidRequest("assertion is missing; send the consent token")
        self.request.user = redeemed(self.server, self.spend(self.request.form["assertion"], client.get_client_id()))

    def spend(self, assertion: str, client_id: str) -> Spent:
        desk: Desk = self.server
        try:
            claims = token.verify(assertion, client_id=client_id, issuer=desk.host.issuer, now=desk.now)
            person_id = opaque.person_of(desk.host.secrets.tokens, "grant", claims["grant_id"])
        except (BadConsentToken, BadToken) as error:
            reason = str(error) if isinstance(error, BadConsentToken) else "this is not a consent token of this wallet"
            raise InvalidGrant(reason) from None
        grant, cover = tokens.live_grant(desk.db, person_id=person_id, grant_id=claims["grant_id"], now=desk.now)
        if not compare_digest(grant.consent_token.encode(), assertion.encode()):
            raise InvalidGrant("this consent token was replaced by a newer answer of the person")
        request = {"scope": "openid", "userinfo": sorted(grant.attributes), "id_token": []}
        return Spent(grant, cover, None, request, "consent_token")


class Introspection(IntrospectionEndpoint):
    """RFC 7662, for the vendor the token was given to and nobody else."""

    def authenticate_endpoint_client(self, request: Request) -> Client:
        return confidential_client(self.server, request)

    def check_params(self, request: Request, client: Client) -> None:
        check_token_parameter(request)

    def query_token(self, token_string: str, token_type_hint: str | None) -> tokens.Token | None:
        desk: Desk = self.server
        kinds = ("refresh", "access") if token_type_hint == "refresh_token" else ("access", "refresh")
        found = (tokens.find(desk.db, desk.host.secrets, token_string, kind=kind, now=desk.now) for kind in kinds)
        return next(filter(None, found), None)

    def check_permission(self, token: tokens.Token, client: Client, request: Request) -> bool:
        return token.client_id == client.get_client_id()

    def create_introspection_payload(self, token: tokens.Token | None) -> dict[str, Any]:
        if token is None:
            return {"active": False}
        return {
            "active": True,
            "iss": self.server.host.issuer,
            "client_id": token.client_id,
            "sub": token.grant.sub,
            "aud": token.client_id,
            "scope": token.request["scope"],
            "token_type": "Bearer" if token.kind == "access" else "refresh_token",
            "iat": token.issued_at,
            "exp": token.expires_at,
            "grant_id": token.grant.grant_id,
        }


class Revocation(RevocationEndpoint):
    """RFC 7009: a refresh token takes its whole family along, an access token only itself. Others' tokens are left alone."""

    def authenticate_endpoint_client(self, request: Request) -> Client:
        return self.server.authenticate_client(request, AUTH_METHODS, "revocation")  # type: ignore[no-any-return]

    def check_params(self, request: Request, client: Client) -> None:
        check_token_parameter(request)

    def authenticate_token(self, request: Request, client: Client) -> None:
        self.check_params(request, client)
        desk: Desk = self.server
        given, client_id = request.form["token"], client.get_client_id()
        refresh = tokens.find(desk.db, desk.host.secrets, given, kind="refresh", now=desk.now)
        if refresh is not None and refresh.client_id == client_id:
            tokens.revoke_family(desk.db, person_id=refresh.grant.person_id, family=refresh.family, now=desk.now)
            return
        access = tokens.find(desk.db, desk.host.secrets, given, kind="access", now=desk.now)
        if access is not None:
            tokens.revoke(desk.db, given, person_id=access.grant.person_id, client_id=client_id, now=desk.now)


def confidential_client(desk: Desk, request: Request) -> Client:
    """RFC 7662 section 2.1: introspection is not for those who prove nothing."""
    return desk.authenticate_client(request, AUTH_METHODS[:2], "introspection")


def check_token_parameter(request: Request) -> None:
    if not request.form.get("token"):
        raise InvalidRequest("token is missing")


GRANTS: Final = ((CodeGrant, [StrictCodeChallenge(required=True)]), (RefreshGrant, None), (ConsentTokenGrant, None))


def token_desk(db: Connection, host: Host, *, now: int) -> Desk:
    desk = Desk(db, host, now=now)
    for grant, extensions in GRANTS:
        desk.register_grant(grant, extensions)
    return desk

