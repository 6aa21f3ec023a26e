"""The person decides: accepts one offer, declines, withdraws; and every vendor is told what concerns it, no names.

The intent is held first in each, as it is where an offer arrives: of two at once one does nothing.
"""

from typing import Any, Final

from sqlalchemy import Connection, update

from consent import grants, ledger, rounds
from consent.changes import Signs
from consent.contact import openings
from consent.ledger import Entry
from consent.model import Grant
from consent.terms import agreements
from consent.terms.roster import named
from keys.secrets import HostSecrets
from vendor_api.intents import engine as heard
from vendor_api.vendors import registry
from vendor_api.vendors.model import Vendor
from wallet.intents import engine, offers
from wallet.intents.errors import BadIntent, IntentChanged, UnknownIntent
from wallet.intents.model import OUTCOMES, Asked, Intent
from wallet.intents.publishing import tell
from wallet.intents.tables import intent_offers
from wallet.intents.words import LONG_REASON_SAID, NOT_OFFERED_SAID

SPEAKS_FOR: Final = 14 * 24 * 3600  # how long a vendor that is known may speak of its offer
LONGEST_REASON: Final = 300

_row = intent_offers.c


def accept(
    db: Connection, secrets: HostSecrets, intent: Intent, client_id: str, *, version: int, signs: Signs, now: int
) -> Grant | None:
    """This very offer. A vendor that knows the persona learns who it is; any other learns it when they go there.

    Where the vendor accepted terms by offering, the agreement is made. The grant, if there is one already.
    Raises BadIntent, IntentChanged.
    """
    asked = offers.find(db, intent, client_id)
    if intent.state != "open" or asked is None or asked.version != version:
        raise IntentChanged
    if not asked.can_be_accepted(now):
        raise BadIntent(NOT_OFFERED_SAID)
    engine.moved(db, intent, "accepted", ended_at=now)
    grant, vendor = live_grant(db, intent, client_id, now=now), registry.find(db, client_id)
    said = {"grant_id": grant.grant_id, **opening(db, grant, now=now)} if grant else {}
    agreed = agree(db, secrets, asked, vendor, grant, signs=signs, now=now)
    end(db, secrets, intent, asked, "accepted", now=now, agreement_id=agreed, **said)
    pass_over(db, secrets, intent, "passed", now=now)
    name = (vendor.text("client_name", "") if vendor else None) or client_id
    detail = {"vendor": name} | ({"agreement": name_of(asked)} if agreed else {})
    entry = Entry("offer_accepted", client_id, grant.grant_id if grant else None, detail)
    ledger.write(db, secrets.ledger, entry, person_id=intent.person_id, now=now)
    return grant


def agree(
    db: Connection,
    secrets: HostSecrets,
    asked: Asked,
    vendor: Vendor | None,
    grant: Grant | None,
    *,
    signs: Signs,
    now: int,
) -> str | None:
    """The agreement between the two, under those of the person's terms that the offer named; its id."""
    name = name_of(asked)
    if name is None or vendor is None:
        return None
    address = next(iter(vendor.metadata.get("redirect_uris", ())), vendor.metadata.get("client_uri", ""))
    party = grant.party if grant else registry.party(vendor, address, "en")
    return rounds.by_offer(db, secrets, name, party=party, grant=grant, signs=signs, now=now).agreement_id


def name_of(asked: Asked) -> str | None:
    """Of the agreement that an offer accepts."""
    return named(asked.offer.agreement) if asked.offer else None


def decline(db: Connection, secrets: HostSecrets, intent: Intent, client_id: str, reason: str, *, now: int) -> None:
    """One offer, with a reason or without. Raises BadIntent, IntentChanged."""
    reason = " ".join(reason.split())
    if len(reason) > LONGEST_REASON or "\x00" in reason:
        raise BadIntent(LONG_REASON_SAID)
    asked = offers.find(db, intent, client_id)
    if intent.state != "open" or asked is None or asked.state != "offered":
        raise IntentChanged
    engine.moved(db, intent, "open")
    end(db, secrets, intent, asked, "declined", now=now, **({"reason": reason} if reason else {}))


def withdraw(db: Connection, secrets: HostSecrets, intent: Intent, *, now: int) -> None:
    """Nobody can offer any more. Raises IntentChanged."""
    if intent.state not in {"waiting", "open"}:
        raise IntentChanged
    engine.moved(db, intent, "withdrawn", ended_at=now)
    pass_over(db, secrets, intent, "withdrawn", now=now)


def lapse(db: Connection, secrets: HostSecrets, person_id: str, persona_id: str, intent_id: str, *, now: int) -> None:
    """Long after the time to answer, when nobody decided."""
    try:
        intent = engine.find(db, secrets, intent_id, person_id=person_id, persona_id=persona_id)
        if intent.state == "open":
            engine.moved(db, intent, "lapsed", ended_at=now)
            pass_over(db, secrets, intent, "passed", now=now)
    except (IntentChanged, UnknownIntent):
        return


def outcome(db: Connection, secrets: HostSecrets, intent: Intent, what: str, *, now: int) -> None:
    """What became of it, for the person and for the vendor whose offer was accepted. Raises IntentChanged."""
    if what not in OUTCOMES:
        raise IntentChanged
    engine.note(db, intent, what)
    taken = next((one for one in offers.asked_of(db, intent) if one.state == "accepted"), None)
    if taken is not None and what != intent.outcome:
        place = {"client_id": taken.client_id, "intent_id": taken.public_id}
        if heard.note(db, secrets, what, **place):
            tell(db, intent.person_id, taken.client_id, taken.public_id, "accepted", now=now, outcome=what)


def pass_over(db: Connection, secrets: HostSecrets, intent: Intent, state: str, *, now: int) -> None:
    """All that still wait for an answer are told that it is over, and nothing else."""
    for asked in offers.asked_of(db, intent):
        if asked.state in {"told", "offered"}:
            end(db, secrets, intent, asked, state, now=now)


def end(
    db: Connection,
    secrets: HostSecrets,
    intent: Intent,
    asked: Asked,
    state: str,
    *,
    now: int,
    agreement_id: str | None = None,
    **said: str,
) -> None:
    """For one vendor, on both sides. Raises IntentChanged."""
    here = (_row.person_id == intent.person_id, _row.intent_id == intent.intent_id, _row.client_id == asked.client_id)
    as_seen = (*here, _row.version == asked.version, _row.state == asked.state)
    mine = "passed" if state == "withdrawn" else state
    if db.execute(update(intent_offers).where(*as_seen).values(state=mine, agreement_id=agreement_id)).rowcount != 1:
        raise IntentChanged
    kept = {**said, **record(db, agreement_id, person_id=intent.person_id)}
    if heard.end(db, secrets, state, kept, client_id=asked.client_id, intent_id=asked.public_id, now=now):
        tell(db, intent.person_id, asked.client_id, asked.public_id, state, now=now, **said)


def record(db: Connection, agreement_id: str | None, *, person_id: str) -> dict[str, Any]:
    """The agreement as the vendor keeps it, byte for byte."""
    made = agreements.find(db, agreement_id, person_id=person_id) if agreement_id else None
    if made is None:
        return {}
    said = {"document": made.document, "digest": made.digest, "person_signature": made.person_signature}
    return {"agreement": said}


def live_grant(db: Connection, intent: Intent, client_id: str, *, now: int) -> Grant | None:
    place = {"person_id": intent.person_id, "persona_id": intent.persona_id}
    found = grants.find_current(db, **place, client_id=client_id)
    return found[0] if found and found[0].is_live(now) else None


def opening(db: Connection, grant: Grant, *, now: int) -> dict[str, str]:
    """An occasion to speak of it, where the vendor may speak about anything."""
    topic = next(iter(sorted(grant.topics)), None)
    if topic is None:
        return {}
    return {"opening_id": openings.open_(db, grant, kind="intent", topic=topic, until=now + SPEAKS_FOR, now=now)}
