"""An agreement as a consent record: ISO/IEC TS 27560 in the terms of the Data Privacy Vocabulary, as JSON-LD."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from consent.vocabulary import kind_of

CONFORMS_TO: Final = "https://w3id.org/dpv/schema/dpv-27560#record-eu-gdpr"
CONTEXT: Final = ("https://w3id.org/dpv/2.3", {"w": "urn:hausrecht:consent:1#"})
RIGHTS: Final = ("eu-gdpr:A15", "eu-gdpr:A16", "eu-gdpr:A17", "eu-gdpr:A20", "eu-gdpr:A21", "eu-gdpr:A77")
NOT_STATED: Final = "w:NotStated"
# DPV has no state for a consent that rests for a while, nor for one that goes on with less.
STATES: Final = {
    "paused": "w:ConsentPaused",
    "resumed": "dpv:ConsentGiven",
    "narrowed": "dpv:ConsentGiven",
    "tightened": "dpv:ConsentGiven",
    "prolonged": "dpv:RenewedConsentGiven",
    "revoked": "dpv:ConsentWithdrawn",
}


def record(source: Mapping[str, Any]) -> dict[str, Any]:
    """What the standard demands, for an agreement (consent/agreement.py). One process for each purpose."""
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
    found, kind = record(receipt["agreement"]), receipt["event"]["kind"]
    if kind != "granted":
        changed = {
            "@type": [STATES.get(kind, "dpv:ConsentGiven")],
            "dpv:isIndicatedAtTime": moment(receipt["iat"]),
            "dpv:isIndicatedBy": receipt["agreement"]["subject"],
            "dpv:hasIndicationMethod": "w:Wallet",
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
        "dpv:hasPurpose": {"@type": "dpv:Purpose", "w:text": one.get("purpose", NOT_STATED)},
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
        "dpv:hasRecipient": list(vendor["recipients"]),
        "dpv:hasStorageCondition": {
            "dpv:hasLocation": vendor.get("storage_location", NOT_STATED),
            "dpv:hasDuration": vendor.get("retention", NOT_STATED),
        },
        "dpv:hasJurisdiction": vendor.get("jurisdiction", NOT_STATED),
        "dpv:hasConsentControl": {"@type": "dpv:WithdrawConsent", "dpv:isExercisedAt": f"{source['wallet']}/vendors"},
        "dpv:hasRight": list(RIGHTS),
        **({"w:access": access(one["limits"])} if "limits" in one else {}),
        **({"w:terms": {"@id": terms["uri"], "digest": terms["digest"]}} if terms else {}),
    }


def access(limits: Mapping[str, Any]) -> dict[str, Any]:
    """The limits in the words of the Account Aggregator artefact."""
    spans = {"frequency": limits.get("frequency"), "dataLife": limits.get("data_life")}
    return {
        "mode": limits["mode"].upper(),
        "fetch": limits["fetch"].upper(),
        **{name: {"value": span["value"], "unit": span["unit"].upper()} for name, span in spans.items() if span},
        **({"until": moment(limits["until"])} if "until" in limits else {}),
    }


def personal_data(datum: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "@id": kind_of(datum["attribute"]),
        "dct:identifier": datum["attribute"],
        "dpv:hasNecessity": "dpv:Required" if datum["required"] else "dpv:Optional",
    }


def moment(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
