"""A vendor that keeps receipts and countersigns them, signs agreements, and answers requests by right."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from actors import SECRET, PersonActor, VendorActor, basic
from asserting import AssertingVendor, key, public
from flask import Flask
from journeys import tokens_for
from werkzeug.test import TestResponse

from wallet.house import House

SCOPES = "openid grant_management_query"
ISSUER = "http://localhost"


class Signatory(VendorActor):
    """Keeps receipts, and signs them with the key it registered."""

    def __init__(self, app: Flask, house: House, name: str, **metadata: Any) -> None:
        self.key = key("ES256", name)
        super().__init__(app, house, name, **{"scope": SCOPES, "jwks": public(self.key), **metadata})
        self.alg, self.signs_with = "ES256", self.key

    signed = AssertingVendor.signed

    def joins(self, person: PersonActor, attributes: Sequence[str] = ("email", "birthdate")) -> str:
        self.tokens = tokens_for(person, self, attributes, scope=SCOPES)
        return str(self.tokens["grant_id"])

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens['access_token']}"}

    def lists(self) -> TestResponse:
        return self.client.get("/oauth/receipts", headers=self.bearer)

    def fetches(self, receipt_id: str) -> TestResponse:
        return self.client.get(f"/oauth/receipts/{receipt_id}", headers=self.bearer)

    def checks(self, digest: str) -> TestResponse:
        return self.client.post("/oauth/receipts/check", data={"digest": digest}, headers=self.bearer)

    def countersignature(self, document: str, *, header: Mapping[str, Any] | None = None, **claims: Any) -> str:
        said = {
            "iss": self.client_id,
            "aud": ISSUER,
            "iat": self.house.clock(),
            "digest": f"sha-256:{hashlib.sha256(document.encode()).hexdigest()}",
            **claims,
        }
        top = {"alg": self.alg, "kid": self.signs_with.kid, "typ": "consent-countersignature+jwt", **(header or {})}
        return self.signed(top, {name: value for name, value in said.items() if value is not None})

    def signs_agreement(self) -> TestResponse:
        path = f"/oauth/agreements/{self.tokens['grant_id']}"
        said = self.client.get(path, headers=self.bearer).json or {}
        top = {"alg": self.alg, "kid": self.signs_with.kid, "typ": "agreement+jwt"}
        form = {"action": "sign", "signature": self.signed(top, json.loads(said["agreement"]["document"]))}
        return self.client.post(path, data=form, headers=self.bearer)

    def answers_request(self, outcome: str, **more: Any) -> TestResponse:
        """The request by right that waits longest."""
        mine = {"Authorization": basic(self.client_id, SECRET)}
        waiting = self.client.post("/oauth/rights", data={"client_id": self.client_id}, headers=mine).json or {}
        asked = {name: waiting["requests"][0][name] for name in ("request_id", "request_digest")}
        said = {"iss": self.client_id, "aud": ISSUER, "iat": self.house.clock(), **asked, "outcome": outcome, **more}
        top = {"alg": self.alg, "kid": self.signs_with.kid, "typ": "rights-answer+jwt"}
        form = {"answer": self.signed(top, said)}
        return self.client.post(f"/oauth/rights/{asked['request_id']}", data=form, headers=mine)

    def countersigns(self, receipt: Mapping[str, Any], signature: str | None = None, **form: str) -> TestResponse:
        given = {"countersignature": signature or self.countersignature(receipt["document"]), **form}
        headers = {"Authorization": basic(self.client_id, SECRET)} if form else self.bearer
        return self.client.post(f"/oauth/receipts/{receipt['receipt_id']}", data=given, headers=headers)
