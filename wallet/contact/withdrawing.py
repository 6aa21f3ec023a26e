"""Hear no more of a topic, by the link that each message carries: one press, without a sign-in (RFC 8058).

Who holds the link can end this one permission and learn nothing: whatever is wrong with it, the page says the same.
"""

from contextlib import suppress
from typing import Final

from flask import render_template, request, url_for
from sqlalchemy import Connection

from consent import changes, grants
from consent.errors import ConsentError
from consent.model import CONTACT
from keys.errors import KeysError
from keys.opaque import mint, person_of
from vendor_api.routing import Route
from wallet.errors import WalletError
from wallet.house import House
from wallet.sharing.changes import signs

KIND: Final = "withdraw"  # of the token
ONE_CLICK: Final = ("List-Unsubscribe", "One-Click")  # what is sent, RFC 8058 section 3.2
APART: Final = "\n"


def withdraw_link(house: House, *, person_id: str, grant_id: str, topic: str, message_id: str) -> str:
    """For the header List-Unsubscribe and the foot of a message. It has no day on which it ends but the topic's."""
    token = mint(house.secrets.tokens, KIND, APART.join((person_id, grant_id, topic, message_id)))
    return f"{house.settings.issuer}/withdraw/{token}"


def ask(house: House, token: str) -> str:
    """One button. Looking at the page does nothing, for programs look at links, too."""
    return render_template("contact/withdraw.html", action=url_for("contact.take_back", token=token), sent=ONE_CLICK)


def take_back(house: House, token: str) -> str | tuple[str, int]:
    name, value = ONE_CLICK
    if request.form.get(name) != value:
        return ask(house, token), 400
    with suppress(KeysError, ConsentError, WalletError):  # over, taken back before, erased, or no link of ours
        house.database.write(withdraw, house, token)
    return render_template("contact/withdrawn.html")


def withdraw(db: Connection, house: House, token: str) -> None:
    """Raises BadToken, UnknownGrant, GrantEnded, NotGranted, and UnknownPersona or BeingErased."""
    person_id, grant_id, topic, _message_id = person_of(house.secrets.tokens, KIND, token).split(APART)
    grant = grants.find(db, grant_id, person_id=person_id)
    changes.narrow(
        db,
        house.secrets,
        grant_id,
        person_id=person_id,
        taken=(f"{CONTACT}{topic}",),
        signs=signs(db, house, grant),
        now=house.clock(),
    )


ROUTES = (
    Route("/withdraw/<token>", ask),
    Route("/withdraw/<token>", take_back, ("POST",)),
)
