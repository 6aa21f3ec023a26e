"""Rich authorization requests (RFC 9396): attributes and purposes as one list of details, in a type of our own.

Authlib has none. A detail says `type`, `attributes`, and perhaps `purpose` (a sentence) and `essential` (true where the
vendor can not go on without). What is granted comes back in the same shape, with `until`.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import orjson

from vendor_api.errors import InvalidAuthorizationDetails
from vendor_api.metadata import CONSENT_DETAIL, is_text
from vendor_api.oauth.asking import Claim, is_attribute

MEMBERS: Final = frozenset({"type", "attributes", "purpose", "essential"})
MOST_DETAILS: Final = 20
LONGEST: Final = 20_000


@lru_cache(maxsize=500)
def details(given: str | None) -> tuple[dict[str, Any], ...]:
    """Section 5: unknown types and members are refused, never skipped. Raises InvalidAuthorizationDetails."""
    if given is None:
        return ()
    try:
        asked = orjson.loads(given) if len(given) <= LONGEST else None
    except ValueError:
        asked = None
    if not isinstance(asked, list) or not 0 < len(asked) <= MOST_DETAILS:
        raise InvalidAuthorizationDetails(f"authorization_details must be a JSON array of 1 to {MOST_DETAILS} objects")
    for detail in asked:
        check(detail)
    return tuple(asked)


def check(detail: object) -> None:
    if not isinstance(detail, dict) or detail.get("type") != CONSENT_DETAIL:
        raise InvalidAuthorizationDetails(f"the type of each detail must be {CONSENT_DETAIL}")
    if not detail.keys() <= MEMBERS:
        raise InvalidAuthorizationDetails(f"a detail may have: {', '.join(sorted(MEMBERS))}")
    attributes = detail.get("attributes")
    if not isinstance(attributes, list) or not attributes or not all(map(is_name, attributes)):
        raise InvalidAuthorizationDetails("attributes must list names of attributes")
    if "purpose" in detail and not is_text(detail["purpose"]):
        raise InvalidAuthorizationDetails("purpose must be a short sentence")
    if not isinstance(detail.get("essential", False), bool):
        raise InvalidAuthorizationDetails("essential must be true or false")


def is_name(given: object) -> bool:
    return isinstance(given, str) and is_attribute(given)


def as_claims(given: str | None) -> tuple[Claim, ...]:
    """The same wishes as claims of userinfo. Raises InvalidAuthorizationDetails."""
    return tuple(
        Claim(name, "userinfo", detail.get("essential", False), detail.get("purpose"))
        for detail in details(given)
        for name in detail["attributes"]
    )


def granted(asked: Sequence[Mapping[str, Any]], attributes: Collection[str], *, until: int) -> list[dict[str, Any]]:
    """Section 7: what of it may be read, as it is now; a detail of which nothing may be read is left out."""
    found = [
        {**detail, "attributes": [name for name in detail["attributes"] if name in attributes], "until": until}
        for detail in asked
    ]
    return [detail for detail in found if detail["attributes"]]
