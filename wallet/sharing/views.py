"""What the pages about sharing show, gathered from grants, values and ledger."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from flask import url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import Connection

from consent import grants, ledger
from consent.changes import UNTIL_RESUMED
from consent.engine import LONGEST_GRANT, still_tight
from consent.errors import UnknownGrant
from consent.model import NO_DATA, PUBLIC, WHILE_AWAY, Ask, Grant, Item, Line
from vendor_api.oauth import ciba_requests
from vendor_api.oauth.device_codes import IN_ASK
from vendor_api.vendors import registry
from vendor_api.vendors.ciba import CIBA
from wallet.data.attributes import attributes_of
from wallet.data.engine import current_values
from wallet.data.kinds import value_text
from wallet.data.model import Attribute, Value
from wallet.house import House
from wallet.languages import written_day
from wallet.people.model import Persona, Visitor
from wallet.people.personas import shown_name
from wallet.sharing.limits import limits_said, stricter
from wallet.sharing.sentences import sentence

DAY = 24 * 3600
DATES = ("date", "birthdate")
FULL_DATE = re.compile(r"[1-9]\d{3}-\d\d-\d\d", re.ASCII)


@dataclass(frozen=True, slots=True)
class Own:
    """A person's attributes and values, as one read found them."""

    attributes: Mapping[str, Attribute]
    values: Mapping[str, Value]
    language: str
    persona_id: str

    def label(self, name: str) -> str:
        if name == WHILE_AWAY:
            return _("Access while you are away")
        if name == PUBLIC:
            return _("The same number as elsewhere")
        found = self.attributes.get(name)
        return found.label(self.language) if found else name

    def text(self, name: str) -> str | None:
        if name == WHILE_AWAY:
            return _("also when you are not signed in here")
        if name == PUBLIC:
            return _("all you allow this know you by one number, and can find out that you are the same person")
        value, attribute = self.values.get(name), self.attributes.get(name)
        if value is None:
            return None
        if attribute is not None and attribute.kind in DATES and FULL_DATE.fullmatch(str(value.value)):
            return written_day(date.fromisoformat(str(value.value)))
        return value_text(value.value)


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
    add_url: str
    limits: list[str]
    terms_url: str | None


@dataclass(frozen=True, slots=True)
class AskPage:
    """The consent page: what a vendor asks, with the very values that would leave."""

    vendor_name: str
    vendor_host: str
    vendor_host_verified: bool
    device_code: str | None
    by_itself: bool
    binding_message: str | None
    policy_url: str | None
    required: list[ItemView]
    optional: list[ItemView]
    missing_required: list[ItemView]
    missing_optional: list[ItemView]
    identity_only: bool
    has_limits: bool
    own_number: bool
    already: list[ItemView]
    already_ends: bool
    paused: bool
    until_default: str
    until_max: str
    ticked: frozenset[str]
    error: str | None
    action: str
    persona_id: str
    faces: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class GrantView:
    grant_id: str
    vendor_name: str
    vendor_host: str
    attributes: list[tuple[str, str | None]]
    since: int
    until: int
    last_read: int | None
    reads: int
    ended_at: int | None
    paused: bool
    paused_until: int | None
    asks_each_time: bool
    reachable: bool
    url: str


@dataclass(frozen=True, slots=True)
class LineView:
    seq: int
    at: int
    sentence: str
    action: str


def own(db: Connection, house: House, visitor: Visitor, language: str) -> Own:
    values = current_values(db, house.secrets, person_id=visitor.person_id, persona_id=visitor.persona_id)
    attributes = attributes_of(db, house.secrets, person_id=visitor.person_id)
    return Own(attributes, values, language, visitor.persona_id)


def ask_page(
    ask: Ask,
    before: Grant | None,
    mine: Own,
    faces: Iterable[Persona],
    *,
    until: str | None,
    ticked: frozenset[str],
    error: str | None,
    now: int,
) -> AskPage:
    shared = before.attributes if before else frozenset()
    back = url_for("sharing.consent", ask_id=ask.ask_id, persona=mine.persona_id)
    items = [item_view(item, mine, shared=shared, back=back) for item in still_tight(ask.items, before)]
    answered = ask.attributes | {PUBLIC}
    already = [item for item in before.items if item.attribute not in answered] if before else []
    return AskPage(
        vendor_name=ask.party.name,
        vendor_host=ask.party.host,
        vendor_host_verified=ask.party.verified,
        device_code=ask.request.get(IN_ASK, {}).get("user_code"),
        by_itself=ciba_requests.IN_ASK in ask.request,
        binding_message=ask.request.get(ciba_requests.IN_ASK, {}).get("message"),
        policy_url=ask.party.policy_uri,
        required=[item for item in items if item.required and item.value_text is not None],
        optional=[item for item in items if not item.required and item.value_text is not None],
        missing_required=[item for item in items if item.required and item.value_text is None],
        missing_optional=[item for item in items if not item.required and item.value_text is None],
        identity_only=not items,
        has_limits=any(item.limits for item in items),
        own_number=PUBLIC not in ask.attributes,
        already=[item_view(item, mine, shared=shared, back="") for item in already],
        already_ends=bool(ask.request.get("replaces")),
        paused=before is not None and before.is_paused(now),
        until_default=until or last_day(now + LONGEST_GRANT - DAY),
        until_max=last_day(now + LONGEST_GRANT - DAY),
        ticked=ticked,
        error=error,
        action=url_for("sharing.consent", ask_id=ask.ask_id),
        persona_id=mine.persona_id,
        faces=[(face.persona_id, shown_name(face)) for face in faces],
    )


def item_view(item: Item, mine: Own, *, shared: Collection[str], back: str) -> ItemView:
    known = mine.attributes.get(item.attribute)
    page = "data.attribute" if known else "data.new_attribute"
    add = url_for(page, name=item.attribute, next=back, persona=mine.persona_id)
    return ItemView(
        name=item.attribute,
        label=mine.label(item.attribute),
        value_text=mine.text(item.attribute),
        purpose=item.purpose,
        required=item.required,
        sensitive=known.is_sensitive if known else False,
        recognisable=known.recognisable if known else item.attribute == PUBLIC,
        shared_already=item.attribute in shared,
        add_url=add,
        limits=limits_said(item.in_force),
        terms_url=item.terms.uri if item.terms else None,
    )


def grant_view(grant: Grant, mine: Own, reads: Mapping[str, tuple[int, int]], *, now: int) -> GrantView:
    count, last = reads.get(grant.grant_id, (0, 0))
    return GrantView(
        grant_id=grant.grant_id,
        vendor_name=grant.party.name,
        vendor_host=grant.party.host,
        attributes=[(mine.label(item.attribute), item.purpose) for item in grant.items],
        since=grant.granted_at,
        until=grant.expires_at - 1,
        last_read=last or None,
        reads=count,
        ended_at=None if grant.is_live(now) else min(grant.ended_at or grant.expires_at, grant.expires_at),
        paused=grant.is_live(now) and grant.is_paused(now),
        paused_until=last_paused_day(grant),
        asks_each_time=grant.asks_each_time,
        reachable=grant.reachable,
        url=url_for("sharing.vendor", grant_id=grant.grant_id),
    )


def last_paused_day(grant: Grant) -> int | None:
    """The last second of a pause that has an end."""
    until = grant.paused_until
    return None if until is None or until == UNTIL_RESUMED else until - 1


def line_views(lines: Iterable[Line], mine: Own) -> list[LineView]:
    return [LineView(line.seq, line.at, sentence(line, mine.label), line.action) for line in lines]


def vendors_page(db: Connection, house: House, visitor: Visitor, language: str) -> dict[str, Any]:
    now, mine = house.clock(), own(db, house, visitor, language)
    reads = ledger.reads_by_grant(db, person_id=visitor.person_id)
    found = grants.of_person(db, person_id=visitor.person_id, persona_ids=(visitor.persona_id,))
    return {"rows": [grant_view(grant, mine, reads, now=now) for grant in found]}


def vendor_page(db: Connection, house: House, visitor: Visitor, language: str, grant_id: str) -> dict[str, Any]:
    """Raises UnknownGrant."""
    now, mine = house.clock(), own(db, house, visitor, language)
    grant = own_grant(db, visitor, grant_id)
    reads = ledger.reads_by_grant(db, person_id=visitor.person_id)
    about = ledger.Wanted(client_id=grant.party.client_id)
    lines = ledger.lines(db, person_id=visitor.person_id, wanted=about, limit=100)
    registered = registry.find(db, grant.party.client_id)
    return {
        "asks_by_itself": registered is not None and CIBA in registered.grant_types,
        "grant": grant_view(grant, mine, reads, now=now),
        "items": [item_view(item, mine, shared=(), back="") for item in grant.items],
        "takeable": [(item.attribute, mine.label(item.attribute)) for item in grant.items if item.attribute != PUBLIC],
        "tightenable": {item.attribute: stricter(item) for item in grant.items if item.attribute not in NO_DATA},
        "ends_on": last_day(grant.expires_at - 1),
        "today": last_day(now),
        "latest": last_day(now + LONGEST_GRANT - DAY),
        "refused": [mine.label(item.attribute) for item in grant.refused],
        "lines": line_views(lines, mine),
    }


def own_grant(db: Connection, visitor: Visitor, grant_id: str) -> Grant:
    """A grant of the persona that is signed in. Raises UnknownGrant, so that one persona does not speak for another."""
    grant = grants.find(db, grant_id, person_id=visitor.person_id)
    if grant.persona_id != visitor.persona_id:
        raise UnknownGrant("there is no such grant")
    return grant


def language() -> str:
    return str(get_locale())


def last_day(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).date().isoformat()


def end_of_day(day: str) -> int:
    """The second after a day written as 2027-03-01, in UTC. Raises ValueError."""
    return int(datetime.fromisoformat(day[:10]).replace(tzinfo=UTC).timestamp()) + DAY
