"""Asks: what a vendor wants, kept from the moment it asks until the answer is on its way."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from secrets import compare_digest, token_urlsafe
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, insert, select, update

from consent.errors import AskAnswered, AskExpired, AskOfOtherBrowser, UnknownAsk
from consent.limits import limits_from
from consent.model import Ask, Item, NewAsk, Party, Terms, Trimmed
from consent.tables import asks

LIFETIME: Final = 30 * 60


def keep(db: Connection, new: NewAsk, *, browser: str, until: int | None = None, now: int) -> Ask:
    """Store an ask for `browser`, the secret that only the asking browser holds; it may end sooner than others."""
    ask_id, end = token_urlsafe(24), min(until or now + LIFETIME, now + LIFETIME)
    db.execute(
        insert(asks).values(
            ask_id=ask_id,
            client_id=new.party.client_id,
            party=asdict(new.party),
            items=[asdict(item) for item in new.items],
            trimmed=[asdict(one) for one in new.trimmed],
            destination=new.destination,
            request=dict(new.request),
            browser_digest=browser_digest(browser),
            created_at=now,
            expires_at=end,
            done=False,
        )
    )
    asked = (new.party, new.items, new.destination, new.request)
    return Ask(*asked, ask_id, now, end, None, None, None, trimmed=new.trimmed)


def find(db: Connection, ask_id: str, *, browser: str | None, now: int) -> Ask:
    """The ask, for the browser it began in. Raises UnknownAsk, AskOfOtherBrowser or AskExpired."""
    row = db.execute(select(asks).where(asks.c.ask_id == ask_id, asks.c.done.is_(False))).one_or_none()
    if row is None:
        raise UnknownAsk("this request is not known, or it is over")
    if browser is None or not compare_digest(browser_digest(browser), row.browser_digest):
        raise AskOfOtherBrowser("this request began in another browser")
    if now >= row.expires_at:
        raise AskExpired("this request waited too long for an answer")
    return ask_from(row)


def claim(db: Connection, ask: Ask, *, person_id: str) -> bool:
    """Whether this person is the first to be shown the ask, or another than before."""
    shown = update(asks).where(
        asks.c.ask_id == ask.ask_id, asks.c.answered_at.is_(None), asks.c.person_id.is_distinct_from(person_id)
    )
    return db.execute(shown.values(person_id=person_id)).rowcount == 1


def mark_answered(db: Connection, ask: Ask, *, person_id: str, grant_id: str | None, now: int) -> None:
    """Close the ask with its answer; `grant_id` is None where it was refused. Raises AskAnswered the second time."""
    answer = update(asks).where(
        asks.c.ask_id == ask.ask_id, asks.c.answered_at.is_(None), asks.c.expires_at > now, asks.c.done.is_(False)
    )
    if db.execute(answer.values(person_id=person_id, grant_id=grant_id, answered_at=now)).rowcount != 1:
        raise AskAnswered("this request has its answer already")


def take_answer(db: Connection, ask: Ask, *, person_id: str, now: int) -> None:
    """Let the answer leave, once, for whoever gave it. Raises UnknownAsk for others, AskAnswered the second time."""
    if ask.answered_at is None or ask.person_id != person_id:
        raise UnknownAsk("this request has no answer of yours yet")
    leave = update(asks).where(
        asks.c.ask_id == ask.ask_id, asks.c.person_id == person_id, asks.c.done.is_(False), asks.c.expires_at > now
    )
    if db.execute(leave.values(done=True)).rowcount != 1:
        raise AskAnswered("this answer has been delivered already")


def sweep(db: Connection, *, now: int) -> int:
    """Forget asks that are over; returns how many."""
    return db.execute(delete(asks).where(asks.c.expires_at <= now)).rowcount


def browser_digest(browser: str) -> str:
    return hashlib.sha256(browser.encode()).hexdigest()


def ask_from(row: Row[Any]) -> Ask:
    return Ask(
        party_from(row.party),
        items_from(row.items),
        row.destination,
        row.request,
        row.ask_id,
        row.created_at,
        row.expires_at,
        row.person_id,
        row.answered_at,
        row.grant_id,
        trimmed=tuple(map(trimmed_from, row.trimmed)),
    )


def party_from(stored: Mapping[str, Any]) -> Party:
    return Party(**{**stored, "recipients": tuple(stored["recipients"])})


def items_from(stored: list[Mapping[str, Any]]) -> tuple[Item, ...]:
    return tuple(map(item_from, stored))


def trimmed_from(stored: Mapping[str, Any]) -> Trimmed:
    return Trimmed(**{**stored, "limits": limits_from(stored["limits"])})


def item_from(stored: Mapping[str, Any]) -> Item:
    limits, tighter, terms = limits_from(stored["limits"]), limits_from(stored["tighter"]), stored["terms"]
    parsed = {"limits": limits, "tighter": tighter, "terms": Terms(**terms) if terms else None}
    return Item(**{**stored, **parsed})
