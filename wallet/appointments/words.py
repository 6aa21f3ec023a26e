"""How appointments are told of."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from babel.dates import format_datetime, format_time
from flask_babel import get_locale
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from consent.contact.slots import Slot
from consent.contact.windows import zone
from wallet.appointments.model import Appointment

OVER: Final = _l("That time is over. Choose a later one.")
OUTSIDE: Final = _l("That is outside of the times at which you want to be spoken to.")
NOT_ALLOWED: Final = _l("You no longer allow this vendor to call you about this.")
NO_SUCH_TIME: Final = _l("There is no such time on that day.")
KINDS: Final = {"phone": _l("Phone call"), "video": _l("Video call")}
STATES: Final[dict[str, LazyString]] = {
    "asked": _l("waits for your answer"),
    "proposed": _l("you proposed another time"),
    "agreed": _l("agreed"),
    "declined": _l("you said no"),
    "cancelled": _l("cancelled"),
    "lapsed": _l("nobody answered in time"),
    "past": _l("was agreed, and is over"),
}
ENDED_BY: Final = {
    "person": _l("You cancelled it."),
    "vendor": _l("The vendor cancelled it."),
    "wallet": _l("It ended because you changed how this vendor may speak to you."),
}
MISSED: Final = {
    "vendor": _l("You noted that the vendor did not come."),
    "person": _l("The vendor noted that you did not come."),
    "both": _l("Each side noted that the other did not come."),
}


def state_of(one: Appointment, now: int) -> str:
    """What it is called on pages: one of STATES."""
    if not one.is_over(now) or one.state in {"declined", "cancelled"}:
        return one.state
    return "past" if one.state == "agreed" else "lapsed"


def span(slot: Slot, time_zone: str, language: str = "") -> str:
    """In the person's own time, such as "Tuesday, 24 November 2026, 10:00 to 10:30 (Europe/Berlin)"."""
    spoken = language or str(get_locale() or "en")
    start, end = (datetime.fromtimestamp(at, zone(time_zone)) for at in (slot.start, slot.end))
    day = "EEEE, d. MMMM y, HH:mm" if spoken.startswith("de") else "EEEE, d MMMM y, HH:mm"
    until = "HH:mm" if start.utcoffset() == end.utcoffset() else "HH:mm z"
    return f"{format_datetime(start, day, locale=spoken)}–{format_time(end, until, locale=spoken)} ({time_zone})"


def told(one: Appointment, time_zone: str, _: Callable[..., str], language: str) -> str:
    """What is sent to the person about it."""
    slot = one.slot
    when = span(slot, time_zone, language) if slot else ""
    if one.state == "cancelled":
        return _("%(vendor)s cancelled the call: %(when)s", vendor=one.vendor, when=when)
    return _("You agreed on a call with %(vendor)s: %(when)s", vendor=one.vendor, when=when)
