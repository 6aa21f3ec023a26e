"""Asking back: a conversation with a vendor about its offer, in which it knows the person by the intent's id alone."""

from typing import Any, Final

from sqlalchemy import Connection, update

from keys.secrets import HostSecrets
from wallet.dialogue import engine as dialogue
from wallet.dialogue import saying
from wallet.dialogue.model import LONGEST_SUBJECT, PERSON, Thread
from wallet.intents import offers
from wallet.intents.errors import IntentChanged
from wallet.intents.model import Intent
from wallet.intents.tables import intent_offers

KIND: Final = "question"
_row = intent_offers.c


def ask(
    db: Connection,
    secrets: HostSecrets,
    intent: Intent,
    client_id: str,
    text: str,
    *,
    vendor: str,
    language: str | None,
    now: int,
) -> Thread:
    """In the conversation there is, or in a new one. Raises IntentChanged, EmptyMessage, ThreadClosed."""
    asked = offers.find(db, intent, client_id)
    if asked is None or asked.version == 0:
        raise IntentChanged
    place = {"person_id": intent.person_id, "persona_id": intent.persona_id}
    if asked.thread_id is not None:
        thread = dialogue.find(db, secrets, asked.thread_id, **place)
    else:
        about: dict[str, Any] = {
            "vendor": vendor,
            "subject": intent.draft.text[:LONGEST_SUBJECT],
            "kind": KIND,
            "topic": None,
        }
        whose: dict[str, Any] = {**place, "client_id": client_id, "grant_id": None}
        thread = dialogue.open_thread(db, secrets, **whose, **about, opened_by=PERSON, sub=asked.public_id, now=now)
        here = (_row.person_id == intent.person_id, _row.intent_id == intent.intent_id, _row.client_id == client_id)
        db.execute(update(intent_offers).where(*here).values(thread_id=thread.thread_id))
    saying.say(db, secrets, thread, text, language=language, now=now)
    return thread
