"""Before each try of a delivery: may it go now, later, or never? What the person says now counts."""

from typing import Final

from sqlalchemy import Connection

from consent import grants, standing
from consent.contact import policies, windows
from consent.contact.model import EVERY, INBOX, Effective
from consent.errors import UnknownGrant
from consent.model import Grant
from wallet.channels.deliveries import Delivery
from wallet.channels.sending import NEVER, Verdict

LOOK_AGAIN: Final = 6 * 3600  # the person may have changed their mind meanwhile
OLDEST: Final = 30 * 24 * 3600  # it stands in the inbox; for what is older nobody is called any more


def permitted(db: Connection, delivery: Delivery, *, now: int) -> Verdict:
    """None: now. A number: not before. NEVER: taken back, or no longer wanted that way.

    How often is not counted anew: it was when the message came.
    """
    grant = None
    if delivery.grant_id is not None:
        grant = standing_grant(db, delivery, now=now)
        if grant is None:
            return NEVER
    place = {"person_id": delivery.person_id, "persona_id": delivery.persona_id}
    if delivery.persona_id in standing.blocking(db, person_id=delivery.person_id, client_id=delivery.client_id):
        return NEVER
    policy = policies.counting(db, delivery.client_id, delivery.topic or EVERY, **place)
    if delivery.channel not in {*policy.channels, INBOX} or now >= delivery.created_at + OLDEST:
        return NEVER
    return when(policy, grant, now=now)


def standing_grant(db: Connection, delivery: Delivery, *, now: int) -> Grant | None:
    """The grant, as long as it allows this vendor to speak about this."""
    try:
        grant = grants.find(db, delivery.grant_id or "", person_id=delivery.person_id)
    except UnknownGrant:
        return None
    is_this = (grant.persona_id, grant.party.client_id) == (delivery.persona_id, delivery.client_id)
    return grant if is_this and grant.is_live(now) and delivery.topic in grant.topics else None


def when(policy: Effective, grant: Grant | None, *, now: int) -> Verdict:
    """By pause, hours and calendar. A pause without an end holds it up; a last day that is over ends it."""
    paused = max(policy.paused_until, (grant.paused_until or 0) if grant else 0)
    if now < paused:
        return min(paused, now + LOOK_AGAIN)
    at = windows.next_open(policy, now)
    if at is None:
        return NEVER
    return None if at == now else min(at, now + LOOK_AGAIN)
