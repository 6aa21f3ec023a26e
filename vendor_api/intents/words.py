"""What the console says of intents."""

from collections.abc import Mapping
from typing import Final

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

STATE_LABELS: Final[Mapping[str, LazyString]] = {
    "open": _("Open"),
    "accepted": _("Your offer was accepted"),
    "declined": _("Your offer was declined"),
    "passed": _("Another was chosen, or none"),
    "withdrawn": _("Withdrawn by the person"),
}
OUTCOME_LABELS: Final[Mapping[str, LazyString]] = {"bought": _("They took it"), "not_bought": _("Nothing came of it")}
COMPARISON_LABELS: Final[Mapping[str, LazyString]] = {"<=": _("at most"), ">=": _("at least"), "=": _("exactly")}
