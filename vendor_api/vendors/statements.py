"""What a vendor says under its signature: held against what it must say, and signed by a key of its registration."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Final

from vendor_api.errors import CannotFetch
from vendor_api.host import Host
from vendor_api.vendors.keys import LONGEST_JWS, SIGNING_ALGORITHMS, NotSigned, opened, signed_by
from vendor_api.vendors.model import Vendor

SKEW: Final = 60  # seconds by which a vendor's clock may be ahead

Rules = Callable[[Mapping[str, Any]], Iterable[tuple[str, bool]]]


def signed_statement(
    host: Host,
    vendor: Vendor,
    compact: str,
    *,
    typ: str,
    rules: Rules,
    algorithms: Collection[str] = SIGNING_ALGORITHMS,
    longest: int = LONGEST_JWS,
    now: int,
) -> tuple[Mapping[str, Any], dict[str, Any]]:
    """The claims, and the public JWK that has signed them. `rules` says what must be, and whether it is not.

    May fetch, so never inside a transaction. Raises NotSigned.
    """
    given = opened(compact, algorithms=algorithms, typ=(typ,), longest=longest)
    for said, wrong in (*from_to(given.claims, vendor, issuer=host.issuer), *rules(given.claims)):
        if wrong:
            raise NotSigned(said)
    try:
        return given.claims, dict(signed_by(host, vendor, given, now=now).as_dict(private=False))
    except CannotFetch as error:
        raise NotSigned(f"your keys can not be fetched from your jwks_uri: {error}") from None


def from_to(claims: Mapping[str, Any], vendor: Vendor, *, issuer: str) -> tuple[tuple[str, bool], ...]:
    return (
        ("its iss must be your client_id", claims.get("iss") != vendor.client_id),
        (f"its aud must be the text {issuer}", claims.get("aud") != issuer),
    )


def is_between(at: object, earliest: int, latest: int) -> bool:
    """Whether it is a point in time, and one of these."""
    return type(at) is int and earliest <= at <= latest
