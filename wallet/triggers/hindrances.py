"""Why a vendor is not told that a trigger fired: some reasons pass, and then it is told after all."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from consent import standing
from consent.contact import policies
from consent.contact.model import Effective
from consent.model import CONTACT, Grant
from keys.secrets import HostSecrets
from wallet.triggers.model import Trigger

# The person sees a sentence for each.
ENDED: Final = "ended"
PAUSED: Final = "paused"
NOT_YET: Final = "not_yet"
NO_MORE: Final = "no_more"
NO_TOPIC: Final = "no_topic"
BLOCKED: Final = "blocked"
NO_CHANNEL: Final = "no_channel"
RESTORED: Final = "restored"
MISSED: Final = "missed"  # it passed, but the time to answer was over


@dataclass(frozen=True, slots=True)
class Hindrance:
    """`ends_at` is when it passes by itself, None where it does not."""

    reason: str
    ends_at: int | None = None


def hindrance(
    db: Connection, secrets: HostSecrets, trigger: Trigger, grant: Grant | None, *, now: int
) -> Hindrance | None:
    """None where it can be told. Hours do not count: they say when the vendor may speak, which comes later."""
    if grant is None or not grant.is_live(now):
        return Hindrance(ENDED)
    if grant.persona_id in standing.blocking(db, person_id=grant.person_id, client_id=grant.party.client_id):
        return Hindrance(BLOCKED)
    if CONTACT + trigger.draft.topic not in grant.attributes:
        return Hindrance(NO_TOPIC)
    place = {"person_id": trigger.person_id, "persona_id": trigger.persona_id}
    policy = policies.counting(db, secrets, trigger.client_id, trigger.draft.topic, **place)
    if trigger.draft.channel and trigger.draft.channel not in policy.channels:
        return Hindrance(NO_CHANNEL)
    if policy.not_after and now >= policy.not_after:
        return Hindrance(NO_MORE)
    return peace(grant, policy, now=now)


def peace(grant: Grant, policy: Effective, *, now: int) -> Hindrance | None:
    """The longest of what the person said of not being spoken to for a while."""
    paused_until = max(grant.paused_until or 0, policy.paused_until)
    ends_at = max(paused_until, policy.not_before)
    if ends_at <= now:
        return None
    return Hindrance(PAUSED if paused_until > now else NOT_YET, ends_at)
