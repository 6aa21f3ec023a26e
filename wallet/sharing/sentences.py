"""Lines of the ledger as sentences people read."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from babel.lists import format_list
from flask_babel import format_date, get_locale
from flask_babel import gettext as _

from consent.model import Line

REDEEMED = {
    "code": lambda vendor: _("%(vendor)s picked up the access you granted.", vendor=vendor),
    "consent_token": lambda vendor: _("%(vendor)s used the consent token to get access again.", vendor=vendor),
    "refresh_token": lambda vendor: _("%(vendor)s renewed its access.", vendor=vendor),
}


def sentence(line: Line, label: Callable[[str], str]) -> str:
    """One sentence in the page's language; `label` names an attribute."""
    vendor = line.detail.get("vendor") or line.client_id or ""
    attributes = listed(line.detail.get("attributes", ()), label)
    if line.action == "asked":
        return _("%(vendor)s asked for %(attributes)s.", vendor=vendor, attributes=attributes) if attributes else _("%(vendor)s asked you to sign in.", vendor=vendor)
    if line.action == "granted":
        return granted(vendor, attributes, listed(line.detail.get("refused", ()), label), line.detail["until"])
    if line.action == "refused":
        return _("You refused %(vendor)s.", vendor=vendor)
    if line.action == "signed_in":
        return _("You signed in at %(vendor)s; nothing new was asked.", vendor=vendor)
    if line.action == "redeemed":
        return REDEEMED[line.detail["via"]](vendor)
    if line.action == "read":
        return read(vendor, attributes, line.detail.get("purposes", ()))
    return _("You stopped sharing with %(vendor)s.", vendor=vendor)


def granted(vendor: str, attributes: str, refused: str, until: int) -> str:
    day = format_date(datetime.fromtimestamp(until - 1, UTC), "long")
    if not attributes and not refused:
        return _("You let %(vendor)s recognise you until %(day)s.", vendor=vendor, day=day)
    if not attributes:
        return _("You let %(vendor)s recognise you until %(day)s, and kept back %(refused)s.", vendor=vendor, day=day, refused=refused)
    if refused:
        return _(
            "You allowed %(vendor)s to read %(attributes)s until %(day)s, and kept back %(refused)s.",
            vendor=vendor,
            attributes=attributes,
            day=day,
            refused=refused,
        )
    return _("You allowed %(vendor)s to read %(attributes)s until %(day)s.", vendor=vendor, attributes=attributes, day=day)


def read(vendor: str, attributes: str, purposes: Iterable[str]) -> str:
    if not attributes:
        return _("%(vendor)s read nothing but that it is you.", vendor=vendor)
    reason = in_a_row([f"“{purpose}”" for purpose in purposes]) if purposes else ""
    if reason:
        return _("%(vendor)s read %(attributes)s. Reason given: %(reason)s", vendor=vendor, attributes=attributes, reason=reason)
    return _("%(vendor)s read %(attributes)s.", vendor=vendor, attributes=attributes)


def listed(names: Iterable[str], label: Callable[[str], str]) -> str:
    labels = [label(name) for name in names]
    return in_a_row(labels) if labels else ""


def in_a_row(texts: list[str]) -> str:
    return format_list(texts, locale=get_locale() or "en")
