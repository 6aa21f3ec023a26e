"""A person who fills in real forms, and a vendor that speaks plain OpenID Connect."""

import base64
import hashlib
import json
import re
import secrets
from collections.abc import Collection, Mapping, Sequence
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Flask
from sqlalchemy import Connection
from werkzeug.test import TestResponse

from consent import ledger
from vendor_api.oauth.registration import add_by_operator
from vendor_api.vendors.response_types import offered
from wallet.data.engine import set_value
from wallet.house import House
from wallet.people.model import Person

SECRET = "a secret of the vendor, long enough"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


class Browser:
    """Keeps cookies and sends the very forms it was shown."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()

    def get(self, path: str, **kwargs: Any) -> TestResponse:
        return self.client.get(path, **kwargs)

    def post(self, path: str, *, form_at: str | None = None, **fields: str | Sequence[str]) -> TestResponse:
        """Fill in the form of a page (the one at `path` unless told otherwise) and send it to `path`."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.get(form_at or path).text)
        assert token, "the page has no form"
        return self.client.post(path, data={"csrf_token": token[1], **fields})

    def follow(self, location: str) -> TestResponse:
        """Go on to pages of this wallet, and stop at the first answer that is one or that leads elsewhere."""
        response = self.get(location)
        while response.status_code == 303 and response.location.startswith("/"):
            response = self.get(response.location)
        return response


class PersonActor:
    """Somebody who lives here, in a browser of their own."""

    def __init__(self, app: Flask, house: House, person: Person, *, password: str) -> None:
        self.house, self.person, self.password = house, person, password
        self.browser = Browser(app)

    def has(self, values: Mapping[str, str], *, persona_id: str | None = None) -> None:
        """Give this person values, by attribute."""
        ids = {"person_id": self.person.person_id, "persona_id": persona_id or self.person.persona_id}

        def keep(db: Connection) -> None:
            for name, value in values.items():
                what = {"attribute": name, "value": value, "expected_version": None, "now": self.house.clock()}
                set_value(db, self.house.secrets, **ids, **what)

        self.house.database.write(keep)

    def signs_in(self) -> TestResponse:
        return self.browser.post("/sign-in", login=self.person.login, password=self.password)

    def signs_out(self) -> TestResponse:
        return self.browser.post("/sign-out", form_at="/data")

    def leaves(self, address: str, where: str) -> TestResponse:
        """Follow a vendor's link for signing out, and press one of the two buttons of the page it leads to."""
        page = self.browser.follow(address)
        fields = dict(re.findall(r'name="([a-z_]+)" value="([^"]*)"', page.text.partition("<main")[2]))
        fields = {name: unescape(value) for name, value in fields.items()} | {"where": where}
        return self.browser.client.post(page.request.path, data=fields)

    def opens(self, address: str) -> TestResponse:
        """Follow a vendor's link, signing in where it has to be, to the consent page or back to the vendor."""
        response = self.browser.follow(path_of(address))
        if "/sign-in" in response.request.path:
            where = response.request.full_path
            response = self.browser.post(where, login=self.person.login, password=self.password)
            response = self.browser.follow(response.location) if response.location.startswith("/") else response
        return response

    def answers(
        self, page: TestResponse, answer: str, *, only: Collection[str] = (), until: str | None = None
    ) -> TestResponse:
        """Send a consent page's form as it was shown, with these boxes ticked; ends at the vendor or at an error."""
        form = dict(re.findall(r'name="(csrf_token|until|persona|agreement)"\s(?:[^>]*?\s)?value="([^"]*)"', page.text))
        fields = {**form, "answer": answer, "attribute": list(only)}
        if until is not None:
            fields["until"] = until
        response = self.browser.client.post(page.request.path, data=fields)
        return self.browser.follow(response.location) if response.status_code == 303 else response

    def allows(self, page: TestResponse, *, only: Collection[str] = (), until: str | None = None) -> TestResponse:
        return self.answers(page, "allow", only=only, until=until)

    def refuses(self, page: TestResponse) -> TestResponse:
        return self.answers(page, "refuse")

    def revokes(self, grant_id: str) -> TestResponse:
        return self.browser.post(f"/vendors/{grant_id}/revoke", form_at=f"/vendors/{grant_id}")

    def log(self) -> list[str]:
        """The ledger's actions, oldest first."""
        return [line.action for line in self.ledger()]

    def ledger(self) -> list[Any]:
        return list(reversed(self.house.database.read(ledger.lines, person_id=self.person.person_id)))


class VendorActor:
    """An organisation with nothing but its client_id, its secret and the documented endpoints."""

    def __init__(self, app: Flask, house: House, name: str, **metadata: Any) -> None:
        self.client, self.house = app.test_client(), house
        self.redirect_uri = metadata.get("redirect_uris", [f"https://{name}.example/back"])[0]
        given = {
            "client_id": name,
            "client_name": name.title(),
            "redirect_uris": [self.redirect_uri],
            "id_token_signed_response_alg": "ES256",
            **metadata,
        }
        if metadata.get("token_endpoint_auth_method") != "none":
            given["client_secret"] = SECRET
        types = offered(front_channel=house.settings.front_channel_tokens == "on")
        self.registered = house.database.write(add_by_operator, house.secrets, given, offered=types, now=house.clock())
        self.client_id = name
        self.seen: list[str] = []

    @property
    def is_public(self) -> bool:
        return bool(self.registered["token_endpoint_auth_method"] == "none")

    @property
    def credentials(self) -> dict[str, str]:
        return {} if self.is_public else {"Authorization": basic(self.client_id, SECRET)}

    def link(
        self, asking: Sequence[str] = (), *, needing: Sequence[str] = (), without: Collection[str] = (), **changed: str
    ) -> str:
        """Where this vendor sends people: these claims, some essential; parameters can be changed or left out."""
        wishes = dict.fromkeys(asking) | {name: {"essential": True} for name in needing}
        self.nonce, self.state = secrets.token_urlsafe(8), secrets.token_urlsafe(8)
        parameters = {
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "response_type": "code",
            "scope": "openid",
            "state": self.state,
            "nonce": self.nonce,
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }
        if wishes:
            parameters["claims"] = json.dumps({"userinfo": wishes})
        parameters = {name: value for name, value in {**parameters, **changed}.items() if name not in without}
        return f"/oauth/authorize?{urlencode(parameters)}"

    def receives(self, response: TestResponse) -> dict[str, str]:
        """What came back to the redirect URI, as this vendor's server sees it."""
        assert response.status_code == 303, response.text
        assert response.location.startswith(self.redirect_uri), response.location
        self.seen.append(response.location)
        return dict(parse_qsl(urlsplit(response.location).query))

    def post(self, path: str, form: Mapping[str, str], *, headers: Mapping[str, str] | None = None) -> TestResponse:
        form = {**form, "client_id": self.client_id} if self.is_public else form
        response = self.client.post(path, data=form, headers=dict(self.credentials if headers is None else headers))
        self.seen.append(response.text)
        return response

    def redeems(self, code: str, **changed: str) -> TestResponse:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": VERIFIER,
        }
        return self.post("/oauth/token", {name: value for name, value in {**form, **changed}.items() if value})

    def refreshes(self, refresh_token: str, **more: str) -> TestResponse:
        return self.post("/oauth/token", {"grant_type": "refresh_token", "refresh_token": refresh_token, **more})

    def asserts(self, consent_token: str) -> TestResponse:
        form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": consent_token}
        return self.post("/oauth/token", form)

    def reads(self, access_token: str) -> TestResponse:
        response = self.client.get("/oauth/userinfo", headers={"Authorization": f"Bearer {access_token}"})
        self.seen.append(response.text)
        return response

    def introspects(self, token: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.post("/oauth/introspect", {"token": token}).json
        return answer


def basic(client_id: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()


def path_of(address: str) -> str:
    parts = urlsplit(address)
    return parts.path + (f"?{parts.query}" if parts.query else "")
