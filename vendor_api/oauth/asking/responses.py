"""How an authorization response travels to the vendor: in the query, the fragment or a form, plain or as a signed JWT.

OAuth 2.0 Multiple Response Types, Form Post Response Mode, and JARM, which Authlib lacks.
"""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from vendor_api.errors import VendorApiError
from vendor_api.host import Host
from vendor_api.oauth.answers import NO_STORE, Answer

SIGNED: Final = ("jwt", "query.jwt", "fragment.jwt", "form_post.jwt")
MODES: Final = ("query", "fragment", "form_post", *SIGNED)
JWT_LIFETIME: Final = 600
HTML: Final = {"Content-Type": "text/html; charset=utf-8", **NO_STORE}


def respond(host: Host, reply: Mapping[str, Any], parameters: Mapping[str, str]) -> Answer:
    """Carry `parameters` to where `reply` (Request.reply_to) says, with `state` and `iss` (RFC 9207).

    Never 307, which would repeat the person's form there.
    """
    answer = {**parameters, "iss": host.issuer}
    if "state" in reply:
        answer["state"] = reply["state"]
    way, _, _ = (mode := reply.get("response_mode", "query")).partition(".")
    if mode in SIGNED:
        answer = {"response": signed(host, reply, answer)}
    address = reply["redirect_uri"]
    if way == "form_post":
        return Answer(200, HTML, host.form_page(address, answer).encode())
    joint = "#" if way == "fragment" else "&" if urlsplit(address).query else "?"
    return Answer(303, {"Location": f"{address}{joint}{urlencode(answer)}", **NO_STORE})


def refuse(host: Host, reply: Mapping[str, Any], error: VendorApiError) -> Answer:
    return respond(host, reply, {"error": error.error, "error_description": str(error)})


def signed(host: Host, reply: Mapping[str, Any], answer: Mapping[str, str]) -> str:
    """JARM section 2.1: the answer for this vendor alone, for ten minutes."""
    claims = {**answer, "aud": reply["audience"], "exp": host.now() + JWT_LIFETIME}
    return host.signing_keys().active[reply["signed"]].sign(claims, typ="JWT")
