"""The page of the wallet itself: what one does with all of it, and where. A new room of that kind is a line here."""

from dataclasses import dataclass

from flask import render_template
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from vendor_api.routing import Route
from wallet.house import House
from wallet.people.visitor import signed_in


@dataclass(frozen=True, slots=True)
class Room:
    """`endpoint` is the page it leads to."""

    endpoint: str
    title: LazyString
    sentence: LazyString


ROOMS = (
    Room("personas.index", _("Personas"), _("The faces you show: what each has, takes from another, and prefers.")),
    Room("people.accounts", _("Who is at the door"), _("Everybody who is signed in at this browser.")),
    Room("people.sessions", _("Sign-ins"), _("Where you are signed in, and how you end that.")),
)


def overview(house: House) -> str:
    signed_in(house)
    return render_template("people/overview.html", rooms=ROOMS, nav="wallet")


ROUTES = (Route("/wallet", overview),)
