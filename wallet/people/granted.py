"""What the persona at the door granted, and by whose key it signs."""

from sqlalchemy import Connection

from consent import grants
from consent.changes import Signs
from consent.errors import UnknownGrant
from consent.model import Grant
from wallet.house import House
from wallet.people import personas
from wallet.people.model import Visitor


def own_grant(db: Connection, visitor: Visitor, grant_id: str) -> Grant:
    """A grant of the persona that is signed in. Raises UnknownGrant, so that one persona does not speak for another."""
    grant = grants.find(db, grant_id, person_id=visitor.person_id)
    if grant.persona_id != visitor.persona_id:
        raise UnknownGrant("there is no such grant")
    return grant


def signs(db: Connection, house: House, who: Grant | Visitor) -> Signs:
    """By whose key this persona signs. Raises UnknownPersona."""
    face = personas.face(db, house.secrets, person_id=who.person_id, persona_id=who.persona_id)
    return Signs(face, house.settings.issuer)
