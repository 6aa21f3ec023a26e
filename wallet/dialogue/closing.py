"""What the person makes of it: satisfied or not, or taken back. The vendor's desk has it in the same transaction."""

from dataclasses import replace

from sqlalchemy import Connection

from consent import ledger
from consent.ledger import Entry
from keys.secrets import HostSecrets
from vendor_api.desk import judged
from wallet.dialogue import kept
from wallet.dialogue.errors import Ended, NothingToJudge
from wallet.dialogue.model import Thread
from wallet.dialogue.progress import WITHDRAWN, Step, newest


def judge(db: Connection, thread: Thread, *, satisfied: bool) -> None:
    """Raises NothingToJudge before there is an answer."""
    ids = {"client_id": thread.client_id, "thread_id": thread.public_id}
    if not judged.satisfied(db, **ids, satisfied=satisfied):
        raise NothingToJudge
    kept.judge(db, thread, satisfied)


def withdraw(db: Connection, secrets: HostSecrets, thread: Thread, *, now: int) -> None:
    """Nobody has to answer any more; what was read is read. Raises Ended."""
    if not let_go(db, thread, now=now):
        raise Ended
    entry = Entry("said", thread.client_id, thread.grant_id, {"vendor": thread.vendor, "kind": "withdrawal"})
    ledger.write(db, secrets.ledger, entry, person_id=thread.person_id, now=now)


def let_go(db: Connection, thread: Thread, *, now: int) -> bool:
    """Where something waits at the vendor's desk, it waits no more; whether it did."""
    said = kept.find(db, thread)
    if said is None or not judged.withdrawn(db, client_id=thread.client_id, thread_id=thread.public_id, now=now):
        return False
    details = replace(said.details, steps=newest((*said.details.steps, Step(WITHDRAWN, now))))
    kept.save(db, thread, replace(said, state=WITHDRAWN, state_at=now, due_at=None, details=details))
    return True
