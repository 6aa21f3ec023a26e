"""A trigger fires: once for each period, in one transaction with its opening, its line of the ledger and its event."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any, Final

import orjson
from sqlalchemy import Connection, select, update

from consent import events, grants, ledger, standing
from consent.contact import openings, policies
from consent.ledger import Entry
from consent.model import CONTACT, Grant
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
from wallet.triggers.judging import Found
from wallet.triggers.model import Trigger
from wallet.triggers.sources import Sources
from wallet.triggers.tables import firings

# Why a vendor was not told; the person sees a sentence for each.
ENDED: Final = "ended"
PAUSED: Final = "paused"
NO_TOPIC: Final = "no_topic"
BLOCKED: Final = "blocked"
NO_CHANNEL: Final = "no_channel"
RESTORED: Final = "restored"


def firing_id(trigger: Trigger, period: str) -> str:
    """The same whenever this fires for this period, even where the wallet was put back from a backup in between."""
    return digest(trigger, "firing", period)


def fire(
    db: Connection, house: House, trigger: Trigger, found: Found, sources: Sources, *, reported: bool = False, now: int
) -> bool:
    """Whether it is this call that did it, and not another worker, or the same one before."""
    grant = grant_of(db, trigger)
    reason = hindrance(db, trigger, grant, now=now)
    if reason is None and trigger.restored_at is not None and found.since < trigger.restored_at and not reported:
        reason = RESTORED
    row = _row(trigger, found, sources, now=now)
    said: dict[str, Any] = {
        "period": found.period,
        "observed": found.observed,
        "unit": found.unit,
        "reason": reason or "",
        "reported": reported,
        "released": {},
        "topic": trigger.draft.topic,
        "channel": trigger.draft.channel,
    }
    if reason is None and grant is not None:
        said["released"] = released(db, house, trigger, grant, now=now)
        row |= {"state": "told", "grant_id": grant.grant_id}
    if not insert_if_new(db, firings, row | {"said_sealed": _sealed(trigger, row["period"], said)}):
        return False
    if reason is None and grant is not None:
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


def tell_after_all(db: Connection, house: House, trigger: Trigger, period: str, *, now: int) -> bool:
    """The person has a firing told that was held back. Whether it was."""
    grant = grant_of(db, trigger)
    if grant is None or hindrance(db, trigger, grant, now=now) is not None:
        return False
    given = released(db, house, trigger, grant, now=now)
    this = (firings.c.person_id == trigger.person_id, firings.c.trigger_id == trigger.trigger_id)
    here = (*this, firings.c.period == period)
    row = db.execute(select(firings).where(*here)).one_or_none()
    if row is None:
        return False
    said = {**firing_from(trigger.key, row).said, "reason": "", "released": given}
    sources = Sources(db, house.secrets, person_id=trigger.person_id, persona_id=trigger.persona_id)
    until = deadline(trigger, sources, now=now)
    told = {"state": "told", "grant_id": grant.grant_id, "fired_at": now, "until": until}
    values = told | {"said_sealed": _sealed(trigger, period, said)}
    if db.execute(update(firings).where(*here, firings.c.state == "held").values(values)).rowcount != 1:
        return False
    tell(db, house.secrets, trigger, grant, {**row._mapping, **told}, names=given, now=now)
    return True


def grant_of(db: Connection, trigger: Trigger) -> Grant | None:
    """What holds now between this persona and the very vendor it was made for."""
    place = {"person_id": trigger.person_id, "persona_id": trigger.persona_id}
    found = grants.find_current(db, **place, client_id=trigger.client_id)
    return found[0] if found and found[0].party.sector == trigger.sector else None


def hindrance(db: Connection, trigger: Trigger, grant: Grant | None, *, now: int) -> str | None:
    """Why the vendor can not be told; None where it can."""
    if grant is None or not grant.is_live(now):
        return ENDED
    if grant.persona_id in standing.blocking(db, person_id=grant.person_id, client_id=grant.party.client_id):
        return BLOCKED
    if CONTACT + trigger.draft.topic not in grant.attributes:
        return NO_TOPIC
    place = {"person_id": trigger.person_id, "persona_id": trigger.persona_id}
    policy = policies.counting(db, trigger.client_id, trigger.draft.topic, **place)
    if grant.is_paused(now) or policy.is_paused(now):
        return PAUSED
    return NO_CHANNEL if trigger.draft.channel and trigger.draft.channel not in policy.channels else None


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


def _sealed(trigger: Trigger, period: str, said: Mapping[str, Any]) -> bytes:
    return seal(trigger.key, orjson.dumps(said), *said_aad(trigger.person_id, trigger.trigger_id, period))
