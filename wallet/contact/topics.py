"""The topics of a vendor: take one back, and allow again what was refused or taken back."""

from dataclasses import replace
from typing import Any, Final

from flask_babel import gettext as _
from sqlalchemy import Connection

from consent import changes
from consent.contact import topics
from consent.contact.model import ContactPolicy, members
from consent.errors import GrantEnded, NotGranted
from consent.model import CONTACT
from wallet.contact import places
from wallet.contact.errors import NotOffered
from wallet.contact.places import named
from wallet.house import House
from wallet.people.granted import own_grant, signs
from wallet.people.model import Visitor

# What the wallet did after "not relevant" was said twice, taken back by the person.
UNDONE: Final = {"resume": ContactPolicy(paused_until=0), "any": ContactPolicy(relevant_only=False)}


def change(db: Connection, house: House, who: Visitor, grant_id: str, topic: str, *, do: str) -> str:
    """What was done, in a sentence; "" where there was nothing to do. Raises UnknownGrant, NotOffered."""
    grant = own_grant(db, who, grant_id)
    if f"{CONTACT}{topic}" not in named(grant):
        raise NotOffered
    if do in UNDONE:
        return undone(db, house, who, grant_id, topic, do=do)
    how: dict[str, Any] = {"person_id": grant.person_id, "signs": signs(db, house, grant), "now": house.clock()}
    try:
        if do == "take_back":
            changes.narrow(db, house.secrets, grant_id, taken=(f"{CONTACT}{topic}",), **how)
            return _("Taken back. The next message about it is refused.")
        if do == "allow":
            topics.allow_again(db, house.secrets, grant_id, topic, **how)
            return _("Allowed. It may write to you about this, as you want to be spoken to.")
    except (GrantEnded, NotGranted):
        pass
    return ""


def undone(db: Connection, house: House, who: Visitor, grant_id: str, topic: str, *, do: str) -> str:
    place = places.find(db, house.secrets, who, grant_id, topic)
    said = replace(place.said, **members(UNDONE[do]))
    places.keep(db, house, place, said, instead_of=place.said, now=house.clock())
    return _("It goes on as before.")
