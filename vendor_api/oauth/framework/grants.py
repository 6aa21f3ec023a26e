"""The grants of the token endpoint: a code, a refresh token, a consent token, and four in modules of their own."""

import re
from hmac import compare_digest
from typing import Final

from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant, RefreshTokenGrant
from authlib.oauth2.rfc7523 import JWTBearerGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc7636.challenge import compare_s256_code_challenge
from cryptography.x509 import Certificate
from sqlalchemy import Connection

from consent import token, using
from consent.errors import BadConsentToken
from consent.moving import homes
from keys.errors import BadToken
from vendor_api.errors import InvalidGrant, InvalidRequest, InvalidScope, UnauthorizedClient
from vendor_api.host import Host
from vendor_api.oauth import released, tokens
from vendor_api.oauth.binding.dpop import Proof
from vendor_api.oauth.codes import CODES, allowed_scope
from vendor_api.oauth.framework.ciba_grant import CibaGrant
from vendor_api.oauth.framework.client_credentials_grant import VendorGrant
from vendor_api.oauth.framework.device_grant import DeviceGrant
from vendor_api.oauth.framework.gate import Gate
from vendor_api.oauth.framework.shapes import Client, Redemption
from vendor_api.oauth.framework.token_exchange import TokenExchangeGrant
from vendor_api.vendors.metadata import AUTH_METHODS
from vendor_api.vendors.model import Vendor

VERIFIER: Final = re.compile(r"[A-Za-z0-9._~-]{43,128}")


class CodeGrant(AuthorizationCodeGrant):
    """Closes: a code is spent by the very look-up, so two redemptions at once can not both find it."""

    TOKEN_ENDPOINT_AUTH_METHODS = list(AUTH_METHODS)

    def query_authorization_code(self, code: str, client: Client) -> Redemption:
        gate: Gate = self.server
        spent = CODES.spend(gate.db, gate.host.secrets, code, client_id=client.get_client_id(), now=gate.now)
        grant, cover = tokens.live_grant(gate.db, person_id=spent.person_id, grant_id=spent.grant_id, now=gate.now)
        request = {**spent.request, "scope": allowed_scope(spent.request["scope"], grant)}
        opened = released.take(gate.db, code, spent.request, person_id=spent.person_id, now=gate.now)
        return Redemption(grant, cover, spent.family, request, "code", opened)

    def authenticate_user(self, authorization_code: Redemption) -> Redemption:
        return redeemed(self.server, authorization_code)

    def delete_authorization_code(self, authorization_code: Redemption) -> None:
        """It was spent when it was looked up."""


class StrictCodeChallenge(CodeChallenge):
    """Closes: `plain`, a challenge that would bind public vendors only, and a line break after the verifier."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]
    CODE_CHALLENGE_METHODS = {"S256": compare_s256_code_challenge}

    def validate_code_verifier(self, grant: CodeGrant, result: object) -> None:
        verifier = grant.request.form.get("code_verifier")
        if verifier is not None and not VERIFIER.fullmatch(verifier):
            raise InvalidRequest("code_verifier must be 43 to 128 letters, digits or any of - . _ ~")
        super().validate_code_verifier(grant, result)

    def get_authorization_code_challenge(self, authorization_code: Redemption) -> str | None:
        return authorization_code.request.get("code_challenge")

    def get_authorization_code_challenge_method(self, authorization_code: Redemption) -> str:
        return "S256"


class RefreshGrant(RefreshTokenGrant):
    """Closes: a rotated token is spent by the very look-up, and its second use kills the family."""

    TOKEN_ENDPOINT_AUTH_METHODS = list(AUTH_METHODS)
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token: str) -> Redemption:
        gate: Gate = self.server
        if self.request.client and self.request.client.vendor.is_strict:
            return kept(gate, refresh_token, self.request.client)
        client_id = self.request.client.get_client_id() if self.request.client else ""
        spent = tokens.REFRESH_TOKENS.spend(
            gate.db, gate.host.secrets, refresh_token, client_id=client_id, now=gate.now
        )
        grant, cover = tokens.live_grant(gate.db, person_id=spent.person_id, grant_id=spent.grant_id, now=gate.now)
        return Redemption(grant, cover, spent.family, spent.request, "refresh_token")

    def _validate_request_token(self, client: Client) -> Redemption:
        self.request.client = client
        return super()._validate_request_token(client)  # type: ignore[no-any-return]

    def authenticate_user(self, refresh_token: Redemption) -> Redemption:
        return refresh_token

    def revoke_old_credential(self, refresh_token: Redemption) -> None:
        """It was spent when it was looked up."""


def kept(gate: Gate, refresh_token: str, client: Client) -> Redemption:
    """FAPI 2.0 Security Profile section 5.3.2.1: no rotation; the token is bound to its vendor and stays what it is."""
    token = tokens.find(gate.db, gate.host.secrets, refresh_token, kind="refresh", now=gate.now)
    if token is None or token.client_id != client.get_client_id():
        raise InvalidGrant("this refresh token is not valid, or it has expired")
    using.check_redeemable(token.grant, now=gate.now)
    return Redemption(token.grant, token.cover, token.family, token.request, "kept_refresh_token")


class ConsentTokenGrant(JWTBearerGrant):
    """RFC 7523, the consent token as assertion. Closes: unauthenticated vendors, and any token but the latest."""

    TOKEN_ENDPOINT_AUTH_METHODS = list(AUTH_METHODS)

    def validate_token_request(self) -> None:
        self.request.client = client = self.authenticate_token_endpoint_client()
        if client.vendor.is_public:
            raise UnauthorizedClient("a vendor that proves nothing can not redeem consent tokens; use a refresh token")
        if not client.check_grant_type(self.GRANT_TYPE):
            raise UnauthorizedClient(f"this vendor is not registered for {self.GRANT_TYPE}")
        if not self.request.form.get("assertion"):
            raise InvalidRequest("assertion is missing; send the consent token")
        if not {"openid"}.issuperset(self.request.form.get("scope", "").split()):
            raise InvalidScope("a consent token stands for the attributes it names; leave scope out")
        self.request.user = redeemed(self.server, self.spend(self.request.form["assertion"], client.vendor))

    def spend(self, assertion: str, vendor: Vendor) -> Redemption:
        gate: Gate = self.server
        try:
            issuers = homes.issuers(gate.db, gate.host.secrets, assertion, issuer=gate.host.issuer)
            claims = token.verify(assertion, client_id=vendor.client_id, issuer=issuers, now=gate.now)
            person_id = homes.owner(gate.db, gate.host.secrets, "grant", claims["grant_id"])
        except (BadConsentToken, BadToken) as error:
            reason = str(error) if isinstance(error, BadConsentToken) else "this is not a consent token of this wallet"
            raise InvalidGrant(reason) from None
        grant, cover = tokens.live_grant(gate.db, person_id=person_id, grant_id=claims["grant_id"], now=gate.now)
        if not compare_digest(grant.consent_token.encode(), assertion.encode()):
            raise InvalidGrant("this consent token was replaced by a newer answer of the person")
        if grant.party.sector != vendor.sector:
            raise InvalidGrant("this consent token was given to you at another host; ask the person again")
        request = {"scope": "openid", "userinfo": sorted(grant.attributes), "id_token": []}
        return Redemption(grant, cover, None, request, "consent_token")


def redeemed(gate: Gate, spent: Redemption) -> Redemption:
    """Write the redemption into the person's ledger."""
    using.redeem(gate.db, gate.host.secrets, spent.grant, via=spent.via, cover=spent.cover, now=gate.now)
    return spent


GRANTS: Final = (
    (CodeGrant, [StrictCodeChallenge(required=True)]),
    (RefreshGrant, None),
    (ConsentTokenGrant, None),
    (TokenExchangeGrant, None),
    (DeviceGrant, None),
    (CibaGrant, None),
    (VendorGrant, None),
)


def token_gate(db: Connection, host: Host, proof: Proof | None, certificate: Certificate | None, *, now: int) -> Gate:
    gate = Gate(db, host, proof, certificate, now=now)
    for grant, extensions in GRANTS:
        gate.register_grant(grant, extensions)
    return gate
