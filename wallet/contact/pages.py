"""The pages of the contact policy: for all vendors, for one, for a topic of it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Connection
from werkzeug import Response

from consent.contact import policies
from consent.contact.errors import PolicyChanged
from consent.contact.model import FOR_EVER, ContactPolicy
from vendor_api.routing import Route
from wallet.contact import forms, places, topics, view, words
from wallet.contact.errors import BadWish
from wallet.contact.places import Place
from wallet.contact.presets import PRESETS
from wallet.errors import WalletError
from wallet.house import House
from wallet.people.model import Visitor
from wallet.people.visitor import acting
from wallet.records.handing import zone

DOCUMENT = "application/jwt"
Page = str | tuple[str, int]
Decided = Callable[[Connection, House, Place], ContactPolicy]


def show(house: House) -> Page:
    return page(house)


def show_vendor(house: House, grant_id: str) -> Page:
    return page(house, grant_id)


def show_topic(house: House, grant_id: str, topic: str) -> Page:
    return page(house, grant_id, topic)


def page(
    house: House,
    grant_id: str | None = None,
    topic: str | None = None,
    *,
    wrong: WalletError | None = None,
    given: forms.Form | None = None,
) -> Page:
    who = acting(house)

    def look(db: Connection) -> dict[str, Any]:
        return view.policy_page(db, house, places.find(db, house.secrets, who, grant_id, topic), given=given)

    html = render_template("contact/policy.html", nav="wallet", wrong=wrong, **house.database.read(look))
    return (html, wrong.status) if wrong else html


def save(house: House, grant_id: str | None = None, topic: str | None = None) -> Response | Page:
    """All that is on the page; or one of its ready-made policies, or a pause."""
    kind = next((name for name in DECIDING if name in request.form), "")
    decide = DECIDING.get(kind, decide_by_form)
    try:
        house.database.write(change, house, acting(house), grant_id=grant_id, topic=topic, decide=decide)
    except BadWish as error:
        return page(house, grant_id, topic, wrong=error, given=request.form)
    except PolicyChanged:
        return meanwhile(house, grant_id, topic)
    flash(SAVED[kind](), "done")
    return redirect(request.path if grant_id else url_for("contact.show", persona=request.form.get("persona")), 303)


def change(
    db: Connection, house: House, who: Visitor, *, grant_id: str | None, topic: str | None, decide: Decided
) -> None:
    """Raises UnknownGrant, NotOffered, BadWish, PolicyChanged."""
    place = places.find(db, house.secrets, who, grant_id, topic)
    seen = forms.seen(request.form)
    if seen is None or seen != place.said:
        raise PolicyChanged("the page had grown old")
    places.keep(db, house, place, decide(db, house, place), instead_of=seen, now=house.clock())


def decide_by_form(db: Connection, house: House, place: Place) -> ContactPolicy:
    return forms.typed(
        request.form,
        place,
        offered=frozenset(view.offered(db, house, place)),
        people=frozenset(view.contact_persons(db, house, place)),
    )


def decide_by_preset(db: Connection, house: House, place: Place) -> ContactPolicy:
    chosen = next((one for one in PRESETS if one.name == request.form["preset"]), None)
    if chosen is None:
        raise BadWish(_("Choose one of those offered."))
    return chosen.on(place.said, time_zone=zone(db, house.secrets, **place.whose))


def decide_pause(_db: Connection, house: House, place: Place) -> ContactPolicy:
    """Until the day that is written, or until the person lets it go on."""
    if request.form["pause"] != "yes":
        return replace(place.said, paused_until=None)
    until = forms.bound(request.form, "until", place.counts.time_zone, later=1) or FOR_EVER
    if until <= house.clock():
        raise BadWish(_("Choose a day from today on."))
    return replace(place.said, paused_until=until)


def decide_nothing(_db: Connection, _house: House, place: Place) -> ContactPolicy:
    return ContactPolicy(paused_until=place.said.paused_until)


DECIDING: dict[str, Decided] = {"preset": decide_by_preset, "pause": decide_pause, "nothing": decide_nothing}
SAVED: dict[str, Callable[[], str]] = {
    "": lambda: _("Saved. It counts from now on."),
    "preset": lambda: _("Saved. It counts from now on."),
    "pause": lambda: _("Paused.") if request.form["pause"] == "yes" else _("It goes on."),
    "nothing": lambda: _("Taken back. What is said further up counts again."),
}


def meanwhile(house: House, grant_id: str | None, topic: str | None) -> Page:
    """Another browser was first: what it changed is told, and stands in the form beside what was changed here."""
    who = acting(house)

    def look(db: Connection) -> tuple[WalletError, forms.Form]:
        place = places.find(db, house.secrets, who, grant_id, topic)
        before = forms.seen(request.form) or place.said
        try:
            mine = decide_by_form(db, house, place.having(before))
        except BadWish:
            mine = before
        both = place.having(forms.joined(mine, before, place.said))
        changed = ", ".join(str(words.TITLES[name]) for name in forms.changed(before, place.said))
        wrong = BadWish(
            _("Meanwhile this was changed elsewhere: %(changed)s. Look at it, then save once more.", changed=changed)
            if changed
            else _("This page had grown old. Look at it, then save once more.")
        )
        wrong.status = 409
        return wrong, forms.filled(both.counts, view.offered(db, house, both))

    wrong, form = house.database.read(look)
    return page(house, grant_id, topic, wrong=wrong, given=form)


def document(house: House, grant_id: str | None = None, topic: str | None = None) -> Response:
    """What is said here, as it was signed."""
    who = acting(house)

    def look(db: Connection) -> str | None:
        place = places.find(db, house.secrets, who, grant_id, topic)
        return policies.document(db, house.secrets, place.scope, **place.whose)

    found = house.database.read(look)
    headers = {"Content-Disposition": 'attachment; filename="contact-policy.jwt"', "Cache-Control": "no-store"}
    return Response(found or "", 200 if found else 404, headers, mimetype=DOCUMENT)


def on_topic(house: House, grant_id: str, topic: str) -> Response:
    """Take a topic back, or allow it again."""
    done = house.database.write(topics.change, house, acting(house), grant_id, topic, do=request.form.get("do", ""))
    flash(done or _("The page had grown old. Please choose again."), "done" if done else "error")
    return redirect(url_for("contact.show_vendor", grant_id=grant_id), 303)


ROUTES = (
    Route("/contact", show),
    Route("/contact", save, ("POST",)),
    Route("/contact.jwt", document),
    Route("/vendors/<grant_id>/contact", show_vendor),
    Route("/vendors/<grant_id>/contact", save, ("POST",)),
    Route("/vendors/<grant_id>/contact.jwt", document),
    Route("/vendors/<grant_id>/contact/<topic>", show_topic),
    Route("/vendors/<grant_id>/contact/<topic>", save, ("POST",)),
    Route("/vendors/<grant_id>/contact/<topic>.jwt", document),
    Route("/vendors/<grant_id>/contact/<topic>/allowed", on_topic, ("POST",)),
)
