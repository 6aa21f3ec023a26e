"""A persona's picture: choose it, look at it, take it away; and the address at which a vendor finds it."""

import re

from flask import Response, abort, request
from flask_babel import gettext as _
from sqlalchemy import Connection

from vendor_api.routing import Route
from wallet.house import House
from wallet.people.personas import check_persona
from wallet.people.visitor import people_here, signed_in
from wallet.personas import picture_links, pictures
from wallet.personas.pages import done
from wallet.personas.pictures import BadPicture, PictureChanged

_MOMENT = re.compile(r"[0-9]{1,12}")


def picture(house: House, persona_id: str) -> Response:
    """For those who are signed in at this browser, each their own."""
    signed_in(house)
    of_each = (
        house.database.read(pictures.find, house.secrets, person_id=who.person_id, persona_id=persona_id)
        for who in people_here(house).values()
    )
    found = next(filter(None, of_each), None)
    if found is None:
        abort(404)
    return shown(found)


def keep_picture(house: House, persona_id: str) -> object:
    who, file = signed_in(house), request.files.get("picture")
    house.database.read(check_persona, person_id=who.person_id, persona_id=persona_id)
    if file is None or not file.filename:
        return done(persona_id, _("Choose a picture first."), "error")
    try:
        put(house, persona_id, pictures.encoded(file.read()))
    except (BadPicture, PictureChanged) as error:
        return done(persona_id, str(error), "error")
    return done(persona_id, _("Saved. Vendors see it only where you allow them your picture."))


def remove_picture(house: House, persona_id: str) -> object:
    house.database.read(check_persona, person_id=signed_in(house).person_id, persona_id=persona_id)
    try:
        put(house, persona_id, None)
    except PictureChanged as error:
        return done(persona_id, str(error), "error")
    return done(persona_id, _("Removed. Vendors who had its address find nothing there."))


def put(house: House, persona_id: str, new: bytes | None) -> None:
    """Raises PictureChanged."""
    whose = {"person_id": signed_in(house).person_id, "persona_id": persona_id}
    shown_at = request.form.get("seen", "")
    seen = int(shown_at) if _MOMENT.fullmatch(shown_at) else 0
    house.database.write(pictures.keep, house.secrets, new, **whose, seen=seen, now=house.clock())


def vendors_picture(house: House, token: str) -> Response:
    """What a vendor was given the address of. Without a sign-in: the address is all there is to know."""
    found = house.database.read(released, house, token)
    if found is None:
        abort(404)
    return shown(found)


def released(db: Connection, house: House, token: str) -> bytes | None:
    return picture_links.behind(db, house.secrets, token, now=house.clock())


def shown(found: bytes) -> Response:
    """No cache keeps it, and nobody can take it for a page."""
    headers = {"Cache-Control": "no-store", "Content-Disposition": "inline"}
    return Response(found, mimetype=pictures.media_type(found), headers=headers)


ROUTES = (
    Route("/personas/<persona_id>/picture", picture),
    Route("/personas/<persona_id>/picture", keep_picture, ("POST",)),
    Route("/personas/<persona_id>/picture/remove", remove_picture, ("POST",)),
    Route("/pictures/<token>", vendors_picture),
)
