"""What the pages about vendors show, gathered from grants, values and ledger."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import Connection
from werkzeug.datastructures import MultiDict

from consent import counted, grants, ledger, receipts
from consent.caps import ANY
from consent.changes import UNTIL_RESUMED
from consent.engine import LONGEST_GRANT, latest_end
from consent.model import PUBLIC, Grant, Line, carries_data
from consent.purposes import PURPOSES, UNCLASSIFIED
from consent.rights import requests
from vendor_api.vendors import registry
from vendor_api.vendors.ciba import CIBA
from wallet.contact.shown import speaking
from wallet.deposits.shown import hands_back
from wallet.house import House
from wallet.languages import day
from wallet.people.granted import own_grant
from wallet.people.model import Visitor
from wallet.reviews import engine as reviews
from wallet.sharing import hearing
from wallet.sharing.contracts import agreed_on
from wallet.sharing.faces import faces_at
from wallet.sharing.hearing import Heard
from wallet.sharing.own import DAY, Own, item_view, last_day, own
from wallet.sharing.receipt_views import receipt_lines
from wallet.sharing.rights.views import buttons, request_row
from wallet.sharing.rules import of_visitor
from wallet.sharing.rules_said import purpose_said
from wallet.sharing.sentences import sentences
from wallet.sharing.tightening import choices

ON_A_PAGE = 50
LAST_ENDED = 10


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
    heard: Heard | None
    client_id: str | None = None


def grant_view(grant: Grant, mine: Own, reads: Mapping[str, tuple[int, int]], *, now: int) -> GrantView:
    count, last = reads.get(grant.grant_id, (0, 0))
    return GrantView(
        grant_id=grant.grant_id,
        vendor_name=grant.party.name,
        vendor_host=grant.party.host,
        attributes=[(mine.item_label(item), item.purpose) for item in grant.items],
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


def reads_said(reads: counted.Reads | None, purpose: str | None) -> str:
    """How often a value was read, when last, and for what."""
    if reads is None:
        return _("Never read so far")
    words = {"day": day(reads.last)}
    if reads.at_least:
        return _("Read more than %(num)s times, last on %(day)s", num=reads.count, **words)
    if purpose is None or reads.for_purpose == 0:
        return ngettext("Read once, on %(day)s", "Read %(num)s times, last on %(day)s", reads.count, **words)
    said = ngettext(
        "Read once for this reason, on %(day)s",
        "Read %(num)s times for this reason, last on %(day)s",
        reads.for_purpose,
        **words,
    )
    others = reads.count - reads.for_purpose
    if not others:
        return said
    return f"{said}, " + ngettext("and once for another", "and %(num)s times for others", others)


def line_views(db: Connection, lines: Iterable[Line], mine: Own, heard: Mapping[int, Heard]) -> list[LineView]:
    return [
        LineView(line.seq, line.at, said, line.action, heard.get(line.seq), line.client_id)
        for line, said in sentences(db, lines, mine.label)
    ]


def vendors_page(
    db: Connection, house: House, visitor: Visitor, language: str, *, over: bool, skip: int
) -> dict[str, Any]:
    """Those that may read now, with the last ones that did; or all that are `over`. Both in pages."""
    now, mine = house.clock(), own(db, house, visitor, language)
    place = {"person_id": visitor.person_id, "persona_id": visitor.persona_id}
    live = () if over else grants.newest(db, **place, live=True, skip=skip, limit=ON_A_PAGE + 1, now=now)
    ended = grants.newest(
        db, **place, live=False, skip=skip if over else 0, limit=(ON_A_PAGE if over else LAST_ENDED) + 1, now=now
    )
    shown = live[:ON_A_PAGE] + ended[: ON_A_PAGE if over else LAST_ENDED]
    reads = counted.reads_by_grant(db, {grant.grant_id for grant in shown}, person_id=visitor.person_id)
    asked, overdue = requests.how_many(db, **place, now=now)
    goes_on = len(ended if over else live) > ON_A_PAGE
    return {
        "rows": [grant_view(grant, mine, reads, now=now) for grant in shown],
        "over": over,
        "more_url": url_for("sharing.vendors", over=over or None, skip=skip + ON_A_PAGE) if goes_on else None,
        "ended_url": url_for("sharing.vendors", over=1) if not over and len(ended) > LAST_ENDED else None,
        "rights": buttons(),
        "rights_asked": asked,
        "rights_overdue": overdue,
    }


def vendor_page(db: Connection, house: House, visitor: Visitor, language: str, grant_id: str) -> dict[str, Any]:
    """Raises UnknownGrant."""
    now, grant = house.clock(), own_grant(db, visitor, grant_id)
    place = {"person_id": visitor.person_id, "persona_id": visitor.persona_id}
    mine = own(db, house, visitor, language, facts=grant.attributes)
    reads = counted.reads_by_grant(db, (grant_id,), person_id=visitor.person_id)
    about = ledger.Wanted(client_id=grant.party.client_id)
    purposes = {item.attribute: item.purpose for item in grant.items if carries_data(item.attribute)}
    of_values = counted.reads_by_attribute(db, person_id=visitor.person_id, grant_id=grant_id, purposes=purposes)
    lines = ledger.lines(db, person_id=visitor.person_id, wanted=about, limit=100)
    registered = registry.find(db, grant.party.client_id)
    return {
        "rights": buttons(),
        "rights_open": [
            request_row(one, now=now) for one in requests.of_person(db, **place) if one.grant_id == grant_id
        ],
        **answered(db, visitor, grant),
        "client_id": grant.party.client_id,
        "own_review": reviews.of_vendor(db, **place, client_id=grant.party.client_id),
        "violations": counted.violations(db, person_id=visitor.person_id, client_id=grant.party.client_id),
        "asks_by_itself": registered is not None and CIBA in registered.grant_types,
        "grant": grant_view(grant, mine, reads, now=now),
        "items": [item_view(item, mine, shared=(), back="") for item in grant.items],
        "reads": {name: reads_said(of_values.get(name), purpose) for name, purpose in purposes.items()},
        "takeable": [(item.attribute, mine.item_label(item)) for item in grant.items if item.attribute != PUBLIC],
        "tightenable": {item.attribute: choices(item, grant.party, form=MultiDict()) for item in grant.items},
        "ends_on": last_day(grant.expires_at - 1),
        "today": last_day(now),
        "latest": last_day(now + LONGEST_GRANT - DAY),
        "latest_end": last_day(latest_end(grant.items, now=now) - DAY),
        "refused": [mine.item_label(item) for item in grant.refused],
        "lines": line_views(db, lines, mine, hearing.of_lines(db, lines, person_id=visitor.person_id)),
        "health": hearing.health(db, grant.party.client_id, person_id=visitor.person_id),
        "dispute_url": url_for("sharing.dispute", grant_id=grant_id),
        "receipts": receipt_lines(receipts.of_grant(db, grant_id, person_id=visitor.person_id)),
        "handing": hands_back(db, grant),
        "speaking": speaking(db, house.secrets, grant, now=now),
        **agreed_on(db, grant, now=now),
        **faces_at(db, house, visitor, grant.party.client_id),
    }


def answered(db: Connection, visitor: Visitor, grant: Grant) -> dict[str, Any]:
    """What this vendor is answered from now on, and whether it is blocked."""
    mine = of_visitor(db, visitor)
    found = mine.answer(grant.party.client_id, ANY)
    is_of_this = found is not None and found.grant_id in {None, grant.grant_id}
    return {
        "standing_answer": found.answer if found and is_of_this else None,
        "blocked": mine.blocks(grant.party.client_id),
        "purposes": [(term, purpose_said(term)) for term in (UNCLASSIFIED, *PURPOSES)],
    }
