"""DPoP (RFC 9449): tokens bound to a key of the vendor, which proves with each request that it holds that key."""

import base64
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any, Final

from sqlalchemy import Connection

from vendor_api.call import Call
from vendor_api.errors import InvalidDpopProof, InvalidGrant, InvalidToken, TokenMissing, UseDpopNonce, VendorApiError
from vendor_api.host import Host
from vendor_api.oauth import replay
from vendor_api.oauth.answers import Answer, problem
from vendor_api.oauth.binding import nonces
from vendor_api.oauth.binding.proofs import ALGORITHMS, opened
from vendor_api.uris import split
from vendor_api.vendors import fapi
from vendor_api.vendors.model import Vendor

HEADER: Final = "DPoP"
LONGEST_PAST: Final = 60
LONGEST_FUTURE: Final = 10
LONGEST_ID: Final = 200
DEFAULT_PORTS: Final = {"https": 443, "http": 80}

View = Callable[[Host, Call], Answer]


@dataclass(frozen=True, slots=True)
class Proof:
    """A good proof that still has to be spent. `jkt` is the thumbprint of its key (RFC 7638)."""

    jkt: str
    alg: str
    jti: str
    issued_at: int
    has_nonce: bool


def proof_of(host: Host, call: Call, path: str, *, now: int, access_token: str | None = None) -> Proof | None:
    """Section 4.3: the proof that came with a call to `path`, and with this access token if any; None if none came.

    Raises InvalidDpopProof, and UseDpopNonce for a nonce that is not, or no longer, one of ours.
    """
    given = call.headers.get(HEADER)
    if given is None:
        return None
    jwk_thumbprint, alg, claims = opened(given)
    check_request(claims, call.method, host.issuer + path)
    check_time(claims, now=now)
    check_id(claims)
    if access_token is not None:
        check_access_token(claims, access_token)
    if "nonce" in claims and not nonces.is_ours(host.secrets, claims["nonce"], now=now):
        raise UseDpopNonce("this nonce has expired; repeat the request with the one in the DPoP-Nonce header")
    return Proof(jwk_thumbprint, alg, claims["jti"], claims["iat"], "nonce" in claims)


def check_request(claims: Mapping[str, Any], method: str, address: str) -> None:
    if claims.get("htm") != method:
        raise InvalidDpopProof("htm must be the method of this request")
    htu = comparable(claims.get("htu"))
    if htu is None or htu != comparable(address):
        raise InvalidDpopProof(f"htu must be {address}")


def comparable(address: object) -> tuple[str, str | None, int | None, str] | None:
    """Without query and fragment, in one spelling of scheme, host and port (RFC 3986 section 6.2)."""
    parts = split(address.partition("#")[0]) if isinstance(address, str) else None
    if parts is None:
        return None
    return parts.scheme, parts.hostname, parts.port or DEFAULT_PORTS.get(parts.scheme), parts.path or "/"


def check_time(claims: Mapping[str, Any], *, now: int) -> None:
    """Section 11.1: the window in which a proof counts is short, and a clock may be a little fast."""
    issued_at = claims.get("iat")
    if type(issued_at) is not int or not now - LONGEST_PAST <= issued_at <= now + LONGEST_FUTURE:
        raise InvalidDpopProof("iat must be the present time, in whole seconds; make a new proof for each request")


def check_id(claims: Mapping[str, Any]) -> None:
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= LONGEST_ID:
        raise InvalidDpopProof(f"jti must be a text of 1 to {LONGEST_ID} characters")


def check_access_token(claims: Mapping[str, Any], access_token: str) -> None:
    """Section 4.2: so that a proof made for one token is of no use with another."""
    digest = hashlib.sha256(access_token.encode(errors="surrogatepass")).digest()
    if claims.get("ath") != base64.urlsafe_b64encode(digest).rstrip(b"=").decode():
        raise InvalidDpopProof("ath must be the base64url SHA-256 of the access token")


def spend(db: Connection, proof: Proof, *, needs_nonce: bool) -> None:
    """Section 11.1: a proof counts once. Raises InvalidDpopProof the second time, and UseDpopNonce."""
    if needs_nonce and not proof.has_nonce:
        raise UseDpopNonce("repeat the request with the nonce in the DPoP-Nonce header")
    if not replay.is_first_time(db, HEADER, proof.jkt, proof.jti, expires_at=proof.issued_at + LONGEST_PAST + 1):
        raise InvalidDpopProof("this proof was already used; make a new one for each request")


def check_redemption(db: Connection, vendor: Vendor, redeemed: Mapping[str, Any], proof: Proof | None) -> None:
    """Sections 5, 5.2 and 10: a proof where the vendor registered so, and the key that was promised or used before.

    Raises InvalidDpopProof, UseDpopNonce or InvalidGrant.
    """
    if proof is None and vendor.binds_tokens:
        raise InvalidDpopProof("you registered dpop_bound_access_tokens, so send a DPoP proof")
    bound_to = redeemed.get("dpop_jkt") or thumbprint_in(redeemed)
    if bound_to and (proof is None or proof.jkt != bound_to):
        raise InvalidGrant("this is bound to a key; send a DPoP proof made with that key")
    if proof is not None:
        check_algorithm(vendor, proof)
        spend(db, proof, needs_nonce=vendor.binds_tokens)


def check_algorithm(vendor: Vendor, proof: Proof) -> None:
    """FAPI 2.0 Security Profile section 5.4.1, for vendors held to it."""
    if vendor.is_strict and proof.alg not in fapi.ALGORITHMS:
        raise InvalidDpopProof(f"alg of your proofs must be one of: {', '.join(fapi.ALGORITHMS)}")


def confirmation(vendor: Vendor, proof: Proof | None) -> dict[str, Any]:
    """What a bound token remembers: its key (section 6) and whether each of its proofs needs a nonce."""
    return {"cnf": {"jkt": proof.jkt}, "needs_nonce": vendor.binds_tokens} if proof else {}


def thumbprint_in(request: Mapping[str, Any]) -> str | None:
    """The key a token is bound to, if any."""
    found: str | None = request.get("cnf", {}).get("jkt")
    return found


def token_type(request: Mapping[str, Any]) -> str:
    """Section 5. A token that is bound to a certificate stays a Bearer token (RFC 8705 section 3)."""
    return "DPoP" if thumbprint_in(request) else "Bearer"


def check_read(db: Connection, request: Mapping[str, Any], proof: Proof | None) -> None:
    """Section 7: a bound token needs its proof and is never a Bearer token, nor the other way round.

    Raises InvalidToken, InvalidDpopProof or UseDpopNonce.
    """
    bound_to = thumbprint_in(request)
    if proof is None and bound_to is None:
        return
    if proof is None:
        raise InvalidToken("this access token is bound to a key; send it by the DPoP scheme, with a proof")
    if bound_to is None:
        raise InvalidToken("this access token is bound to no key; send it by the Bearer scheme")
    if proof.jkt != bound_to:
        raise InvalidToken("this access token is bound to another key than that of the proof")
    spend(db, proof, needs_nonce=request["needs_nonce"])


def is_scheme_of(call: Call) -> bool:
    """Whether the access token came by the DPoP scheme."""
    return call.headers.get("Authorization", "").partition(" ")[0].lower() == "dpop"


def challenged(error: VendorApiError, call: Call) -> Answer:
    """Sections 7.1 and 7.2: the error in the challenge of the scheme that was used, and the other scheme beside it."""
    said = "" if isinstance(error, TokenMissing) else f', error="{error.error}", error_description="{error}"'
    by_bearer, by_dpop = ("", said) if is_scheme_of(call) else (said, "")
    schemes = f'Bearer realm="wallet"{by_bearer}, DPoP realm="wallet"{by_dpop}, algs="{" ".join(ALGORITHMS)}"'
    answer = problem(error)
    return replace(answer, status=401, headers={**answer.headers, "WWW-Authenticate": schemes})


def tells_nonce(view: View) -> View:
    """Section 8.2: whoever sends a proof is told the nonce for the next one, whatever else the answer is."""

    @wraps(view)
    def told(host: Host, call: Call) -> Answer:
        if HEADER not in call.headers:
            return view(host, call)
        try:
            answer = view(host, call)
        except VendorApiError as error:
            answer = problem(error)
        return replace(answer, headers={**answer.headers, "DPoP-Nonce": nonces.make(host.secrets, now=host.now())})

    return told
