"""What an agreement says to one use by one actor. A prohibition wins over whatever else is said."""

from collections.abc import Collection
from typing import Final

from consent.model import Item, carries_data
from consent.terms.roster import ROSTER, SERVICE, rule
from consent.terms.uses import use_of

REQUIRED: Final = "required"
PERMITTED: Final = "permitted"
PROHIBITED: Final = "prohibited"

VENDOR: Final = "vendor"
PROCESSOR: Final = "processor"
THIRD_PARTY: Final = "third_party"
ACTORS: Final = (VENDOR, PROCESSOR, THIRD_PARTY)


def verdict(agreement: str, use: str | None, *, actor: str) -> str:
    """What nobody ruled on is prohibited: an unclear use (None), and all that others do with the data.

    Who processes it for the vendor (GDPR Art. 28) is no third party, and may help to deliver the service, no more.
    """
    if use is None or actor == THIRD_PARTY:
        return PROHIBITED
    if actor == PROCESSOR:
        return PERMITTED if use == SERVICE else PROHIBITED
    return rule(ROSTER[agreement], use)


def verdict_on(agreement: str, purposes: Collection[str], *, actor: str) -> str:
    """Of all that something is asked for. Where no purpose of the vocabulary is named, it is for the service alone.

    The vendor binds itself to that by the agreement, whatever its sentence says.
    """
    found = {verdict(agreement, use_of(purpose), actor=actor) for purpose in purposes}
    found = found or {verdict(agreement, SERVICE, actor=actor)}
    return next(one for one in (PROHIBITED, REQUIRED, PERMITTED) if one in found)


def prohibits(agreement: str, item: Item, *, actor: str = VENDOR) -> bool:
    """Whether this may not be given for what it is asked for. Being recognised is no use of data."""
    return carries_data(item.attribute) and verdict_on(agreement, purposes_of(item), actor=actor) == PROHIBITED


def purposes_of(item: Item) -> tuple[str, ...]:
    """The purposes of the vocabulary that the vendor named for it, in the ask."""
    return (item.purpose_type,) if item.purpose_type else ()
