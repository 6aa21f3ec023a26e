"""An intent as a vendor hears of it, and what it offers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from vendor_api.model import Offer

OPEN: Final = "open"
ACCEPTED: Final = "accepted"
DECLINED: Final = "declined"
PASSED: Final = "passed"  # another was chosen, or none
WITHDRAWN: Final = "withdrawn"
STATES: Final = (OPEN, ACCEPTED, DECLINED, PASSED, WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Heard:
    """`content` is all that the person let this vendor know. `version` counts its offers.

    `said` is what came with the end: a reason; or who it is that accepted, the agreement, and what became of it.
    """

    client_id: str
    intent_id: str
    state: str
    published_at: int
    deadline: int
    version: int
    offered_at: int | None
    ended_at: int | None
    content: Mapping[str, Any] = field(repr=False)
    offer: Offer | None = field(repr=False)
    said: Mapping[str, Any] = field(repr=False)

    def takes_offers(self, now: int) -> bool:
        return self.state == OPEN and now < self.deadline
