"""The rooms of the console, as its navigation shows them. A new one is a line here, in the place it is to have."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from vendor_api.console.roles import READ_ONLY


@dataclass(frozen=True, slots=True)
class Room:
    """`endpoint` is the page it leads to, and pages below its path are in it too; `role` is the least that sees it."""

    endpoint: str
    title: LazyString
    role: str = READ_ONLY


ROOMS = (
    Room("console.overview", _("Overview")),
    Room("console.clients", _("Clients")),
    Room("console.webhooks", _("Webhooks")),
    Room("console.staff", _("Staff")),
)
