"""What a vendor's desk tells of what the person said: each step is kept for them to see, and marked as new."""

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from consent import ledger
from consent.ledger import Entry
from keys.secrets import HostSecrets
from vendor_api.desk import directory
from vendor_api.desk.errors import UnknownContactPerson
from vendor_api.desk.model import ENDED, WAITING
from vendor_api.desk.model import Thread as AtDesk
from vendor_api.model import Said
from wallet.dialogue import engine as dialogue
from wallet.dialogue import kept
from wallet.dialogue.model import Thread
from wallet.dialogue.progress import ASSIGNED, LATE, WITHDRAWN, Details, Feedback, Step, newest


def begun(db: Connection, secrets: HostSecrets, thread: Thread, at_desk: AtDesk, *, now: int) -> None:
    """The person said something: it begins its way, for the first time or anew. The vendor's estimate is kept too."""
    before = kept.find(db, thread)
    who = name_of(db, secrets, thread.client_id, at_desk.assigned_to)
    steps = (*(before.details.steps if before else ()), Step("received", now, who))
    details = Details(who, at_desk.priority, at_desk.explanation, steps=newest(steps))
    place: dict[str, Any] = {"person_id": thread.person_id, "thread_id": thread.thread_id}
    place["persona_id"] = thread.persona_id
    how: dict[str, Any] = {"late_at": None, "outcome": None, "satisfied": None, "unseen": 0, "details": details}
    begins = Feedback(**place, state="received", state_at=now, due_at=at_desk.due_at, **how)
    kept.save(db, thread, begins)


def heard(db: Connection, secrets: HostSecrets, thread: Thread, said: Said, *, now: int) -> bool:
    """One step of the desk's; whether it marks the thread as unread: what is decided, over or late does.

    An answer does so by itself.
    """
    before = kept.find(db, thread)
    if before is None or before.state == WITHDRAWN:
        return False
    kept.save(db, thread, after(before, said, now=now))
    is_news = said.outcome is not None or said.is_late or said.state in ENDED
    if is_news:
        dialogue.mark_unread(db, thread)
    if said.state in ENDED:
        detail = {"vendor": thread.vendor, "kind": thread.kind, "ended": said.state, "outcome": before.outcome}
        entry = Entry("contacted", thread.client_id, thread.grant_id, detail)
        ledger.write(db, secrets.ledger, entry, person_id=thread.person_id, now=now)
    return is_news


def after(before: Feedback, said: Said, *, now: int) -> Feedback:
    """Who has it changes without a step of the vendor's; everything else is one."""
    details, name = before.details, said.name or ""
    if said.is_late or said.state == before.state:
        happened = Step(LATE if said.is_late else ASSIGNED, now, name)
        changed = replace(before, late_at=now if said.is_late else before.late_at)
        details = replace(details, who=name)
    else:
        happened = Step(said.state, now, said.outcome or name)
        changed = replace(before, state=said.state, state_at=now, outcome=said.outcome or before.outcome)
        if said.state not in WAITING:
            changed = replace(changed, due_at=None)
        details = replace(details, who=name or details.who)
    if said.outcome is not None:
        details = replace(details, reason=said.reason or "", link=said.link or "")
    details = replace(details, steps=newest((*details.steps, happened)))
    return replace(changed, unseen=before.unseen + 1, details=details)


def name_of(db: Connection, secrets: HostSecrets, client_id: str, contact_person_id: str | None) -> str:
    try:
        ids = {"client_id": client_id, "contact_person_id": contact_person_id or ""}
        return directory.find(db, secrets, **ids).name
    except UnknownContactPerson:
        return ""
