"""The pages of receipts: read one, print it, take it along in each of its forms. They show, and change nothing."""

from collections.abc import Callable, Mapping
from typing import Final

import orjson
from flask import Response, abort, render_template
from sqlalchemy import Connection

from consent.kantara import kantara
from consent.receipts import TYPE, Receipt
from consent.record import of_receipt
from vendor_api.routing import Route
from wallet.disputes.bundle import bundle
from wallet.house import House
from wallet.languages import language
from wallet.people.granted import own_grant
from wallet.people.model import Visitor
from wallet.people.visitor import signed_in
from wallet.sharing.receipt_views import own_receipt, receipt_page
from wallet.sharing.stamping import as_file, today

# The signed bytes themselves, and two forms that are made of what they say.
FORMS: Final[Mapping[str, tuple[str, Callable[[Receipt], bytes]]]] = {
    "jwt": (f"application/{TYPE}", lambda receipt: receipt.document.encode()),
    "jsonld": ("application/ld+json", lambda receipt: written(of_receipt(receipt.said))),
    "json": ("application/json", lambda receipt: written(kantara(receipt.said))),
}


def receipt(house: House, grant_id: str, receipt_id: str) -> str:
    """To read and to print."""
    found = house.database.read(
        receipt_page, house, signed_in(house), language(), grant_id=grant_id, receipt_id=receipt_id
    )
    return render_template("sharing/receipt.html", nav="vendors", **found)


def receipt_file(house: House, grant_id: str, receipt_id: str, kind: str) -> Response:
    """The signed document, the record in JSON-LD, or the form of the Kantara Initiative."""
    _grant, found = house.database.read(own_receipt, signed_in(house), grant_id, receipt_id)
    if kind not in FORMS:
        abort(404)
    mimetype, write = FORMS[kind]
    return as_file(write(found), mimetype, f"receipt-{found.receipt_id}.{kind}")


def dispute(house: House, grant_id: str) -> Response:
    """All proof of what was agreed with this vendor. A ledger that does not hold proves nothing: then there is none."""
    found = house.database.read(proof, house, signed_in(house), grant_id)
    return as_file(written(found), "application/json", f"dispute-{today(house)}.json")


def proof(db: Connection, house: House, visitor: Visitor, grant_id: str) -> dict[str, object]:
    """Raises UnknownGrant, LedgerBroken."""
    return bundle(db, house, own_grant(db, visitor, grant_id), now=house.clock())


def written(content: Mapping[str, object]) -> bytes:
    return orjson.dumps(content, option=orjson.OPT_INDENT_2) + b"\n"


ROUTES: Final = (
    Route("/vendors/<grant_id>/dispute", dispute),
    Route("/vendors/<grant_id>/receipts/<receipt_id>", receipt),
    Route("/vendors/<grant_id>/receipts/<receipt_id>/<kind>", receipt_file),
)
