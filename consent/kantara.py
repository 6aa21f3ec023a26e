"""A receipt in the form of the Kantara Initiative's Consent Receipt 1.1.0, for whoever collects those."""

from collections.abc import Mapping
from typing import Any, Final

from consent.record import NOT_STATED, recipients
from consent.vocabulary import SENSITIVE

VERSION: Final = "KI-CR-v1.1.0"
COLLECTED_BY: Final = "consent page of the person's wallet"


def kantara(receipt: Mapping[str, Any]) -> dict[str, Any]:
    """Of our own receipt (consent/receipts.py). The form knows no pause and no end: `termination` says it in words."""
    source, vendor = receipt["statement"], receipt["statement"]["vendor"]
    attributes = [datum["attribute"] for process in source["processes"] for datum in process["data"]]
    sensitive = sorted(SENSITIVE.intersection(attributes))
    return {
        "version": VERSION,
        "jurisdiction": vendor.get("jurisdiction", NOT_STATED),
        "consentTimestamp": source["given_at"],
        "collectionMethod": COLLECTED_BY,
        "consentReceiptID": receipt["jti"].removeprefix("urn:uuid:"),
        "publicKey": receipt["iss"],
        "language": vendor["language"],
        "piiPrincipalId": source["subject"],
        "piiControllers": [controller(vendor)],
        "policyUrl": vendor.get("policy_uri", NOT_STATED),
        "services": [
            {"service": vendor["name"], "purposes": [purpose(receipt, one) for one in source["processes"]]},
        ],
        "sensitive": bool(sensitive),
        **({"spiCat": sensitive} if sensitive else {}),
    }


def controller(vendor: Mapping[str, Any]) -> dict[str, Any]:
    """Who answers for the data; a wallet knows one line of its address, and no telephone number."""
    contact = vendor.get("contact", NOT_STATED)
    return {
        "piiController": vendor["name"],
        "onBehalf": False,
        "contact": contact,
        "address": {"streetAddress": vendor.get("address", NOT_STATED)},
        **({"email": contact} if "@" in contact else {}),
        "piiControllerUrl": f"https://{vendor['host']}",
    }


def purpose(receipt: Mapping[str, Any], process: Mapping[str, Any]) -> dict[str, Any]:
    third_parties = recipients(receipt["statement"], process)
    return {
        "purpose": process.get("purpose", NOT_STATED),
        "purposeCategory": [process.get("purpose_type", NOT_STATED)],
        "consentType": "EXPLICIT",
        "piiCategory": [datum["attribute"] for datum in process["data"]],
        "primaryPurpose": any(datum["required"] for datum in process["data"]),
        "termination": termination(receipt),
        "thirdPartyDisclosure": bool(third_parties),
        **({"thirdPartyName": ", ".join(third_parties)} if third_parties else {}),
    }


def termination(receipt: Mapping[str, Any]) -> str:
    source = receipt["statement"]
    if receipt["event"]["kind"] == "revoked":
        return f"ended at {receipt['iat']} (seconds since 1970)"
    return f"at {source['expires_at']} (seconds since 1970), or before at any time on {source['wallet']}/vendors"
