"""What a vendor offers, read and checked: plain text, an answer to each condition, and links to its own site."""

import re
from collections.abc import Collection, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from urllib.parse import urlsplit

from vendor_api.call import from_json
from vendor_api.errors import InvalidRequest
from vendor_api.host import Offer
from vendor_api.intents.model import Heard
from vendor_api.texts import is_clean, is_line
from vendor_api.vendors.model import Vendor

LONGEST_TEXT: Final = 4_000
LONGEST_WORD: Final = 100
LONGEST_UNIT: Final = 20
LONGEST_LINK: Final = 500
LONGEST_VALID: Final = 366 * 24 * 3600
MEMBERS: Final = frozenset({"text", "values", "valid_until", "terms_uri", "link", "agreement"})
AMOUNT: Final = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,9})?")


def offer_of(given: str, heard: Heard, vendor: Vendor, *, now: int) -> Offer:
    """From the JSON of an offer. Raises InvalidRequest."""
    try:
        said = from_json(given)
    except ValueError:
        raise InvalidRequest("offer is not JSON, or nested too deeply") from None
    return checked(said, heard, hosts_of(vendor), now=now)


def checked(said: object, heard: Heard, hosts: Collection[str], *, now: int) -> Offer:
    """`hosts` are those to which its links may lead. Raises InvalidRequest."""
    if not isinstance(said, dict) or not said.keys() <= MEMBERS:
        raise InvalidRequest(f"offer must be an object with no other members than {', '.join(sorted(MEMBERS))}")
    text, until = said.get("text"), said.get("valid_until")
    if not isinstance(text, str) or not text.strip() or len(text) > LONGEST_TEXT or not is_clean(text):
        raise InvalidRequest(f"text must be plain text of 1 to {LONGEST_TEXT} characters")
    if not isinstance(until, int) or isinstance(until, bool) or not now < until <= now + LONGEST_VALID:
        raise InvalidRequest("valid_until must be a time within the next year, in seconds since 1970")
    wanted: Collection[str] = heard.content.get("terms", ())
    agreement = said.get("agreement", "")
    if (wanted or agreement) and agreement not in wanted:
        raise InvalidRequest("agreement must be one of the terms of this intent: who offers accepts it")
    return Offer(
        text.strip(),
        values_of(said.get("values", {}), heard.content["conditions"]),
        until,
        link_of(said, "terms_uri", hosts),
        link_of(said, "link", hosts),
        agreement,
    )


def values_of(given: object, conditions: list[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Raises InvalidRequest."""
    asked = {condition["id"]: condition for condition in conditions}
    if not isinstance(given, dict) or not given.keys() <= asked.keys():
        raise InvalidRequest("values must be an object, by the ids of the conditions")
    return {name: value_of(given[name], asked[name]) for name in sorted(given)}


def value_of(given: object, condition: Mapping[str, Any]) -> dict[str, Any]:
    """Raises InvalidRequest."""
    wrong = InvalidRequest(f"the value for condition {condition['id']} must be a {condition['kind']}")
    if not isinstance(given, dict) or not {"value"} <= given.keys() <= {"value", "unit"}:
        raise wrong
    value, unit = given["value"], given.get("unit", "")
    if condition["kind"] == "boolean":
        if not isinstance(value, bool) or unit:
            raise wrong
        return {"value": value}
    if condition["kind"] == "text":
        if not is_line(value, LONGEST_WORD) or unit:
            raise wrong
        return {"value": value}
    if not is_amount(value) or not isinstance(unit, str) or (unit and not is_line(unit, LONGEST_UNIT)):
        raise wrong
    return {"value": value, "unit": unit}


def is_amount(given: object) -> bool:
    """A decimal number as a text, so that no digit of it is lost."""
    if not isinstance(given, str) or not AMOUNT.fullmatch(given):
        return False
    try:
        return Decimal(given).is_finite()
    except InvalidOperation:
        return False


def link_of(said: Mapping[str, Any], name: str, hosts: Collection[str]) -> str:
    """Raises InvalidRequest unless it leads to this vendor's own site."""
    given = said.get(name, "")
    if given == "":
        return ""
    if not isinstance(given, str) or len(given) > LONGEST_LINK or not re.fullmatch(r"https://[!-~]+", given):
        raise InvalidRequest(f"{name} must be an https address")
    try:
        parts = urlsplit(given)
        host, plain = parts.hostname, parts.username is None and parts.port in {None, 443}
    except ValueError:
        host, plain = None, False
    if host not in hosts or not plain or "\\" in given:
        raise InvalidRequest(f"{name} must lead to a host of your redirect_uris or your client_uri")
    return given


def hosts_of(vendor: Vendor) -> set[str]:
    addresses = [*vendor.metadata.get("redirect_uris", ()), vendor.metadata.get("client_uri", "")]
    return {host for host in (urlsplit(address).hostname for address in addresses if address) if host}
