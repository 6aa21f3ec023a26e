"""A vendor that proves itself by assertions it signs: private_key_jwt and client_secret_jwt (RFC 7523)."""

import secrets
from collections.abc import Mapping
from functools import cache
from typing import Any

import orjson
from actors import SECRET, VendorActor
from flask import Flask
from joserfc import jws
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey
from werkzeug.test import TestResponse

from vendor_api.vendors.keys import OneAlgorithm
from wallet.house import House

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@cache
def key(alg: str, name: str = "first") -> Key:
    """A key of that algorithm; another for each name."""
    if alg == "ES256":
        return ECKey.generate_key("P-256", {"kid": name})
    if alg in {"EdDSA", "Ed25519"}:
        return OKPKey.generate_key("Ed25519", {"kid": name})
    return RSAKey.generate_key(2048, {"kid": name})


def public(*keys: Key, **more: Any) -> dict[str, Any]:
    return {"keys": [{**one.as_dict(private=False), "kid": one.kid, **more} for one in keys]}


class AssertingVendor(VendorActor):
    """Signs with `signs_with`, whatever was registered; `header` and `claims` change what it says."""

    def __init__(self, app: Flask, house: House, name: str, *, alg: str = "ES256", **metadata: Any) -> None:
        self.alg, self.claims, self.header = alg, {}, {}
        if alg == "HS256":
            self.signs_with: Any = OctKey.import_key(SECRET)
            given = {"token_endpoint_auth_method": "client_secret_jwt"}
        else:
            self.signs_with = key(alg)
            given = {"token_endpoint_auth_method": "private_key_jwt"}
            if "jwks_uri" not in metadata:
                given["jwks"] = public(self.signs_with)
        super().__init__(app, house, name, **given, **metadata)

    claims: Mapping[str, Any]
    header: Mapping[str, Any]

    def assertion(self, **claims: Any) -> str:
        """A claim that is None is left out."""
        said = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": self.house.settings.issuer,
            "jti": secrets.token_urlsafe(8),
            "exp": self.house.clock() + 60,
            **claims,
        }
        header = {"alg": self.alg, "kid": getattr(self.signs_with, "kid", None), **self.header}
        return self.signed(header, {name: value for name, value in said.items() if value is not None})

    def signed(self, header: Mapping[str, Any], claims: Mapping[str, Any]) -> str:
        kept = {name: value for name, value in header.items() if value is not None}
        return jws.serialize_compact(kept, orjson.dumps(claims), self.signs_with, registry=OneAlgorithm(header["alg"]))

    def post(self, path: str, form: Mapping[str, str], *, headers: Mapping[str, str] | None = None) -> TestResponse:
        given = {"client_assertion_type": TYPE, "client_assertion": self.assertion(), **form}
        given = {name: value for name, value in given.items() if value}
        return self.client.post(path, data=given, headers=dict(headers or {}))
