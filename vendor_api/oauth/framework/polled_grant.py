"""What the grants of vendors that poll have in common: a device (RFC 8628) and a call centre (CIBA Core) alike."""

from typing import Any, Protocol

from authlib.oauth2.rfc6749 import BaseGrant, TokenEndpointMixin
from sqlalchemy import Connection

from consent import using
from keys.secrets import HostSecrets
from vendor_api.errors import InvalidRequest, UnauthorizedClient
from vendor_api.oauth import tokens
from vendor_api.oauth.codes import allowed_scope, check_expected
from vendor_api.oauth.framework.shapes import Client, Redemption
from vendor_api.oauth.spending import Spent
from vendor_api.vendors.metadata import AUTH_METHODS


class Spend(Protocol):
    """Gives what the person allowed, once; raises why there is nothing to have, or not yet."""

    def __call__(self, db: Connection, secrets: HostSecrets, given: str, /, *, client_id: str, now: int) -> Spent: ...


class PolledGrant(BaseGrant, TokenEndpointMixin):
    """`PARAMETER` carries what is spent by `SPEND`; the ledger says it came `VIA` this."""

    TOKEN_ENDPOINT_AUTH_METHODS = list(AUTH_METHODS)
    PARAMETER = VIA = ""
    SPEND: Spend

    def validate_token_request(self) -> None:
        client: Client = self.authenticate_token_endpoint_client()
        if not client.check_grant_type(self.GRANT_TYPE):
            raise UnauthorizedClient(f"this vendor is not registered for {self.GRANT_TYPE}")
        if not self.request.form.get(self.PARAMETER):
            raise InvalidRequest(f"{self.PARAMETER} is missing")
        self.request.client = client

    def create_token_response(self) -> tuple[int, dict[str, Any], list[tuple[str, str]]]:
        gate, given, client_id = self.server, self.request.form[self.PARAMETER], self.request.client.get_client_id()
        spent = self.SPEND(gate.db, gate.host.secrets, given, client_id=client_id, now=gate.now)
        grant, cover = tokens.live_grant(gate.db, person_id=spent.person_id, grant_id=spent.grant_id, now=gate.now)
        check_expected(grant, spent.request)
        using.redeem(gate.db, gate.host.secrets, grant, via=self.VIA, cover=cover, now=gate.now)
        request = {**spent.request, "scope": allowed_scope(spent.request["scope"], grant)}
        redeemed = Redemption(grant, cover, spent.family, request, self.VIA)
        return 200, self.generate_token(user=redeemed), self.TOKEN_RESPONSE_HEADER
