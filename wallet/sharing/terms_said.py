"""What happened to a person's terms at a vendor, as sentences people read."""

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext as _

from wallet.sharing.agreements import title


def agreed(vendor: str, detail: Mapping[str, Any]) -> str:
    return _("You and %(vendor)s agreed on: %(title)s.", vendor=vendor, title=title(detail["agreed"]))


def counter_offer(vendor: str, detail: Mapping[str, Any]) -> str:
    offered = title(detail["counter_offer"])
    return _("%(vendor)s does not accept your terms, and offers: %(title)s.", vendor=vendor, title=offered)


def offer_refused(vendor: str, detail: Mapping[str, Any]) -> str:
    offered = title(detail["offer_refused"])
    return _("You did not agree with %(vendor)s on: %(title)s.", vendor=vendor, title=offered)


def terms_declined(vendor: str, detail: Mapping[str, Any]) -> str:
    return _("%(vendor)s declined your terms.", vendor=vendor)


def terms_over(vendor: str, detail: Mapping[str, Any]) -> str:
    words = {"vendor": vendor, "title": title(detail["agreement"])}
    if detail["terms_over"] == "violated":
        return _("You noted that %(vendor)s broke the agreement: %(title)s.", **words)
    return _("You ended the agreement with %(vendor)s: %(title)s.", **words)


TOLD: Mapping[str, Callable[[str, Mapping[str, Any]], str]] = {
    "agreed": agreed,
    "counter_offer": counter_offer,
    "offer_refused": offer_refused,
    "terms_declined": terms_declined,
    "terms_over": terms_over,
}
