"""The client credentials grant (RFC 6749 section 4.4): a token for the vendor itself, and nothing of any person."""

from typing import Any

from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant

from vendor_api.errors import InvalidScope
from vendor_api.oauth import vendor_tokens
from vendor_api.oauth.binding.dpop import token_type
from vendor_api.oauth.framework.gate import Gate
from vendor_api.vendors.metadata import PROVING_METHODS


class VendorGrant(ClientCredentialsGrant):
    """Closes: vendors that prove nothing, and any scope that stands for something of a person."""

    TOKEN_ENDPOINT_AUTH_METHODS = list(PROVING_METHODS)

    def validate_requested_scope(self) -> None:
        if not set(vendor_tokens.SCOPES).issuperset(self.request.form.get("scope", "").split()):
            raise InvalidScope(f"scope must be any of: {', '.join(vendor_tokens.SCOPES)}")

    def create_token_response(self) -> tuple[int, dict[str, Any], list[tuple[str, str]]]:
        gate: Gate = self.server
        vendor = self.request.client.vendor
        scope = self.request.form.get("scope") or " ".join(vendor_tokens.SCOPES)
        bound = gate.bound(vendor, {})
        answer = {
            "access_token": vendor_tokens.mint(gate.host, vendor, bound, scope=scope, now=gate.now),
            "token_type": token_type(bound),
            "expires_in": vendor_tokens.LIFETIME,
            "scope": scope,
        }
        return 200, answer, self.TOKEN_RESPONSE_HEADER
