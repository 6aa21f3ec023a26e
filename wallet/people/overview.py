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
    Room("channels.index", _("How you are reached"), _("Where you are told that somebody wrote to you.")),
    Room("contact.show", _("How vendors may speak to you"), _("When, how often, by which way, and about what.")),
    Room("feeds.index", _("Topics you follow"), _("What vendors publish, read here as a feed or brought to you.")),
    Room(
        "figures.index",
        _("Statistics"),
        _("How people want to be spoken to: help vendors know it, without being known."),
    ),
    Room("appointments.index", _("Appointments"), _("Calls that vendors ask for: you choose when, and see when.")),
    Room("triggers.index", _("Triggers"), _("When a vendor is told something, and what. Your wallet looks.")),
    Room("feedback.index", _("What you told vendors"), _("Wishes, ideas, complaints, and what became of each.")),
    Room("reviews.index", _("Reviews"), _("What you say of vendors in public, and what others say.")),
    Room("reviews.reputation_page", _("My reputation"), _("What vendors say of you, and whom you show it to.")),
    Room(
        "intents.index",
        _("What I look for"),
        _("You say it, vendors make offers. Who you are they learn only from you."),
    ),
    Room("people.accounts", _("Who is at the door"), _("Everybody who is signed in at this browser.")),
    Room("people.sessions", _("Sign-ins"), _("Where you are signed in, and how you end that.")),
    Room(
        "people.another_device", _("Sign in on another device"), _("Scan a code there instead of typing the password.")
    ),
    Room("recovery.password", _("Password"), _("Change it, for one that only you know.")),
    Room("recovery.overview", _("Ways back in"), _("A kit on paper and people you trust, for when you forget it.")),
    Room(
        "vault.take_along", _("Take everything with you"), _("All of it in one file, for yourself or another wallet.")
    ),
    Room("erasing.index", _("Erase"), _("A value, a persona, all your data, or everything; gone from backups, too.")),
)


def overview(house: House) -> str:
    signed_in(house)
    return render_template("people/overview.html", rooms=ROOMS, nav="wallet")


ROUTES = (Route("/wallet", overview),)
