"""What pages about sharing show of the person themself: attributes, values, and what an item asks of them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import Connection

from consent import grants
from consent.errors import UnknownGrant
from consent.model import CONTACT, DEPOSIT, PUBLIC, WHILE_AWAY, Grant, Item
from consent.purposes import purpose_of
from wallet.data.attributes import attributes_of
from wallet.data.engine import current_values
from wallet.data.kinds import said
from wallet.data.known import summed, worked_out
from wallet.data.model import Attribute, Total, Value
from wallet.data.said import how
from wallet.house import House, Summed
from wallet.people import presence
from wallet.people.errors import UnknownPersona
from wallet.people.model import Visitor
from wallet.people.personas import check_persona
from wallet.personas import pictures
from wallet.personas.picture_links import PICTURE
from wallet.sharing.limits import limits_said

DAY = 24 * 3600
NO_TOPICS: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Own:
    """A person's attributes and values, as one read found them."""

    attributes: Mapping[str, Attribute]
    values: Mapping[str, Value]
    language: str
    persona_id: str
    summed: Mapping[Total, Summed]

    def label(self, name: str, topics: Mapping[str, str] = NO_TOPICS) -> str:
        """`topics`: what the vendor calls them."""
        if name == WHILE_AWAY:
            return _("Access while you are away")
        if name == PUBLIC:
            return _("The same number as elsewhere")
        if name == DEPOSIT:
            return _("Handing data back to you")
        if name.startswith(CONTACT):
            topic = name.removeprefix(CONTACT)
            return _("Writing to you about “%(topic)s”", topic=topics.get(topic, topic))
        found = self.attributes.get(name)
        return found.label(self.language) if found else name

    def item_label(self, item: Item) -> str:
        """A topic by the name under which it was asked for."""
        return self.label(
            item.attribute, {item.attribute.removeprefix(CONTACT): item.purpose} if item.purpose else NO_TOPICS
        )

    def is_locked(self, name: str) -> bool:
        return name in self.values and self.values[name].lock != ""

    def is_closed(self, name: str) -> bool:
        return name in self.values and self.values[name].is_closed

    def text(self, name: str) -> str | None:
        if name == WHILE_AWAY:
            return _("also when you are not signed in here")
        if name == PUBLIC:
            return _("all you allow this know you by one number, and can find out that you are the same person")
        if name == DEPOSIT:
            return _("what it knows of you, such as readings or bills; you see it first, and keep what you want")
        if name.startswith(CONTACT):
            return _("into your inbox, until you say otherwise; it learns no address of yours")
        value = self.values.get(name)
        if value is None:
            return None
        return _("locked") if value.value is None else said(self.attributes.get(name), value.value, self.language)

    def from_what(self, name: str) -> str | None:
        """For a predicate, what it is worked out from and how."""
        found = self.attributes.get(name)
        return how(found.fact, self.attributes, self.language, self.summed) if found and found.fact else None

    def missing(self, name: str) -> str | None:
        """The attribute to enter before there is anything to share under this name; None if the person has none."""
        found = self.attributes.get(name)
        source = found.fact.of if found and found.fact else name
        of = source if isinstance(source, str) else name
        return of if of in self.attributes else None


@dataclass(frozen=True, slots=True)
class ItemView:
    name: str
    label: str
    value_text: str | None
    purpose: str | None
    required: bool
    sensitive: bool
    recognisable: bool
    shared_already: bool
    locked: bool
    add_url: str
    limits: list[str]
    terms_url: str | None
    purpose_type: tuple[str, str] | None
    from_what: str | None


def own(db: Connection, house: House, visitor: Visitor, language: str, *, facts: Collection[str] = ()) -> Own:
    """With the answers of these predicates."""
    place = {"person_id": visitor.person_id, "persona_id": visitor.persona_id}
    values = current_values(db, house.secrets, **place, attributes=None, lock_key=presence.lock_key(house, visitor))
    attributes = attributes_of(db, house.secrets, person_id=visitor.person_id)
    asked = {name: found.fact for name in facts if (found := attributes.get(name)) and found.fact}
    answers = worked_out(db, house.secrets, asked, values, **place, totals=house.totals, now=house.clock())
    about = summed(db, house.secrets, asked.values(), **place, called=house.called)
    if PICTURE not in values:
        values |= own_picture(db, visitor)
    return Own(attributes, values | answers, language, visitor.persona_id, about)


def own_picture(db: Connection, visitor: Visitor) -> dict[str, Value]:
    """The persona's picture as the value that vendors get of it."""
    chosen_at = pictures.chosen_at(db, person_id=visitor.person_id, persona_id=visitor.persona_id)
    said = _("the picture of this persona, at an address for this vendor alone")
    return {} if chosen_at is None else {PICTURE: Value(PICTURE, said, 0, chosen_at)}


def item_view(item: Item, mine: Own, *, shared: Collection[str], back: str) -> ItemView:
    known = mine.attributes.get(item.attribute)
    missing = mine.missing(item.attribute)
    page = "data.attribute" if missing else "data.new_attribute"
    add = url_for(page, name=missing or item.attribute, next=back, persona=mine.persona_id)
    return ItemView(
        name=item.attribute,
        label=mine.item_label(item),
        value_text=mine.text(item.attribute),
        purpose=item.purpose,
        required=item.required,
        sensitive=known.is_sensitive if known else False,
        recognisable=known.recognisable if known else item.attribute == PUBLIC,
        shared_already=item.attribute in shared,
        locked=mine.is_locked(item.attribute),
        add_url=add,
        limits=limits_said(item.in_force),
        terms_url=item.terms.uri if item.terms else None,
        purpose_type=said_type(item, mine.language) if item.purpose_type else None,
        from_what=mine.from_what(item.attribute),
    )


def said_type(item: Item, language: str) -> tuple[str, str]:
    """The kind of purpose by its label, and what it means."""
    purpose = purpose_of(item.purpose_type)
    return purpose.label(language), purpose.meaning(language)


def readable_grant(db: Connection, visitor: Visitor, grant_id: str) -> Grant:
    """The same, or one of a persona that is no more, which whoever is shown reads about. Raises UnknownGrant."""
    grant = grants.find(db, grant_id, person_id=visitor.person_id)
    if grant.persona_id == visitor.persona_id or is_erased(db, grant.person_id, grant.persona_id):
        return grant
    raise UnknownGrant("there is no such grant")


def is_erased(db: Connection, person_id: str, persona_id: str) -> bool:
    try:
        check_persona(db, person_id=person_id, persona_id=persona_id)
    except UnknownPersona:
        return True
    return False


def last_day(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).date().isoformat()


def end_of_day(day: str) -> int:
    """The second after a day written as 2027-03-01, in UTC. Raises ValueError."""
    return int(datetime.fromisoformat(day[:10]).replace(tzinfo=UTC).timestamp()) + DAY
