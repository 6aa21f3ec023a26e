"""Whether a message that was taken may go out at this moment: the contact policy is asked anew at each try."""

from typing import Final

from sqlalchemy import Connection

from consent import grants
from consent.contact import permission, policies
from consent.contact.errors import OUTSIDE, PAUSED, NotPermitted
from consent.contact.permission import Case, Wish
from consent.errors import UnknownGrant
from keys.secrets import HostSecrets
from wallet.appointments import reminding
from wallet.channels.deliveries import Delivery
from wallet.channels.sending import NEVER, WHILE_PAUSED, Verdict
from wallet.dispatch import answering

# What was said to be allowed when the message was taken, and happens once: its frequency, its occasion, its author.
CHECKS: Final = (
    permission.check_grant,
    permission.check_vendor,
    permission.check_topic,
    permission.check_pause,
    permission.check_channel,
    permission.check_hours,
)
# The wallet reminds of what the person agreed on themselves, also at a time when no vendor may speak.
OF_REMINDER: Final = (permission.check_grant, permission.check_vendor, permission.check_topic)


def permitted(db: Connection, delivery: Delivery, /, *, secrets: HostSecrets, now: int) -> Verdict:
    """None: now. A number: not before. NEVER: the person took it back."""
    if delivery.grant_id is None:
        return answering.permitted(db, delivery, secrets=secrets, now=now)
    try:
        grant = grants.find(db, delivery.grant_id, person_id=delivery.person_id)
    except UnknownGrant:
        return NEVER
    place = {"person_id": delivery.person_id, "persona_id": delivery.persona_id}
    policy = policies.counting(db, secrets, delivery.client_id, delivery.topic, **place)
    case = Case(db, grant, Wish(delivery.topic, delivery.channel), policy, now)
    if delivery.ends_at is not None and now >= delivery.ends_at:
        return NEVER
    try:
        for check in OF_REMINDER if reminding.is_reminder(db, delivery) else CHECKS:
            check(case)
    except NotPermitted as error:
        if error.reason == PAUSED:
            return now + WHILE_PAUSED
        return error.next_at if error.reason == OUTSIDE and error.next_at else NEVER
    return None
