"""Keep what a persona says of how it may be spoken to, signed, and find what counts for a vendor and a topic."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import orjson
from sqlalchemy import ColumnElement, Connection, delete

from consent import ledger
from consent.contact import windows
from consent.contact.errors import BadPolicy, PolicyChanged
from consent.contact.model import (
    EVERY,
    FALLBACKS,
    FOR_EVER,
    ContactPolicy,
    Effective,
    Window,
    as_json,
    effective,
    from_json,
)
from consent.contact.tables import contact_policies
from consent.ledger import Entry
from consent.model import Span
from keys.errors import UnknownKey
from keys.inserts import insert_or_change
from keys.persons import ITSELF, hold_subject_key, key_of_row, meet, open_subject_key, with_keys
from keys.relationship import RelationshipKey
from keys.sealing import cipher, seal, unseal
from keys.secrets import HostSecrets

TYPE: Final = "contact-policy+jwt"
MOST_WINDOWS: Final = 20
MOST_CHANNELS: Final = 16
MOST_IN_A_SPAN: Final = 1_000
UNITS: Final = ("day", "week", "month", "year")
LAST_MINUTE: Final = 24 * 60

_row = contact_policies.c


@dataclass(frozen=True, slots=True)
class Scope:
    """For which vendor and topic a policy is said; EVERY for all. `vendor` is its name, "" for all."""

    client_id: str = EVERY
    topic: str = EVERY
    vendor: str = ""
    grant_id: str | None = None


def keep(
    db: Connection,
    secrets: HostSecrets,
    policy: ContactPolicy,
    scope: Scope,
    key: RelationshipKey,
    *,
    person_id: str,
    persona_id: str,
    instead_of: ContactPolicy | None = None,
    why: str | None = None,
    now: int,
) -> None:
    """Put this policy in the place of what was said there before; one that says nothing takes it away.

    `key` is the relationship's; for every vendor, the persona's own. `instead_of` is what whoever changes it had
    before their eyes; `why` it changed, where the person did not do it by hand. Raises BadPolicy, and PolicyChanged
    where something else stands there by now.
    """
    check(policy)
    meet(db, person_id=person_id)
    whose = {"person_id": person_id, "persona_id": persona_id}
    place = {**whose, "client_id": scope.client_id, "topic": scope.topic}
    there = find(db, secrets, scope, **whose)
    if instead_of not in {None, there}:
        raise PolicyChanged("somebody else changed this policy meanwhile")
    if policy == there:
        return
    if policy.says_nothing:
        db.execute(delete(contact_policies).filter_by(**place))
    else:
        said = as_json(policy)
        document = key.sign({"sub": key.sub, "aud": scope.client_id, "topic": scope.topic, "iat": now, **said}, TYPE)
        change = {**sealed(db, secrets, said, document, **place), "changed_at": now}
        insert_or_change(db, contact_policies, place | change, change)
    detail = {"vendor": scope.vendor, "contact": scope.topic} | ({"why": why} if why else {})
    entry = Entry("changed", None if scope.client_id == EVERY else scope.client_id, scope.grant_id, detail)
    ledger.write(db, secrets.ledger, entry, person_id=person_id, now=now)


def sealed(
    db: Connection, secrets: HostSecrets, said: Mapping[str, Any], document: str, **place: str
) -> dict[str, bytes]:
    """Under the persona's own key. Raises UnknownKey where the persona is no more."""
    whose = {"person_id": place["person_id"], "persona_id": place["persona_id"], "subject": ITSELF}
    if not hold_subject_key(db, **whose):
        raise UnknownKey("this persona is no more")
    key = open_subject_key(db, secrets, **whose)
    return {
        "policy_sealed": seal(key, orjson.dumps(said), *aad("policy", **place)),
        "document_sealed": seal(key, document.encode(), *aad("document", **place)),
    }


def find(db: Connection, secrets: HostSecrets, scope: Scope, *, person_id: str, persona_id: str) -> ContactPolicy:
    """What is said at just this place."""
    here = (_row.client_id == scope.client_id, _row.topic == scope.topic)
    found = opened(db, secrets, "policy", *here, person_id=person_id, persona_id=persona_id)
    return from_json(orjson.loads(next(iter(found.values())))) if found else ContactPolicy()


def document(db: Connection, secrets: HostSecrets, scope: Scope, *, person_id: str, persona_id: str) -> str | None:
    """The same as it was signed."""
    here = (_row.client_id == scope.client_id, _row.topic == scope.topic)
    found = opened(db, secrets, "document", *here, person_id=person_id, persona_id=persona_id)
    return next((signed.decode() for signed in found.values()), None)


def counting(
    db: Connection, secrets: HostSecrets, client_id: str, topic: str, *, person_id: str, persona_id: str
) -> Effective:
    """What counts for a vendor and a topic."""
    found = all_said(db, secrets, client_id, topic, person_id=person_id, persona_id=persona_id)
    return effective((scope.topic, policy) for scope, policy in found)


def all_said(
    db: Connection, secrets: HostSecrets, client_id: str, topic: str, *, person_id: str, persona_id: str
) -> tuple[tuple[Scope, ContactPolicy], ...]:
    """All that holds, the narrowest first: said for just these, for the vendor, for the topic, for everybody."""
    there = (_row.client_id.in_((client_id, EVERY)), _row.topic.in_((topic, EVERY)))
    found = opened(db, secrets, "policy", *there, person_id=person_id, persona_id=persona_id)
    places = dict.fromkeys(((client_id, topic), (client_id, EVERY), (EVERY, topic), (EVERY, EVERY)))
    return tuple((Scope(*place), from_json(orjson.loads(found[place]))) for place in places if place in found)


def ways(db: Connection, secrets: HostSecrets, *, person_id: str, persona_id: str) -> frozenset[str]:
    """By which channels this persona wants to be spoken to, wherever it says so."""
    found = opened(db, secrets, "policy", person_id=person_id, persona_id=persona_id)
    return frozenset(kind for said in found.values() for kind in from_json(orjson.loads(said)).channels or ())


def opened(
    db: Connection,
    secrets: HostSecrets,
    part: Literal["policy", "document"],
    *there: ColumnElement[bool],
    person_id: str,
    persona_id: str,
) -> dict[tuple[str, str], bytes]:
    """That part of each policy that was said there, by vendor and topic; all lie under one key."""
    mine = (_row.person_id == person_id, _row.persona_id == persona_id)
    content = contact_policies.c[f"{part}_sealed"]
    query = with_keys(contact_policies, _row.client_id, _row.topic, content, persona_id=_row.persona_id, subject=ITSELF)
    rows = db.execute(query.where(*mine, *there)).all()
    if not rows:
        return {}
    whose = {"person_id": person_id, "persona_id": persona_id}
    key = cipher(key_of_row(secrets, rows[0], **whose, subject=ITSELF))
    return {
        (client_id, topic): unseal(key, content, *aad(part, **whose, client_id=client_id, topic=topic))
        for client_id, topic, content, *_keys in rows
    }


def aad(part: str, *, person_id: str, persona_id: str, client_id: str, topic: str) -> tuple[str, ...]:
    return "contact_policies", person_id, persona_id, client_id, topic, part


def check(policy: ContactPolicy) -> None:
    """Raises BadPolicy."""
    for problem, is_wrong in (
        ("choose at least one channel", policy.channels is not None and not is_list_of_channels(policy.channels)),
        ("there are too many windows", any(len(of or ()) > MOST_WINDOWS for of in (policy.windows, policy.quiet))),
        ("a window needs days, a beginning and an end", not all(map(is_window, all_windows(policy)))),
        ("the number of messages is too large", policy.frequency is not None and not is_frequency(policy.frequency)),
        ("there is no such moment", not all(map(is_moment, moments(policy)))),
        ("there is no such fallback", policy.fallback is not None and policy.fallback not in FALLBACKS),
    ):
        if is_wrong:
            raise BadPolicy(problem)
    if policy.time_zone is not None:
        windows.zone(policy.time_zone)
    if policy.holidays:
        windows.holidays_of(policy.holidays, 2000)


def is_list_of_channels(channels: tuple[str, ...]) -> bool:
    return 0 < len(channels) <= MOST_CHANNELS and len(set(channels)) == len(channels) and all(channels)


def all_windows(policy: ContactPolicy) -> tuple[Window, ...]:
    return (*(policy.windows or ()), *(policy.quiet or ()))


def is_window(window: Window) -> bool:
    in_day = 0 <= window.since < LAST_MINUTE and 0 <= window.until <= LAST_MINUTE
    return bool(window.days) and set(window.days) <= set(range(1, 8)) and in_day and window.since != window.until


def moments(policy: ContactPolicy) -> tuple[int, ...]:
    return tuple(at or 0 for at in (policy.not_before, policy.not_after, policy.paused_until))


def is_moment(at: int) -> bool:
    return 0 <= at <= FOR_EVER


def is_frequency(frequency: Span) -> bool:
    return 0 <= frequency.value <= MOST_IN_A_SPAN and frequency.unit in UNITS
