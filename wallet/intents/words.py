"""What pages say of intents."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from wallet.intents.model import HAVE, NUMBER, SEEK, YES_NO, Condition
from wallet.triggers.words import amount_text

TOO_SOON_SAID: Final = _l("Give vendors at least an hour to answer: choose a later day.")
MOST_OPEN_SAID: Final = _l("You look for a great many things already. Withdraw one first.")
NOT_OFFERED_SAID: Final = _l("This offer does not count any more.")
LONG_REASON_SAID: Final = _l("Write a reason of at most 300 characters.")

STATES: Final = {
    "draft": _l("Not sent yet"),
    "waiting": _l("Goes out at the next quarter hour"),
    "open": _l("Vendors answer"),
    "accepted": _l("You accepted an offer"),
    "withdrawn": _l("Withdrawn"),
    "lapsed": _l("Over"),
}
OFFER_STATES: Final = {
    "told": _l("No answer yet"),
    "offered": _l("Offers"),
    "accepted": _l("You accepted this offer"),
    "declined": _l("You declined"),
    "passed": _l("Told that it was not chosen"),
}
KINDS: Final = {SEEK: _l("I look for it"), HAVE: _l("I have it to give")}
COMPARISONS: Final = {"<=": _l("at most"), ">=": _l("at least"), "=": _l("exactly")}
REGIONS: Final = {
    "": _l("Nothing of where I live"),
    "country": _l("My country"),
    "area": _l("My country and the first two digits of my postal code"),
}
OUTCOMES: Final = {"": _l("Not known yet"), "bought": _l("I took it"), "not_bought": _l("Nothing came of it")}
VERDICTS: Final = {
    "met": _l("met"),
    "not_met": _l("not met"),
    "unsaid": _l("says nothing"),
    "other_unit": _l("can not be compared"),
}


def condition_text(condition: Condition) -> str:
    if condition.kind == NUMBER:
        amount = amount_text(Decimal(condition.value), condition.unit)
        return f"{condition.label} {COMPARISONS[condition.comparison]} {amount}"
    value = (_("yes") if condition.value == "yes" else _("no")) if condition.kind == YES_NO else condition.value
    return f"{condition.label}: {value}"


def said_text(condition: Condition, said: Mapping[str, Any]) -> str:
    """What an offer says of a condition."""
    if not said:
        return ""
    if condition.kind == YES_NO:
        return _("yes") if said["value"] else _("no")
    if condition.kind == NUMBER:
        return amount_text(Decimal(said["value"]), said.get("unit", ""))
    return str(said["value"])
