"""The device grant of the token endpoint (RFC 8628 section 3.4).

Closes: Authlib's looks a device code up and spends it later, so two polls at once could both have tokens for it.
"""

from typing import Any

from authlib.oauth2.rfc6749 import BaseGrant, TokenEndpointMixin

from consent import engine
from vendor_api.errors import InvalidRequest, UnauthorizedClient
from vendor_api.metadata import AUTH_METHODS
from vendor_api.oauth import device_codes, tokens
from vendor_api.oauth.codes import allowed_scope
from vendor_api.oauth.framework.shapes import Client, Redemption
from vendor_api.vendors import DEVICE_CODE


class DeviceGrant(BaseGrant, TokenEndpointMixin):
    GRANT_TYPE = DEVICE_CODE
    TOKEN_ENDPOINT_AUTH_METHODS = list(AUTH_METHODS)

    def validate_token_request(self) -> None:
        client: Client = self.authenticate_token_endpoint_client()
        if not client.check_grant_type(self.GRANT_TYPE):
            raise UnauthorizedClient(f"this vendor is not registered for {self.GRANT_TYPE}")
        if not self.request.form.get("device_code"):
            raise InvalidRequest("device_code is missing")
        self.request.client = client

    def create_token_response(self) -> tuple[int, dict[str, Any], list[tuple[str, str]]]:
        desk, code, client_id = self.server, self.request.form["device_code"], self.request.client.get_client_id()
        spent = device_codes.spend(desk.db, code, client_id=client_id, now=desk.now)
        grant, cover = tokens.live_grant(desk.db, person_id=spent.person_id, grant_id=spent.grant_id, now=desk.now)
        engine.redeem(desk.db, desk.host.secrets, grant, via="device_code", cover=cover, now=desk.now)
        request = {**spent.request, "scope": allowed_scope(spent.request["scope"], grant)}
        redeemed = Redemption(grant, cover, spent.family, request, "device_code")
        return 200, self.generate_token(user=redeemed), self.TOKEN_RESPONSE_HEADER
