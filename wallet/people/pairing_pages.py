"""The pages of both devices: one is signed in and lets the other in."""

from typing import Any

import segno
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug import Response

from keys.opaque import digest
from vendor_api.routing import Route
from wallet.house import House
from wallet.people import pairing
from wallet.people.browser_names import browser_name
from wallet.people.errors import TooManyAttempts
from wallet.people.logins import login_digest
from wallet.people.pairing import Pairing
from wallet.people.recovery.pages import prove_first
from wallet.people.throttle import STRANGER, begin_attempt, forget_failures
from wallet.people.visitor import browser, let_in, signed_in

Page = Response | str | tuple[str, int]
LONGEST_CODE = 40


def another_device(house: House) -> str:
    """Shows, and changes nothing."""
    return first_page(house, None, None)


def first_page(house: House, token: str | None, found: Pairing | None, **more: Any) -> str:
    """On the device that is signed in."""
    shown: dict[str, Any] = {"token": token, "found": found, "login": signed_in(house).login}
    if token and found and found.state == pairing.SHOWN:
        address = house.settings.issuer.rstrip("/") + url_for("people.pair_link", token=token)
        made = segno.make(address, error="l", micro=False)
        shown |= {
            "qr": made.svg_inline(border=4, omitsize=True, dark="#000", light="#fff"),
            "code": pairing.code_of(house.secrets, token),
            "pair_page": house.settings.issuer.rstrip("/") + url_for("people.pair"),
        }
    return render_template("people/another_device.html", nav="wallet", **shown | more)


def begin_pairing(house: House) -> Response | str:
    who = signed_in(house)
    needs_proof = prove_first(house, who)
    if needs_proof:
        return needs_proof
    token = house.database.write(pairing.begin, house.secrets, who, now=house.clock())
    return first_page(house, token, look(house, token))


def look(house: House, token: str) -> Pairing | None:
    return house.database.read(pairing.find, house.secrets, token, now=house.clock())


def own(house: House) -> tuple[str, Pairing | None]:
    """What the form of the first device names, if it is this person's."""
    token = request.form.get("token", "")
    found = look(house, token)
    return token, found if found and found.person_id == signed_in(house).person_id else None


def check_pairing(house: House) -> str:
    """Has the other device opened the link?"""
    token, found = own(house)
    return first_page(house, token, found, over=found is None)


def allow_pairing(house: House) -> Page:
    """Let it in, if the number is the one it shows."""
    who, (token, found) = signed_in(house), own(house)
    number = request.form.get("number", "").strip()[:8]
    if found and house.database.write(pairing.allow, who, found, number=number, now=house.clock()):
        flash(_("Done. The other device is signed in as soon as it goes on."), "done")
        return redirect(url_for("people.sessions"), 303)
    return first_page(house, token, None, over=True, wrong=found is not None), 422


def stop_pairing(house: House) -> Response:
    who, (_token, found) = signed_in(house), own(house)
    if found:
        house.database.write(pairing.stop, who, found)
    flash(_("Stopped. Nobody comes in by this link."), "done")
    return redirect(url_for("people.sessions"), 303)


def pair_link(house: House, token: str) -> Page:
    """On the second device: a GET says whose wallet it is, a POST goes on."""
    found = look(house, token)
    if found is None or (found.state != pairing.SHOWN and found.opened_by != digest(browser())):
        return second_page(None), 410
    if request.method == "POST":
        return opened(house, found)
    return render_template("people/pair_link.html", login=found.login, token=token)


def pair(house: House) -> Page:
    """On the second device, where the link can not be scanned: login and code."""
    if request.method != "POST":
        return render_template("people/pair.html", error=None, login="")
    login, code = request.form.get("login", ""), request.form.get("code", "")[:LONGEST_CODE]
    typed = login_digest(house.secrets, login)
    counted = {"login_digest": digest(f"pairing {typed}"), "device": STRANGER}
    try:
        house.database.write(begin_attempt, **counted, now=house.clock())
    except TooManyAttempts as too_many:
        error = _("Too many codes that were not right. Wait a little, then try again; the longest wait is 15 minutes.")
        return render_template("people/pair.html", error=error, login=login), too_many.status
    found = house.database.read(pairing.find_by_code, house.secrets, login_digest=typed, code=code, now=house.clock())
    if found is None:
        error = _("No device shows this code for this login. Compare both; the code counts for five minutes.")
        return render_template("people/pair.html", error=error, login=login), 422
    house.database.write(forget_failures, **counted)
    return opened(house, found)


def opened(house: House, found: Pairing) -> Page:
    guest = house.database.write(pairing.open_it, house.secrets, found, **here(), now=house.clock())
    if guest is None:
        return second_page(None), 410
    return second_page(found, guest)


def second_page(found: Pairing | None, guest: str = "") -> str:
    return render_template("people/pair_wait.html", found=found, guest=guest)


def check_guest(house: House) -> Page:
    """Has the first device let this one in?"""
    guest, browser_digest = request.form.get("guest", ""), digest(browser())
    found = house.database.read(
        pairing.find_as_guest, house.secrets, guest, browser_digest=browser_digest, now=house.clock()
    )
    if found is None or found.state == pairing.OVER:
        return second_page(None), 410
    if found.state != pairing.ALLOWED:
        return second_page(found, guest)
    token = house.database.write(pairing.enter, house.secrets, found, **here(), now=house.clock())
    if token is None:
        return second_page(None), 410
    let_in(house, token)
    flash(_("You are signed in as %(login)s.", login=found.login), "done")
    return redirect(url_for("data.index"), 303)


def here() -> dict[str, Any]:
    """This browser, by its digest and what it calls itself."""
    return {"browser_digest": digest(browser()), "browser": browser_name(request.user_agent.string)}


ROUTES = (
    Route("/wallet/device", another_device),
    Route("/wallet/device/begin", begin_pairing, ("POST",)),
    Route("/wallet/device/check", check_pairing, ("POST",)),
    Route("/wallet/device/allow", allow_pairing, ("POST",)),
    Route("/wallet/device/stop", stop_pairing, ("POST",)),
    Route("/pair", pair, ("GET", "POST")),
    Route("/pair/check", check_guest, ("POST",)),
    Route("/pair/<token>", pair_link, ("GET", "POST")),
)
