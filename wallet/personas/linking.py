"""Say when a value that two personas have together would tell a vendor that both are the same person."""

from collections.abc import Iterable

from sqlalchemy import Connection

from consent import grants
from consent.model import Ask
from wallet.data import inheritance
from wallet.data.model import Attribute
from wallet.people.model import Persona, Visitor


def linked_by(
    db: Connection, who: Visitor, ask: Ask, attributes: Iterable[Attribute], faces: Iterable[Persona], *, now: int
) -> list[tuple[Attribute, Persona]]:
    """What this vendor reads of another persona already, and would read here as the very same value.

    No statement for who has one persona, one where nothing is taken from another.
    """
    others = {face.persona_id: face for face in faces if face.persona_id != who.persona_id}
    telling = {one.name: one for one in attributes if one.recognisable and one.name in ask.attributes}
    if not others or not telling:
        return []
    same = inheritance.same_values(db, telling, person_id=who.person_id, persona_id=who.persona_id)
    if not same:
        return []
    known = grants.of_vendor(db, person_id=who.person_id, client_id=ask.party.client_id)
    return [
        (telling[name], others[grant.persona_id])
        for grant, _cover in known
        if grant.is_live(now)
        for name in telling
        if name in grant.attributes and grant.persona_id in same.get(name, ())
    ]
