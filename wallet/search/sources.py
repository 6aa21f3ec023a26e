"""Where is looked, in this order. A further source is a line here: one function that takes what the others take."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from wallet.search import agreements, book, conversations, receipts, records, reviews, rights, values, vendors
from wallet.search.hits import Hit


@dataclass(frozen=True, slots=True)
class Source:
    """`find(db, secrets, *, person_id, persona_id, words, limit)` gives back at most `limit` hits, the best first."""

    kind: str
    title: LazyString
    find: Callable[..., list[Hit]]


SOURCES: Final = (
    Source("values", _("My data"), values.find),
    Source("records", _("Records"), records.find),
    Source("inbox", _("Inbox"), conversations.find),
    Source("vendors", _("Vendors"), vendors.find),
    Source("ledger", _("Ledger"), book.find),
    Source("reviews", _("Reviews"), reviews.find),
    Source("rights", _("Requests by right"), rights.find),
    Source("agreements", _("Agreements"), agreements.find),
    Source("receipts", _("Receipts"), receipts.find),
)
