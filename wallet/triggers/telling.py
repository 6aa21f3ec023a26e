"""What vendors learn of triggers, and what they report: the wallet's side of POST /contact/triggers."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, select, update

from consent import grants, outbox, token
from consent.errors import UnknownGrant
from consent.events import EVENT
from consent.model import Grant
from consent.moving import homes
from consent.tables import outbox as tellings
from keys.errors import BadToken
from keys.secrets import HostSecrets
from vendor_api.errors import InvalidRequest, NotFound
from vendor_api.model import Report
from wallet.data.model import Json
from wallet.house import House
from wallet.records.cells import number
from wallet.triggers import engine
from wallet.triggers.dates import before, day_at, named, period_of, start_of
from wallet.triggers.errors import UnknownTrigger
from wallet.triggers.firing import fire, grant_of
from wallet.triggers.firing import released as released_now
from wallet.triggers.hindrances import hindrance
from wallet.triggers.judging import Found
from wallet.triggers.model import Level, Reach, Trigger, as_json
from wallet.triggers.sources import Sources
from wallet.triggers.tables import firings

_row = firings.c
NONE = "there is no such trigger of yours"


def fired(
    db: Connection, house: House, client_id: str, sector: str, *, most: int, now: int
) -> dict[str, list[dict[str, Any]]]:
    """What this vendor has not confirmed yet, the oldest first; and what it looks after by itself."""
    its = (_row.client_id == client_id, _row.sector == sector, _row.state == "told", _row.acknowledged_at.is_(None))
    same = (tellings.c.person_id == _row.person_id) & (tellings.c.telling_id == _row.telling_id)
    query = select(firings).outerjoin(tellings, same).where(*its, tellings.c.confirmed_at.is_(None))
    rows = db.execute(query.order_by(_row.fired_at, _row.firing_id).limit(most)).all()
    found = [described(db, house, row, now=now) for row in rows]
    mine = engine.delegated_to(db, house.secrets, client_id=client_id, sector=sector, limit=most)
    return {
        "fired": [one for one in found if one],
        "delegated": [
            asked(one, grant)
            for one in mine
            if (grant := grant_of(db, one)) and hindrance(db, house.secrets, one, grant, now=now) is None
        ],
    }


def described(db: Connection, house: House, row: Any, *, now: int) -> dict[str, Any] | None:
    """None where its grant is over."""
    try:
        grant = grants.find(db, row.grant_id, person_id=row.person_id)
        trigger = engine.find(db, house.secrets, row.trigger_id, person_id=row.person_id, persona_id=row.persona_id)
    except (UnknownGrant, UnknownTrigger):
        return None
    if not grant.is_live(now):
        return None
    said = engine.firing_from(trigger.key, row).said
    return {
        "trigger_id": trigger.public_id,
        "firing_id": row.firing_id,
        "grant_id": grant.grant_id,
        "consent_token_id": token.jti(grant.consent_token_id),
        "fired_at": row.fired_at,
        "topic": said["topic"],
        "channel": said["channel"],
        "deadline": row.until,
        "opening_id": row.opening_id,
        "released": kept(db, house, trigger, grant, said, now=now),
    }


def kept(
    db: Connection, house: House, trigger: Trigger, grant: Grant, said: Mapping[str, Any], *, now: int
) -> dict[str, Json]:
    """What was released then, as far as the person has not taken it back since."""
    if not said["released"] or not grant.is_live(now) or grant.is_paused(now):
        return {}
    still = released_now(db, house, trigger, grant, now=now)
    return {name: value for name, value in said["released"].items() if name in still}


def asked(trigger: Trigger, grant: Grant) -> dict[str, Any]:
    """A condition the person lets the vendor know. What is the wallet's own name for things stays here."""
    condition = {name: said for name, said in as_json(trigger.draft.condition).items() if name != "data_set_id"}
    draft = trigger.draft
    return {
        "trigger_id": trigger.public_id,
        "grant_id": grant.grant_id,
        "condition": condition,
        "topic": draft.topic,
        "channel": draft.channel,
        "days": draft.days,
    }


def released(db: Connection, house: House, person_id: str, firing_id: str, *, now: int) -> dict[str, Json]:
    """For the event: nothing of it lies in the outbox."""
    mine = (_row.person_id == person_id, _row.firing_id == firing_id)
    row = db.execute(select(firings).where(*mine)).one_or_none()
    said = described(db, house, row, now=now) if row else None
    return said["released"] if said else {}


def heard(db: Connection, client_id: str, sector: str, firing_id: str, *, now: int) -> None:
    """The vendor has it, whichever way it came; its stream need not bring it any more."""
    its = (_row.client_id == client_id, _row.sector == sector, _row.acknowledged_at.is_(None))
    row = db.execute(select(firings).where(*its, _row.firing_id == firing_id)).one_or_none()
    if row is None:
        return
    this = (_row.person_id == row.person_id, _row.trigger_id == row.trigger_id, _row.period == row.period)
    db.execute(update(firings).where(*this).values(acknowledged_at=now))
    telling = outbox.find(db, row.telling_id, event=EVENT, client_id=client_id) if row.telling_id else None
    if telling is not None:
        outbox.confirm(db, telling, now=now)


def reported(db: Connection, house: House, report: Report, *, now: int) -> dict[str, Any]:
    """Raises NotFound for a trigger that is not this vendor's to look after, InvalidRequest for what can not be."""
    trigger = of_vendor(db, house.secrets, report)
    if hindrance(db, house.secrets, trigger, grant_of(db, trigger), now=now) is not None:
        raise NotFound(NONE)
    sources = Sources(db, house.secrets, person_id=trigger.person_id, persona_id=trigger.persona_id)
    found = Found(report.period, now, check_observed(trigger, report.observed), unit_in(trigger))
    check_period(trigger, report.period, sources, now=now)
    if not fire(db, house, trigger, found, sources, reported=True, now=now):
        raise InvalidRequest("this period was reported already")
    made = engine.firings_of(db, trigger, limit=1)[0]
    return {"firing_id": made.firing_id, "opening_id": made.opening_id, "deadline": made.until}


def of_vendor(db: Connection, secrets: HostSecrets, report: Report) -> Trigger:
    try:
        person_id = homes.owner(db, secrets, engine.KIND, report.trigger_id)
        found = engine.find_public(db, secrets, report.trigger_id, person_id=person_id)
    except (BadToken, UnknownTrigger):
        raise NotFound(NONE) from None
    is_its = (found.client_id, found.sector) == (report.client_id, report.sector)
    if not is_its or found.draft.mode != "delegated" or found.state != "active":
        raise NotFound(NONE)
    return found


def check_period(trigger: Trigger, name: str, sources: Sources, *, now: int) -> None:
    """The one that goes on, or the one before it; where there are no periods, today or yesterday."""
    condition, today = trigger.draft.condition, day_at(now, sources.zone)
    try:
        if isinstance(condition, Reach | Level):
            period, current = named(condition.every, name), period_of(condition.every, today)
            fits = period in {current, before(condition.every, current)}
            since = start_of(period.until, sources.zone)
        else:
            days = {one.isoformat(): one for one in (today, today - timedelta(days=1))}
            fits, since = name in days, start_of(days.get(name, today) + timedelta(days=1), sources.zone)
    except (ValueError, OverflowError):
        fits, since = False, now
    if not fits or since <= trigger.made_at:
        raise InvalidRequest("period must be the one that goes on, or the last one")


def check_observed(trigger: Trigger, said: str) -> str:
    """What the vendor saw, if it says so, has to meet the condition that it was told."""
    condition = trigger.draft.condition
    if not said or not isinstance(condition, Reach | Level):
        return ""
    try:
        value = Decimal(number(said))
    except ValueError:
        raise InvalidRequest("observed must be a number, in the unit of the condition") from None
    if (value < condition.amount) if condition.comparison == ">=" else (value > condition.amount):
        raise InvalidRequest("observed does not meet the condition")
    return str(value)


def unit_in(trigger: Trigger) -> str:
    condition = trigger.draft.condition
    return condition.unit if isinstance(condition, Reach) else ""
