"""What holds between a person and a vendor, as plain data: the one source of consent token, record, receipt and page.

It carries names, purposes and limits, never values, and nothing that another relationship of the person has too.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

from consent.model import DEPOSIT, PUBLIC, WHILE_AWAY, Agreed, Grant, Item, Limits, Party, carries_data
from consent.terms import roster
from consent.terms.roster import ROSTER

# The vendor as the person was shown it; `verified` and `sector` are the wallet's own affair.
SHOWN: Final = (
    *("client_id", "name", "host", "address", "contact", "policy_uri", "jurisdiction", "storage_location"),
    *("retention", "recipients", "language", "notice"),
)


def statement(grant: Grant, *, issuer: str) -> dict[str, Any]:
    """The same grant gives the same bytes in canonical JSON, always. What was not said is left out."""
    data = [item for item in grant.items if carries_data(item.attribute)]
    alike = dict.fromkeys(map(in_one_process, data))
    return {
        "id": grant.consent_token_id,
        "grant_id": grant.grant_id,
        "subject": grant.pairwise_sub,
        "wallet": issuer,
        "vendor": vendor(grant.party),
        "given_at": grant.granted_at,
        "expires_at": grant.expires_at,
        "while_away": WHILE_AWAY in grant.attributes,
        "deposit": DEPOSIT in grant.attributes,
        **({"contact": list(grant.topics)} if grant.topics else {}),
        "public_subject": PUBLIC in grant.attributes,
        **({"agreement": agreement(grant.agreed)} if grant.agreed and grant.agreed.over is None else {}),
        "processes": [process([item for item in data if in_one_process(item) == these]) for these in alike],
    }


def agreement(agreed: Agreed) -> dict[str, str]:
    """The contract beside the consent (IEEE 7012): a record of its own, named by its digest."""
    text = {"terms": ROSTER[agreed.agreement].uri, "terms_digest": roster.digest(agreed.agreement)}
    return {"id": agreed.agreement_id, "digest": agreed.digest, **text}


def in_one_process(item: Item) -> tuple[object, ...]:
    """Values for which all this is the same are processed alike."""
    return item.purpose, item.purpose_type, item.in_force, item.terms


def vendor(party: Party) -> dict[str, Any]:
    said = {name: value for name, value in asdict(party).items() if name in SHOWN and value is not None}
    return {**said, "recipients": list(party.recipients)}


def process(items: Sequence[Item]) -> dict[str, Any]:
    """One purpose, with the data, limits and terms that are the same for all of it."""
    (first, *_others) = items
    return {
        "data": [{"attribute": item.attribute, "required": item.required} for item in items],
        **({"purpose": first.purpose} if first.purpose else {}),
        **({"purpose_type": first.purpose_type} if first.purpose_type else {}),
        **({"limits": limits(first.in_force)} if first.in_force else {}),
        **({"terms": asdict(first.terms)} if first.terms else {}),
    }


def limits(given: Limits) -> dict[str, Any]:
    """What is not limited is left out."""
    said = {name: value for name, value in asdict(given).items() if value is not None}
    if given.data_range is not None:
        said["data_range"] = {name: at for name, at in asdict(given.data_range).items() if at is not None}
    lists = ("recipients", "storage_place")
    return {name: list(value) if name in lists else value for name, value in said.items()}
