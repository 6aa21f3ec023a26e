"""What a receipt's page shows: read out of the signed document, so that paper and file say the same."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import Connection

from consent import receipts
from consent.limits import limits_from
from consent.model import DEPOSIT, PUBLIC, WHILE_AWAY, Grant, Line
from consent.receipts import Receipt
from wallet.house import House
from wallet.languages import in_a_row
from wallet.people.model import Visitor
from wallet.sharing.limits import limits_said
from wallet.sharing.own import Own, own, readable_grant
from wallet.sharing.sentences import sentences

WHAT: Mapping[str, Callable[[], str]] = {
    "granted": lambda: _("Allowed"),
    "paused": lambda: _("Paused"),
    "resumed": lambda: _("Let go on"),
    "narrowed": lambda: _("Taken back"),
    "widened": lambda: _("Allowed again"),
    "tightened": lambda: _("Stricter limits"),
    "prolonged": lambda: _("Another last day"),
    "revoked": lambda: _("Stopped"),
    "agreed": lambda: _("Terms agreed"),
    "disagreed": lambda: _("Terms ended"),
}
FILES = ("jwt", "jsonld", "json")


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """One line of the list on the vendor's page."""

    what: str
    at: int
    countersigned_at: int | None
    url: str


@dataclass(frozen=True, slots=True)
class ProcessView:
    """One purpose, with what may be read for it."""

    labels: str
    purpose: str | None
    limits: list[str]
    terms: Mapping[str, str] | None


def receipt_lines(found: tuple[Receipt, ...]) -> list[ReceiptLine]:
    """Newest first."""
    return [
        ReceiptLine(
            WHAT[one.kind](),
            one.at,
            one.countersignature.at if one.countersignature else None,
            url_for("sharing.receipt", grant_id=one.grant_id, receipt_id=one.receipt_id),
        )
        for one in reversed(found)
    ]


def own_receipt(db: Connection, visitor: Visitor, grant_id: str, receipt_id: str) -> tuple[Grant, Receipt]:
    """Raises UnknownGrant or UnknownReceipt, also for another persona's."""
    grant = readable_grant(db, visitor, grant_id)
    return grant, receipts.find(db, receipt_id, grant_id=grant.grant_id, person_id=visitor.person_id)


def receipt_page(
    db: Connection, house: House, visitor: Visitor, language: str, *, grant_id: str, receipt_id: str
) -> dict[str, Any]:
    _grant, receipt = own_receipt(db, visitor, grant_id, receipt_id)
    said, mine = receipt.said, own(db, house, visitor, language)
    agreed = said["statement"]
    [(_line, sentence)] = sentences(db, [line_of(receipt, said)], mine.label)
    return {
        "receipt": receipt,
        "what": WHAT[receipt.kind](),
        "sentence": sentence,
        "vendor": agreed["vendor"],
        "recipients": in_a_row(agreed["vendor"]["recipients"]),
        "processes": [process_view(process, mine) for process in agreed["processes"]],
        "besides": besides(agreed),
        "given_at": agreed["given_at"],
        "until": agreed["expires_at"] - 1,
        "wallet": agreed["wallet"],
        "signer": said["iss"],
        "previous": said.get("previous"),
        "grant_id": grant_id,
        "back_url": url_for("sharing.vendor", grant_id=grant_id),
        "files": {
            kind: url_for("sharing.receipt_file", grant_id=grant_id, receipt_id=receipt_id, kind=kind) for kind in FILES
        },
    }


def file_url(grant_id: str, receipt_id: str, kind: str) -> str:
    return url_for("sharing.receipt_file", grant_id=grant_id, receipt_id=receipt_id, kind=kind)


def line_of(receipt: Receipt, said: Mapping[str, Any]) -> Line:
    """The receipt as a line of the ledger, whose sentences say the same."""
    agreed, event = said["statement"], said["event"]
    detail: dict[str, Any] = {"vendor": agreed["vendor"]["name"], **event}
    action = event["kind"] if event["kind"] in {"granted", "revoked"} else "changed"
    if action == "granted":
        detail |= {"attributes": attributes(agreed), "until": agreed["expires_at"]}
    if event["kind"] in {"paused", "resumed"}:
        detail["paused"] = event["kind"] == "paused"
    return Line(0, receipt.at, action, agreed["vendor"].get("client_id"), None, detail, "", "")


def attributes(agreed: Mapping[str, Any]) -> list[str]:
    data = [datum["attribute"] for process in agreed["processes"] for datum in process["data"]]
    besides = ((WHILE_AWAY, "while_away"), (PUBLIC, "public_subject"), (DEPOSIT, "deposit"))
    return sorted(data + [name for name, member in besides if agreed[member]])


def process_view(process: Mapping[str, Any], mine: Own) -> ProcessView:
    labels = in_a_row([mine.label(datum["attribute"]) for datum in process["data"]])
    return ProcessView(
        labels, process.get("purpose"), limits_said(limits_from(process.get("limits"))), process.get("terms")
    )


def besides(agreed: Mapping[str, Any]) -> list[str]:
    """What was allowed that is no value, in sentences."""
    said = []
    if agreed["while_away"]:
        said.append(_("It may do so also when you are not signed in."))
    if agreed["deposit"]:
        said.append(_("It may hand data back to you."))
    if agreed["public_subject"]:
        said.append(_("It knows you by the same number as others that you allowed this."))
    return said
