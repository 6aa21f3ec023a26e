"""What the pages about vendors show, gathered from grants, values and ledger."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import url_for
from sqlalchemy import Connection

from consent import grants, ledger
from consent.changes import UNTIL_RESUMED
from consent.engine import LONGEST_GRANT
from consent.model import NO_DATA, PUBLIC, Grant, Line
from vendor_api.vendors import registry
from vendor_api.vendors.ciba import CIBA
from wallet.house import House
from wallet.people.model import Visitor
from wallet.sharing.contracts import agreed_on
from wallet.sharing.limits import stricter
from wallet.sharing.own import DAY, Own, item_view, last_day, own, own_grant
from wallet.sharing.sentences import sentence


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
        **agreed_on(db, grant, now=now),
    }
