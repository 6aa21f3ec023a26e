"""The rooms of the console, as its navigation shows them. A new one is a line here, in the place it is to have."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString
from sqlalchemy import Connection

from vendor_api.console import notes
from vendor_api.console.model import Member
from vendor_api.console.notes import Note
from vendor_api.console.roles import READ_ONLY
from vendor_api.host import Host


@dataclass(frozen=True, slots=True)
class Room:
    """`endpoint` is the page it leads to, and pages below its path are in it too; `role` is the least that sees it.

    `note` is what the overview says of it (notes.py), if anything.
    """

    endpoint: str
    title: LazyString
    note: Callable[[Connection, Host, Member], Note] | None = None
    role: str = READ_ONLY


ROOMS: Final = (
    Room("console.overview", _("Overview")),
    Room("console.desk", _("Desk"), notes.of_desk),
    Room("console.intents", _("Intents"), notes.of_intents),
    Room("console.reviews", _("Reviews")),
    Room("console.duty", _("People on duty")),
    Room("console.levels", _("Service levels")),
    Room("console.topics", _("Topics")),
    Room("console.figures", _("Figures")),
    Room("console.clients", _("Clients")),
    Room("console.webhooks", _("Webhooks"), notes.of_webhooks),
    Room("console.staff", _("Staff"), notes.of_staff),
)
