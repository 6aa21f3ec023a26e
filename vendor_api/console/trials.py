"""Try a client: the whole authorization code flow against this wallet, with the member as the person asked.

Answers of the client itself go to the vendor's own address, which the console is not at. So a twin of it is registered,
with the same texts and purposes, whose answers come to the console, and whose secret nobody else knows. What comes back
is shown once and not kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import jwt
import orjson
from flask_babel import gettext as _
from sqlalchemy import Connection
from werkzeug.datastructures import Headers

from vendor_api.call import Call
from vendor_api.console import clients, flow
from vendor_api.console.errors import TrialOver
from vendor_api.console.model import Member
from vendor_api.errors import VendorApiError
from vendor_api.host import Host
from vendor_api.oauth import authorize, inspection, token, userinfo
from vendor_api.oauth.answers import Answer, problem
from vendor_api.vendors import purpose_types
from vendor_api.vendors.metadata import SPOKEN
from vendor_api.vendors.model import Vendor
from vendor_api.vendors.reserved import TRIAL

PURPOSE: Final = "trial"
BACK: Final = "/console/try/back"
LONGEST_CLAIMS: Final = 1500  # they travel in an address, twice
COPIED: Final = frozenset({*SPOKEN, "scope", "contacts", "recipients", purpose_types.MEMBER})
SECRETS: Final = frozenset(
    {"code", "state", "nonce", "code_verifier", "token", "access_token", "refresh_token", "id_token", "consent_token"}
)
SHOWN: Final = 6  # of a secret, so that one sees it again in the next step


@dataclass(frozen=True, slots=True)
class Step:
    """A request and what was answered to it, secrets masked."""

    title: str
    request: str = field(repr=False)
    answer: str = field(repr=False)
    failed: bool = False


def twin(db: Connection, host: Host, member: Member, client_id: str, *, now: int) -> Vendor:
    """Raises NotYours."""
    of = clients.find(db, member, client_id)
    metadata = {name: value for name, value in of.metadata.items() if name.partition("#")[0] in COPIED}
    name = of.text("client_name", host.language()) or client_id
    metadata |= {"client_name": _("%(client)s (trial)", client=name)[:300], "redirect_uris": [host.issuer + BACK]}
    spoken = {name for name in metadata if name.startswith("client_name#")}
    metadata = {name: value for name, value in metadata.items() if name not in spoken}
    return flow.register(db, host, client_id + TRIAL, metadata, now=now)


def begin(host: Host, member: Member, client_id: str, *, scope: str, claims: str) -> str:
    """Where the browser goes. Raises NotYours."""
    vendor = host.write(twin, host, member, client_id, now=host.now())
    asked = {"scope": scope or "openid", **({"claims": claims} if claims else {})}
    return flow.address(flow.begin(host, vendor, purpose=PURPOSE, said={"of": client_id, "asked": asked}, **asked))


def arrive(host: Host, member: Member, given: Mapping[str, str]) -> tuple[str, list[Step]]:
    """The client, and every step there was. Raises TrialOver, and NotYours for who left this vendor meanwhile."""
    began = flow.opened(host, PURPOSE, given.get("state", ""))
    if began is None:
        raise TrialOver
    client_id = began.said["of"]
    host.read(clients.find, member, client_id)
    steps = [asked(host, began, given)]
    if "code" in given:
        steps += redeemed(host, began, given["code"])
    return client_id, steps


def asked(host: Host, began: flow.Flow, given: Mapping[str, str]) -> Step:
    said = {"client_id": began.client_id, "redirect_uri": host.issuer + BACK, "response_type": "code"}
    said |= {**began.said["asked"], "state": given["state"], "nonce": began.nonce}
    said |= {"code_challenge": "S256(code_verifier)", "code_challenge_method": "S256"}
    request = f"GET {authorize.PATH}?\n{listed(said)}"
    answer = f"303 {host.issuer}{BACK}?\n{listed(given)}"
    return Step(_("Ask: the browser goes to the wallet, and the person answers"), request, answer, "code" not in given)


def redeemed(host: Host, began: flow.Flow, code: str) -> list[Step]:
    """Redeem the code, look into the ID token, read."""
    form, answer = flow.redemption(host, began, code, host.issuer + BACK)
    request = f"POST {token.PATH}\nAuthorization: Basic …\n\n{listed(form)}"
    steps = [Step(_("Redeem: your server exchanges the code for tokens"), request, told(answer), answer.status != 200)]
    if answer.status != 200:
        return steps
    tokens = orjson.loads(answer.body)
    if "id_token" in tokens:
        header, claims = (jwt.get_unverified_header(tokens["id_token"]), unsigned(tokens["id_token"]))
        inside = f"{pretty(header)}\n{pretty(claims)}"
        steps.append(Step(_("The ID token, unpacked: verify it with the wallet’s keys"), "GET /oauth/jwks", inside))
    held = [tokens[name] for name in ("access_token", "refresh_token") if name in tokens]
    return [*steps, read(host, tokens["access_token"]), *(given_back(host, began, one) for one in held[-1:])]


def read(host: Host, access_token: str) -> Step:
    call = Call("GET", "", "", Headers({"Authorization": f"Bearer {access_token}"}), b"")
    try:
        answer = userinfo.userinfo(host, call)
    except VendorApiError as error:
        answer = problem(error)
    request = f"GET {userinfo.PATH}\nAuthorization: Bearer {masked(access_token)}"
    return Step(_("Read: what the person allowed"), request, told(answer), answer.status != 200)


def given_back(host: Host, began: flow.Flow, held: str) -> Step:
    """RFC 7009: the trial keeps nothing, so nothing is left that could be used."""
    form = {"token": held}
    answer = flow.posted(host, began.client_id, inspection.revoke, form)
    request = f"POST {inspection.REVOCATION_PATH}\nAuthorization: Basic …\n\n{listed(form)}"
    return Step(_("Give back: tokens that are no longer needed"), request, told(answer), answer.status != 200)


def unsigned(id_token: str) -> dict[str, Any]:
    """For show alone."""
    claims: dict[str, Any] = jwt.decode(id_token, options={"verify_signature": False})
    return {name: masked(value) if name in SECRETS else value for name, value in claims.items()}


def told(answer: Answer) -> str:
    try:
        said = orjson.loads(answer.body)
    except ValueError:
        return str(answer.status)
    shown = {name: masked(value) if name in SECRETS else value for name, value in said.items()}
    return f"{answer.status}\n{pretty(shown)}"


def pretty(said: Mapping[str, Any]) -> str:
    return orjson.dumps(dict(said), option=orjson.OPT_INDENT_2).decode()


def listed(said: Mapping[str, str]) -> str:
    return "\n".join(f"  {name}={masked(value) if name in SECRETS else value}" for name, value in said.items())


def masked(secret: object) -> str:
    return f"{str(secret)[:SHOWN]}…"
