"""What a persona prefers where it is not the usual. What vendors may have is said by rules, caps and terms instead."""

from collections.abc import Collection, Mapping
from typing import Final

from sqlalchemy import Connection, delete, insert, select

from wallet.languages import LANGUAGES
from wallet.people.tables import preferences

LANGUAGE: Final = "language"  # of the pages while this persona is shown (wallet.people.visitor)
ASKS_EACH_TIME: Final = "asks_each_time"  # how grants to new vendors begin (wallet.sharing.rules)
CHOICES: Final[Mapping[str, Collection[str]]] = {LANGUAGE: LANGUAGES, ASKS_EACH_TIME: ("yes",)}

_row = preferences.c


def of(db: Connection, *, person_id: str, persona_id: str) -> dict[str, str]:
    found = select(_row.name, _row.value).where(_row.person_id == person_id, _row.persona_id == persona_id)
    return dict(db.execute(found).all())


def preferred(db: Connection, name: str, *, person_id: str, persona_id: str) -> str | None:
    mine = (_row.person_id == person_id, _row.persona_id == persona_id, _row.name == name)
    value: str | None = db.execute(select(_row.value).where(*mine)).scalar_one_or_none()
    return value


def prefer(db: Connection, said: Mapping[str, str], *, person_id: str, persona_id: str) -> None:
    """Keep these in place of all before; what is no choice counts as not said."""
    db.execute(delete(preferences).where(_row.person_id == person_id, _row.persona_id == persona_id))
    for name, choices in CHOICES.items():
        if said.get(name) in choices:
            row = {"person_id": person_id, "persona_id": persona_id, "name": name, "value": said[name]}
            db.execute(insert(preferences).values(row))
