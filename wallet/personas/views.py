"""What the personas' pages show, gathered from personas, values and grants."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from consent import grants
from wallet.data import inheritance
from wallet.data.attributes import attributes_of
from wallet.house import House
from wallet.people import personas, preferences
from wallet.people.errors import UnknownPersona
from wallet.people.model import Persona, Visitor


@dataclass(frozen=True, slots=True)
class Card:
    """One persona among all of a person's; `values` and `vendors` are numbers."""

    persona_id: str
    name: str
    is_default: bool
    is_shown: bool
    values: int
    vendors: int


@dataclass(frozen=True, slots=True)
class Takeable:
    """An attribute that could be taken; `version` is what this persona has now, 0 where it has none."""

    name: str
    label: str
    version: int


@dataclass(frozen=True, slots=True)
class Taken:
    name: str
    label: str
    version: int
    source: str


@dataclass(frozen=True, slots=True)
class Source:
    persona_id: str
    name: str
    attributes: tuple[Takeable, ...]


def cards(db: Connection, house: House, visitor: Visitor) -> list[Card]:
    person_id = visitor.person_id
    values = inheritance.numbers(db, person_id=person_id)
    vendors = grants.vendors_by_persona(db, person_id=person_id, now=house.clock())
    faces = personas.of_person(db, house.secrets, person_id=person_id)
    return [
        Card(
            face.persona_id,
            personas.shown_name(face),
            face.is_default,
            face.persona_id == visitor.persona_id,
            values.get(face.persona_id, 0),
            vendors.get(face.persona_id, 0),
        )
        for face in faces
    ]


def named(db: Connection, house: House, person_id: str) -> dict[str, Persona]:
    """All personas of a person by their ids, the oldest first."""
    return {face.persona_id: face for face in personas.of_person(db, house.secrets, person_id=person_id)}


def persona_page(db: Connection, house: House, visitor: Visitor, persona_id: str, language: str) -> dict[str, Any]:
    """Raises UnknownPersona."""
    found = named(db, house, visitor.person_id)
    if persona_id not in found:
        raise UnknownPersona
    labels = {
        name: attribute.label(language)
        for name, attribute in attributes_of(db, house.secrets, person_id=visitor.person_id).items()
    }
    return {
        "face": found[persona_id],
        "preferred": preferences.of(db, person_id=visitor.person_id, persona_id=persona_id),
        "card": next(card for card in cards(db, house, visitor) if card.persona_id == persona_id),
        "taken": taken(db, found, labels, person_id=visitor.person_id, persona_id=persona_id),
        "sources": sources(db, found, labels, person_id=visitor.person_id, persona_id=persona_id),
    }


def taken(
    db: Connection, faces: Mapping[str, Persona], labels: Mapping[str, str], *, person_id: str, persona_id: str
) -> list[Taken]:
    """What this persona takes from others."""
    found = inheritance.taken_from(db, person_id=person_id, persona_id=persona_id)
    return [
        Taken(name, label, found[name].version, personas.shown_name(faces[found[name].source]))
        for name, label in labels.items()
        if name in found
    ]


def sources(
    db: Connection, faces: Mapping[str, Persona], labels: Mapping[str, str], *, person_id: str, persona_id: str
) -> list[Source]:
    """What this persona could take, by the persona that has it."""
    whose = {"person_id": person_id, "persona_id": persona_id}
    has = inheritance.own_versions(db, **whose)
    already = inheritance.taken_from(db, **whose)
    given = inheritance.given(db, **whose)
    offered = []
    for face in faces.values():
        if face.persona_id == persona_id:
            continue
        theirs = inheritance.own_versions(db, person_id=person_id, persona_id=face.persona_id)
        attributes = [
            Takeable(name, label, already[name].version if name in already else has.get(name, 0))
            for name, label in labels.items()
            if name in theirs and name not in given
            if name not in already or already[name].source != face.persona_id
        ]
        offered.append(Source(face.persona_id, personas.shown_name(face), tuple(attributes)))
    return [source for source in offered if source.attributes]
