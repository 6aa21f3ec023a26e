"""The page on which a person types the code a device shows (RFC 8628 section 3.3). It only leads to the question."""

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Connection
from werkzeug import Response

from consent import asks
from consent.model import Ask
from vendor_api.oauth import device_codes
from vendor_api.oauth.device import VERIFICATION_PATH, ask_of
from vendor_api.routing import Route
from wallet.house import House
from wallet.languages import language
from wallet.people.errors import TooManyAttempts
from wallet.people.model import Visitor
from wallet.people.throttle import begin_attempt, take_back
from wallet.people.visitor import browser, signed_in

LONGEST_CODE = 40


def device(house: House) -> Response | str | tuple[str, int]:
    """Show the form, filled in where a link brought the code along; only sending it counts (section 5.4)."""
    visitor = signed_in(house)
    given = request.values.get("user_code", "")[:LONGEST_CODE]
    if request.method != "POST":
        return render_template("sharing/device.html", given=given, error=None)
    try:
        ask = house.database.write(asked_by_device, house, visitor, given, browser=browser(), language=language())
    except TooManyAttempts as too_many:
        error = _("Too many codes that were not right. Wait a little, then try again; the longest wait is 15 minutes.")
        return render_template("sharing/device.html", given=given, error=error), too_many.status
    if ask is None:
        error = _("No device is waiting with this code. Compare it with the device; it counts for ten minutes.")
        return render_template("sharing/device.html", given=given, error=error), 422
    return redirect(url_for("sharing.consent", ask_id=ask.ask_id), 303)


def asked_by_device(
    db: Connection, house: House, visitor: Visitor, given: str, *, browser: str, language: str
) -> Ask | None:
    """What the device with this code asks, kept for this browser; None if there is no such device.

    Counts the attempt before it looks (section 5.1). Raises TooManyAttempts.
    """
    now, counted = house.clock(), {"login_digest": visitor.person_id, "device": "user_code"}
    begin_attempt(db, **counted, now=now)
    waiting = device_codes.claim(db, house.secrets, given, person_id=visitor.person_id, now=now)
    if waiting is None:
        return None
    take_back(db, **counted)
    new = ask_of(waiting, house.settings.issuer, language)
    return asks.keep(db, new, browser=browser, until=waiting.expires_at, now=now)


ROUTES = (Route(VERIFICATION_PATH, device, ("GET", "POST")),)
