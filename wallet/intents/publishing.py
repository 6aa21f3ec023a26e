"""An intent is sent with all others of its quarter hour, in no order, so that the moment tells nothing of who it is."""

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, insert, select

from consent import events, ledger, standing
from consent.events import About
from consent.ledger import Entry
from consent.standing import Whose
from keys import opaque
from keys.secrets import HostSecrets
from vendor_api.intents import engine as heard
from vendor_api.vendors import registry
from wallet.intents import engine
from wallet.intents.errors import BadIntent, IntentChanged, UnknownIntent
from wallet.intents.model import Intent
from wallet.intents.offers import KIND
from wallet.intents.tables import intent_offers, intents
from wallet.intents.words import MOST_OPEN_SAID, TOO_SOON_SAID

QUARTER: Final = 900
LEAST: Final = 3600  # that vendors have to answer
MOST_OPEN: Final = 20
AT_ONCE: Final = 500
LAPSES: Final = 30 * 24 * 3600  # after the time to answer, when nobody decided

_row = intents.c


def send(db: Connection, intent: Intent, *, version: int, now: int) -> None:
    """With the next batch. Raises BadIntent, IntentChanged."""
    publish_at = now - now % QUARTER + QUARTER
    if intent.deadline < publish_at + LEAST:
        raise BadIntent(TOO_SOON_SAID)
    place = {"person_id": intent.person_id, "persona_id": intent.persona_id}
    if sum(engine.count(db, **place, state=state) for state in ("waiting", "open")) >= MOST_OPEN:
        raise BadIntent(MOST_OPEN_SAID)
    if intent.state != "draft" or intent.version != version:
        raise IntentChanged
    engine.moved(db, intent, "waiting", publish_at=publish_at)


def find_due(db: Connection, *, now: int) -> list[tuple[str, str, str]]:
    return found_where(db, _row.state == "waiting", _row.publish_at <= now)


def find_lapsed(db: Connection, *, now: int) -> list[tuple[str, str, str]]:
    return found_where(db, _row.state == "open", _row.deadline <= now - LAPSES)


def found_where(db: Connection, *these: ColumnElement[bool]) -> list[tuple[str, str, str]]:
    found = select(_row.person_id, _row.persona_id, _row.intent_id).where(*these).limit(AT_ONCE)
    return [(row.person_id, row.persona_id, row.intent_id) for row in db.execute(found)]


def publish(db: Connection, secrets: HostSecrets, person_id: str, persona_id: str, intent_id: str, *, now: int) -> bool:
    """To everybody it is for, each under another id. Whether it is this call that did it."""
    try:
        intent = engine.find(db, secrets, intent_id, person_id=person_id, persona_id=persona_id)
        if intent.state != "waiting":
            return False
        engine.moved(db, intent, "open")
    except (IntentChanged, UnknownIntent):
        return False
    vendors = receivers(db, intent)
    send_to(db, secrets, intent, vendors, now=now)
    entry = Entry("intent_sent", detail={"vendors": len(vendors)})
    ledger.write(db, secrets.ledger, entry, person_id=person_id, now=now)
    return True


def receivers(db: Connection, intent: Intent) -> list[str]:
    """Those chosen and those that follow; none that is gone, or that this persona has blocked."""
    followers = heard.followers(db, intent.draft.branch) if intent.draft.everybody else ()
    wanted = tuple(dict.fromkeys((*intent.draft.to, *followers)))
    known, mine = registry.known(db, wanted), standing.of(db, whose=Whose(intent.person_id, intent.persona_id))
    return [client_id for client_id in wanted if client_id in known and not mine.blocks(client_id)]


def send_to(db: Connection, secrets: HostSecrets, intent: Intent, vendors: Collection[str], *, now: int) -> None:
    if not vendors:
        return
    ids = {client_id: opaque.mint(secrets.tokens, KIND, intent.person_id) for client_id in vendors}
    told: dict[str, Any] = {"person_id": intent.person_id, "intent_id": intent.intent_id}
    told |= {"persona_id": intent.persona_id, "state": "told", "version": 0}
    rows = [{**told, "client_id": client_id, "public_id": public_id} for client_id, public_id in ids.items()]
    db.execute(insert(intent_offers), rows)
    times = {"published_at": intent.publish_at or now, "deadline": intent.deadline}
    heard.hear(db, secrets, intent.told, ids, **times)
    for client_id, public_id in ids.items():
        tell(db, intent.person_id, client_id, public_id, "open", now=now)


def tell(db: Connection, person_id: str, client_id: str, public_id: str, state: str, *, now: int, **more: str) -> None:
    """A vendor that listens hears of it; what it says of the person is the id of the intent, and nothing else."""
    said = {"intent_id": public_id, "state": state, **more}
    events.tell(db, About(person_id, client_id, public_id), events.INTENT, said, now=now)
