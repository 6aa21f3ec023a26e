"""What a person and a vendor agreed on, as plain data: the one source of consent token, record, receipt and page.

It carries names, purposes and limits, never values, and nothing that another relationship of the person has too.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

from consent.model import NO_DATA, PUBLIC, WHILE_AWAY, Grant, Item, Limits, Party

# The vendor as the person was shown it; `verified` and `sector` are the wallet's own affair.
SHOWN: Final = (
    *("client_id", "name", "host", "address", "contact", "policy_uri", "jurisdiction", "storage_location"),
    *("retention", "recipients", "language", "notice"),
)


def agreement(grant: Grant, *, issuer: str) -> dict[str, Any]:
    """The same grant gives the same bytes in canonical JSON, always. What was not said is left out."""
    data = [item for item in grant.items if item.attribute not in NO_DATA]
    alike = dict.fromkeys((item.purpose, item.in_force, item.terms) for item in data)
    return {
        "id": grant.consent_token_id,
        "grant_id": grant.grant_id,
        "subject": grant.pairwise_sub,
        "wallet": issuer,
        "vendor": vendor(grant.party),
        "given_at": grant.granted_at,
        "expires_at": grant.expires_at,
        "while_away": WHILE_AWAY in grant.attributes,
        "public_subject": PUBLIC in grant.attributes,
        "processes": [
            process([item for item in data if (item.purpose, item.in_force, item.terms) == these]) for these in alike
        ],
    }


def vendor(party: Party) -> dict[str, Any]:
    said = {name: value for name, value in asdict(party).items() if name in SHOWN and value is not None}
    return {**said, "recipients": list(party.recipients)}


def process(items: Sequence[Item]) -> dict[str, Any]:
    """One purpose, with the data, limits and terms that are the same for all of it."""
    (first, *_others) = items
    return {
        "data": [{"attribute": item.attribute, "required": item.required} for item in items],
        **({"purpose": first.purpose} if first.purpose else {}),
        **({"limits": limits(first.in_force)} if first.in_force else {}),
        **({"terms": asdict(first.terms)} if first.terms else {}),
    }


def limits(given: Limits) -> dict[str, Any]:
    return {name: value for name, value in asdict(given).items() if value is not None}
