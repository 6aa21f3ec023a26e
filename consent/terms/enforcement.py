"""Hold a vendor to the agreement a grant stands under, at every redeem and every read. Costs no statement."""

from collections.abc import Collection
from typing import Final

from consent.limits import Withheld
from consent.model import Grant
from consent.terms.errors import TermsOver
from consent.terms.evaluation import PROCESSOR, VENDOR, prohibits

OVER: Final = "terms_ended"
PROHIBITED: Final = "terms_prohibit"


def check_in_force(grant: Grant, *, now: int) -> None:
    """Raises TermsOver. A grant that never stood under an agreement goes on without one."""
    if grant.agreed is not None and not grant.agreed.is_in_force(now):
        raise TermsOver("the agreement this grant stands under has ended; ask the person again")


def withheld(
    grant: Grant, attributes: Collection[str], *, by_processor: bool = False, now: int
) -> tuple[Withheld, ...]:
    """What of it may not be read, because the agreement is over or prohibits what it was asked for."""
    agreed = grant.agreed
    if agreed is None:
        return ()
    if not agreed.is_in_force(now):
        return tuple(Withheld(name, OVER, None) for name in sorted(attributes))
    actor = PROCESSOR if by_processor else VENDOR
    return tuple(
        Withheld(item.attribute, PROHIBITED, None)
        for item in grant.items
        if item.attribute in attributes and prohibits(agreed.agreement, item, actor=actor)
    )
