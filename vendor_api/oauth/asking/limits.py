"""The `limits` of a detail in a rich authorization request (vendor_api/oauth/asking/rar.py)."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from typing import Any, Final

from consent.limits import FETCHES, MODES
from consent.model import Limits
from consent.places import PLACES
from consent.tightening import SECONDS
from vendor_api.errors import InvalidAuthorizationDetails
from vendor_api.vendors.metadata import is_text

MOST_READS: Final = 1_000_000
LONGEST_SPAN: Final = 1000
LATEST: Final = 253_402_300_799  # the last second of the year 9999
MOST_NAMES: Final = 20


def check_limits(limits: object) -> None:
    """Raises InvalidAuthorizationDetails."""
    if not isinstance(limits, dict) or not limits or not limits.keys() <= OF_LIMITS.keys():
        raise InvalidAuthorizationDetails(f"limits may have: {', '.join(sorted(OF_LIMITS))}")
    for name, value in limits.items():
        is_right, must_be = OF_LIMITS[name]
        if not is_right(value):
            raise InvalidAuthorizationDetails(f"{name} must be {must_be}")
    if "frequency" in limits and limits.get("fetch") == "once":
        raise InvalidAuthorizationDetails("what is fetched once has no frequency")
    for name in OF_COPIES:
        if name in limits and limits.get("mode", "view") == "view":
            raise InvalidAuthorizationDetails(f"{name} is for mode store; what is only viewed is not kept")


def is_span(given: object, *, most: int) -> bool:
    return (
        isinstance(given, dict)
        and given.keys() == {"value", "unit"}
        and is_whole(given["value"], most=most)
        and given["unit"] in tuple(SECONDS)
    )


def is_whole(given: object, *, most: int) -> bool:
    return type(given) is int and 1 <= given <= most


def is_range(given: object) -> bool:
    if not isinstance(given, dict) or not given or not given.keys() <= {"since", "until"}:
        return False
    if not all(is_whole(at, most=LATEST) for at in given.values()):
        return False
    return len(given) == 1 or bool(given["since"] < given["until"])


def is_list(given: object, is_one: Callable[[object], bool], *, least: int) -> bool:
    return isinstance(given, list) and least <= len(given) <= MOST_NAMES and all(map(is_one, given))


def is_place(given: object) -> bool:
    return isinstance(given, str) and given in PLACES


OF_COPIES: Final = ("data_life", "storage_place")
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
    "data_range": (is_range, "since and a later until, or one of them, in whole seconds since 1970"),
    "recipients": (
        partial(is_list, is_one=is_text, least=0),
        f"a list of at most {MOST_NAMES} short names; an empty one says nobody",
    ),
    "storage_place": (
        partial(is_list, is_one=is_place, least=1),
        f"a list of 1 to {MOST_NAMES} country codes of ISO 3166-1 such as DE, or EU",
    ),
}


def as_asked(limits: Limits) -> dict[str, Any]:
    """Limits in the shape in which they are asked for."""
    return without_none(asdict(limits))


def without_none(said: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: without_none(value) if isinstance(value, dict) else value
        for name, value in said.items()
        if value is not None
    }
