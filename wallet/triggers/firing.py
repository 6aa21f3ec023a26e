"""A trigger fires: once for each period, in one transaction with its opening, its line of the ledger and its event."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any, Final

import orjson
from sqlalchemy import ColumnElement, Connection, Row, update

from consent import events, grants, ledger
from consent.contact import openings
from consent.ledger import Entry
from consent.model import Grant
from keys.inserts import insert_if_new
from keys.sealing import seal
from keys.secrets import HostSecrets
from wallet.data.attributes import own_attributes
from wallet.data.catalogue import FACTS
from wallet.data.known import known_values
from wallet.data.model import Json
from wallet.house import House
from wallet.triggers.dates import day_at, start_of
from wallet.triggers.engine import digest, firing_from, said_aad
from wallet.triggers.hindrances import RESTORED, Hindrance, hindrance
from wallet.triggers.judging import Found
from wallet.triggers.model import Trigger
from wallet.triggers.sources import Sources
from wallet.triggers.tables import firings

AGAIN: Final = 15 * 60  # whoever ends a pause in a way that wakes nothing waits no longer


def firing_id(trigger: Trigger, period: str) -> str:
    """The same whenever this fires for this period, even where the wallet was put back from a backup in between."""
    return digest(trigger, "firing", period)


def fire(
    db: Connection, house: House, trigger: Trigger, found: Found, sources: Sources, *, reported: bool = False, now: int
) -> bool:
    """Whether it is this call that did it, and not another worker, or the same one before."""
    grant = grant_of(db, trigger)
    stop = hindrance(db, house.secrets, trigger, grant, now=now)
    if stop is None and trigger.restored_at is not None and found.since < trigger.restored_at and not reported:
        stop = Hindrance(RESTORED)
    row = _row(trigger, found, sources, now=now)
    said: dict[str, Any] = {
        "period": found.period,
        "observed": found.observed,
        "unit": found.unit,
        "reason": stop.reason if stop else "",
        "reported": reported,
        "released": {},
        **_way(trigger),
    }
    if stop is None and grant is not None:
        said["released"] = released(db, house, trigger, grant, now=now)
        row |= {"state": "told", "grant_id": grant.grant_id}
    elif stop and stop.ends_at is not None:
        row |= {"state": "waiting", "due_at": min(stop.ends_at, row["until"], now + AGAIN)}
    if not insert_if_new(db, firings, row | {"said_sealed": sealed(trigger, row["period"], said)}):
        return False
    if row["state"] == "held":
        note_held(db, house.secrets, trigger, grant, said["reason"], now=now)
    elif row["state"] == "told" and grant is not None:
        tell(db, house.secrets, trigger, grant, row, names=said["released"], now=now)
    return True


def tell(
    db: Connection,
    secrets: HostSecrets,
    trigger: Trigger,
    grant: Grant,
    row: Mapping[str, Any],
    *,
    names: Collection[str],
    now: int,
) -> None:
    """Open the occasion, write the line, and have the vendor told. What was released lies with the firing, sealed."""
    draft = trigger.draft
    how = {"kind": "trigger", "topic": draft.topic, "channel": draft.channel}
    opening_id = openings.open_(db, grant, **how, until=row["until"], now=now)
    detail = {"vendor": grant.party.name, "topic": draft.topic, "until": row["until"]}
    entry = Entry("fired", grant.party.client_id, grant.grant_id, detail | {"attributes": sorted(names)})
    line = ledger.write(db, secrets.ledger, entry, person_id=trigger.person_id, now=now).last
    said = events.of_grant(grant) | {
        "trigger_id": trigger.public_id,
        "firing_id": row["firing_id"],
        "fired_at": now,
        "topic": draft.topic,
        "channel": draft.channel,
        "deadline": row["until"],
        "opening_id": opening_id,
    }
    telling_id = events.keep(db, events.about(grant), events.FIRED, said, line=line, now=now)
    this = (firings.c.person_id == trigger.person_id, firings.c.trigger_id == trigger.trigger_id)
    changed = update(firings).where(*this, firings.c.period == row["period"])
    db.execute(changed.values(opening_id=opening_id, telling_id=telling_id))


def tell_later(
    db: Connection, house: House, trigger: Trigger, grant: Grant, row: Row[Any], *, until: int, now: int
) -> bool:
    """One that was kept back is told after all, as the person wants it by now. Whether it was."""
    given = released(db, house, trigger, grant, now=now)
    said = {**firing_from(trigger.key, row).said, "reason": "", "released": given, **_way(trigger)}
    told = {"state": "told", "grant_id": grant.grant_id, "fired_at": now, "until": until, "due_at": None}
    values = told | {"said_sealed": sealed(trigger, row.period, said | {"kept_since": row.fired_at})}
    if db.execute(update(firings).where(*this_one(row), firings.c.state == row.state).values(values)).rowcount != 1:
        return False
    tell(db, house.secrets, trigger, grant, {**row._mapping, **told}, names=given, now=now)
    return True


def note_held(
    db: Connection, secrets: HostSecrets, trigger: Trigger, grant: Grant | None, reason: str, *, now: int
) -> None:
    """The person reads in their ledger that it was not sent, and why, as long as they know this vendor."""
    if grant is not None:
        detail = {"vendor": grant.party.name, "topic": trigger.draft.topic, "reason": reason}
        entry = Entry("kept_back", grant.party.client_id, grant.grant_id, detail)
        ledger.write(db, secrets.ledger, entry, person_id=trigger.person_id, now=now)


def this_one(row: Row[Any]) -> tuple[ColumnElement[bool], ...]:
    there = firings.c
    return there.person_id == row.person_id, there.trigger_id == row.trigger_id, there.period == row.period


def grant_of(db: Connection, trigger: Trigger) -> Grant | None:
    """What holds now between this persona and the very vendor it was made for."""
    place = {"person_id": trigger.person_id, "persona_id": trigger.persona_id}
    found = grants.find_current(db, **place, client_id=trigger.client_id)
    return found[0] if found and found[0].party.sector == trigger.sector else None


def released(db: Connection, house: House, trigger: Trigger, grant: Grant, *, now: int) -> dict[str, Json]:
    """What the person chose, as far as the vendor may still read it, or it is a fact chosen for this trigger alone.

    What is locked stays so.
    """
    names = trigger.draft.released
    if not names:
        return {}
    place = {"person_id": trigger.person_id, "persona_id": trigger.persona_id}
    allowed = grant.attributes | facts_among(db, house.secrets, names, person_id=trigger.person_id)
    found = known_values(db, house.secrets, **place, lock_key=None, attributes=names, totals=house.totals, now=now)
    return {name: one.value for name, one in found.items() if name in allowed and one.value is not None}


def facts_among(db: Connection, secrets: HostSecrets, names: Collection[str], *, person_id: str) -> frozenset[str]:
    """Which of these names are predicates: yes or no, and nothing else."""
    own = own_attributes(db, secrets, person_id=person_id, names=names)
    return frozenset(name for name in names if name in FACTS or (name in own and own[name].fact))


def deadline(trigger: Trigger, sources: Sources, *, now: int) -> int:
    """The end of the last of so many whole days where the person lives; exclusive."""
    zone = sources.zone
    return start_of(day_at(now, zone) + timedelta(days=trigger.draft.days + 1), zone)


def _way(trigger: Trigger) -> dict[str, str]:
    return {"topic": trigger.draft.topic, "channel": trigger.draft.channel}


def _row(trigger: Trigger, found: Found, sources: Sources, *, now: int) -> dict[str, Any]:
    return {
        "person_id": trigger.person_id,
        "trigger_id": trigger.trigger_id,
        "period": digest(trigger, "period", found.period),
        "persona_id": trigger.persona_id,
        "client_id": trigger.client_id,
        "sector": trigger.sector,
        "firing_id": firing_id(trigger, found.period),
        "state": "held",
        "fired_at": now,
        "until": deadline(trigger, sources, now=now),
    }


def sealed(trigger: Trigger, period: str, said: Mapping[str, Any]) -> bytes:
    return seal(trigger.key, orjson.dumps(said), *said_aad(trigger.person_id, trigger.trigger_id, period))
