"""What the ledger tells of the dialogue."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from flask_babel import gettext as _


def contacted(vendor: str, detail: Mapping[str, Any]) -> str:
    if "ended" in detail:
        return ended(vendor, detail)
    if "call" in detail:
        return CALLS[detail["call"]](vendor)
    if detail.get("answer"):
        return _("%(vendor)s answered you.", vendor=vendor)
    return _("%(vendor)s wrote to you about “%(topic)s”.", vendor=vendor, topic=detail["topic"])


def ended(vendor: str, detail: Mapping[str, Any]) -> str:
    if detail["outcome"] == "used":
        return _("%(vendor)s told you that it used what you said.", vendor=vendor)
    if detail["outcome"] == "partly":
        return _("%(vendor)s told you that it used part of what you said.", vendor=vendor)
    return _("%(vendor)s told you why it does not use what you said.", vendor=vendor)


def spoke(vendor: str, detail: Mapping[str, Any]) -> str:
    return SPOKE.get(detail["kind"], SPOKE["message"])(vendor)


def contact_changed(vendor: str, detail: Mapping[str, Any]) -> str:
    """How it may speak to the person."""
    if detail.get("why") == "narrowed":
        return _("You rated twice as not relevant what %(vendor)s wrote, so it now needs an occasion.", vendor=vendor)
    if detail.get("why") == "paused":
        return _("You rated twice more as not relevant what %(vendor)s wrote, so it is paused.", vendor=vendor)
    if not vendor:
        return _("You changed how all vendors may speak to you.")
    return _("You changed how %(vendor)s may speak to you.", vendor=vendor)


def violated(vendor: str, _detail: Mapping[str, Any]) -> str:
    return _("%(vendor)s reached you outside what you allow. You noted it.", vendor=vendor)


CALLS: Final[Mapping[str, Callable[[str], str]]] = {
    "shown": lambda vendor: _("%(vendor)s was shown where to call you, for the call you agreed on.", vendor=vendor),
    "agreed": lambda vendor: _("%(vendor)s agreed to call you when you proposed.", vendor=vendor),
    "cancelled": lambda vendor: _("%(vendor)s cancelled a call.", vendor=vendor),
}
SPOKE: Final[Mapping[str, Callable[[str], str]]] = {
    "message": lambda vendor: _("You wrote to %(vendor)s.", vendor=vendor),
    "wish": lambda vendor: _("You told %(vendor)s a wish.", vendor=vendor),
    "idea": lambda vendor: _("You told %(vendor)s an idea.", vendor=vendor),
    "hint": lambda vendor: _("You gave %(vendor)s a hint.", vendor=vendor),
    "complaint": lambda vendor: _("You complained to %(vendor)s.", vendor=vendor),
    "praise": lambda vendor: _("You praised %(vendor)s.", vendor=vendor),
    "question": lambda vendor: _("You asked %(vendor)s something.", vendor=vendor),
    "appointment": lambda vendor: _("You answered %(vendor)s about a call.", vendor=vendor),
    "withdrawal": lambda vendor: _("You took back what you had told %(vendor)s.", vendor=vendor),
}
TOLD: Final[Mapping[str, Callable[[str, Mapping[str, Any]], str]]] = {
    "contacted": contacted,
    "said": spoke,
    "violated": violated,
}
