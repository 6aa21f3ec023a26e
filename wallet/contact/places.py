"""Where something is said of being spoken to: for all vendors, for one, for a topic of it; and what holds there."""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from consent.contact import policies
from consent.contact.model import EVERY, ContactPolicy, Effective, effective
from consent.contact.policies import Scope
from consent.model import CONTACT, Grant
from keys.relationship import RelationshipKey, contact_key, relationship_key
from keys.secrets import HostSecrets
from wallet import noticing
from wallet.contact.errors import NotOffered
from wallet.house import House
from wallet.people import personas
from wallet.people.granted import own_grant
from wallet.people.model import Visitor


@dataclass(frozen=True, slots=True)
class Place:
    """What is `said` just there, and by the `wider` ones, the narrowest first. `grant` is None for all vendors."""

    person_id: str
    persona_id: str
    scope: Scope
    grant: Grant | None
    said: ContactPolicy
    wider: tuple[tuple[Scope, ContactPolicy], ...]

    @property
    def whose(self) -> dict[str, str]:
        return {"person_id": self.person_id, "persona_id": self.persona_id}

    @property
    def topic(self) -> str | None:
        return None if self.scope.topic == EVERY else self.scope.topic

    @property
    def inherited(self) -> Effective:
        """What would hold if nothing were said here."""
        return counting(self.wider)

    @property
    def counts(self) -> Effective:
        return counting(((self.scope, self.said), *self.wider))

    def having(self, said: ContactPolicy) -> "Place":
        return replace(self, said=said)

    def source(self, member: str) -> Scope | None:
        """By which of the wider ones a member is said; None where it is the wallet's own."""
        return next((scope for scope, policy in self.wider if getattr(policy, member) is not None), None)


def counting(found: tuple[tuple[Scope, ContactPolicy], ...]) -> Effective:
    return effective((scope.topic, policy) for scope, policy in found)


def find(
    db: Connection, secrets: HostSecrets, who: Visitor, grant_id: str | None = None, topic: str | None = None
) -> Place:
    """Raises UnknownGrant, also for another persona's, and NotOffered."""
    whose = {"person_id": who.person_id, "persona_id": who.persona_id}
    grant = own_grant(db, who, grant_id) if grant_id is not None else None
    if grant is None:
        return of(db, secrets, Scope(), None, **whose)
    if topic is not None and f"{CONTACT}{topic}" not in named(grant):
        raise NotOffered
    return of(
        db, secrets, Scope(grant.party.client_id, topic or EVERY, grant.party.name, grant.grant_id), grant, **whose
    )


def of(
    db: Connection, secrets: HostSecrets, scope: Scope, grant: Grant | None, *, person_id: str, persona_id: str
) -> Place:
    whose = {"person_id": person_id, "persona_id": persona_id}
    found = policies.all_said(db, secrets, scope.client_id, scope.topic, **whose)
    here = (scope.client_id, scope.topic)
    said = next((policy for at, policy in found if (at.client_id, at.topic) == here), ContactPolicy())
    wider = tuple((at, policy) for at, policy in found if (at.client_id, at.topic) != here)
    return Place(person_id, persona_id, scope, grant, said, wider)


def named(grant: Grant) -> frozenset[str]:
    """Every topic this vendor asked for, allowed or not, as it stands in the grant."""
    return frozenset(one.attribute for one in (*grant.items, *grant.refused) if one.attribute.startswith(CONTACT))


def keep(
    db: Connection, house: House, place: Place, said: ContactPolicy, *, instead_of: ContactPolicy, now: int
) -> None:
    """Signed by the relationship's key, or by the persona's own. Raises BadPolicy, PolicyChanged."""
    how: dict[str, Any] = {**place.whose, "instead_of": instead_of, "now": now}
    policies.keep(db, house.secrets, said, place.scope, key_of(db, house, place), **how)
    noticing.may_speak_again(db, person_id=place.person_id)


def key_of(db: Connection, house: House, place: Place) -> RelationshipKey:
    root = personas.face(db, house.secrets, **place.whose).root
    return relationship_key(root, place.grant.party.sector) if place.grant else contact_key(root)
