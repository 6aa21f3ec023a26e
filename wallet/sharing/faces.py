"""On a vendor's page: which persona it knows, and which one answers what it asks anew."""

from flask import request
from flask_babel import gettext as _
from sqlalchemy import Connection
from werkzeug import Response

from consent.model import Grant
from vendor_api.routing import Route
from wallet.house import House
from wallet.people.model import Visitor
from wallet.people.personas import of_person, shown_name
from wallet.personas import kept_for
from wallet.sharing.changes import change


def faces_at(db: Connection, house: House, visitor: Visitor, client_id: str) -> dict[str, object]:
    """For the vendor's page of who has several personas: their names, which one is shown, and which one is kept."""
    found = of_person(db, house.secrets, person_id=visitor.person_id)
    if len(found) == 1:
        return {"known_as": None, "faces": [], "kept_for": None}
    names = [(face.persona_id, shown_name(face)) for face in found]
    kept = kept_for.kept_for(db, person_id=visitor.person_id, client_id=client_id)
    return {"known_as": dict(names)[visitor.persona_id], "faces": names, "kept_for": kept}


def keep_persona(house: House, grant_id: str) -> Response:
    """Take which persona this vendor's new questions are answered as. Raises UnknownPersona."""
    return change(house, grant_id, set_persona, _("Saved. What it may read already stays as it is."))


def set_persona(db: Connection, _house: House, grant: Grant, *, now: int) -> None:
    del now
    persona_id = request.form.get("persona") or None
    whose = {"person_id": grant.person_id, "client_id": grant.party.client_id}
    kept_for.keep(db, **whose, persona_id=persona_id)


ROUTES = (Route("/vendors/<grant_id>/persona", keep_persona, ("POST",)),)
