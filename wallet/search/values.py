"""Find among one's own data: labels and values of the persona shown, and values of the others by their names."""

from collections.abc import Iterator
from datetime import date
from itertools import islice

from babel.dates import format_date
from babel.numbers import format_decimal
from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import Connection

from keys.secrets import HostSecrets
from wallet.data import figures
from wallet.data.attributes import attributes_of
from wallet.data.engine import current_values
from wallet.data.kinds import DATES, said, value_text
from wallet.data.model import Attribute, Json
from wallet.languages import language
from wallet.people.personas import of_person, shown_name
from wallet.search.hits import Hit
from wallet.search.words import Words


def find(
    db: Connection, secrets: HostSecrets, *, person_id: str, persona_id: str, words: Words, limit: int
) -> list[Hit]:
    attributes = attributes_of(db, secrets, person_id=person_id)
    faces = of_person(db, secrets, person_id=person_id)

    def look() -> Iterator[Hit]:
        for face in sorted(faces, key=lambda face: face.persona_id != persona_id):
            shown = face.persona_id == persona_id
            found = current_values(db, secrets, person_id=person_id, persona_id=face.persona_id)
            for name, attribute in attributes.items():
                value = found[name].value if name in found else None
                closed = name in found and value is None
                if (value is not None or closed or shown) and is_found(words, attribute, value):
                    yield hit(attribute, value, None if shown else (face.persona_id, shown_name(face)), closed=closed)

    return list(islice(sorted(look(), key=lambda one: one.text is None), limit))


def is_found(words: Words, attribute: Attribute, value: Json | None) -> bool:
    typed = () if value is None else spellings(attribute, value)
    return words.found_in(attribute.label_en, attribute.label_de, attribute.name, *typed)


def hit(attribute: Attribute, value: Json | None, other: tuple[str, str] | None, *, closed: bool) -> Hit:
    """`other` is the persona that has the value, where it is not the one that is shown."""
    return Hit(
        title=attribute.label(language()),
        text=_("locked") if closed else None if value is None else said(attribute, value, language()),
        note=_("of your persona %(name)s", name=other[1])
        if other
        else None
        if value is not None or closed
        else _("not entered yet"),
        url=url_for("data.attribute", name=attribute.name, persona=other[0] if other else None),
    )


def spellings(attribute: Attribute, value: Json) -> tuple[str, ...]:
    """As it is kept, as the page shows it, and as numbers and days are typed in the page's language."""
    plain = value_text(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return plain, format_decimal(value, locale=language())
    if attribute.kind in DATES and figures.is_full_date(value):
        at = date.fromisoformat(plain)
        return plain, *(format_date(at, form, locale=language()) for form in ("short", "medium", "long"))
    return (plain,)
