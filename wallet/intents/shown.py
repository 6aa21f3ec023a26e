"""What pages show of vendors that are asked: their names, and where a link of theirs leads."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from sqlalchemy import Connection

from vendor_api.tables import vendors
from vendor_api.vendors.registry import SELECT, vendor_from
from wallet.languages import language


def names_of(db: Connection, client_ids: Iterable[str]) -> dict[str, str]:
    """In one read, in this order; who is gone is left out."""
    wanted = list(dict.fromkeys(client_ids))
    found = map(vendor_from, db.execute(SELECT.where(vendors.c.client_id.in_(wanted))))
    names = {one.client_id: one.text("client_name", language()) or one.client_id for one in found}
    return {client_id: names[client_id] for client_id in wanted if client_id in names}


def host_of(address: str) -> str:
    return urlsplit(address).hostname or ""
