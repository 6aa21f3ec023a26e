"""What happens at a desk, in words for pages of both sides."""

from collections.abc import Callable, Mapping
from typing import Final

from flask_babel import gettext as _
from flask_babel import ngettext

from vendor_api.desk.model import Reason, Weight

Labels = Mapping[str, Callable[[], str]]

TYPE_LABELS: Final[Labels] = {
    "message": lambda: _("Message"),
    "wish": lambda: _("Wish"),
    "idea": lambda: _("Idea"),
    "hint": lambda: _("Hint"),
    "complaint": lambda: _("Complaint"),
    "praise": lambda: _("Praise"),
    "question": lambda: _("Question"),
}
STATE_LABELS: Final[Labels] = {
    "received": lambda: _("received"),
    "read": lambda: _("was read"),
    "answered": lambda: _("answered"),
    "decided": lambda: _("decided"),
    "done": lambda: _("done"),
    "declined": lambda: _("declined"),
    "withdrawn": lambda: _("taken back"),
}
OUTCOME_LABELS: Final[Labels] = {
    "used": lambda: _("It is used"),
    "partly": lambda: _("It is used in part"),
    "not": lambda: _("It is not used"),
}
WEIGHT_LABELS: Final[Labels] = {
    "type": lambda: _("for what it is"),
    "urgency": lambda: _("sounds urgent"),
    "mood": lambda: _("sounds upset"),
    "service_level": lambda: _("a quick answer is promised"),
    "released": lambda: _("for what the person shares"),
    "waiting": lambda: _("for the time it waits"),
    "late": lambda: _("the answer is late"),
    "corrected": lambda: _("corrected by hand"),
}
REASON_LABELS: Final[Mapping[str, Callable[[str], str]]] = {
    "preferred": lambda who: _("The person wants to speak with %(who)s.", who=who),
    "preferred_unknown": lambda _who: _("Whom the person wants to speak with is not there any more."),
    "absent": lambda who: _("%(who)s is away.", who=who),
    "full": lambda who: _("%(who)s has enough to do.", who=who),
    "waits_for": lambda who: _("The person would rather wait for %(who)s.", who=who),
    "substitute": lambda who: _("Stands in for %(who)s.", who=who),
    "same_skill": lambda _who: _("Knows the same."),
    "no_same_skill": lambda _who: _("Nobody else knows the same."),
    "language": lambda _who: _("Speaks the language of the message."),
    "topic": lambda _who: _("Knows the topic best."),
    "skill": lambda _who: _("Has the skill for it."),
    "on_duty": lambda _who: _("Is there soonest."),
    "load": lambda _who: _("Has least to do."),
    "service_level": lambda _who: _("The answer is due soon, so who is there came first."),
    "only_one": lambda _who: _("Nobody else is there."),
    "equal": lambda _who: _("Others would do as well."),
    "nobody_free": lambda _who: _("Nobody is there."),
    "by_hand": lambda _who: _("Given by a colleague."),
    "late": lambda _who: _("The answer was late."),
    "escalates_to": lambda who: _("What is late goes to %(who)s.", who=who),
}


def weight_said(one: Weight) -> str:
    """In one line: "+15 sounds urgent: sofort"."""
    words = f": {', '.join(one.words)}" if one.words else ""
    return f"{one.weight:+d} {WEIGHT_LABELS[one.reason]()}{words}"


def reason_said(one: Reason, names: Mapping[str, str]) -> str:
    """`names` are those of contact persons, by id."""
    return REASON_LABELS[one.code](names.get(one.about or "", _("somebody who has left")))


def alike_said(alike: int) -> str:
    """Of a form letter, to the vendor and to the person."""
    return ngettext(
        "Form letter: nearly the same went to %(num)s person.",
        "Form letter: nearly the same went to %(num)s people.",
        alike,
    )
