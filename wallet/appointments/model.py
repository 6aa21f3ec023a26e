"""A call at an appointed time, as its person sees it."""

from dataclasses import dataclass, field
from typing import Final

from consent.contact.slots import Slot

EARLY: Final = 600  # so long before it begins the vendor is shown the number
UNANSWERED: Final = ("asked", "proposed")


@dataclass(frozen=True, slots=True)
class Appointment:
    """`slots` are those that the vendor offered; `starts_at` and `ends_at` of the one agreed on, or proposed.

    `link` is the vendor's, for a video call; "" where it comes to the person's own room. `ended_by` is person, vendor
    or wallet: that is when what the person says of being spoken to changed.
    """

    person_id: str
    appointment_id: str
    persona_id: str
    client_id: str
    grant_id: str
    thread_id: str
    message_id: str
    public_id: str
    topic: str
    kind: str
    state: str
    asked_at: int
    starts_at: int | None
    ends_at: int | None
    ended_by: str | None
    missed: str | None
    reminded_at: int | None
    version: int
    slots: tuple[Slot, ...]
    vendor: str = field(repr=False)
    host: str
    subject: str = field(repr=False)
    caller: str = field(repr=False)
    reason: str = field(repr=False)
    link: str = field(repr=False)

    @property
    def slot(self) -> Slot | None:
        return Slot(self.starts_at, self.ends_at) if self.starts_at is not None and self.ends_at is not None else None

    def is_over(self, now: int) -> bool:
        """Nothing can become of it any more."""
        ends = [one.end for one in self.slots] if self.state == "asked" else [self.ends_at or 0]
        return self.state in {"declined", "cancelled"} or now >= max(ends)

    def shows_number(self, now: int) -> bool:
        slot = self.slot
        return self.state == "agreed" and slot is not None and slot.start - EARLY <= now < slot.end
