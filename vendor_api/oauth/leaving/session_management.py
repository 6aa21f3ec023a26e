"""OpenID Connect Session Management 1.0: a vendor's page asks a frame of ours whether sign-ins changed in this browser.

The browser's states are random, the newest first; each sign-in and sign-out puts a new one in front. The frame finds
them in a cookie of their own, and says nothing to pages that hold none of them (docs/decisions/0013).
"""

import base64
import hashlib
from collections.abc import Mapping
from secrets import token_urlsafe
from typing import Any, Final

from vendor_api.call import Call
from vendor_api.host import Host
from vendor_api.oauth.answers import Answer
from vendor_api.uris import origin

PATH: Final = "/oauth/check-session"
KEPT: Final = 4
SCRIPT: Final = """
const COOKIE = /(?:^|; )NAME=([A-Za-z0-9_.-]+)/
const ASKED = /^(.+) ([A-Za-z0-9_-]{43})[.]([A-Za-z0-9_-]+)$/

async function hashed(text) {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)))
  return btoa(String.fromCharCode(...hash)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")
}

async function judged(asked, origin) {
  const [, vendor, hash, salt] = ASKED.exec(asked) ?? []
  const [, states] = COOKIE.exec(document.cookie) ?? []
  if (!salt || !states) return "error"
  const known = await Promise.all(states.split(".").map((state) => hashed(`${vendor} ${origin} ${state} ${salt}`)))
  const place = known.indexOf(hash)
  return place === 0 ? "unchanged" : place > 0 ? "changed" : "error"
}

addEventListener("message", async ({ data, origin, source }) => {
  if (source === null || origin === "null") return
  source.postMessage(await judged(data, origin).catch(() => "error"), origin)
})
"""


def cookie_name(*, secure: bool) -> str:
    return "__Host-wallet-state" if secure else "wallet-state"


def changed(states: str) -> str:
    """The browser's states after a sign-in or sign-out."""
    return ".".join([token_urlsafe(16), *filter(None, states.split("."))][:KEPT])


def session_state(request: Mapping[str, Any], *, client_id: str, states: str) -> dict[str, str]:
    """Section 2: for this vendor at this origin, under a salt of its own, so that it links nobody to anything.

    An app has no page that could ask, so it gets none.
    """
    address, state = request["redirect_uri"], states.partition(".")[0]
    if not state or "openid" not in request["scope"].split() or not address.startswith(("https:", "http:")):
        return {}
    salt = token_urlsafe(8)
    return {"session_state": f"{sha_256(f'{client_id} {origin(address)} {state} {salt}')}.{salt}"}


def sha_256(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def frame(*, secure: bool) -> Answer:
    """The page of section 3.2: any vendor may frame it: it shows nothing, and tells only those who may know."""
    script = SCRIPT.replace("NAME", cookie_name(secure=secure))
    allowed = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": f"default-src 'none'; script-src 'sha256-{allowed}'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors https: http://localhost:* http://127.0.0.1:*",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "public, max-age=300",
    }
    return Answer(200, headers, f"<!doctype html><title>Session</title><script>{script}</script>".encode())


FRAMES: Final = {secure: frame(secure=secure) for secure in (True, False)}


def check_session(host: Host, _call: Call) -> Answer:
    return FRAMES[host.issuer.startswith("https:")]
