"""What comes of what the person said goes on to them as well: an answer, a decision, or that nobody answered in time.

They asked, so no topic has to be allowed for it, and no frequency counts it; what they say of hours, pauses and
channels holds. Such a delivery has no grant, and nothing of a relationship leaves with it where the vendor is not to
know who speaks (decisions 48 and 54).
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection

from consent import grants, standing
from consent.contact import policies, windows
from consent.contact.model import CALLS, EVERY, INBOX
from keys.secrets import HostSecrets
from wallet.channels import deliveries
from wallet.channels.deliveries import Delivery
from wallet.channels.sending import NEVER, WHILE_PAUSED, Verdict
from wallet.dialogue.model import Thread
from wallet.dialogue.progress import LATE, Feedback


def send_on(db: Connection, secrets: HostSecrets, thread: Thread, new: str, *, now: int) -> None:
    """`new` is a message_id, or the thread_id: of how far it has come one delivery tells, whatever comes meanwhile."""
    place: dict[str, Any] = {"person_id": thread.person_id, "persona_id": thread.persona_id}
    topic = thread.topic or EVERY
    policy = policies.counting(db, secrets, thread.client_id, topic, **place)
    channel = next((kind for kind in policy.channels if kind not in CALLS), INBOX)
    if channel == INBOX or (new == thread.thread_id and deliveries.is_waiting(db, thread.person_id, new)):
        return
    what: dict[str, Any] = {"thread_id": thread.thread_id, "message_id": new, "client_id": thread.client_id}
    deliveries.put(db, **place, **what, grant_id=None, topic=topic, channel=channel, now=now)


def permitted(db: Connection, delivery: Delivery, /, *, secrets: HostSecrets, now: int) -> Verdict:
    """As wallet/dispatch/permitting.py says it."""
    place = {"person_id": delivery.person_id, "persona_id": delivery.persona_id}
    policy = policies.counting(db, secrets, delivery.client_id, delivery.topic, **place)
    blocking = standing.blocking(db, person_id=delivery.person_id, client_id=delivery.client_id)
    if delivery.persona_id in blocking or delivery.channel not in policy.channels:
        return NEVER
    known = grants.find_current(db, **place, client_id=delivery.client_id)
    if policy.is_paused(now) or (known and known[0].is_paused(now)):
        return now + WHILE_PAUSED
    if windows.is_open(policy, now):
        return None
    return windows.next_open(policy, now) or NEVER


def come_to(said: Feedback, vendor: str, _: Callable[..., str]) -> str:
    """How far it has come, as the person reads it beside the wallet."""
    if said.details.steps[-1].what == LATE or said.outcome is None:
        return _("No answer in time. Handed up.")
    sentence = {
        "used": _("%(vendor)s told you that it used what you said.", vendor=vendor),
        "partly": _("%(vendor)s told you that it used part of what you said.", vendor=vendor),
    }.get(said.outcome) or _("%(vendor)s told you why it does not use what you said.", vendor=vendor)
    return "\n\n".join(part for part in (sentence, said.details.reason, said.details.link) if part)
