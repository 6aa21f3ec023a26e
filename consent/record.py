"""A statement as a consent record: ISO/IEC TS 27560 in the terms of the Data Privacy Vocabulary, as JSON-LD."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from consent.tightening import DAY, SECONDS
from consent.vocabulary import kind_of

CONFORMS_TO: Final = "https://w3id.org/dpv/schema/dpv-27560#record-eu-gdpr"
CONTEXT: Final = ("https://w3id.org/dpv/2.3", {"w": "urn:hausrecht:consent:1#"})
RIGHTS: Final = ("eu-gdpr:A15", "eu-gdpr:A16", "eu-gdpr:A17", "eu-gdpr:A20", "eu-gdpr:A21", "eu-gdpr:A77")
NOT_STATED: Final = "w:NotStated"
LISTED: Final = {"recipients": "recipients", "storage_place": "storagePlace"}
# DPV has no state for a consent that rests for a while, nor for one that goes on with less.
STATES: Final = {
    "paused": "w:ConsentPaused",
    "resumed": "dpv:ConsentGiven",
    "narrowed": "dpv:ConsentGiven",
    "widened": "dpv:ConsentGiven",
    "tightened": "dpv:ConsentGiven",
    "prolonged": "dpv:RenewedConsentGiven",
    "agreed": "dpv:ConsentGiven",
    "disagreed": "dpv:ConsentGiven",
    "revoked": "dpv:ConsentWithdrawn",
}


def record(source: Mapping[str, Any]) -> dict[str, Any]:
    """What the standard demands, for a statement (consent/statement.py). One process for each purpose."""
    return {
        "@context": list(CONTEXT),
        "@type": "dpv:ConsentRecord",
        "dct:conformsTo": [CONFORMS_TO],
        "dct:identifier": source["id"],
        "dpv:hasDataSubject": source["subject"],
        "dpv:hasNotice": notice(source["vendor"]),
        "dpv:hasProcess": [process(source, one) for one in source["processes"]],
        "dpv:hasConsentStatus": [
            {
                "@type": ["dpv:ConsentGiven", "dpv:ExplicitlyExpressedConsent"],
                "dpv:isIndicatedAtTime": moment(source["given_at"]),
                "dpv:hasDuration": f"PT{source['expires_at'] - source['given_at']}S",
                "dpv:isIndicatedBy": source["subject"],
                "dpv:hasIndicationMethod": "w:ConsentPage",
            }
        ],
    }


def of_receipt(receipt: Mapping[str, Any]) -> dict[str, Any]:
    """The record as a receipt (consent/receipts.py) leaves it: with what happened since the person said yes."""
    found, source, kind = record(receipt["statement"]), receipt["statement"], receipt["event"]["kind"]
    if kind != "granted":
        state, who, how = STATES[kind], source["subject"], "w:Wallet"
        if "by_vendor" in receipt["event"]:
            state, who, how = "dpv:ConsentRevoked", source["vendor"]["client_id"], "w:GrantManagement"
        changed = {
            "@type": [state],
            "dpv:isIndicatedAtTime": moment(receipt["iat"]),
            "dpv:isIndicatedBy": who,
            "dpv:hasIndicationMethod": how,
        }
        found["dpv:hasConsentStatus"].append(changed)
    return {**found, "w:receipt": receipt["jti"]}


def notice(vendor: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "@type": "dpv:ConsentNotice",
        "@id": vendor.get("policy_uri", NOT_STATED),
        "dct:language": vendor["language"],
        "w:digest": f"sha-256:{vendor['notice']}",
    }


def process(source: Mapping[str, Any], one: Mapping[str, Any]) -> dict[str, Any]:
    """What is done for one purpose, by whom, with which data, under which limits and terms, and how it is stopped."""
    vendor, terms = source["vendor"], one.get("terms")
    return {
        "@type": "dpv:Process",
        "dpv:hasPurpose": purpose(one),
        "dpv:hasLegalBasis": ["eu-gdpr:A6-1-a", "dpv:ExplicitlyExpressedConsent"],
        "dpv:hasPersonalData": [personal_data(datum) for datum in one["data"]],
        "dpv:hasDataController": {
            "@id": vendor["client_id"],
            "dpv:hasName": vendor["name"],
            "dpv:hasAddress": vendor.get("address", NOT_STATED),
            "dpv:hasContact": vendor.get("contact", NOT_STATED),
            "w:host": vendor["host"],
            "w:role": "dpv:DataController",
            "w:type": "dpv:Recipient",
        },
        "dpv:hasRecipient": recipients(source, one),
        "dpv:hasStorageCondition": storage(vendor, one.get("limits", {})),
        "dpv:hasJurisdiction": vendor.get("jurisdiction", NOT_STATED),
        "dpv:hasConsentControl": {"@type": "dpv:WithdrawConsent", "dpv:isExercisedAt": f"{source['wallet']}/vendors"},
        "dpv:hasRight": list(RIGHTS),
        **({"w:access": access(one["limits"])} if "limits" in one else {}),
        **({"w:terms": {"@id": terms["uri"], "digest": terms["digest"]}} if terms else {}),
    }


def purpose(one: Mapping[str, Any]) -> dict[str, Any]:
    kind = {"@id": one["purpose_type"]} if "purpose_type" in one else {}
    return {**kind, "@type": "dpv:Purpose", "w:text": one.get("purpose", NOT_STATED)}


def recipients(source: Mapping[str, Any], one: Mapping[str, Any]) -> list[str]:
    """Those named for these values, else all whom the vendor names."""
    return list(one.get("limits", {}).get("recipients", source["vendor"]["recipients"]))


def storage(vendor: Mapping[str, Any], limits: Mapping[str, Any]) -> dict[str, Any]:
    """Where and how long a copy is kept: as promised for these values, else as the vendor says of all it keeps."""
    places, life = [f"loc:{place}" for place in limits.get("storage_place", ())], limits.get("data_life")
    return {
        "dpv:hasLocation": places or vendor.get("storage_location", NOT_STATED),
        "dpv:hasDuration": duration(life) if life else vendor.get("retention", NOT_STATED),
    }


def duration(span: Mapping[str, Any]) -> str:
    """ISO 8601, with months and years as the days they have here."""
    length = span["value"] * SECONDS[span["unit"]]
    return f"P{length // DAY}D" if length % DAY == 0 else f"PT{length // SECONDS['hour']}H"


def access(limits: Mapping[str, Any]) -> dict[str, Any]:
    """The limits in the words of the Account Aggregator artefact."""
    spans = {"frequency": limits.get("frequency"), "dataLife": limits.get("data_life")}
    return {
        "mode": limits["mode"].upper(),
        "fetch": limits["fetch"].upper(),
        **{name: {"value": span["value"], "unit": span["unit"].upper()} for name, span in spans.items() if span},
        **({"until": moment(limits["until"])} if "until" in limits else {}),
        **({"dataRange": stretch(limits["data_range"])} if "data_range" in limits else {}),
        **{name: limits[own] for own, name in LISTED.items() if own in limits},
    }


def stretch(data_range: Mapping[str, int]) -> dict[str, str]:
    return {name: moment(data_range[end]) for end, name in (("since", "from"), ("until", "to")) if end in data_range}


def personal_data(datum: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "@id": kind_of(datum["attribute"]),
        "dct:identifier": datum["attribute"],
        "dpv:hasNecessity": "dpv:Required" if datum["required"] else "dpv:Optional",
    }


def moment(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
