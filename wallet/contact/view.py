"""What the pages of a contact policy show: what holds, from where it comes, and when somebody may speak next."""

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any
from zoneinfo import available_timezones

import holidays as calendars
from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import Connection, select

from consent.contact import permission, windows
from consent.contact.errors import NotPermitted
from consent.contact.model import EVERY, FALLBACKS, ContactPolicy, Effective
from consent.contact.permission import Wish
from consent.contact.policies import UNITS, Scope
from consent.model import CONTACT, Grant
from keys.secrets import HostSecrets
from vendor_api.desk import directory
from vendor_api.vendors import registry, topics
from wallet.channels import reaching
from wallet.channels.kinds import in_order
from wallet.channels.model import Title
from wallet.channels.tables import channel_addresses
from wallet.contact import forms, words
from wallet.contact.places import Place, named, of
from wallet.contact.presets import PRESETS
from wallet.contact.week import week
from wallet.house import House
from wallet.records.handing import zone


@dataclass(frozen=True, slots=True)
class Member:
    """One thing that is said, as it stands on the page: what the wider policy says, and who said that."""

    name: str
    title: str
    inherited: str
    source: str
    is_said: bool


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic of a vendor's, with how things stand."""

    topic: str
    name: str
    is_allowed: bool
    is_paused: bool
    undo: tuple[str, str] | None
    stands: str
    url: str


def policy_page(db: Connection, house: House, place: Place, *, given: forms.Form | None = None) -> dict[str, Any]:
    """`given` is what was typed, where it could not be kept."""
    now, ways = house.clock(), offered(db, house, place)
    counts, people = place.counts, contact_persons(db, house, place)
    form = given if given is not None else forms.filled(suggested(db, house, place), ways)
    return {
        "grant": place.grant,
        "persona_id": place.persona_id,
        "topic": place.topic,
        "topic_name": topic_name(db, place.grant, place.topic) if place.grant and place.topic else "",
        "given": form,
        "seen": forms.as_seen(place.said),
        "ways": ways,
        "rows": {of_: forms.rows(form, of_) for of_ in ("w", "q")},
        "days": days(),
        "zones": sorted(available_timezones()),
        "zone_counts": counts.time_zone,
        "countries": countries(),
        "parts": parts(form.get("country", "")),
        "units": {unit: words.UNITS[unit] for unit in UNITS},
        "people": people,
        "fallbacks": {name: words.FALLBACKS[name] for name in FALLBACKS},
        "members": {one.name: one for one in members(place, ways, people)},
        "presets": [(one, one.is_said(place.said)) for one in PRESETS],
        "paused": words.until_said(counts.paused_until, counts.time_zone) if counts.is_paused(now) else "",
        "paused_here": (place.said.paused_until or 0) > now,
        "today": words.written(now, counts.time_zone),
        **when(counts),
        "next": next_said(db, house.secrets, place, now=now),
        "topics": topics_of(db, house.secrets, place.grant, now=now) if place.grant and not place.topic else [],
        "is_said": not place.said.says_nothing,
        "at": at(place),
    }


def when(policy: Effective) -> dict[str, Any]:
    """The picture of a week, and the same in words."""
    return {"week": week(policy), "week_said": words.week_said(policy), "cell_said": words.cell_said}


def days() -> list[tuple[str, str, str]]:
    return [(str(one), words.day_name(one, short=True), words.day_name(one)) for one in range(1, 8)]


def next_said(db: Connection, secrets: HostSecrets, place: Place, *, now: int) -> str:
    """When somebody may speak next. For a topic, as the vendor would be told; else by clock and calendar."""
    policy = place.counts
    if place.grant and place.topic:
        return stands(db, secrets, place.grant, place.topic, now=now)
    if policy.is_paused(now):
        return str(words.REASONS["paused"])
    found = windows.next_open(policy, now)
    if found == now:
        return _("Next possible: now")
    return next_at(found, policy, now=now)


def next_at(found: int | None, policy: Effective, *, now: int) -> str:
    if found is None:
        return _("With these times nobody can ever write.")
    return _("Next possible: %(moment)s", moment=words.moment_said(found, policy.time_zone, now=now))


def stands(db: Connection, secrets: HostSecrets, grant: Grant, topic: str, *, now: int) -> str:
    """Just what the vendor would be answered now, in the person's words."""
    place = {"person_id": grant.person_id, "persona_id": grant.persona_id}
    policy = of(db, secrets, Scope(grant.party.client_id, topic), grant, **place).counts
    wish = Wish(topic, contact_person=policy.contact_person or None)
    try:
        permission.permit(db, secrets, grant, wish, now=now)
    except NotPermitted as error:
        if error.reason in {"outside_window", "too_often"}:
            return next_at(error.next_at, policy, now=now)
        return str(words.REASONS[error.reason])
    return _("Next possible: now")


def topics_of(db: Connection, secrets: HostSecrets, grant: Grant, *, now: int) -> list[Topic]:
    """Every topic it asked for: those allowed first."""
    found, place = [], {"person_id": grant.person_id, "persona_id": grant.persona_id}
    for name in sorted(named(grant), key=lambda one: (one not in grant.attributes, one)):
        topic, is_allowed = name.removeprefix(CONTACT), name in grant.attributes
        at_topic = of(db, secrets, Scope(grant.party.client_id, topic), grant, **place)
        policy = at_topic.counts
        said = stands(db, secrets, grant, topic, now=now) if is_allowed else _("You have not allowed this.")
        url = url_for("contact.show_topic", grant_id=grant.grant_id, topic=topic)
        found.append(
            Topic(
                topic,
                topic_name(db, grant, topic),
                is_allowed,
                policy.is_paused(now),
                undo(at_topic.said, now=now),
                said,
                url,
            )
        )
    return found


def undo(said: ContactPolicy, *, now: int) -> tuple[str, str] | None:
    """What one press takes back of what is said of just this topic; the wallet says it where ratings did."""
    if (said.paused_until or 0) > now:
        return "resume", _("Let it go on")
    return ("any", _("Also without an occasion")) if said.relevant_only else None


def topic_name(db: Connection, grant: Grant, topic: str) -> str:
    """As the vendor calls it today, in the person's language."""
    vendor = registry.find(db, grant.party.client_id)
    return topics.name_of(vendor.metadata, topic, str(words.locale().language)) if vendor else topic


def suggested(db: Connection, house: House, place: Place) -> Effective:
    """What counts; and where nobody said a time zone yet, the one where the person lives."""
    if place.said.time_zone or place.source("time_zone"):
        return place.counts
    return place.having(replace(place.said, time_zone=zone(db, house.secrets, **place.whose))).counts


def offered(db: Connection, house: House, place: Place) -> dict[str, Title]:
    """The ways in which this persona is reached, and those its policy names; the inbox is always there."""
    table = channel_addresses.c
    mine = (table.person_id == place.person_id, table.persona_id == place.persona_id, table.verified_at.is_not(None))
    proved = set(db.execute(select(table.kind).where(*mine).distinct()).scalars())
    ready = reaching.offered(house)
    there = {kind for kind, channel in ready.items() if not channel.needs and kind != reaching.FEED} | proved
    kinds = there | set(place.counts.channels)
    titles: Mapping[str, Title] = {kind: channel.title for kind, channel in reaching.installed().items()}
    return {kind: titles.get(kind, kind) for kind in in_order(kinds)}


def contact_persons(db: Connection, house: House, place: Place) -> dict[str, str]:
    """Those of the vendor's directory by name, and the one chosen before, even if they left."""
    if place.grant is None:
        return {}
    found = directory.directory(db, house.secrets, client_id=place.grant.party.client_id)
    people = {one.contact_person_id: f"{one.name}, {one.role}" if one.role else one.name for one in found}
    chosen = place.counts.contact_person
    return people if chosen in {"", *people} else people | {chosen: _("somebody who is no longer there")}


def members(place: Place, ways: Mapping[str, Title], people: Mapping[str, str]) -> list[Member]:
    above = place.inherited
    said = {
        **{name: tell(getattr(above, name), above) for name, tell in words.MEMBERS.items()},
        "channels": ", ".join(str(ways.get(kind, kind)) for kind in above.channels),
        "contact_person": people.get(above.contact_person, "") or _("whoever it is"),
    }
    return [
        Member(name, str(title), said[name], source_said(place, name), getattr(place.said, name) is not None)
        for name, title in words.TITLES.items()
    ]


def source_said(place: Place, member: str) -> str:
    source = place.source(member)
    if source is None:
        return _("as the wallet does it by itself")
    if source.client_id == EVERY:
        return _("as for all vendors")
    return _("as for all topics of this vendor")


@cache
def supported() -> Mapping[str, Collection[str]]:
    found = calendars.list_supported_countries(include_aliases=False)
    return {code: parts for code, parts in found.items() if len(code) == 2}


def folded(name: str) -> bytes:
    """Where a name stands in a list: Austria is Österreich, and not behind Zypern."""
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore")


def countries() -> list[tuple[str, str]]:
    names = words.locale().territories
    return sorted(((code, names.get(code, code)) for code in supported()), key=lambda one: folded(one[1]))


def parts(country: str) -> list[tuple[str, str]]:
    """The states of a country, by their names where the calendar knows them."""
    if not supported().get(country):
        return []
    names = words.part_names(country)
    return sorted(((code, names.get(code, code)) for code in supported()[country]), key=lambda one: folded(one[1]))


def at(place: Place) -> dict[str, str]:
    """What addresses of this place are made of."""
    found = {"grant_id": place.grant.grant_id} if place.grant else {"persona": place.persona_id}
    return found | ({"topic": place.topic} if place.topic else {})
