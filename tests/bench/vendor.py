"""The one vendor and the one person of the benchmark, and how the vendor reaches a server."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
import jwt
from client import BenchError

CLIENT_ID = "bench-vendor"
CLIENT_SECRET = secrets.token_urlsafe(32)
REDIRECT_URI = "https://vendor.example/callback"
SCOPE = "openid email profile"
LOGIN = "ana"
PASSWORD = secrets.token_urlsafe(24)
CLAIMS = {"email": "ana@example.org", "name": "Ana Berg", "given_name": "Ana", "family_name": "Berg"}

METADATA = {
    "client_id": CLIENT_ID,
    "client_secret": CLIENT_SECRET,
    "client_name": "Bench vendor",
    "redirect_uris": [REDIRECT_URI],
    "grant_types": ["authorization_code", "refresh_token"],
    "response_types": ["code"],
    "scope": SCOPE,
    "token_endpoint_auth_method": "client_secret_basic",
    "id_token_signed_response_alg": "ES256",
    "purposes": dict.fromkeys(CLAIMS, "To measure how long it takes."),
}

_BASIC = "Authorization: Basic " + base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()


@dataclass(frozen=True, slots=True)
class Door:
    """One server as the vendor reaches it: paths from discovery; `extra` is the server's own, see servers.Server."""

    issuer: str
    port: int
    authorization: str
    token: str
    userinfo: str
    introspection: str
    keys: Mapping[str, jwt.PyJWK]
    extra: tuple[str, ...]

    def get(self, path: str, header: str) -> bytes:
        return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n{header}\r\n\r\n".encode()

    def post(self, path: str, **fields: str) -> bytes:
        """A form, with the vendor's credentials."""
        body = urlencode(fields)
        head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n{_BASIC}\r\n"
        kind = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
        return f"{head}{kind}{body}".encode()

    def own_path(self, location: str) -> str | None:
        """The path of a redirect that stays on this server; None for one that leaves it."""
        if location.startswith("/") and not location.startswith("//"):
            return location
        return location.removeprefix(self.issuer) if location.startswith(self.issuer + "/") else None


def discover(issuer: str, *, extra: tuple[str, ...] = ()) -> Door:
    """Read the discovery document and the keys. Raises BenchError for an endpoint that is missing."""
    with httpx.Client(trust_env=False, timeout=30) as http:
        document = http.get(f"{issuer}/.well-known/openid-configuration").raise_for_status().json()
        keys = jwt.PyJWKSet.from_dict(http.get(document["jwks_uri"]).raise_for_status().json()).keys
    if document["issuer"] != issuer:
        raise BenchError(f"{issuer} says that it is {document['issuer']}.")
    return Door(
        issuer=issuer,
        port=urlsplit(issuer).port or 80,
        authorization=_path(document, "authorization_endpoint"),
        token=_path(document, "token_endpoint"),
        userinfo=_path(document, "userinfo_endpoint"),
        introspection=_path(document, "introspection_endpoint"),
        keys={key.key_id or "": key for key in keys},
        extra=extra,
    )


def nowhere(issuer: str) -> Door:
    """A server that has one answer for every path, and no keys."""
    return Door(issuer, urlsplit(issuer).port or 80, "/", "/", "/", "/", {}, ())


def _path(document: Mapping[str, Any], name: str) -> str:
    if name not in document:
        raise BenchError(f"{document['issuer']} names no {name} in its discovery document.")
    return urlsplit(str(document[name])).path


def parse(body: bytes, what: str) -> dict[str, Any]:
    """The JSON object of an answer. Raises BenchError."""
    try:
        found = json.loads(body)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise BenchError(f"{what} answered something else than a JSON object: {body[:200]!r}.")
    return found
