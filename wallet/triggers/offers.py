"""What there is to choose from when a trigger is made: what it can look at, and what it can release."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask_babel import lazy_gettext as _l
from sqlalchemy import Connection

from consent.model import Grant, carries_data
from wallet.channels import reaching
from wallet.channels.kinds import in_order
from wallet.channels.model import Title
from wallet.data.attributes import attributes_of
from wallet.data.kinds import NUMBERS
from wallet.data.model import Attribute
from wallet.house import House
from wallet.records import engine as records
from wallet.records.model import Column, DataSet
from wallet.triggers.units import family


@dataclass(frozen=True, slots=True)
class Offer:
    """`things`: what it can look at, by what the page sends; `names` of attributes and data sets for sentences.

    `channels` are all there are, our own and those of plug-ins; "" leaves it to the contact policy.
    """

    things: Mapping[str, str] = field(repr=False)
    columns: Mapping[str, Column] = field(repr=False)
    releasable: Mapping[str, str] = field(repr=False)
    names: Mapping[str, str] = field(repr=False)
    channels: Mapping[str, Title]

    @property
    def units(self) -> list[str]:
        """Every unit that one of the columns can be turned into."""
        return sorted({unit for column in self.columns.values() for unit in family(column.unit) if unit})


def offered(db: Connection, house: House, grant: Grant, kind: str, language: str) -> Offer:
    place = {"person_id": grant.person_id, "persona_id": grant.persona_id}
    attributes = attributes_of(db, house.secrets, person_id=grant.person_id)
    sets = [one for one in records.of_persona(db, house.secrets, **place) if one.shape.date is not None]
    columns = columns_of(sets)
    labels = {name: one.label(language) for name, one in attributes.items()}
    releasable = {name: labels.get(name, name) for name in sorted(grant.attributes) if carries_data(name)}
    releasable |= {name: labels[name] for name, one in attributes.items() if one.fact is not None and one.is_own}
    names = labels | {one.data_set_id: one.name for one in sets}
    kinds = reaching.offered(house)
    channels = {"": _l("As I said for this vendor")} | {kind: kinds[kind].title for kind in in_order(kinds)}
    return Offer(things(kind, attributes, sets, columns, labels), columns, releasable, names, channels)


def columns_of(sets: list[DataSet]) -> dict[str, Column]:
    return {f"{one.data_set_id}/{place}": one.shape.columns[place] for one in sets for place in one.shape.numeric}


def things(
    kind: str,
    attributes: Mapping[str, Attribute],
    sets: list[DataSet],
    columns: Mapping[str, Column],
    labels: Mapping[str, str],
) -> dict[str, str]:
    if kind == "reach":
        called = {one.data_set_id: one.name for one in sets}
        return {of: f"{called[of.split('/')[0]]}: {column.name}" for of, column in columns.items()}
    if kind == "silence":
        return {one.data_set_id: one.name for one in sets}
    wanted = {"level": NUMBERS, "before": ("date",)}.get(kind)
    return {
        name: labels[name]
        for name, one in attributes.items()
        if one.fact is None and (wanted is None or one.kind in wanted)
    }
