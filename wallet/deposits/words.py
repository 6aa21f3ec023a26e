"""Deposits as sentences of the ledger: the vendor by name, what is named in its detail by labels."""

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from wallet.languages import in_a_row


def rows_said(count: int) -> str:
    return ngettext("one row of records", "%(num)s rows of records", count)


def parts_said(detail: Mapping[str, Any], attributes: str) -> str:
    """Values and rows in one list."""
    rows = [rows_said(detail["rows"])] if detail.get("rows") else []
    return in_a_row([*([attributes] if attributes else []), *rows])


TOLD: Mapping[str, Callable[[str, str], str]] = {
    "deposited": lambda vendor, what: _("%(vendor)s handed back to you: %(what)s.", vendor=vendor, what=what),
    "deposit_kept": lambda vendor, what: _(
        "You kept of what %(vendor)s handed back: %(what)s.", vendor=vendor, what=what
    ),
    "deposit_refused": lambda vendor, _what: _("You kept nothing of what %(vendor)s handed back.", vendor=vendor),
}
