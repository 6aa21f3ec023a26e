"""What can not be delivered by one channel goes on by the next that the person likes, each of them once."""

from typing import Any

from sqlalchemy import Connection

from consent.contact import policies
from consent.contact.model import CALLS, INBOX
from keys.secrets import HostSecrets
from wallet.channels import deliveries
from wallet.channels.deliveries import Delivery
from wallet.channels.model import Appointment


def go_on(db: Connection, failed: Delivery, /, *, secrets: HostSecrets, now: int) -> None:
    """In their order, behind the one that failed; where the inbox comes first, it is enough that it lies there.

    Whether it may go at that moment is asked at each try, as always.
    """
    place: dict[str, Any] = {"person_id": failed.person_id, "persona_id": failed.persona_id}
    order = policies.counting(db, secrets, failed.client_id, failed.topic, **place).channels
    if failed.channel not in order:
        return
    behind = [kind for kind in order[order.index(failed.channel) + 1 :] if kind not in CALLS]
    if not behind or behind[0] == INBOX:
        return
    call = None
    if failed.starts_at is not None and failed.ends_at is not None:
        call = Appointment(failed.starts_at, failed.ends_at, "phone")
    deliveries.put(
        db,
        **place,
        thread_id=failed.thread_id,
        message_id=failed.message_id,
        client_id=failed.client_id,
        grant_id=failed.grant_id,
        topic=failed.topic,
        channel=behind[0],
        appointment=call,
        now=now,
    )
