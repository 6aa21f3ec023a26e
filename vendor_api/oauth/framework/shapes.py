"""Requests, vendors and what they redeem, in the shapes Authlib works with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from authlib.oauth2.rfc6749 import ClientMixin, OAuth2Payload, OAuth2Request
from cryptography.x509 import Certificate

from consent.model import Cover, Grant
from vendor_api.call import Call
from vendor_api.oauth.released import Released
from vendor_api.vendors.model import Vendor


class Form(OAuth2Payload):
    """Parameters of the body alone: a secret or code in a URL would end up in logs (RFC 6749 section 2.3.1)."""

    def __init__(self, form: dict[str, str]) -> None:
        self.data = form
        self.datalist = {name: [value] for name, value in form.items()}

    data: dict[str, str] = {}
    datalist: dict[str, list[str]] = {}


class Request(OAuth2Request):
    """One POST of a vendor, `proven` by an assertion or by its certificate, if it came with one.

    Authlib's check by URL is left out: the transport was checked with the issuer.
    """

    def __init__(self, call: Call, certificate: Certificate | None = None) -> None:
        self.certificate = certificate
        self.method, self.uri, self.headers = "POST", "", call.headers
        self.payload = Form(call.form())
        self.client: Any = None
        self.auth_method = self.user = self.authorization_code = self.refresh_token = self.credential = None
        self._scope = None
        self.proven: Vendor | None = None

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
class Redemption:
    """What is being redeemed, `via` a code, refresh token or consent token, with the live grant behind it."""

    grant: Grant
    cover: Cover
    family: str | None
    request: Mapping[str, Any]
    via: str
    released: Released | None = None

    def get_redirect_uri(self) -> str:
        return str(self.request["redirect_uri"])

    def get_scope(self) -> str:
        return str(self.request["scope"])

    def check_client(self, client: Client) -> bool:
        return self.grant.party.client_id == client.get_client_id()
