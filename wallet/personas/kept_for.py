"""Which persona answers what a vendor asks anew. What it was granted before stays with the persona that granted it."""

from sqlalchemy import Connection, delete, insert, select

from wallet.people.personas import check_persona
from wallet.personas.tables import vendor_personas

_row = vendor_personas.c


def kept_for(db: Connection, *, person_id: str, client_id: str) -> str | None:
    """The id of the persona, None where whoever is shown answers."""
    found = select(_row.persona_id).where(_row.person_id == person_id, _row.client_id == client_id)
    persona_id: str | None = db.execute(found).scalar_one_or_none()
    return persona_id


def keep(db: Connection, *, person_id: str, client_id: str, persona_id: str | None) -> None:
    """From now on, or (None) no longer. Raises UnknownPersona."""
    if persona_id is not None:
        check_persona(db, person_id=person_id, persona_id=persona_id)
    db.execute(delete(vendor_personas).where(_row.person_id == person_id, _row.client_id == client_id))
    if persona_id is not None:
        db.execute(insert(vendor_personas).values(person_id=person_id, client_id=client_id, persona_id=persona_id))
