"""Three ways to be spoken to, ready to be taken: one press, and all of it can be adjusted afterwards."""

from dataclasses import dataclass, replace
from typing import Final

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from consent.contact.model import INBOX, NO_LIMIT, ContactPolicy, Window, members
from consent.model import Span

WORKING_DAYS: Final = Window((1, 2, 3, 4, 5), 9 * 60, 18 * 60)


@dataclass(frozen=True, slots=True)
class Preset:
    """`says` takes the place of what was said before; what it leaves open stays."""

    name: str
    title: LazyString
    sentence: LazyString
    says: ContactPolicy

    def on(self, said: ContactPolicy, *, time_zone: str) -> ContactPolicy:
        """Hours are those of the clock on the person's wall."""
        zone = said.time_zone or time_zone
        return replace(said, **members(self.says), time_zone=zone if self.says.windows else said.time_zone)

    def is_said(self, said: ContactPolicy) -> bool:
        return members(self.says).items() <= members(said).items()


PRESETS: Final = (
    Preset(
        "inbox",
        _("Only in my inbox, whenever"),
        _("Nothing rings. You find it when you look into your wallet."),
        ContactPolicy((INBOX,), windows=(), quiet=(), frequency=NO_LIMIT, relevant_only=False),
    ),
    Preset(
        "working_days",
        _("Working days 9–18, at most one a week"),
        _("From Monday to Friday, and each vendor once in seven days."),
        ContactPolicy(windows=(WORKING_DAYS,), quiet=(), frequency=Span(1, "week"), relevant_only=False),
    ),
    Preset(
        "occasion",
        _("Only when I made an occasion for it"),
        _("When a trigger of yours fired, when you look for something, or when you gave feedback."),
        ContactPolicy(windows=(), quiet=(), frequency=NO_LIMIT, relevant_only=True),
    ),
)
