"""What the person makes of it: satisfied or not, or taken back. The vendor's desk has it in the same transaction."""

from dataclasses import replace

from sqlalchemy import Connection

from consent import ledger
from consent.ledger import Entry
from keys.secrets import HostSecrets
from vendor_api.desk import judged
from wallet.dialogue import kept
from wallet.dialogue.model import Thread
from wallet.dialogue.progress import MOST_STEPS, WITHDRAWN, Feedback, Step
from wallet.feedback.errors import Ended, NothingToJudge


def judge(db: Connection, thread: Thread, said: Feedback, *, satisfied: bool) -> None:
    """Raises NothingToJudge before there is an answer."""
    ids = {"client_id": thread.client_id, "thread_id": thread.public_id}
    if not judged.satisfied(db, **ids, satisfied=satisfied):
        raise NothingToJudge
    kept.judge(db, thread, satisfied)


def withdraw(db: Connection, secrets: HostSecrets, thread: Thread, said: Feedback, *, now: int) -> None:
    """Nobody has to answer any more; what was read is read. Raises Ended."""
    if not judged.withdrawn(db, client_id=thread.client_id, thread_id=thread.public_id, now=now):
        raise Ended
    details = replace(said.details, steps=(*said.details.steps, Step(WITHDRAWN, now))[-MOST_STEPS:])
    over = replace(said, state=WITHDRAWN, state_at=now, due_at=None, details=details)
    kept.save(db, thread, over)
    entry = Entry("said", thread.client_id, thread.grant_id, {"vendor": thread.vendor, "kind": "withdrawal"})
    ledger.write(db, secrets.ledger, entry, person_id=thread.person_id, now=now)
