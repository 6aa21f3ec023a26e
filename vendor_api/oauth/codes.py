"""Authorization codes: short-lived, bound to vendor, address and challenge, spent once (RFC 6749 section 4.1.2)."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection, delete, insert

from consent.model import CONTACT, DEPOSIT, WHILE_AWAY, Grant
from keys import opaque
from keys.prepared import Prepared
from keys.secrets import HostSecrets
from vendor_api.errors import LoginRequired
from vendor_api.oauth.spending import Spendable
from vendor_api.tables import codes

LIFETIME: Final = 60
REMEMBERED: Final = 24 * 3600

INSERT = Prepared(insert(codes))


def issue(
    db: Connection, secrets: HostSecrets, grant: Grant, *, request: Mapping[str, Any], family: str, now: int
) -> str:
    code = opaque.mint(secrets.tokens, "code", grant.person_id)
    keep(db, grant, opaque.digest(code), request=request, family=family, expires_at=now + LIFETIME)
    return code


def keep(
    db: Connection, grant: Grant, code_digest: str, *, request: Mapping[str, Any], family: str, expires_at: int
) -> None:
    """Store what can be redeemed by the code with this digest."""
    INSERT.run(
        db,
        {
            "person_id": grant.person_id,
            "code_digest": code_digest,
            "client_id": grant.party.client_id,
            "grant_id": grant.grant_id,
            "family": family,
            "request": dict(request),
            "expires_at": expires_at,
            "spent_at": None,
        },
    )


def settled(request: Mapping[str, Any], grant: Grant, *, auth_time: int) -> dict[str, Any]:
    """What tokens go by: the request with its scope as the person allowed it, and when they proved who they are."""
    return {**request, "scope": allowed_scope(request["scope"], grant), "auth_time": auth_time}


def allowed_scope(scope: str, grant: Grant) -> str:
    """What is the person's to give (OpenID Connect Core section 11) is left out where they did not."""
    return " ".join(name for name in scope.split() if not is_to_give(name) or name in grant.attributes)


def is_to_give(name: str) -> bool:
    return name in TO_GIVE or name.startswith(CONTACT)


TO_GIVE: Final = frozenset({WHILE_AWAY, DEPOSIT})
CODES: Final = Spendable("code", "code", codes, codes.c.code_digest)


def is_expected(grant: Grant, request: Mapping[str, Any]) -> bool:
    """Whether the vendor, if it expects somebody, expects the persona of this grant; it may know them from before."""
    return request.get("expected_subject", grant.sub) in {grant.sub, grant.pairwise_sub}


def check_expected(grant: Grant, request: Mapping[str, Any]) -> None:
    """Raises LoginRequired."""
    if not is_expected(grant, request):
        raise LoginRequired("somebody else than you expect is signed in")


def sweep(db: Connection, *, now: int) -> int:
    """Forget codes a day after they expired; until then a second use is recognised. Returns how many."""
    return db.execute(delete(codes).where(codes.c.expires_at <= now - REMEMBERED)).rowcount
