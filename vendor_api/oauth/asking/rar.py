"""Rich authorization requests (RFC 9396): attributes, purposes, limits and terms as details, in a type of our own.

Authlib has none. A detail says `type`, `attributes`, and perhaps `purpose` (a sentence), `essential` (true where the
vendor can not go on without), `limits` and `terms`. What is granted comes back in the same shape, with `until`.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import orjson

from consent.limits import limits_from
from consent.model import Grant, Terms
from vendor_api.errors import InvalidAuthorizationDetails
from vendor_api.oauth.asking.limits import as_asked, check_limits
from vendor_api.oauth.asking.wishes import Claim, is_attribute
from vendor_api.uris import is_link
from vendor_api.vendors.metadata import CONSENT_DETAIL, is_text

MEMBERS: Final = frozenset({"type", "attributes", "purpose", "essential", "limits", "terms"})
DIGEST: Final = re.compile(r"sha-256:[0-9a-f]{64}")
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
    if "limits" in detail:
        check_limits(detail["limits"])
    if "terms" in detail:
        check_terms(detail["terms"])


def check_terms(terms: object) -> None:
    if not isinstance(terms, dict) or terms.keys() != {"uri", "digest"}:
        raise InvalidAuthorizationDetails("terms must have uri and digest")
    if not is_link(terms["uri"]):
        raise InvalidAuthorizationDetails("the uri of terms must be an https address, without fragment")
    if not isinstance(terms["digest"], str) or not DIGEST.fullmatch(terms["digest"]):
        raise InvalidAuthorizationDetails("the digest of terms must be sha-256: and 64 hex digits in lower case")


def is_name(given: object) -> bool:
    return isinstance(given, str) and is_attribute(given)


def as_claims(given: str | None) -> tuple[Claim, ...]:
    """The same wishes as claims of userinfo. Raises InvalidAuthorizationDetails."""
    return tuple(
        Claim(
            name,
            "userinfo",
            detail.get("essential", False),
            detail.get("purpose"),
            limits_from(detail.get("limits")),
            Terms(**detail["terms"]) if "terms" in detail else None,
        )
        for detail in details(given)
        for name in detail["attributes"]
    )


def granted(asked: Sequence[Mapping[str, Any]], attributes: Collection[str], grant: Grant) -> list[dict[str, Any]]:
    """Section 7: what of it may be read, as it is now; a detail of which nothing may be read is left out.

    What the person tightened stands in a detail of its own, with the limits that hold.
    """
    tightened, found = grant.tightened, []
    for detail in asked:
        names = [name for name in detail["attributes"] if name in attributes]
        plain = [name for name in names if name not in tightened]
        found += [{**detail, "attributes": plain}] if plain else []
        tight = [name for name in names if name in tightened]
        found += [{**detail, "attributes": [name], "limits": as_asked(tightened[name])} for name in tight]
    return [{**detail, "until": grant.expires_at} for detail in found]
