"""POST /oauth/deposits: a vendor hands data back to the person, signed, and once however often it is sent.

With an access token whose scope has `deposit`, which the person allowed; a processor's will not do. What becomes of it
is for the person to say, and the vendor is not told.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection

from consent import grants, using
from consent.errors import GrantEnded, GrantPaused, UnknownGrant
from consent.model import DEPOSIT, Grant
from vendor_api.call import Call
from vendor_api.errors import InsufficientScope, InvalidRequest, InvalidToken, VendorApiError
from vendor_api.host import Host
from vendor_api.model import Handed, Rows
from vendor_api.oauth import access
from vendor_api.oauth.answers import Answer, as_json
from vendor_api.oauth.asking.wishes import is_attribute
from vendor_api.vendors import registry
from vendor_api.vendors.keys import NotSigned
from vendor_api.vendors.model import Vendor
from vendor_api.vendors.statements import SKEW, is_between, signed_statement

PATH: Final = "/oauth/deposits"
TYP: Final = "deposit+jwt"
OLDEST: Final = 24 * 3600
LONGEST: Final = 300_000
LONGEST_TEXT: Final = 2_000
LONGEST_ID: Final = 64
MOST_VALUES: Final = 50
MOST_ROWS: Final = 1_000
MOST_COLUMNS: Final = 50


class InvalidDeposit(VendorApiError):
    """Not signed by this vendor, or not what a deposit has to be."""

    error = "invalid_deposit"


class OtherDeposit(InvalidDeposit):
    """RFC 9110 section 15.5.10."""

    error, status = "deposit_conflict", 409


class TooManyDeposits(VendorApiError):
    """RFC 6585 section 4."""

    error, status = "too_many_deposits", 429


@dataclass(frozen=True, slots=True)
class Kept:
    """Where a deposit stands now; `is_new` is False for one that came before."""

    deposit_id: str
    received_at: int
    is_new: bool = field(default=True)


@access.challenging
def hand_over(host: Host, call: Call) -> Answer:
    """201, and 200 for the very same again. Raises InvalidDeposit, OtherDeposit, TooManyDeposits."""
    now, compact = host.now(), call.form().get("deposit")
    if compact is None:
        raise InvalidRequest("deposit is missing")
    given = access.presented(host, call, PATH, now=now)
    grant, vendor = host.write(allowed, host, given, now=now)
    handed = verified(host, vendor, grant, compact, now=now)
    kept = host.write(keep, host, grant, handed, now=now)
    said = {"deposit_id": kept.deposit_id, "received_at": kept.received_at}
    return as_json(said, status=201 if kept.is_new else 200)


def allowed(db: Connection, host: Host, given: access.Presented, *, now: int) -> tuple[Grant, Vendor]:
    """Raises InvalidToken, InsufficientScope."""
    token = access.find(db, host, given, now=now)
    if DEPOSIT not in token.request["scope"].split() or "recipient" in token.request:
        raise InsufficientScope(DEPOSIT)
    check_allowed(token.grant)
    vendor = registry.find(db, token.client_id)
    if vendor is None:
        raise InvalidToken("this access token is not valid, or the person has ended what it stood for")
    return token.grant, vendor


def check_allowed(grant: Grant) -> None:
    """Raises InsufficientScope, where the person has taken it back since the token was made."""
    if DEPOSIT not in grant.attributes:
        raise InsufficientScope(DEPOSIT)


def verified(host: Host, vendor: Vendor, grant: Grant, compact: str, *, now: int) -> Handed:
    """May fetch the vendor's keys, so never inside a transaction. Raises InvalidDeposit."""

    def rules(claims: Mapping[str, Any]) -> tuple[tuple[str, bool], ...]:
        return (
            ("its sub must be the person's, as you know them", claims.get("sub") != grant.sub),
            (f"its jti must be a text of at most {LONGEST_ID} characters", not is_short(claims.get("jti"), LONGEST_ID)),
            ("its iat must be within the last day", not is_between(claims.get("iat"), now - OLDEST, now + SKEW)),
        )

    try:
        claims, _key = signed_statement(host, vendor, compact, typ=TYP, rules=rules, longest=LONGEST, now=now)
    except NotSigned as error:
        raise InvalidDeposit(f"deposit is not valid: {error}") from None
    values, records = values_of(claims.get("values", {})), rows_of(claims.get("records"))
    if not values and records is None:
        raise InvalidDeposit("deposit is not valid: it has neither values nor records")
    digest = hashlib.sha256(compact.rpartition(".")[0].encode()).hexdigest()
    return Handed(claims["jti"], digest, compact, values, records)


def keep(db: Connection, host: Host, grant: Grant, handed: Handed, *, now: int) -> Kept:
    """In the transaction that keeps it, the grant must still allow it. Raises InvalidToken, InsufficientScope."""
    try:
        grant = grants.find(db, grant.grant_id, person_id=grant.person_id)
        using.check_live(grant, now=now)
    except (UnknownGrant, GrantEnded, GrantPaused) as error:
        raise InvalidToken(str(error)) from None
    check_allowed(grant)
    return Kept(*host.deposit(db, grant, handed, now=now))


def values_of(given: object) -> dict[str, Any]:
    """By attribute. Raises InvalidDeposit."""
    if not isinstance(given, dict) or len(given) > MOST_VALUES or not all(map(is_attribute, given)):
        raise InvalidDeposit(f"deposit is not valid: values has at most {MOST_VALUES} attributes, by their names")
    if not all(is_value(value) for value in given.values()):
        raise InvalidDeposit(
            f"deposit is not valid: each value is a text of at most {LONGEST_TEXT} characters, a number, true or false"
        )
    return given


def rows_of(given: object) -> Rows | None:
    """Raises InvalidDeposit."""
    if given is None:
        return None
    name, columns, rows = map(given.get, ("name", "columns", "rows")) if isinstance(given, dict) else (None, None, None)
    if not (
        isinstance(name, str) and is_short(name, LONGEST_ID) and isinstance(columns, list) and isinstance(rows, list)
    ):
        raise InvalidDeposit("deposit is not valid: records needs a name, columns and rows")
    if not 1 <= len(columns) <= MOST_COLUMNS or not all(is_short(one, LONGEST_ID) for one in columns):
        raise InvalidDeposit(f"deposit is not valid: columns are the names of 1 to {MOST_COLUMNS} columns")
    if len(set(columns)) != len(columns):
        raise InvalidDeposit("deposit is not valid: two columns have the same name")
    if not 1 <= len(rows) <= MOST_ROWS or not all(is_row(row, len(columns)) for row in rows):
        raise InvalidDeposit(
            f"deposit is not valid: rows are 1 to {MOST_ROWS} lists, each with one plain value or null for each column"
        )
    return Rows(name, tuple(columns), tuple(map(tuple, rows)))


def is_row(row: object, columns: int) -> bool:
    return isinstance(row, list) and len(row) == columns and all(cell is None or is_value(cell) for cell in row)


def is_value(value: object) -> bool:
    return isinstance(value, bool | int | float) or (isinstance(value, str) and is_clean(value, LONGEST_TEXT))


def is_short(text: object, longest: int) -> bool:
    return isinstance(text, str) and len(text) >= 1 and is_clean(text, longest)


def is_clean(text: str, longest: int) -> bool:
    return len(text) <= longest and "\x00" not in text
