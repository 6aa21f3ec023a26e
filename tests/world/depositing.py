"""A vendor that hands data back: it signs what it knows of the person, as it knows them."""

import secrets
from typing import Any

import orjson
from actors import VendorActor
from asserting import key
from joserfc import jws
from werkzeug.test import TestResponse

from vendor_api.vendors.keys import OneAlgorithm


def signed(vendor: VendorActor, sub: str, *, name: str = "first", typ: str = "deposit+jwt", **claims: Any) -> str:
    """A claim that is None is left out."""
    said = {
        "iss": vendor.client_id,
        "aud": vendor.house.settings.issuer,
        "sub": sub,
        "iat": vendor.house.clock(),
        "jti": secrets.token_urlsafe(8),
        **claims,
    }
    by = key("ES256", name)
    content = orjson.dumps({name: value for name, value in said.items() if value is not None})
    return jws.serialize_compact(
        {"alg": "ES256", "kid": by.kid, "typ": typ}, content, by, registry=OneAlgorithm("ES256")
    )


def hands_over(vendor: VendorActor, tokens: dict[str, Any], document: str | None = None, **claims: Any) -> TestResponse:
    document = document or signed(vendor, vendor.introspects(tokens["access_token"])["sub"], **claims)
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    return vendor.client.post("/oauth/deposits", data={"deposit": document}, headers=headers)
