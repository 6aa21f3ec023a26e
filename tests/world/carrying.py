"""A vendor that gets its answers through the person's browser: ID tokens and access tokens, beside a code or alone."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jwt
from actors import VendorActor
from flask import Flask
from werkzeug.test import TestResponse

from wallet.house import House

ISSUER = "http://localhost"
GRANT_TYPES = ["authorization_code", "refresh_token", "implicit"]
UNVERIFIED: Any = {"verify_exp": False, "verify_iat": False}


class CarryingVendor(VendorActor):
    """Registered for one response type, which its links ask for."""

    def __init__(self, app: Flask, house: House, response_type: str, name: str = "shop", **metadata: Any) -> None:
        self.response_type = response_type
        usual = {"response_types": [response_type], "grant_types": GRANT_TYPES}
        super().__init__(app, house, name, **{**usual, **metadata})

    def link(self, *args: Any, **changed: Any) -> str:
        return super().link(*args, **{"response_type": self.response_type, **changed})

    def finds(self, response: TestResponse) -> dict[str, str]:
        """What stands in the fragment of the address the browser was sent to, and nowhere else."""
        assert response.status_code == 303, response.text
        assert response.location.startswith(f"{self.redirect_uri}#"), response.location
        self.seen.append(response.location)
        return dict(parse_qsl(urlsplit(response.location).fragment))

    def opens(self, id_token: str, algorithm: str = "ES256") -> Mapping[str, Any]:
        """Verify an ID token as a library does, but for the time, which stands still in tests."""
        keys = jwt.PyJWKSet.from_dict(self.client.get("/oauth/jwks").json)
        key = keys[jwt.get_unverified_header(id_token)["kid"]]
        claims: Mapping[str, Any] = jwt.decode(
            id_token, key, algorithms=[algorithm], audience=self.client_id, issuer=ISSUER, options=UNVERIFIED
        )
        return claims
