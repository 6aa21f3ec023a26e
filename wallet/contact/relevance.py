"""What becomes of a topic that a person finds not relevant: it needs an occasion, then it is paused (decision 46)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, Literal

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString
from sqlalchemy import Connection, select

from consent import grants
from consent.contact import policies
from consent.contact.model import FOR_EVER, ContactPolicy
from consent.contact.policies import Scope
from consent.contact.tables import contact_policies
from consent.errors import UnknownGrant
from keys.relationship import relationship_key
from keys.secrets import HostSecrets
from wallet.contact import places
from wallet.dialogue.model import VENDOR
from wallet.dialogue.tables import messages
from wallet.people import personas

Step = Literal["narrowed", "paused"]
NOT_RELEVANT: Final = "not_relevant"
ENOUGH: Final = 2

SAID: Final[Mapping[Step, LazyString]] = {
    "narrowed": _("From now on it needs an occasion that you made. On the page of the vendor you can undo that."),
    "paused": _("From now on you hear no more of this. On the page of the vendor you can undo that."),
}


def rated(
    db: Connection,
    secrets: HostSecrets,
    *,
    person_id: str,
    persona_id: str,
    grant_id: str | None,
    topic: str | None,
    now: int,
) -> Step | None:
    """To be called after a message was rated, in the same transaction: what the wallet did of it, if anything.

    The last two of this vendor and topic that were rated count, and only what came since its policy was last changed:
    who takes a step back is not overruled by what they said before.
    """
    if grant_id is None or topic is None:
        return None
    try:
        grant = grants.find(db, grant_id, person_id=person_id)
    except UnknownGrant:
        return None
    scope = Scope(grant.party.client_id, topic, grant.party.name, grant_id)
    place = places.of(db, secrets, scope, grant, person_id=person_id, persona_id=persona_id)
    if topic not in grant.topics or place.counts.is_paused(now) or not is_enough(db, place):
        return None
    step, said = next_step(place)
    key = relationship_key(personas.face(db, secrets, **place.whose).root, grant.party.sector)
    how: dict[str, Any] = {**place.whose, "why": step, "now": now}
    policies.keep(db, secrets, said, scope, key, **how)
    return step


def next_step(place: places.Place) -> tuple[Step, ContactPolicy]:
    """An occasion the person made themselves is the last thing to be silenced."""
    if place.counts.relevant_only:
        return "paused", replace(place.said, paused_until=FOR_EVER)
    return "narrowed", replace(place.said, relevant_only=True)


def is_enough(db: Connection, place: places.Place) -> bool:
    row, policy = messages.c, contact_policies.c
    mine = (row.person_id == place.person_id, row.persona_id == place.persona_id)
    of = (row.client_id == place.scope.client_id, row.topic == place.scope.topic, row.said_by == VENDOR)
    found = select(row.rating, row.at).where(*mine, *of, row.rating.is_not(None))
    last = db.execute(found.order_by(row.at.desc(), row.message_id.desc()).limit(ENOUGH)).all()
    there = (policy.person_id == place.person_id, policy.persona_id == place.persona_id)
    here = (policy.client_id == place.scope.client_id, policy.topic == place.scope.topic)
    since = db.execute(select(policy.changed_at).where(*there, *here)).scalar_one_or_none() or 0
    return len(last) == ENOUGH and all(one.rating == NOT_RELEVANT and one.at > since for one in last)
