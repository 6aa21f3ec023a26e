"""What vendors offer: it arrives here for the person, in the transaction in which the vendor is told that it did."""

from dataclasses import asdict
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Row, func, select, text, update

from consent import standing
from keys import opaque
from keys.errors import BadToken
from keys.persons import key_of_row
from keys.sealing import seal, unseal
from keys.secrets import HostSecrets
from vendor_api.intents.errors import IntentOver
from vendor_api.model import Offer
from wallet.dialogue.engine import MOST_COUNTED
from wallet.intents.engine import keyed, subject_of
from wallet.intents.model import Asked, Intent
from wallet.intents.tables import intent_offers, intents

OFFERED: Final = text("intent_offers.state = 'offered'")  # as its partial index says it
KIND: Final = "intent"  # of the id by which a vendor calls one

_row = intent_offers.c
_intent = intents.c


def arrive(
    db: Connection, secrets: HostSecrets, offer: Offer, *, client_id: str, public_id: str, version: int, now: int
) -> None:
    """The intent is held first, so that an offer and a decision never pass each other. Raises IntentOver.

    Of a vendor that was blocked since, nothing arrives, nor where the person erased the intent.
    """
    try:
        person_id = opaque.person_of(secrets.tokens, KIND, public_id)
    except BadToken:
        raise IntentOver from None
    its = (_row.person_id == person_id, _row.public_id == public_id, _row.client_id == client_id)
    intent_id = db.execute(select(_row.intent_id).where(*its)).scalar_one_or_none()
    if intent_id is None:
        return  # a refusal would tell whose it was: the one's whose permission ended at that moment
    held = (_intent.person_id == person_id, _intent.intent_id == intent_id, _intent.state == "open")
    touched = update(intents).where(*held, _intent.deadline > now).values(changes=_intent.changes + 1)
    if db.execute(touched).rowcount != 1:
        raise IntentOver
    row = db.execute(keyed().where(_intent.person_id == person_id, _intent.intent_id == intent_id)).one()
    if row.persona_id in standing.blocking(db, person_id=person_id, client_id=client_id):
        return  # a refusal would tell whose intent it is: the one's whose permission ended at that moment
    place = {"person_id": person_id, "persona_id": row.persona_id, "subject": subject_of(row.intent_id)}
    key = key_of_row(secrets, row, **place)
    sealed = seal(key, orjson.dumps(asdict(offer)), *aad(person_id, row.intent_id, client_id, version))
    values = {"state": "offered", "version": version, "offered_at": now, "offer_sealed": sealed}
    there = (*its, _row.state.in_(("told", "offered")), _row.version < version)
    if db.execute(update(intent_offers).where(*there).values(values)).rowcount != 1:
        raise IntentOver


def asked_of(db: Connection, intent: Intent) -> tuple[Asked, ...]:
    """Everybody it was sent to."""
    mine = (_row.person_id == intent.person_id, _row.intent_id == intent.intent_id)
    return tuple(asked_from(intent, row) for row in db.execute(select(intent_offers).where(*mine)))


def find(db: Connection, intent: Intent, client_id: str) -> Asked | None:
    mine = (_row.person_id == intent.person_id, _row.intent_id == intent.intent_id, _row.client_id == client_id)
    row = db.execute(select(intent_offers).where(*mine)).one_or_none()
    return asked_from(intent, row) if row else None


def how_many_offered(db: Connection, *, person_id: str, persona_id: str) -> int:
    """Offers the person has not decided on, to all a persona looks for; no more than MOST_COUNTED are counted."""
    mine = (_row.person_id == person_id, _row.persona_id == persona_id, OFFERED)
    some = select(_row.intent_id).where(*mine).limit(MOST_COUNTED).subquery()
    return db.execute(select(func.count()).select_from(some)).scalar_one()


def counts(db: Connection, person_id: str, intent_ids: list[str]) -> dict[str, int]:
    """How many offers there are, by intent."""
    mine = (_row.person_id == person_id, _row.intent_id.in_(intent_ids), _row.version > 0)
    found = select(_row.intent_id, func.count()).where(*mine).group_by(_row.intent_id)
    return dict(db.execute(found).all())


def asked_from(intent: Intent, row: Row[Any]) -> Asked:
    offer = None
    if row.offer_sealed:
        place = aad(row.person_id, row.intent_id, row.client_id, row.version)
        offer = Offer(**orjson.loads(unseal(intent.key, row.offer_sealed, *place)))
    seen = (row.client_id, row.public_id, row.state, row.version, row.offered_at, row.thread_id, row.agreement_id)
    return Asked(*seen, offer)


def aad(person_id: str, intent_id: str, client_id: str, version: int) -> tuple[str, ...]:
    return "intent_offer", person_id, intent_id, client_id, str(version)
