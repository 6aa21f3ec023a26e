"""What a vendor asks of a server, step by step; every answer is checked for its status and its shape."""

from __future__ import annotations

import hashlib
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from client import Answer, BenchError, Job
from vendor import CLAIMS, CLIENT_ID, REDIRECT_URI, SCOPE, Door, parse

HOPS = 5  # redirects within the server that one authorize may take


@dataclass(frozen=True, slots=True)
class Code:
    """An authorization code and what only its vendor knows."""

    code: str
    verifier: str
    nonce: str


@dataclass(frozen=True, slots=True)
class Tokens:
    """One answer of the token endpoint; a renewed ID token may lack the nonce (OpenID Connect Core section 12.2)."""

    access: str
    refresh: str
    identity: str
    nonce: str
    renewed: bool


def authorization_request(*, verifier: str, nonce: str, state: str) -> str:
    """The query of an authorize with PKCE (RFC 7636, S256)."""
    challenge = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {"client_id": CLIENT_ID, "response_type": "code", "redirect_uri": REDIRECT_URI, "scope": SCOPE}
    return urlencode(
        asked | {"state": state, "nonce": nonce, "code_challenge": challenge, "code_challenge_method": "S256"}
    )


def authorize(door: Door, cookies: Mapping[str, str]) -> Job[Code]:
    """Ask with the cookies of a person who agreed before; no page may come."""
    verifier, nonce, state = (secrets.token_urlsafe(32) for _ in range(3))
    path = f"{door.authorization}?{authorization_request(verifier=verifier, nonce=nonce, state=state)}"
    jar = dict(cookies)
    for _ in range(HOPS):
        answer = yield door.get(path, "Cookie: " + "; ".join(f"{name}={value}" for name, value in jar.items()))
        location = _location(answer)
        next_path = door.own_path(location)
        if next_path is None:
            return Code(_code_in(location, state=state), verifier, nonce)
        jar.update(_cookies_of(answer))
        path = next_path
    raise BenchError(f"An authorize was redirected more than {HOPS} times.")


def _location(answer: Answer) -> str:
    if answer.status not in (302, 303):
        raise BenchError(
            f"Asked again after the person agreed, the server answered {answer.status} instead of a redirect."
        )
    return answer.headers("location")[0]


def _cookies_of(answer: Answer) -> dict[str, str]:
    pairs = (cookie.partition(";")[0].partition("=") for cookie in answer.headers("set-cookie"))
    return {name: value for name, _, value in pairs}


def _code_in(location: str, *, state: str) -> str:
    sent = parse_qs(urlsplit(location).query)
    if not location.startswith(REDIRECT_URI) or sent.get("state") != [state] or "code" not in sent:
        raise BenchError(f"An authorize ended without a code: {location[:200]}.")
    return sent["code"][0]


def redeem(door: Door, code: Code) -> Job[Tokens]:
    sent = {"grant_type": "authorization_code", "redirect_uri": REDIRECT_URI}
    answer = yield door.post(door.token, code=code.code, code_verifier=code.verifier, **sent)
    return _tokens(answer, nonce=code.nonce, renewed=False, extra=door.extra)


def refresh(door: Door, tokens: Tokens) -> Job[Tokens]:
    answer = yield door.post(door.token, grant_type="refresh_token", refresh_token=tokens.refresh)
    renewed = _tokens(answer, nonce=tokens.nonce, renewed=True)
    if renewed.refresh == tokens.refresh:
        raise BenchError("A refresh gave the old refresh token back instead of a new one.")
    return renewed


def _tokens(answer: Answer, *, nonce: str, renewed: bool, extra: tuple[str, ...] = ()) -> Tokens:
    found = _ok(answer, "The token endpoint")
    missing = {"access_token", "refresh_token", "id_token", "expires_in", *extra} - found.keys()
    if missing or found["token_type"] != "Bearer":
        raise BenchError(f"The token endpoint gave no {', '.join(sorted(missing)) or 'bearer token'}.")
    return Tokens(found["access_token"], found["refresh_token"], found["id_token"], nonce, renewed)


def userinfo(door: Door, tokens: Tokens) -> Job[str]:
    """Returns the `sub`."""
    answer = yield door.get(door.userinfo, f"Authorization: Bearer {tokens.access}")
    found = _ok(answer, "The userinfo endpoint")
    if any(found.get(name) != value for name, value in CLAIMS.items()):
        raise BenchError(f"The userinfo endpoint gave {found} instead of {CLAIMS}.")
    return str(found["sub"])


def introspect(door: Door, tokens: Tokens) -> Job[str]:
    """Returns the `sub`."""
    answer = yield door.post(door.introspection, token=tokens.access, token_type_hint="access_token")
    found = _ok(answer, "The introspection endpoint")
    if found.get("active") is not True or found.get("client_id") != CLIENT_ID:
        raise BenchError(f"The introspection endpoint does not know a live token: {found}.")
    return str(found["sub"])


def sign_on(door: Door, cookies: Mapping[str, str]) -> Job[Tokens]:
    """The whole round trip of single sign-on: authorize with remembered consent, token, userinfo."""
    code = yield from authorize(door, cookies)
    tokens = yield from redeem(door, code)
    yield from userinfo(door, tokens)
    return tokens


def _ok(answer: Answer, what: str) -> dict[str, Any]:
    if answer.status != 200:
        raise BenchError(f"{what} answered {answer.status}: {answer.body[:200].decode(errors='replace')}")
    return parse(answer.body, what)


def verify(door: Door, tokens: Tokens) -> str:
    """Check an ID token as its vendor would, ES256 and nothing else; returns its `sub`. Raises BenchError."""
    try:
        key = door.keys[jwt.get_unverified_header(tokens.identity)["kid"]]
        found = jwt.decode(tokens.identity, key, algorithms=["ES256"], audience=CLIENT_ID, issuer=door.issuer)
    except (jwt.PyJWTError, KeyError) as error:
        raise BenchError(f"An ID token does not verify: {error}.") from error
    if found.get("nonce", tokens.nonce if tokens.renewed else None) != tokens.nonce:
        raise BenchError("An ID token does not carry the nonce that was asked for.")
    return str(found["sub"])
