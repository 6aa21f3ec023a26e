"""A vendor that holds a key and proves it with each request (RFC 9449)."""

import base64
import hashlib
import secrets
from typing import Any

import jwt
from actors import VendorActor
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa
from flask import Flask
from jwt.algorithms import OKPAlgorithm
from werkzeug.datastructures import Headers
from werkzeug.test import TestResponse

from keys.jwk import public_jwk, thumbprint
from wallet.house import House

ISSUER = "http://localhost"
# the name of RFC 9864, which PyJWT lacks
jwt.register_algorithm("Ed25519", OKPAlgorithm())

PrivateKey = EllipticCurvePrivateKey | Ed25519PrivateKey | RSAPrivateKey


def new_key(algorithm: str = "ES256") -> PrivateKey:
    if algorithm == "ES256":
        return generate_private_key(SECP256R1())
    return Ed25519PrivateKey.generate() if algorithm in {"EdDSA", "Ed25519"} else generate_rsa(65537, 2048)


def thumbprint_of(key: PrivateKey) -> str:
    return thumbprint(public_jwk(key.public_key()))


def ath(access_token: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(access_token.encode()).digest()).rstrip(b"=").decode()


class ProvingVendor(VendorActor):
    """Makes a fresh proof for each request to the token endpoint and to userinfo, unless told what to send next."""

    def __init__(self, app: Flask, house: House, name: str, *, algorithm: str = "ES256", **metadata: Any) -> None:
        super().__init__(app, house, name, **metadata)
        self.algorithm, self.key = algorithm, new_key(algorithm)
        self.dpop_nonce: str | None = None
        self.next_proofs: tuple[str, ...] | None = None

    def proof(
        self, method: str = "POST", path: str = "/oauth/token", *, header: dict[str, Any] | None = None, **changed: Any
    ) -> str:
        """A proof for this request; members of header and claims can be changed, or left out by None."""
        claims = {"htm": method, "htu": ISSUER + path, "iat": self.house.clock(), "jti": secrets.token_urlsafe(12)}
        if self.dpop_nonce:
            claims["nonce"] = self.dpop_nonce
        top = {"typ": "dpop+jwt", "jwk": public_jwk(self.key.public_key()), **(header or {})}
        return jwt.encode(
            {name: value for name, value in {**claims, **changed}.items() if value is not None},
            self.key,
            algorithm=self.algorithm,
            headers={name: value for name, value in top.items() if value is not None},
        )

    def sends(self, *proofs: str) -> "ProvingVendor":
        """The next request carries these proofs, or none, instead of a fresh one."""
        self.next_proofs = proofs
        return self

    def headers(self, proof: str) -> Headers:
        proofs, self.next_proofs = self.next_proofs, None
        return Headers([("DPoP", each) for each in ((proof,) if proofs is None else proofs)])

    def post(self, path: str, form: Any, *, headers: Any = None) -> TestResponse:
        if path != "/oauth/token":
            return super().post(path, form, headers=headers)
        sent = self.headers(self.proof())
        sent.extend(self.credentials if headers is None else headers)
        form = {**form, "client_id": self.client_id} if self.is_public else form
        return self.client.post(path, data=form, headers=sent)

    def reads(self, access_token: str, *, scheme: str = "DPoP", method: str = "GET") -> TestResponse:
        sent = self.headers(self.proof(method, "/oauth/userinfo", ath=ath(access_token)))
        sent["Authorization"] = f"{scheme} {access_token}"
        return self.client.open("/oauth/userinfo", method=method, headers=sent)
