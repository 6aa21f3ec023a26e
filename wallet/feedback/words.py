"""What happened to something the person said, in sentences."""

from flask_babel import gettext as _
from flask_babel import ngettext

from vendor_api.desk.sentences import OUTCOME_LABELS
from wallet.dialogue.progress import Feedback, Step


def step_said(step: Step) -> str:
    """One line of what happened."""
    with_name = {
        "received": lambda name: _("It arrived, and lies with %(name)s.", name=name),
        "assigned": lambda name: _("It lies with %(name)s now.", name=name),
        "late": lambda name: _("No answer in time. Handed up to %(name)s.", name=name),
        "answered": lambda name: _("%(name)s answered.", name=name),
    }
    if step.about and step.what in with_name:
        return with_name[step.what](step.about)
    if step.what == "decided":
        return f"{OUTCOME_LABELS[step.about]()}."
    return {
        "received": _("It arrived."),
        "read": _("Somebody there read it."),
        "assigned": _("It lies with nobody at present."),
        "late": _("No answer in time. Handed up."),
        "answered": _("It was answered."),
        "done": _("Done."),
        "declined": _("Closed, as decided."),
        "withdrawn": _("You took it back."),
    }.get(step.what, step.what)


def overdue_said(said: Feedback, now: int) -> str:
    """How long over it is."""
    days = said.days_over(now)
    return ngettext("one day over", "%(num)s days over", days) if days else _("due since today")
