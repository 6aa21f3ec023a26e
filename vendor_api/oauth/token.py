"""POST /oauth/token: redeem a code, a token, or what a vendor polls for, in one transaction."""

from typing import Final

from sqlalchemy import Connection

from consent.errors import ConsentError
from vendor_api.call import REPEATABLE, Call
from vendor_api.errors import InvalidGrant, SlowDown, SpentTwice, VendorApiError
from vendor_api.host import Host
from vendor_api.oauth import attempts, polling, tokens
from vendor_api.oauth.answers import Answer
from vendor_api.oauth.asking.resource import check_resource
from vendor_api.oauth.binding import dpop
from vendor_api.oauth.framework.client_assertion import received
from vendor_api.oauth.framework.grants import token_gate
from vendor_api.oauth.framework.shapes import Request
from vendor_api.oauth.polling import StillWaiting

PATH: Final = "/oauth/token"


@dpop.tells_nonce
def redeem(host: Host, call: Call) -> Answer:
    """Raises VendorApiError; what was redeemed is then as unspent as before, unless it was used a second time."""
    now = host.now()
    proof, request = dpop.proof_of(host, call, PATH, now=now), received(host, call, now=now)
    check_resource(host, request.form.get(REPEATABLE))
    try:
        return redeemed(host, request, proof, now=now)
    except VendorApiError as error:
        attempts.note_redemption(host, request, error, now=now)
        raise


def redeemed(host: Host, request: Request, proof: dpop.Proof | None, *, now: int) -> Answer:
    """A second use ends what the first one gave, and asking too often makes the pause longer: both are kept."""
    try:
        return host.write(answer, host, request, proof, now=now)
    except SpentTwice as error:
        host.write(tokens.revoke_family, person_id=error.person_id, family=error.family, now=now)
        raise
    except StillWaiting as waits:
        if host.write(polling.is_too_soon, waits, now=now):
            raise SlowDown("you ask too often; from now on wait five seconds longer than before") from None
        raise
    except ConsentError as error:
        raise InvalidGrant(str(error)) from error


def answer(db: Connection, host: Host, request: Request, proof: dpop.Proof | None, *, now: int) -> Answer:
    gate = token_gate(db, host, proof, request.certificate, now=now)
    found: Answer = gate.create_token_response(request)
    return found
