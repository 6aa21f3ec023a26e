"""What goes along with a person's words: whom they want to speak with, and what they let the vendor read anyhow."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection

from consent.contact import policies
from consent.contact.model import ANYBODY, NOBODY_ELSE, SAME_SKILL
from consent.model import Grant, carries_data
from keys.secrets import HostSecrets
from vendor_api.desk import routing, service
from vendor_api.desk.routing import Preference
from wallet.data.known import known_values
from wallet.dialogue.model import Thread
from wallet.house import no_totals

FALLBACKS: Final = {ANYBODY: routing.ANYONE, SAME_SKILL: routing.SAME_SKILL, NOBODY_ELSE: routing.WAIT}
ANY_TOPIC: Final = "*"


def preference(db: Connection, secrets: HostSecrets, thread: Thread) -> Preference:
    """By the contact policy; who is not to be known prefers nobody, for that could tell who it is."""
    if thread.sub:
        return routing.NO_PREFERENCE
    place = {"person_id": thread.person_id, "persona_id": thread.persona_id}
    policy = policies.counting(db, secrets, thread.client_id, thread.topic or ANY_TOPIC, **place)
    return Preference(policy.contact_person or None, FALLBACKS[policy.fallback])


def released(
    db: Connection, secrets: HostSecrets, thread: Thread, grant: Grant | None, *, now: int
) -> Mapping[str, Any]:
    """Values that may weigh, by the vendor's rules: none where they are hidden, limited, locked or taken back."""
    if thread.sub or grant is None or not grant.is_live(now) or grant.is_paused(now):
        return {}
    free = {item.attribute for item in grant.items if carries_data(item.attribute) and item.in_force is None}
    rules = service.service(db, client_id=thread.client_id).influence
    wanted = {rule.attribute for rule in rules} & free
    if not wanted:
        return {}
    place: dict[str, Any] = {"person_id": thread.person_id, "persona_id": thread.persona_id}
    found = known_values(db, secrets, **place, attributes=wanted, totals=no_totals, now=now)
    return {name: one.value for name, one in found.items() if one.value is not None}
