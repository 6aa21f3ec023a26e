"""Rich authorization requests (RFC 9396): attributes, purposes, limits and terms as details, in a type of our own.

Authlib has none. A detail says `type`, `attributes`, and perhaps `purpose` (a sentence), `essential` (true where the
vendor can not go on without), `limits`, `terms`, and `dpv` (purposes of the vocabulary). What is granted comes back in
the same shape, with `until`.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict
from functools import lru_cache, partial
from typing import Any, Final

import orjson

from consent.limits import FETCHES, MODES, SECONDS, limits_from
from consent.model import Grant, Limits, Terms
from vendor_api.errors import InvalidAuthorizationDetails
from vendor_api.oauth.asking.wishes import Claim, is_attribute
from vendor_api.uris import is_link
from vendor_api.vendors.metadata import CONSENT_DETAIL, is_text

MEMBERS: Final = frozenset({"type", "attributes", "purpose", "essential", "limits", "terms", "dpv"})
MOST_READS: Final = 1_000_000
LONGEST_SPAN: Final = 1000
DIGEST: Final = re.compile(r"sha-256:[0-9a-f]{64}")
PURPOSE: Final = re.compile(r"(dpv:|https://)[!-~]{1,200}")
MOST_PURPOSES: Final = 10
MOST_DETAILS: Final = 20
LONGEST: Final = 20_000
LATEST: Final = 253_402_300_799  # the last second of the year 9999


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
    for name, check_part in PARTS.items():
        if name in detail:
            check_part(detail[name])


def check_limits(limits: object) -> None:
    if not isinstance(limits, dict) or not limits or not limits.keys() <= OF_LIMITS.keys():
        raise InvalidAuthorizationDetails(f"limits may have: {', '.join(sorted(OF_LIMITS))}")
    for name, value in limits.items():
        is_right, must_be = OF_LIMITS[name]
        if not is_right(value):
            raise InvalidAuthorizationDetails(f"{name} must be {must_be}")
    if "frequency" in limits and limits.get("fetch") == "once":
        raise InvalidAuthorizationDetails("what is fetched once has no frequency")
    if "data_life" in limits and limits.get("mode", "view") == "view":
        raise InvalidAuthorizationDetails("data_life is for mode store; what is only viewed is not kept")


def is_span(given: object, *, most: int) -> bool:
    return (
        isinstance(given, dict)
        and given.keys() == {"value", "unit"}
        and is_whole(given["value"], most=most)
        and given["unit"] in tuple(SECONDS)
    )


def is_whole(given: object, *, most: int) -> bool:
    return type(given) is int and 1 <= given <= most


OF_LIMITS: Final[Mapping[str, tuple[Callable[[object], bool], str]]] = {
    "mode": (lambda given: given in MODES, f"one of: {', '.join(MODES)}"),
    "fetch": (lambda given: given in FETCHES, f"one of: {', '.join(FETCHES)}"),
    "frequency": (
        partial(is_span, most=MOST_READS),
        f"a value from 1 to {MOST_READS} and a unit: {', '.join(SECONDS)}",
    ),
    "data_life": (
        partial(is_span, most=LONGEST_SPAN),
        f"a value from 1 to {LONGEST_SPAN} and a unit: {', '.join(SECONDS)}",
    ),
    "until": (partial(is_whole, most=LATEST), "a whole number of seconds since 1970"),
}


def check_terms(terms: object) -> None:
    if not isinstance(terms, dict) or terms.keys() != {"uri", "digest"}:
        raise InvalidAuthorizationDetails("terms must have uri and digest")
    if not is_link(terms["uri"]):
        raise InvalidAuthorizationDetails("the uri of terms must be an https address, without fragment")
    if not isinstance(terms["digest"], str) or not DIGEST.fullmatch(terms["digest"]):
        raise InvalidAuthorizationDetails("the digest of terms must be sha-256: and 64 hex digits in lower case")


def check_purposes(given: object) -> None:
    if (
        not isinstance(given, list)
        or not 0 < len(given) <= MOST_PURPOSES
        or not all(isinstance(one, str) and PURPOSE.fullmatch(one) for one in given)
    ):
        raise InvalidAuthorizationDetails(f"dpv must list 1 to {MOST_PURPOSES} purposes, such as dpv:PaymentManagement")


PARTS: Final[Mapping[str, Callable[[object], None]]] = {
    "limits": check_limits,
    "terms": check_terms,
    "dpv": check_purposes,
}


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
            tuple(detail.get("dpv", ())),
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


def as_asked(limits: Limits) -> dict[str, Any]:
    """Limits in the shape in which they are asked for."""
    return {name: value for name, value in asdict(limits).items() if value is not None}
