"""Attempts that were refused although it is known whose grant they were about: each is told, a flood of them in brief.

The first within an hour, for one grant, attempt and reason, has its line at once. The others are counted beside the
ledger, and told in one line when the hour is over.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, delete, select, text, update

from consent import grants, ledger
from consent.errors import UnknownGrant
from consent.ledger import Entry
from consent.model import Cover, Grant
from consent.tables import failures
from keys.secrets import HostSecrets

SPAN: Final = 3600
MOST_AT_ONCE: Final = 500

# Why; beside these there are the reasons of limits (consent/limits.py).
ENDED: Final = "ended"
PAUSED: Final = "paused"
REVOKED: Final = "revoked"
REPLACED: Final = "replaced"
REPLAYED: Final = "replayed"
UNPROVEN: Final = "unproven"
OTHER_VENDOR: Final = "other_vendor"
WRONG_RECIPIENT: Final = "wrong_recipient"

COUNT: Final = text(
    "insert into failures (person_id, grant_id, tried, reason, since, count) "
    "values (:person_id, :grant_id, :tried, :reason, :now, 1) "
    "on conflict (person_id, grant_id, tried, reason) do update set count = failures.count + 1 "
    "where failures.since > :before returning count"
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was `tried` under a grant, and the `reason` it was refused for. `more` names whatever explains it."""

    grant: Grant
    tried: str
    reason: str
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Counted:
    """How often one thing failed since then (epoch seconds)."""

    person_id: str
    grant_id: str
    tried: str
    reason: str
    since: int
    count: int


def note(db: Connection, secrets: HostSecrets, attempt: Attempt, *, cover: Cover | None = None, now: int) -> None:
    """Never in the transaction of what is refused: that one is undone."""
    place = {"person_id": attempt.grant.person_id, "grant_id": attempt.grant.grant_id}
    place |= {"tried": attempt.tried, "reason": attempt.reason}
    count = db.execute(COUNT, {**place, "now": now, "before": now - SPAN}).scalar_one_or_none()
    if count is not None and count > 1:
        return
    if count is None:
        earlier = db.execute(select(failures).where(is_at(place))).one()
        cover = tell(db, secrets, attempt.grant, Counted(*earlier), cover=cover, now=now)
        db.execute(update(failures).where(is_at(place)).values(since=now, count=1))
    write(db, secrets, attempt.grant, place, attempt.more, cover=cover, now=now)


def tell(
    db: Connection, secrets: HostSecrets, grant: Grant, counted: Counted, *, cover: Cover | None = None, now: int
) -> Cover | None:
    """One line for all that came after the first; gives back the ledger's cover where it is known."""
    if counted.count == 1:
        return cover
    place = {"tried": counted.tried, "reason": counted.reason}
    return write(db, secrets, grant, place, {"times": counted.count - 1, "since": counted.since}, cover=cover, now=now)


def write(
    db: Connection,
    secrets: HostSecrets,
    grant: Grant,
    place: Mapping[str, str],
    more: Mapping[str, Any],
    *,
    cover: Cover | None,
    now: int,
) -> Cover:
    detail = {"vendor": grant.party.name, "tried": place["tried"], "reason": place["reason"], **more}
    entry = Entry("failed", grant.party.client_id, grant.grant_id, detail)
    return ledger.write(db, secrets.ledger, entry, person_id=grant.person_id, cover=cover, now=now)


def over(db: Connection, *, now: int) -> list[Counted]:
    """Counts whose hour is over, of whomever; at most MOST_AT_ONCE."""
    found = select(failures).where(failures.c.since <= now - SPAN).order_by(failures.c.since).limit(MOST_AT_ONCE)
    return [Counted(*row) for row in db.execute(found)]


def settle(db: Connection, secrets: HostSecrets, counted: Counted, *, now: int) -> None:
    """Tell one of those in its person's ledger, and count no further; nothing where somebody else just did."""
    place = {name: getattr(counted, name) for name in ("person_id", "grant_id", "tried", "reason", "since")}
    gone = db.execute(delete(failures).where(is_at(place)).returning(*failures.c)).one_or_none()
    if gone is None:
        return
    try:
        grant = grants.find(db, counted.grant_id, person_id=counted.person_id)
    except UnknownGrant:
        return
    tell(db, secrets, grant, Counted(*gone), now=now)


def is_at(place: Mapping[str, Any]) -> ColumnElement[bool]:
    return and_(*(failures.c[name] == value for name, value in place.items()))
