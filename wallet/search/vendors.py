"""Find vendors, by what they are called and by their hosts."""

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import Connection

from keys.secrets import HostSecrets
from wallet.people.personas import of_person, shown_name
from wallet.search.answered import Answered, named
from wallet.search.hits import Hit
from wallet.search.words import Words


def find(
    db: Connection, secrets: HostSecrets, *, person_id: str, persona_id: str, words: Words, limit: int
) -> list[Hit]:
    found = named(db, words, person_id=person_id, persona_id=persona_id)[:limit]
    faces = {face.persona_id: shown_name(face) for face in of_person(db, secrets, person_id=person_id)}
    return [Hit(one.name, url(one, persona_id, faces), one.host, note(one, persona_id, faces)) for one in found]


def url(one: Answered, shown: str, faces: dict[str, str]) -> str:
    """Another persona's is opened as that persona; of one that is no more there is what is left."""
    if one.persona_id == shown:
        return url_for("sharing.vendor", grant_id=one.grant_id)
    return url_for("people.accounts") if one.persona_id in faces else url_for("erasing.erased")


def note(one: Answered, shown: str, faces: dict[str, str]) -> str | None:
    if one.persona_id == shown:
        return _("ended") if one.ended_at is not None else None
    if one.persona_id in faces:
        return _("of your persona %(name)s", name=faces[one.persona_id])
    return _("of an erased persona")
