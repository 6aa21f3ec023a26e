"""The pages on which a person makes ways back into their wallet: the kit on paper first."""

from typing import Any, Final

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Connection
from werkzeug import Response

from vendor_api.routing import Route
from wallet.house import House
from wallet.people import locking, presence
from wallet.people.errors import TooManyAttempts, WrongCredentials
from wallet.people.model import Visitor
from wallet.people.recovery import engine
from wallet.people.recovery.carried import draw, open_draft, seal_draft
from wallet.people.recovery.errors import DraftOver
from wallet.people.recovery.forms import SharesForm
from wallet.people.recovery.model import KIT, SHARES, Draft
from wallet.people.recovery.shown import asked_numbers, paper
from wallet.people.sessions import hold_presence
from wallet.people.visitor import browser, signed_in

PROVEN_FOR: Final = 900


def overview(house: House) -> str:
    """Shows, and changes nothing."""
    return page(house, SharesForm(formdata=None))


def page(house: House, form: SharesForm, **wrong: str) -> str:
    """`wrong` is what was wrong with the password that was typed for the kit or the shares."""
    shown = house.database.read(ways_shown, house, signed_in(house))
    return render_template(
        "recovery/index.html", nav="wallet", form=form, wrong=wrong, is_new="welcome" in request.args, **shown
    )


def ways_shown(db: Connection, house: House, who: Visitor) -> dict[str, Any]:
    """The ways there are, those of them that do not open the lock, and whether the password has to be asked for."""
    ways = engine.of_person(db, house.secrets, person_id=who.person_id)
    opening = locking.find_ways(db, person_id=who.person_id)
    unopening = set(ways) - set(opening) if opening else set()
    return {"ways": ways, "unopening": unopening, "asks": presence.lock_key(house, who) is None}


def prepare(house: House, who: Visitor, form: SharesForm, kind: str) -> Response | tuple[str, int] | None:
    """Who makes a way back has given their password lately and has a lock key that it can open; None once so.

    Where no password of now opens the lock, the way is made without.
    """
    if presence.lock_key(house, who) is not None:
        return prove_first(house, who)
    try:
        presence.prove_here(house, who, password=request.form.get("proof", ""), browser=browser())
    except (WrongCredentials, TooManyAttempts) as error:
        sentence = _("This is not your password.") if isinstance(error, WrongCredentials) else str(error)
        return page(house, form, **{kind: sentence}), error.status
    except locking.LockStaysShut:
        flash(
            _("These words will let you in, but open nothing that is locked: your password of now does not either."),
            "error",
        )
    return None


def prove_first(house: House, who: Visitor) -> Response | None:
    """Whoever finds an open browser can not make themselves a key: that takes a password given lately."""
    if house.clock() - who.auth_time < PROVEN_FOR:
        return None
    flash(_("Please give your password once more first. Then nobody else can do this in your place."), "error")
    return redirect(url_for("people.sign_in", next=request.form.get("back") or url_for("recovery.overview")), 303)


def draw_kit(house: House) -> Response | str | tuple[str, int]:
    """A new kit, which counts when its words were asked for."""
    who = signed_in(house)
    not_yet = prepare(house, who, SharesForm(formdata=None), KIT)
    if not_yet:
        return not_yet
    return house.database.read(drawn_kit, house, who)


def drawn_kit(db: Connection, house: House, who: Visitor) -> str:
    opens_lock = presence.lock_key(house, who) is not None
    draft = draw(db, person_id=who.person_id, kind=KIT, opens_lock=opens_lock, now=house.clock())
    return kit_page(house, draft, seal_draft(db, house.secrets, draft, who))


def kit_page(house: House, draft: Draft, carried: str) -> str:
    return render_template("recovery/kit.html", nav="wallet", paper=paper(house, draft, carried))


def show_kit(house: House) -> str:
    """Once more, before it counts."""
    draft, carried = carried_draft(house)
    return kit_page(house, draft, carried)


def carried_draft(house: House) -> tuple[Draft, str]:
    """What the form brings along. Raises DraftOver."""
    who, carried = signed_in(house), request.form.get("drawn", "")
    draft = house.database.read(open_draft, house.secrets, carried, who, now=house.clock())
    return draft, carried


def ask_kit(house: House) -> str:
    """Whether the person has it: three of its words, by number."""
    draft, carried = carried_draft(house)
    return render_template("recovery/ask.html", nav="wallet", drawn=carried, numbers=asked_numbers(draft), wrong=())


def confirm_kit(house: House) -> Response | tuple[str, int]:
    """The kit counts now, if the three words are right. Raises DraftOver and WayChangedMeanwhile."""
    who, (draft, carried) = signed_in(house), carried_draft(house)
    numbers, words = asked_numbers(draft), draft.shares[0].split()
    typed = {number: request.form.get(f"word_{number}", "").strip().casefold() for number in numbers}
    wrong = [number for number in numbers if typed[number] != words[number - 1]]
    if draft.kind != KIT or wrong:
        asked = {"drawn": carried, "numbers": numbers, "wrong": wrong, "typed": typed}
        return render_template("recovery/ask.html", nav="wallet", **asked), 422
    house.database.write(begin_to_count, house, who, draft)
    flash(_("Your recovery kit counts from now on. Put the paper where you keep what you must not lose."), "done")
    return redirect(url_for("recovery.overview"), 303)


def begin_to_count(db: Connection, house: House, who: Visitor, draft: Draft) -> None:
    """Raises DraftOver where this browser does not hold the lock key any more, and WayChangedMeanwhile."""
    lock_key = presence.lock_key(house, who)
    if draft.opens_lock and (lock_key is None or not hold_presence(db, who)):
        raise DraftOver
    opened = lock_key if draft.opens_lock else None
    engine.make(db, house.secrets, draft, person_id=who.person_id, lock_key=opened, now=house.clock())


def end_way(house: House) -> Response:
    """A kit or shares that got into wrong hands open nothing any more."""
    who, kind = signed_in(house), request.form.get("kind", "")
    if kind in {KIT, SHARES} and house.database.write(engine.end, person_id=who.person_id, kind=kind):
        flash(_("What is on these papers opens nothing any more."), "done")
    return redirect(url_for("recovery.overview"), 303)


def later(house: House) -> Response:
    house.database.write(engine.put_off, person_id=signed_in(house).person_id, now=house.clock())
    flash(_("We remind you again in 30 days. You find this under “My wallet” at any time."), "done")
    return redirect(url_for("data.index"), 303)


def seen(house: House) -> Response:
    house.database.write(engine.say_seen, person_id=signed_in(house).person_id)
    return redirect(url_for("people.sessions"), 303)


ROUTES = (
    Route("/recovery", overview),
    Route("/recovery/kit", draw_kit, ("POST",)),
    Route("/recovery/kit/show", show_kit, ("POST",)),
    Route("/recovery/kit/ask", ask_kit, ("POST",)),
    Route("/recovery/kit/confirm", confirm_kit, ("POST",)),
    Route("/recovery/end", end_way, ("POST",)),
    Route("/recovery/later", later, ("POST",)),
    Route("/recovery/seen", seen, ("POST",)),
)
