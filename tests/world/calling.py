"""A vendor that asks a person who did not come from it (OpenID Connect CIBA), and waits for the answer."""

import json
import re
import secrets
from collections.abc import Collection, Sequence
from typing import Any

import jwt
from actors import PersonActor, VendorActor
from asserting import AssertingVendor, key, public
from flask import Flask
from journeys import tokens_for
from werkzeug.test import TestResponse

from vendor_api.vendors.ciba import CIBA
from wallet.house import House

GRANT_TYPES = ["authorization_code", "refresh_token", CIBA]


class CallingVendor(VendorActor):
    """One that registered for it; `waiting` is what it got last, `knows` the person by their sub."""

    def __init__(self, app: Flask, house: House, name: str, **metadata: Any) -> None:
        registered = {"grant_types": GRANT_TYPES, "backchannel_token_delivery_mode": "poll", **metadata}
        super().__init__(app, house, name, **registered)
        self.waiting: dict[str, Any] = {}
        self.sub = self.id_token = ""

    def meets(self, person: PersonActor, attributes: Sequence[str] = ("email",), **changed: Any) -> dict[str, Any]:
        """The person signs in at this vendor the usual way, so that it knows them from now on."""
        tokens = tokens_for(person, self, attributes, **changed)
        self.id_token = tokens["id_token"]
        self.sub = jwt.decode(self.id_token, options={"verify_signature": False})["sub"]
        return tokens

    def form(self, asking: Collection[str] = ("email",), **changed: str) -> dict[str, str]:
        """What it asks; parameters can be changed, or left out by an empty one."""
        claims = json.dumps({"userinfo": dict.fromkeys(asking)})
        form = {"scope": "openid", "claims": claims, "login_hint": self.sub, **changed}
        return {name: value for name, value in form.items() if value}

    def calls(self, asking: Collection[str] = ("email",), **changed: str) -> TestResponse:
        response = self.post("/oauth/backchannel", self.form(asking, **changed))
        self.waiting = response.json or {}
        return response

    def polls(self, auth_req_id: str | None = None, **changed: str) -> TestResponse:
        given = self.waiting["auth_req_id"] if auth_req_id is None else auth_req_id
        form = {"grant_type": CIBA, "auth_req_id": given, **changed}
        return self.post("/oauth/token", {name: value for name, value in form.items() if value})


class SigningCaller(CallingVendor):
    """One that signs what it asks, with `signs_with`, whatever was registered."""

    def __init__(self, app: Flask, house: House, name: str, **metadata: Any) -> None:
        self.alg, self.signs_with = "ES256", key("ES256", name)
        registered = {"jwks": public(self.signs_with), "backchannel_authentication_request_signing_alg": "ES256"}
        super().__init__(app, house, name, **{**registered, **metadata})

    signed = AssertingVendor.signed

    def request(self, *, header: dict[str, Any] | None = None, **changed: Any) -> str:
        """A signed request; a claim that is None is left out."""
        now = self.house.clock()
        said = {
            **self.form(),
            "iss": self.client_id,
            "aud": self.house.settings.issuer,
            "iat": now,
            "nbf": now,
            "exp": now + 300,
            "jti": secrets.token_urlsafe(8),
            **changed,
        }
        top = {"alg": self.alg, "kid": self.signs_with.kid, **(header or {})}
        return self.signed(top, {name: value for name, value in said.items() if value is not None})

    def calls_signed(self, request: str, **beside: str) -> TestResponse:
        response = self.post("/oauth/backchannel", {"request": request, **beside})
        self.waiting = response.json or {}
        return response


def forms(page: TestResponse) -> list[str]:
    """Where the page's forms for waiting asks lead, in order."""
    return re.findall(r'action="(/requests/[^"]+)"', page.text)


def looks(person: PersonActor, number: int = 0) -> TestResponse:
    """A person who is signed in goes from the list of asks to the question itself."""
    listed = person.browser.get("/requests")
    response = person.browser.post(forms(listed)[number], form_at="/requests")
    return person.browser.follow(response.location) if response.status_code == 303 else response


def allows_call(person: PersonActor, only: Sequence[str] = ("email",)) -> TestResponse:
    return person.allows(looks(person), only=only)
