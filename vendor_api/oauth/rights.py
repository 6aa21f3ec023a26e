"""What people ask of a vendor by right (GDPR, articles 15 to 21), and its signed answers.

The vendor proves itself here, by the method it registered for the token endpoint: a request outlives grant and tokens.
"""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection

from consent.errors import BadAnswer, UnknownRequest
from consent.moving import homes
from consent.rights import answers, requests
from consent.rights.answers import Answer as RightsAnswer
from consent.rights.requests import RightsRequest
from keys.errors import BadToken
from vendor_api.call import Call
from vendor_api.errors import InvalidRequest, NotFound
from vendor_api.host import Host
from vendor_api.oauth.answers import Answer, as_json
from vendor_api.oauth.framework.client_assertion import received
from vendor_api.oauth.framework.gate import proven
from vendor_api.oauth.framework.shapes import Request
from vendor_api.vendors.keys import NotSigned
from vendor_api.vendors.model import Vendor
from vendor_api.vendors.statements import SKEW, is_between, signed_statement

PATH: Final = "/oauth/rights"
ANSWER: Final = "rights-answer+jwt"
OLDEST: Final = 24 * 3600


def waiting(host: Host, call: Call) -> Answer:
    """What waits for this vendor's answer, the most urgent first; of one grant, if it names that."""
    now = host.now()
    sent = received(host, call, now=now)
    vendor = host.read(authenticated, host, sent, now=now)
    grant_id = sent.form.get("grant_id")
    found = host.read(requests.of_vendor, client_id=vendor.client_id, sector=vendor.sector, grant_id=grant_id)
    return as_json({"requests": [described(request) for request in found]})


def answer(host: Host, call: Call) -> Answer:
    """Take one signed answer. Raises NotFound for another vendor's request, InvalidRequest for what does not fit."""
    now = host.now()
    sent = received(host, call, now=now)
    vendor = host.read(authenticated, host, sent, now=now)
    request = host.read(asked_of, host, vendor, call.rest)
    given = signed_answer(host, vendor, request, sent.form.get("answer", ""), now=now)
    try:
        kept = host.write(answers.answer, host.secrets, request, given, now=now)
    except BadAnswer as error:
        raise InvalidRequest(str(error)) from None
    return as_json(described(kept))


def authenticated(db: Connection, host: Host, sent: Request, *, now: int) -> Vendor:
    return proven(db, host, sent, "rights", now=now)


def asked_of(db: Connection, host: Host, vendor: Vendor, request_id: str) -> RightsRequest:
    """Raises NotFound, also for a request to another vendor."""
    try:
        person_id = homes.owner(db, host.secrets, requests.KIND, request_id)
        request = requests.find(db, request_id, person_id=person_id)
    except (BadToken, UnknownRequest):
        raise NotFound("there is no such request, or it is not to you") from None
    if (request.client_id, request.party.sector) != (vendor.client_id, vendor.sector):
        raise NotFound("there is no such request, or it is not to you")
    return request


def signed_answer(host: Host, vendor: Vendor, request: RightsRequest, compact: str, *, now: int) -> RightsAnswer:
    """Verified by the vendor's registered keys; may fetch, so never inside a transaction. Raises InvalidRequest."""

    def rules(claims: Mapping[str, Any]) -> tuple[tuple[str, bool], ...]:
        its_digest = claims.get("request_digest") == request.digest
        return (
            ("its request_id must be that of the request", claims.get("request_id") != request.request_id),
            ("its request_digest must be that of the request's document", not its_digest),
            ("its iat must be within the last day", not is_between(claims.get("iat"), now - OLDEST, now + SKEW)),
        )

    try:
        claims, key = signed_statement(host, vendor, compact, typ=ANSWER, rules=rules, now=now)
    except NotSigned as error:
        raise InvalidRequest(f"answer is not valid: {error}") from None
    outcome, reason, until = (claims.get(name) for name in ("outcome", "reason", "until"))
    if not isinstance(outcome, str) or not isinstance(reason, str | None) or type(until) not in {int, type(None)}:
        raise InvalidRequest("answer is not valid: outcome and reason are texts, until is a number of seconds")
    if reason is not None and "\x00" in reason:
        raise InvalidRequest("answer is not valid: reason contains a zero byte")
    return RightsAnswer(outcome, reason, until, compact, key, now)


def described(request: RightsRequest) -> dict[str, Any]:
    return {
        "request_id": request.request_id,
        "request_digest": request.digest,
        "grant_id": request.grant_id,
        "right": request.right,
        "claims": list(request.attributes),
        "made_at": request.made_at,
        "due_at": request.due_at,
        "document": request.document,
        **({"outcome": request.outcome} if request.outcome else {}),
    }
