"""Attempts of vendors that were refused, as sentences people read."""

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from consent import failures
from consent.contact import errors as contact
from consent.limits import AWAY
from consent.terms import enforcement

TRIED: Mapping[str, Callable[[str], str]] = {
    "read": lambda vendor: _("%(vendor)s wanted to read.", vendor=vendor),
    "code": lambda vendor: _("%(vendor)s wanted to pick up the access you granted.", vendor=vendor),
    "refresh_token": lambda vendor: _("%(vendor)s wanted to renew its access.", vendor=vendor),
    "consent_token": lambda vendor: _("%(vendor)s wanted to use the consent token.", vendor=vendor),
    "token_exchange": lambda vendor: _("%(vendor)s wanted to pass its access on.", vendor=vendor),
    "contact": lambda vendor: _("%(vendor)s wanted to speak to you.", vendor=vendor),
}
REFUSED: Mapping[str, Callable[[], str]] = {
    failures.ENDED: lambda: _("Refused, because this has ended."),
    failures.PAUSED: lambda: _("Refused, because you have paused it."),
    failures.REVOKED: lambda: _("Refused, because that access was withdrawn."),
    failures.REPLACED: lambda: _("Refused, because your newer answer counts."),
    failures.REPLAYED: lambda: _(
        "Refused, because it had been used already: somebody may have a copy. All it gave was withdrawn."
    ),
    failures.UNPROVEN: lambda: _("Refused, because it did not prove that this is its own: somebody may have a copy."),
    failures.OTHER_VENDOR: lambda: _("Refused: somebody may have got hold of it."),
    failures.WRONG_RECIPIENT: lambda: _("Refused, because you did not allow that recipient."),
    contact.NOT_PERMITTED: lambda: _("Refused, because you did not allow it."),
    contact.OTHER_CHANNEL: lambda: _("Refused, because you do not want it by that channel."),
    contact.OTHER_PERSON: lambda: _("Refused, because you want somebody else there to speak to you."),
    contact.NOT_RELEVANT: lambda: _("Refused, because it had no occasion that you made."),
    contact.OUTSIDE: lambda: _("Refused, because it was outside your hours."),
    contact.TOO_OFTEN: lambda: _("Refused, because you do not want to hear of it so often."),
}


def failed(detail: Mapping[str, Any], vendor: str, withheld: str) -> str:
    """What was tried, and why it was refused. Raises KeyError for what this wallet does not know."""
    if "times" in detail:
        return f"{tried(detail, vendor)} {times(detail['times'])}"
    if withheld and detail["reason"] in {enforcement.OVER, enforcement.PROHIBITED}:
        return _(
            "%(vendor)s wanted to read %(withheld)s; your terms did not allow it.",
            vendor=detail.get("recipient", vendor),
            withheld=withheld,
        )
    if withheld and detail["reason"] == AWAY:
        return _(
            "%(vendor)s wanted to read %(withheld)s; that is locked, and you were not here.",
            vendor=detail.get("recipient", vendor),
            withheld=withheld,
        )
    if withheld:
        return _(
            "%(vendor)s wanted to read %(withheld)s; your limits did not allow it.",
            vendor=detail.get("recipient", vendor),
            withheld=withheld,
        )
    return f"{tried(detail, vendor)} {REFUSED[detail['reason']]()}"


def tried(detail: Mapping[str, Any], vendor: str) -> str:
    if "by" in detail:
        return _("%(other)s came with something that you gave %(vendor)s.", other=detail["by"], vendor=vendor)
    if "topic" in detail:
        return _("%(vendor)s wanted to speak to you about “%(topic)s”.", vendor=vendor, topic=detail["topic"])
    return TRIED[detail["tried"]](vendor)


def times(number: int) -> str:
    return ngettext(
        "For the same reason as before it was refused once more within an hour.",
        "For the same reason as before it was refused %(num)s more times within an hour.",
        number,
    )
