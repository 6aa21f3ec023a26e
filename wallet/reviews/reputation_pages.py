"""My reputation: what vendors say of the person, what follows from it, who was shown it."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy import Connection
from werkzeug import Response

from vendor_api.routing import Route
from wallet.data import engine as data
from wallet.data.catalogue import CUSTOMER_SINCE
from wallet.house import House
from wallet.people import presence
from wallet.people.model import Visitor
from wallet.people.visitor import signed_in
from wallet.reviews import reputation
from wallet.reviews.reputation import VALUES, VOUCHED_BY


def reputation_page(house: House) -> str:
    who = signed_in(house)
    lock_key = presence.lock_key(house, who)
    found = house.database.read(reputation.gathered, house, **of(who), lock_key=lock_key)
    return render_template("reviews/reputation.html", found=found, nav="wallet")


def enter_since(house: House) -> Response:
    """The day of the oldest relationship, as the person's own word."""
    who = signed_in(house)

    def work(db: Connection) -> bool:
        known = reputation.oldest(db, **of(who))
        if known:
            enter(db, house, who, CUSTOMER_SINCE, reputation.day_of(known[0][0]))
        return bool(known)

    done = house.database.write(work)
    said = _("Entered. It is your own word, so no vendor's.") if done else _("You have let nobody in yet.")
    return back(said, "done" if done else "error")


def name_vendor(house: House) -> Response:
    """Make the name of who says so a value, which can be shown like any other."""
    who = signed_in(house)

    def work(db: Connection) -> bool:
        names = [name for value in VALUES if (name := reputation.vendor_of(db, house, value, **of(who)))]
        if names:
            enter(db, house, who, VOUCHED_BY, names[0])
        return bool(names)

    done = house.database.write(work)
    said = _("Entered. It leaves only where you tick it.") if done else _("No vendor has said anything of you yet.")
    return back(said, "done" if done else "error")


def enter(db: Connection, house: House, who: Visitor, name: str, value: str) -> None:
    """Where there is none. Raises ChangedMeanwhile."""
    what: dict[str, Any] = {**of(who), "attribute": name, "value": value, "expected_version": 0}
    data.set_value(db, house.secrets, **what, now=house.clock())


def back(said: str, tone: str) -> Response:
    flash(said, tone)
    return redirect(url_for("reviews.reputation_page"), 303)


def of(who: Visitor) -> dict[str, str]:
    return {"person_id": who.person_id, "persona_id": who.persona_id}


ROUTES = (
    Route("/reputation", reputation_page),
    Route("/reputation/since", enter_since, ("POST",)),
    Route("/reputation/vendor", name_vendor, ("POST",)),
)
