"""GET and POST /oauth/end-session: a vendor sends the person to sign out (OpenID Connect RP-Initiated Logout 1.0)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import jwt
from sqlalchemy import Connection
from werkzeug.datastructures import MultiDict

from keys.signing import SigningKeys
from vendor_api.host import Host
from vendor_api.oauth.answers import NO_STORE, Answer
from vendor_api.vendors import registry
from vendor_api.vendors.model import Vendor

PATH: Final = "/oauth/end-session"
KEPT: Final[tuple[str, ...]] = ("client_id", "post_logout_redirect_uri", "state")
LONGEST_PARAMETER: Final = 2000
LONGEST_HINT: Final = 10_000
# An expired ID token is a good hint (section 2): it says who issued it to whom, and no more is asked of it.
OF_A_HINT: Final[Any] = {
    "require": ["iss", "aud", "sub", "iat", "exp"],
    "verify_aud": False,
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
}


@dataclass(frozen=True, slots=True)
class Leaving:
    """Who sent the person to sign out, if that is known, where they go afterwards, and as whom it knows them."""

    vendor: Vendor | None
    address: str | None
    sub: str | None = None


def end_session(host: Host, given: MultiDict[str, str]) -> Answer:
    """On to the page where the person decides. Nothing ends here: anybody can send a browser to this address."""
    return Answer(303, {"Location": host.sign_out_page(credible(host, given)), **NO_STORE})


def credible(host: Host, given: MultiDict[str, str]) -> dict[str, str]:
    """What is left of a request: all of it, or nothing where it is broken or its hint is not one of ours."""
    said = {name: value for name, value in given.items() if value}
    hint = said.pop("id_token_hint", None)
    if any(len(values) > 1 for values in given.listvalues()) or any(
        len(one) > LONGEST_PARAMETER for one in said.values()
    ):
        return {}
    kept: dict[str, str] = {name: said[name] for name in KEPT if name in said}
    if hint is None:
        return kept
    audience, sub = named_by(hint, host.signing_keys(), issuer=host.issuer)
    if audience is None or kept.get("client_id", audience) != audience:
        return {}
    return {**kept, "client_id": audience, "sub": sub}


def named_by(hint: str, keys: SigningKeys, *, issuer: str) -> tuple[str | None, str]:
    """To whom an ID token of ours was issued, under any key we still publish, and about whom; None if it is none."""
    if len(hint) > LONGEST_HINT:
        return None, ""
    try:
        header = jwt.get_unverified_header(hint)
        [key] = [key for key in keys.published if key["kid"] == header.get("kid")]
        claims = jwt.decode(hint, jwt.PyJWK(key), algorithms=[key["alg"]], issuer=issuer, options=OF_A_HINT)
    except (jwt.PyJWTError, ValueError):
        return None, ""
    audience = claims["aud"]
    return (audience if header.get("typ") == "JWT" and isinstance(audience, str) else None), claims["sub"]


def leaving(db: Connection, given: Mapping[str, str]) -> Leaving:
    """Section 3.1: on to an address only if the vendor registered it, letter by letter."""
    client_id, address = given.get("client_id", ""), given.get("post_logout_redirect_uri")
    vendor = registry.find(db, client_id)
    sub = given.get("sub") if vendor else None
    if vendor is None or address not in vendor.metadata.get("post_logout_redirect_uris", ()):
        return Leaving(vendor, None, sub)
    if not given.get("state"):
        return Leaving(vendor, address, sub)
    joint = "&" if urlsplit(address).query else "?"
    return Leaving(vendor, f"{address}{joint}{urlencode({'state': given['state']})}", sub)
