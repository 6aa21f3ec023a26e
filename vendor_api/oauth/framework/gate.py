"""Where a vendor proves itself: authenticate it, and raise what Authlib refuses as errors of our own."""

import re
from collections.abc import Mapping
from typing import Any, Final, NoReturn

from authlib.oauth2.rfc6749 import AuthorizationServer, OAuth2Error
from authlib.oauth2.rfc6749.util import extract_basic_authorization
from cryptography.x509 import Certificate
from sqlalchemy import Connection

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
from vendor_api.oauth.answers import Answer, as_json
from vendor_api.oauth.binding import dpop, mtls
from vendor_api.oauth.framework.client_assertion import METHODS
from vendor_api.oauth.framework.issuing import issue
from vendor_api.oauth.framework.shapes import Client, Redemption, Request
from vendor_api.vendors import registry
from vendor_api.vendors.metadata import GRANT_TYPES, PROVING_METHODS
from vendor_api.vendors.model import Vendor

LONGEST_CREDENTIAL: Final = 1000
BASIC: Final = re.compile(r"basic +[A-Za-z0-9+/]+={0,2}", re.IGNORECASE | re.ASCII)  # RFC 7617 section 2
ERRORS: Final = {
    error.error: error
    for error in (InvalidRequest, InvalidClient, InvalidGrant, InvalidScope, UnauthorizedClient, UnsupportedGrantType)
}


class Gate(AuthorizationServer):
    """Authlib's server for one request in one transaction. Every refusal is raised, so that nothing of it is kept."""

    def __init__(
        self,
        db: Connection,
        host: Host,
        proof: dpop.Proof | None = None,
        certificate: Certificate | None = None,
        *,
        now: int,
    ) -> None:
        super().__init__()
        self.db, self.host, self.proof, self.certificate, self.now = db, host, proof, certificate, now
        for method, authenticate in METHODS.items():
            self.register_client_auth_method(method, authenticate)

    def query_client(self, client_id: str) -> Client | None:
        can_be_one = len(client_id) <= LONGEST_CREDENTIAL and client_id.isprintable()
        vendor = registry.find(self.db, client_id) if can_be_one else None
        return Client(vendor) if vendor else None

    def authenticate_client(self, request: Request, methods: list[str], endpoint: str = "token") -> Client:
        """Closes: two methods at once, broken headers, and answers that tell an unknown vendor from a wrong secret."""
        try:
            check_one_method(request)
            client: Client = super().authenticate_client(request, methods, endpoint)
        except (OAuth2Error, ValueError):
            raise InvalidClient(
                "client authentication failed: check client_id, client_secret and the registered method"
            ) from None
        request.client = client
        return client

    def create_oauth2_request(self, request: Request) -> Request:
        return request

    def get_token_grant(self, request: Request) -> Any:
        """Closes: a refusal that repeats whatever was sent as the grant type."""
        if "grant_type" not in request.form:
            raise InvalidRequest("grant_type is missing")
        if request.form["grant_type"] not in GRANT_TYPES:
            raise UnsupportedGrantType(f"grant_type must be one of: {', '.join(GRANT_TYPES)}")
        return super().get_token_grant(request)

    def generate_token(
        self, grant_type: str, client: Client, user: Redemption, scope: str | None = None, **_: Any
    ) -> dict[str, Any]:
        vendor, scope = client.vendor, scope or user.get_scope()
        return issue(self.db, self.host, vendor, user, self.bound(vendor, user.request), scope=scope, now=self.now)

    def bound(self, vendor: Vendor, redeemed: Mapping[str, Any]) -> dict[str, Any]:
        """What a new token is bound to: certificate, key or nothing.

        Raises what the two checks raise, where one is missing or another than before.
        """
        mtls.check_redemption(vendor, redeemed, self.certificate, self.proof)
        dpop.check_redemption(self.db, vendor, redeemed, self.proof)
        return mtls.confirmation(vendor, redeemed, self.certificate) | dpop.confirmation(vendor, self.proof)

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
    """RFC 6749 section 2.3: one authentication method per request, and one header of it.

    Closes: whatever stands behind the padding of a Basic header, such as another header that was joined to it.
    """
    given = request.headers.get("Authorization", "")
    if given.lower().startswith("basic") and not BASIC.fullmatch(given):
        raise InvalidClient("the Authorization header must hold Basic and one base64 text")
    client_id, _ = extract_basic_authorization(request.headers)
    if client_id and ("client_secret" in request.form or request.form.get("client_id", client_id) != client_id):
        raise InvalidRequest("use one client authentication method, not two")


def proven(db: Connection, host: Host, sent: Request, endpoint: str, *, now: int) -> Vendor:
    """The vendor that sent this, by a method it registered for the token endpoint. Raises InvalidClient."""
    return Gate(db, host, now=now).authenticate_client(sent, list(PROVING_METHODS), endpoint).vendor
