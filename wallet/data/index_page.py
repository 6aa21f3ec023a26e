"""The page of all values: what is filled first, what could be beside it folded, and a field that finds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask import render_template, request
from sqlalchemy import Connection

from consent import granted
from vendor_api.routing import Route
from wallet.data.attributes import attributes_of
from wallet.data.catalogue import CATALOGUE, EVERYBODYS, GROUPS
from wallet.data.engine import current_values
from wallet.data.known import worked_out
from wallet.data.lines import Line, language, line
from wallet.data.model import Attribute
from wallet.house import House
from wallet.people import presence
from wallet.people.model import Visitor
from wallet.people.personas import of_person, shown_name
from wallet.people.visitor import signed_in


@dataclass(frozen=True, slots=True)
class Group:
    """`filled` stands on the page; `folded` behind one line, and so do `blanks`, which have nothing to show."""

    key: str
    title: str
    filled: list[Line]
    folded: list[Line]
    blanks: list[Line]

    def __len__(self) -> int:
        return len(self.filled) + len(self.folded) + len(self.blanks)


def index(house: House) -> str:
    who = signed_in(house)
    wanted = request.args.get("q", "").strip()
    lines = [one for one in house.database.read(lines_of, house, who) if wanted.casefold() in one[1].label.casefold()]
    faces = house.database.read(of_person, house.secrets, person_id=who.person_id)
    names = {face.persona_id: shown_name(face) for face in faces}
    groups = [group_of(key, [found for of, found in lines if of == key]) for key in GROUPS]
    return render_template(
        "data/index.html",
        groups=[group for group in groups if group.filled or group.folded],
        empty=[group for group in groups if group.blanks and not group.filled and not group.folded],
        is_new=not any(group.filled for group in groups) and not wanted,
        wanted=wanted,
        names=names,
        nav="data",
    )


def lines_of(db: Connection, house: House, who: Visitor) -> list[tuple[str, Line]]:
    """Each with the group it stands in. Predicates about records are worked out on pages of their own."""
    place = {"person_id": who.person_id, "persona_id": who.persona_id}
    offered = shown(attributes_of(db, house.secrets, person_id=who.person_id))
    values = current_values(db, house.secrets, **place, lock_key=presence.lock_key(house, who))
    quick = {name: one.fact for name, one in offered.items() if one.fact and isinstance(one.fact.of, str)}
    values |= worked_out(db, house.secrets, quick, values, **place, totals=house.totals, now=house.clock())
    shared = granted.shared_with(db, **place, now=house.clock())
    return [(one.group, line(one, values.get(name), shared.get(name, 0))) for name, one in offered.items()]


def shown(attributes: Mapping[str, Attribute]) -> dict[str, Attribute]:
    """Of all the ages somebody could ask about, the usual ones."""
    return {name: one for name, one in attributes.items() if name in CATALOGUE or name not in EVERYBODYS}


def group_of(key: str, lines: Iterable[Line]) -> Group:
    english, german = GROUPS[key]
    filled: list[Line] = []
    folded: list[Line] = []
    blanks: list[Line] = []
    for one in lines:
        has = one.value_text is not None
        (folded if has and one.name in EVERYBODYS and one.is_fact else filled if has else blanks).append(one)
    return Group(key, german if language() == "de" else english, filled, folded, blanks)


ROUTES = (Route("/data", index),)
