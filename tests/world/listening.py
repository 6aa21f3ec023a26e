"""A vendor that listens to events: a stream of the Shared Signals Framework, a receiver that keeps what it gets."""

from collections.abc import Iterable, Mapping
from typing import Any

import jwt
from actors import VendorActor
from flask import Flask
from sites import Site
from werkzeug.test import TestResponse

from vendor_api.events import push
from vendor_api.outbound.client import Outbound
from wallet.host import WalletHost
from wallet.house import House

STREAM, STATUS, VERIFY, POLL = (f"/oauth/events/{name}" for name in ("stream", "status", "verify", "poll"))
PUSHED, POLLED = "urn:ietf:rfc:8935", "urn:ietf:rfc:8936"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
GRANT_TYPES = ["authorization_code", "refresh_token", JWT_BEARER, "client_credentials"]


class ListeningVendor(VendorActor):
    """`stream` is what it was told of its stream when it made it."""

    def __init__(self, app: Flask, house: House, name: str, **metadata: Any) -> None:
        super().__init__(app, house, name, **{"grant_types": GRANT_TYPES, **metadata})
        self.stream: dict[str, Any] = {}

    def comes(self, **form: str) -> TestResponse:
        """Asks for a token for itself."""
        return self.post("/oauth/token", {"grant_type": "client_credentials", **form})

    def says(self, method: str, path: str, said: object = None, *, token: str | None = None) -> TestResponse:
        """Calls one of the endpoints about its stream, as itself."""
        token = token or self.comes().json["access_token"]
        more = {} if said is None else {"json": said}
        response = self.client.open(path, method=method, headers={"Authorization": f"Bearer {token}"}, **more)
        self.seen.append(response.text)
        return response

    def listens(self, to: Site | None = None, **said: Any) -> dict[str, Any]:
        """Makes a stream: pushed to this site, or polled."""
        delivery = {"method": PUSHED, "endpoint_url": to.url} if to else {"method": POLLED}
        response = self.says("POST", STREAM, {"delivery": delivery, **said})
        assert response.status_code == 201, response.text
        self.stream = response.json or {}
        return self.stream

    def polls(self, **said: Any) -> dict[str, Any]:
        response = self.says("POST", POLL, said)
        assert response.status_code == 200, response.text
        return response.json or {}


def sends(house: House, authority: object = None, outbound: Outbound | None = None) -> int:
    """What goes on beside the requests, once: every event that is due is pushed; how many were confirmed."""
    out = outbound or Outbound(allow="127.0.0.0/8,::1/128", ca_file=str(authority))
    return push.tell_all(WalletHost(house, lambda _cookies: {}), out.post)


def claims(token: str | bytes) -> dict[str, Any]:
    found: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return found


def got(site: Site) -> list[dict[str, Any]]:
    """The claims of every event a site was sent, repeated ones too."""
    return [claims(body) for _, _, headers, body in site.seen if "secevent" in headers.get("content-type", "")]


def told(tokens: Iterable[Mapping[str, Any]]) -> list[str]:
    """The kinds of events, by the last part of their names."""
    return [next(iter(token["events"])).rpartition("/")[2].rpartition(":")[2] for token in tokens]
