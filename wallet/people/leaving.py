"""The pages on which a person signs out: at one vendor, or here and at every vendor this browser is signed in at."""

from collections.abc import Iterable

from flask import flash, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug import Response

from consent.grants import is_known_as
from consent.model import Party
from vendor_api.oauth.leaving import end_session, front_channel, sign_ins
from vendor_api.oauth.leaving.end_session import Leaving
from vendor_api.oauth.leaving.sign_ins import SignIn
from vendor_api.routing import Route
from vendor_api.vendors import registry
from vendor_api.vendors.model import Vendor
from wallet.headers import allow_form_to_reach, allow_frames_of
from wallet.house import House
from wallet.people.model import Visitor
from wallet.people.next_page import local_path
from wallet.people.visitor import people_here, say_goodbye, visitor

SECONDS_TO_TELL = 4


def sign_out(house: House) -> Response | str:
    """A GET asks, a POST does it; then on to the vendor that sent the person, if it named an address of its own."""
    leaving = house.database.read(end_session.leaving, request.values)
    if leaving.address:
        allow_form_to_reach(leaving.address)
    who = leaver(house, leaving)
    if request.method == "POST":
        return done(house, leaving, leave(house, leaving, who))
    if who is None:
        return redirect(leaving.address or url_for("people.sign_in"), 303)
    other = who.login if who != visitor(house) else None
    return render_template("people/sign_out.html", party=party(leaving.vendor), address=leaving.address, other=other)


def leaver(house: House, leaving: Leaving) -> Visitor | None:
    """Who signs out: of those at this browser the one the vendor means, or else who is at the door."""
    if leaving.vendor is None or leaving.sub is None:
        return visitor(house)
    known = {"client_id": leaving.vendor.client_id, "sub": leaving.sub}
    meant = (
        who for who in people_here(house).values() if house.database.read(is_known_as, person_id=who.person_id, **known)
    )
    return next(meant, visitor(house))


def leave(house: House, leaving: Leaving, who: Visitor | None) -> tuple[SignIn, ...]:
    """End the one sign-in or the session, whichever button it was."""
    if who is None:
        return ()
    if request.form.get("where") != "vendor" or leaving.vendor is None:
        return say_goodbye(house, (who.session_digest,))
    return house.database.write(
        sign_ins.end,
        person_id=who.person_id,
        sessions=(who.session_digest,),
        client_id=leaving.vendor.client_id,
        now=house.clock(),
    )


def done(house: House, leaving: Leaving, ended: tuple[SignIn, ...]) -> Response:
    page = in_frames(house, leaving, ended)
    if page:
        return page
    if leaving.address:
        return redirect(leaving.address, 303)
    shown = party(leaving.vendor)
    if shown and visitor(house):
        flash(_("You are signed out at %(vendor)s.", vendor=shown.name), "done")
        return redirect(url_for("people.sessions"), 303)
    flash(_("You are signed out."), "done")
    return redirect(url_for("people.sign_in", next=local_path(request.form.get("next"))), 303)


def in_frames(house: House, leaving: Leaving, ended: Iterable[SignIn]) -> Response | None:
    """The page whose frames sign the person out at vendors, where there are such registry."""
    frames = house.database.read(front_channel.addresses, ended, issuer=house.settings.issuer)
    if not frames:
        return None
    allow_frames_of(frames)
    page = render_template(
        "people/signed_out.html",
        party=party(leaving.vendor),
        address=leaving.address,
        frames=frames,
        here=visitor(house) is not None,
    )
    response = Response(page, mimetype="text/html")
    if leaving.address:
        response.headers["Refresh"] = f"{SECONDS_TO_TELL}; url={leaving.address}"
    return response


def party(vendor: Vendor | None) -> Party | None:
    return registry.party(vendor, vendor.redirect_uris[0], str(get_locale())) if vendor else None


ROUTES = (Route("/sign-out", sign_out, ("GET", "POST")),)
