"""Lock a value, so that it can be read only while its person is here; and end that."""

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Connection
from werkzeug import Response

from vendor_api.routing import Route
from wallet.backup import keyring
from wallet.data import locks
from wallet.data.attributes import find_attribute
from wallet.data.forms import value_form
from wallet.data.lines import language
from wallet.data.model import Attribute
from wallet.data.pages import attribute_page
from wallet.deposits.forgetting import forget
from wallet.errors import WalletError
from wallet.house import House
from wallet.people import presence
from wallet.people.errors import TooManyAttempts, WrongCredentials
from wallet.people.locking import LockGone, LockStaysShut
from wallet.people.model import Visitor
from wallet.people.sessions import hold_presence
from wallet.people.visitor import acting, browser


def lock(house: House, name: str) -> Response | tuple[str, int]:
    """Takes the password of who is not present yet."""
    who = acting(house)
    found = house.database.read(find_attribute, house.secrets, person_id=who.person_id, name=name)
    try:
        if presence.lock_key(house, who) is None:
            _prove(house, who)
        house.database.write(_lock, house, who, place=_place(who, found), lock_key=presence.lock_key(house, who))
    except (WrongCredentials, TooManyAttempts, LockStaysShut, LockGone) as error:
        return _again(house, who, found, error)
    leave_no_trace(house)
    flash(_("Locked. From now on it can be read only while you are here."), "done")
    return redirect(url_for("data.attribute", name=found.name, persona=request.values.get("persona")), 303)


def unlock(house: House, name: str) -> Response:
    """Only for who is present."""
    who = acting(house)
    found = house.database.read(find_attribute, house.secrets, person_id=who.person_id, name=name)
    here = url_for("data.attribute", name=found.name, persona=request.values.get("persona"))
    lock_key = presence.lock_key(house, who)
    if lock_key is None:
        return redirect(url_for("people.sign_in", next=here), 303)
    house.database.write(locks.unlock, house.secrets, place=_place(who, found), lock_key=lock_key)
    keyring.rewrite(house)
    flash(_("No longer locked. Vendors who may read it can do so at any time."), "done")
    return redirect(here, 303)


def give_up(house: House, name: str) -> Response:
    """For who can not open it any more: the value goes with its history."""
    who = acting(house)
    found = house.database.read(find_attribute, house.secrets, person_id=who.person_id, name=name)
    if house.database.write(locks.give_up, place=_place(who, found)):
        leave_no_trace(house)
        flash(_("Given up. You can enter it anew."), "done")
    return redirect(url_for("data.attribute", name=found.name, persona=request.values.get("persona")), 303)


def leave_no_trace(house: House) -> None:
    """Neither here nor in the keyring beside the backups is a key of what lay there before."""
    house.database.leave_no_trace()
    keyring.rewrite(house)


def _prove(house: House, who: Visitor) -> None:
    """Raises WrongCredentials, TooManyAttempts, LockStaysShut."""
    password = request.form.get("password", "")
    try:
        presence.prove_here(house, who, password=password, browser=browser())
    except LockStaysShut:
        whose = {"person_id": who.person_id, "besides": who.session_digest}
        if not house.database.write(locks.drop_unused, **whose):
            raise
        presence.settle(house, who, password=password)


def _lock(db: Connection, house: House, who: Visitor, *, place: dict[str, str], lock_key: bytes | None) -> None:
    """The value, and what deposits kept of it. Raises LockGone and NothingToLock."""
    if lock_key is None or not hold_presence(db, who):
        raise LockGone
    locks.lock(db, house.secrets, place=place, lock_key=lock_key)
    forget(db, house.secrets, **place)


def _again(house: House, who: Visitor, attribute: Attribute, error: WalletError) -> tuple[str, int]:
    return attribute_page(house, who, attribute, value_form(attribute, language()), wrong=str(error)), error.status


def _place(who: Visitor, attribute: Attribute) -> dict[str, str]:
    return {"person_id": who.person_id, "persona_id": who.persona_id, "attribute": attribute.name}


ROUTES = (
    Route("/data/<name>/lock", lock, ("POST",)),
    Route("/data/<name>/unlock", unlock, ("POST",)),
    Route("/data/<name>/give-up", give_up, ("POST",)),
)
