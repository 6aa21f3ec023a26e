"""What vendors that listen are told of a relationship: what the person changed, by name, and never a value.

Whoever has no stream is told nothing, and nothing is kept for it: it learns of a change at its next read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from secrets import token_urlsafe
from typing import Any, Final

from sqlalchemy import Connection, select

from consent import outbox
from consent.model import Grant
from consent.tables import event_streams

EVENT: Final = "event"  # the kind of telling in the outbox
NOBODY: Final = ""  # whose telling it is where it is about the stream itself

CHANGED: Final = "urn:hausrecht:event:grant-changed"
PAUSED: Final = "urn:hausrecht:event:grant-paused"
RESUMED: Final = "urn:hausrecht:event:grant-resumed"
REVOKED: Final = "urn:hausrecht:event:grant-revoked"
ERASURE: Final = "urn:hausrecht:event:erasure-requested"
RIGHT_ASKED: Final = "urn:hausrecht:event:right-asked"
RIGHT_REMINDED: Final = "urn:hausrecht:event:right-reminded"
RIGHT_WITHDRAWN: Final = "urn:hausrecht:event:right-withdrawn"
FIRED: Final = "urn:hausrecht:event:trigger-fired"
SAID: Final = "urn:hausrecht:event:said"
VIOLATED: Final = "urn:hausrecht:event:contact-violated"
INTENT: Final = "urn:hausrecht:event:intent"
APPOINTMENT: Final = "urn:hausrecht:event:appointment-changed"
MOVED: Final = "urn:hausrecht:event:address-changed"
SESSION_REVOKED: Final = "https://schemas.openid.net/secevent/caep/event-type/session-revoked"
VERIFICATION: Final = "https://schemas.openid.net/secevent/ssf/event-type/verification"
OFFERED: Final = (
    *(CHANGED, PAUSED, RESUMED, REVOKED, ERASURE, SESSION_REVOKED),
    *(RIGHT_ASKED, RIGHT_REMINDED, RIGHT_WITHDRAWN, MOVED, FIRED, SAID, VIOLATED, INTENT, APPOINTMENT),
)


@dataclass(frozen=True, slots=True)
class About:
    """Whom an event is about, as this vendor knows them. By its `sector` it is the one, and not one of its name."""

    person_id: str
    client_id: str
    sub: str
    sector: str | None = None


def note(db: Connection, grant: Grant, what: Mapping[str, Any], *, action: str, line: int, now: int) -> None:
    """Have the vendor told of what this line of the person's ledger says."""
    kind, said = event_of(what, action)
    tell(db, about(grant), kind, of_grant(grant) | said, line=line, now=now)


def event_of(what: Mapping[str, Any], action: str) -> tuple[str, dict[str, Any]]:
    """The event for what a line says of a change."""
    if action == "revoked":
        return REVOKED, {}
    if "paused" in what:  # until when, the vendor is not told (docs/decisions/0021)
        return (PAUSED if what["paused"] else RESUMED), {}
    said: dict[str, Any] = {name: list(what[name]) for name in ("narrowed", "widened", "tightened") if name in what}
    said |= {name: what[name] for name in ("agreed", "terms_over") if name in what}
    return CHANGED, said | ({"expires_at": what["until"]} if "until" in what else {})


def tell_of_right(db: Connection, grant: Grant, kind: str, said: Mapping[str, Any], *, line: int, now: int) -> bool:
    """What became of a request by right (consent/rights.py); says whether the vendor listens, so that it will hear."""
    return tell(db, about(grant), kind, {**of_grant(grant), **said}, line=line, now=now)


def end_session(db: Connection, whom: About, *, sid: str, now: int) -> bool:
    return tell(db, whom, SESSION_REVOKED, {"sid": sid}, now=now)


def about(grant: Grant) -> About:
    return About(grant.person_id, grant.party.client_id, grant.sub, grant.party.sector)


def of_grant(grant: Grant) -> dict[str, Any]:
    return {"grant_id": grant.grant_id, "consent_token_id": grant.consent_token_id}


def tell(db: Connection, whom: About, kind: str, said: Mapping[str, Any], *, line: int | None = None, now: int) -> bool:
    """Keep an event for a vendor that listens to this kind; says whether it does. `line` is the ledger's."""
    return keep(db, whom, kind, said, line=line, now=now) is not None


def keep(
    db: Connection, whom: About, kind: str, said: Mapping[str, Any], *, line: int | None = None, now: int
) -> str | None:
    """The same; gives back what the outbox calls it, or None where the vendor does not listen."""
    if not listens(db, whom, kind):
        return None
    detail = {"type": kind, "txn": token_urlsafe(16), "line": line, "said": dict(said)}
    place = {"person_id": whom.person_id, "client_id": whom.client_id, "lane": whom.sub}
    return outbox.put(db, **place, event=EVENT, detail=detail, now=now)


def listens(db: Connection, whom: About, kind: str) -> bool:
    """Whether this very vendor has a stream that takes events of this kind."""
    wanted = [event_streams.c.client_id == whom.client_id, event_streams.c.status != "disabled"]
    if whom.sector is not None:
        wanted.append(event_streams.c.sector == whom.sector)
    found = db.execute(select(event_streams.c.events_requested).where(*wanted)).first()
    return found is not None and kind in found.events_requested
