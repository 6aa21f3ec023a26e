"""Rich authorization requests (RFC 9396): attributes, purposes, limits and terms as details, in a type of our own.

Authlib has none. A detail says `type`, `attributes`, and perhaps `purpose` (a sentence), `purpose_type` (its kind),
`essential` (true where the vendor can not go on without), `limits` and `terms`. What is granted comes back in the same
shape, with `until`.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import orjson

from consent.limits import limits_from
from consent.model import Grant, Terms
from consent.purposes import term_of
from vendor_api.errors import InvalidAuthorizationDetails
from vendor_api.oauth.asking.limits import as_asked, check_limits
from vendor_api.oauth.asking.wishes import Claim, is_attribute
from vendor_api.uris import is_link
from vendor_api.vendors.metadata import CONSENT_DETAIL, is_text
from vendor_api.vendors.purpose_types import MUST_BE

MEMBERS: Final = frozenset({"type", "attributes", "purpose", "purpose_type", "essential", "limits", "terms"})
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
    check_purpose(detail)
    if not isinstance(detail.get("essential", False), bool):
        raise InvalidAuthorizationDetails("essential must be true or false")
    if "limits" in detail:
        check_limits(detail["limits"])
    if "terms" in detail:
        check_terms(detail["terms"])


def check_purpose(detail: Mapping[str, Any]) -> None:
    if "purpose" in detail and not is_text(detail["purpose"]):
        raise InvalidAuthorizationDetails("purpose must be a short sentence")
    if "purpose_type" in detail and term_of(detail["purpose_type"]) is None:
        raise InvalidAuthorizationDetails(f"purpose_type must be {MUST_BE}")


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
            term_of(detail.get("purpose_type")),
        )
        for detail in details(given)
        for name in detail["attributes"]
    )


def granted(asked: Sequence[Mapping[str, Any]], attributes: Collection[str], grant: Grant) -> list[dict[str, Any]]:
    """Section 7: what of it may be read, as it is now; a detail of which nothing may be read is left out.

    What stands under stricter limits than it was asked with, by caps or by the person, has a detail of its own.
    """
    held, found = {item.attribute: item.in_force for item in grant.items}, []
    for detail in asked:
        names = [name for name in detail["attributes"] if name in attributes]
        wanted = limits_from(detail.get("limits"))
        tight = {name: limits for name in names if (limits := held.get(name)) is not None and limits != wanted}
        plain = [name for name in names if name not in tight]
        found += [{**detail, "attributes": plain}] if plain else []
        found += [{**detail, "attributes": [name], "limits": as_asked(limits)} for name, limits in tight.items()]
    return [{**detail, "until": grant.expires_at} for detail in found]
