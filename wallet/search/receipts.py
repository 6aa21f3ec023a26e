"""Find receipts: one word at least names the vendor, so that only its receipts are looked at."""

from typing import Final

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import Connection, select

from consent.tables import receipts
from keys.secrets import HostSecrets
from wallet.languages import day
from wallet.search.answered import answered
from wallet.search.hits import Hit
from wallet.search.words import Words
from wallet.sharing.receipt_views import WHAT

MOST_GRANTS: Final = 20


def find(
    db: Connection, secrets: HostSecrets, *, person_id: str, persona_id: str, words: Words, limit: int
) -> list[Hit]:
    """Of the persona that is shown, the newest first."""
    known = answered(db, words, person_id=person_id)
    named = [one for one in known if one.persona_id == persona_id and one.covers]
    vendors = {one.grant_id: one for one in sorted(named, key=lambda one: -one.granted_at)[:MOST_GRANTS]}
    row = receipts.c
    columns = (row.grant_id, row.receipt_id, row.kind, row.at)
    stored = select(*columns).where(row.person_id == person_id, row.grant_id.in_(vendors)).order_by(row.at.desc())
    found = []
    for each in db.execute(stored) if vendors else ():
        vendor, what = vendors[each.grant_id], WHAT[each.kind]()
        if words.found_in(vendor.name, vendor.host, what, day(each.at), _("Receipt")):
            place = {"grant_id": each.grant_id, "receipt_id": each.receipt_id}
            found.append(Hit(f"{_('Receipt')}: {what}", url_for("sharing.receipt", **place), vendor.name, day(each.at)))
    return found[:limit]
