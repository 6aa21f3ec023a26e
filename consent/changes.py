"""How a person changes a grant that is there: pause it and let it go on. To end it is the engine's `revoke`."""

from typing import Any, Final

from sqlalchemy import Connection

from consent import grants, ledger
from consent.engine import LONGEST_GRANT
from consent.errors import BadUntil, GrantEnded
from consent.ledger import Entry
from consent.model import Grant
from keys.secrets import HostSecrets

UNTIL_RESUMED: Final = 253_402_300_799  # the last second of the year 9999: no date was chosen


def pause(
    db: Connection, secrets: HostSecrets, grant_id: str, *, person_id: str, until: int | None = None, now: int
) -> None:
    """Let nothing leave `until` then (epoch seconds), or until the person resumes it. Its tokens stay what they are.

    Raises UnknownGrant, GrantEnded, BadUntil.
    """
    if until is not None and not now < until <= now + LONGEST_GRANT:
        raise BadUntil("choose a day from today on, at most a year away")
    grant = grants.find(db, grant_id, person_id=person_id)
    if grants.mark_paused(db, grant_id, person_id=person_id, until=until or UNTIL_RESUMED, now=now):
        note(db, secrets, grant, {"paused": True} | ({"until": until} if until else {}), now=now)
    else:
        check_not_over(grant, now=now)


def resume(db: Connection, secrets: HostSecrets, grant_id: str, *, person_id: str, now: int) -> None:
    """Let a paused grant go on. Raises UnknownGrant, GrantEnded."""
    grant = grants.find(db, grant_id, person_id=person_id)
    if grants.mark_paused(db, grant_id, person_id=person_id, until=None, now=now):
        note(db, secrets, grant, {"paused": False}, now=now)
    else:
        check_not_over(grant, now=now)


def note(db: Connection, secrets: HostSecrets, grant: Grant, what: dict[str, Any], *, now: int) -> None:
    entry = Entry("changed", grant.party.client_id, grant.grant_id, {"vendor": grant.party.name, **what})
    ledger.write(db, secrets.ledger, entry, person_id=grant.person_id, now=now)


def check_not_over(grant: Grant, *, now: int) -> None:
    if not grant.is_live(now):
        raise GrantEnded("this grant has ended, and what has ended does not change")
