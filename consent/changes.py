"""How a person changes a grant that is there: pause, resume, narrow, tighten, prolong, revoke; and how it is used."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import Connection

from consent import events, grants, ledger, receipts, token
from consent.engine import LONGEST_GRANT, Face, latest_end, signed
from consent.errors import BadUntil, GrantEnded, NotGranted
from consent.ledger import Entry
from consent.model import PUBLIC, Grant, carries_data
from consent.tightening import Tightening, tightened
from keys.relationship import relationship_key
from keys.secrets import HostSecrets

UNTIL_RESUMED: Final = 253_402_300_799  # the last second of the year 9999: no date was chosen


@dataclass(frozen=True, slots=True)
class Signs:
    """Who signs what a change makes necessary, in the wallet of this issuer."""

    face: Face
    issuer: str


def pause(
    db: Connection,
    secrets: HostSecrets,
    grant_id: str,
    *,
    person_id: str,
    until: int | None = None,
    signs: Signs,
    now: int,
) -> None:
    """Let nothing leave `until` then (epoch seconds), or until the person resumes it. Its tokens stay what they are.

    Raises UnknownGrant, GrantEnded, BadUntil.
    """
    if until is not None:
        check_until(until, now=now)
    grant = grants.find(db, grant_id, person_id=person_id)
    if grants.mark_paused(db, grant_id, person_id=person_id, until=until or UNTIL_RESUMED, now=now):
        note(db, secrets, grant, {"paused": True} | ({"until": until} if until else {}), signs=signs, now=now)
    else:
        check_not_over(grant, now=now)


def resume(db: Connection, secrets: HostSecrets, grant_id: str, *, person_id: str, signs: Signs, now: int) -> None:
    """Let a paused grant go on. Raises UnknownGrant, GrantEnded."""
    grant = grants.find(db, grant_id, person_id=person_id)
    if grants.mark_paused(db, grant_id, person_id=person_id, until=None, now=now):
        note(db, secrets, grant, {"paused": False}, signs=signs, now=now)
    else:
        check_not_over(grant, now=now)


def narrow(
    db: Connection,
    secrets: HostSecrets,
    grant_id: str,
    *,
    person_id: str,
    taken: Collection[str],
    signs: Signs,
    now: int,
) -> None:
    """Take single attributes back; they count as refused from then on.

    Not the number the vendor knows the person by: under another number there would be another grant. Raises
    UnknownGrant, GrantEnded, NotGranted.
    """
    grant, gone = grants.find(db, grant_id, person_id=person_id), set(taken)
    check_not_over(grant, now=now)
    if not gone or not gone <= grant.attributes - {PUBLIC}:
        raise NotGranted("only what is granted can be taken back")
    made = replace(
        grant,
        items=tuple(item for item in grant.items if item.attribute not in gone),
        refused=grant.refused + tuple(item for item in grant.items if item.attribute in gone),
    )
    put(db, secrets, made, {"narrowed": sorted(gone)}, signs=signs, now=now)


def tighten(
    db: Connection,
    secrets: HostSecrets,
    grant_id: str,
    *,
    person_id: str,
    tightening: Tightening,
    signs: Signs,
    now: int,
) -> None:
    """Hold the vendor to stricter limits for one value than before. What was counted so far still counts.

    Raises UnknownGrant, GrantEnded, BadUntil, NotGranted, NotTighter.
    """
    if tightening.until is not None:
        check_until(tightening.until, now=now)
    grant = grants.find(db, grant_id, person_id=person_id)
    check_not_over(grant, now=now)
    found = next((item for item in grant.items if item.attribute == tightening.attribute), None)
    if found is None or not carries_data(found.attribute):
        raise NotGranted("only the limits of a value that is granted can be tightened")
    tighter = tightened(found, tightening)
    if tighter != found:
        items = tuple(tighter if item == found else item for item in grant.items)
        put(db, secrets, replace(grant, items=items), {"tightened": [found.attribute]}, signs=signs, now=now)


def prolong(
    db: Connection, secrets: HostSecrets, grant_id: str, *, person_id: str, until: int, signs: Signs, now: int
) -> None:
    """Give a live grant another end (epoch seconds, exclusive), later or sooner.

    Raises UnknownGrant, GrantEnded, BadUntil.
    """
    check_until(until, now=now)
    grant = grants.find(db, grant_id, person_id=person_id)
    check_not_over(grant, now=now)
    if until > max(latest_end(grant.items, now=now), grant.expires_at):
        raise BadUntil("for what it is used for it may not last that long")
    if until != grant.expires_at:
        what = {"until": until, "longer": until > grant.expires_at}
        put(db, secrets, replace(grant, expires_at=until), what, signs=signs, now=now)


def put(db: Connection, secrets: HostSecrets, made: Grant, what: dict[str, Any], *, signs: Signs, now: int) -> None:
    """Sign what is granted now, and store it where nothing else has changed meanwhile. Raises GrantEnded."""
    before, made = made.consent_token_id, replace(made, consent_token_id=token.new_id())
    key = relationship_key(signs.face.root, made.party.sector)
    made = signed(db, made, key, issuer=signs.issuer, now=now)
    if not grants.put(db, made, instead_of=before, now=now):
        raise GrantEnded("this grant has ended, or it was changed in the same moment")
    note(db, secrets, made, what | {"consent_token": made.consent_token_id}, signs=signs, now=now)


def revoke(
    db: Connection,
    secrets: HostSecrets,
    grant_id: str,
    *,
    person_id: str,
    by_vendor: bool = False,
    signs: Signs,
    now: int,
) -> None:
    """End a grant for good; a second call changes nothing. Raises UnknownGrant for one that is not this person's."""
    grant = grants.find(db, grant_id, person_id=person_id)
    if grants.mark_ended(db, grant_id, person_id=person_id, now=now):
        what = {"attributes": sorted(grant.attributes)} | ({"by_vendor": True} if by_vendor else {})
        note(db, secrets, grant, what, action="revoked", signs=signs, now=now)


def note(
    db: Connection,
    secrets: HostSecrets,
    grant: Grant,
    what: Mapping[str, Any],
    *,
    action: str = "changed",
    signs: Signs,
    now: int,
) -> None:
    """What every change of what the vendor may do leaves behind, in the transaction of the change."""
    key = relationship_key(signs.face.root, grant.party.sector)
    receipt = receipts.write(db, grant, what, action=action, key=key, issuer=signs.issuer, now=now)
    line = write_line(db, secrets, grant, {**what, "receipt": receipt}, action=action, now=now)
    events.note(db, grant, what, action=action, line=line, now=now)


def ask_each_time(
    db: Connection, secrets: HostSecrets, grant_id: str, *, person_id: str, each_time: bool, now: int
) -> None:
    """Show the person the page at every sign-in at this vendor, or no longer. Raises UnknownGrant."""
    grant = grants.find(db, grant_id, person_id=person_id)
    if grants.mark_asking(db, grant_id, person_id=person_id, each_time=each_time):
        write_line(db, secrets, grant, {"asks_each_time": each_time}, now=now)


def let_ask(db: Connection, secrets: HostSecrets, grant_id: str, *, person_id: str, reachable: bool, now: int) -> None:
    """Let the vendor ask the person by itself, or no longer. Raises UnknownGrant."""
    grant = grants.find(db, grant_id, person_id=person_id)
    if grants.mark_reachable(db, grant_id, person_id=person_id, reachable=reachable):
        write_line(db, secrets, grant, {"reachable": reachable}, now=now)


def write_line(
    db: Connection, secrets: HostSecrets, grant: Grant, what: Mapping[str, Any], *, action: str = "changed", now: int
) -> int:
    """The number of the line."""
    entry = Entry(action, grant.party.client_id, grant.grant_id, {"vendor": grant.party.name, **what})
    return ledger.write(db, secrets.ledger, entry, person_id=grant.person_id, now=now).last


def check_until(until: int, *, now: int) -> None:
    if not now < until <= now + LONGEST_GRANT:
        raise BadUntil("choose a day from today on, at most a year away")


def check_not_over(grant: Grant, *, now: int) -> None:
    if not grant.is_live(now):
        raise GrantEnded("this grant has ended, and what has ended does not change")
