"""What is said on pages of feedback: kinds, steps, weights."""

from typing import Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from vendor_api.desk.model import Weight
from wallet.feedback.model import Feedback, Step

KINDS: Final = {
    "wish": _l("Wish"),
    "idea": _l("Idea"),
    "hint": _l("Hint"),
    "complaint": _l("Complaint"),
    "praise": _l("Praise"),
    "question": _l("Question"),
    "message": _l("Message"),
}
STATES: Final = {
    "received": _l("arrived"),
    "read": _l("read"),
    "answered": _l("answered"),
    "decided": _l("decided"),
    "done": _l("done"),
    "declined": _l("not used"),
    "withdrawn": _l("taken back"),
}
OUTCOMES: Final = {"used": _l("It is used."), "partly": _l("Part of it is used."), "not": _l("It is not used.")}


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
        return _("Decided: %(outcome)s", outcome=OUTCOMES.get(step.about, step.about))
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


def weight_said(one: Weight) -> str:
    """Why it weighs so much, in words."""
    words = ", ".join(f"“{word}”" for word in one.words)
    return {
        "type": _("what kind of message it is"),
        "urgency": _("words that sound urgent: %(words)s", words=words),
        "mood": _("words that sound annoyed: %(words)s", words=words),
        "service_level": _("how soon they promised to answer"),
        "released": _("what you let them read: %(names)s", names=", ".join(one.words)),
        "waiting": _("how long it has waited"),
        "late": _("that it was not answered in time"),
        "corrected": _("somebody there corrected it by hand"),
    }.get(one.reason, one.reason)


def overdue_said(said: Feedback, now: int) -> str:
    """How long over it is."""
    days = said.days_over(now)
    return ngettext("one day over", "%(num)s days over", days) if days else _("due since today")
