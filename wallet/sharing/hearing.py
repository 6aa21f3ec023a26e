"""What vendors have heard of a person's changes: change by change in the ledger, and how it is with each vendor."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import Connection

from consent import events, outbox
from consent.model import Line
from consent.outbox import Telling
from vendor_api.events import streams
from vendor_api.events.push import NO_ANSWER
from vendor_api.events.streams import POLL, Stream
from wallet.languages import moment

# In the detail of a change of what a vendor may do.
TOLD = ("paused", "narrowed", "widened", "tightened", "until", "agreed", "terms_over")


@dataclass(frozen=True, slots=True)
class Heard:
    """How far one change has come: `look` is confirmed, waiting, lost or deaf."""

    look: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Health:
    """How it is with one vendor, from this person's own tellings."""

    listens: bool
    last_confirmed: int | None
    waiting: int
    since: int | None
    last_error: str | None
    polls: bool
    paused: bool


def of_lines(db: Connection, lines: Iterable[Line], *, person_id: str) -> Mapping[int, Heard]:
    """What is said beside each line that a vendor is to hear of."""
    changes = [line for line in lines if is_told(line)]
    if not changes:
        return {}
    told = {line.client_id for line in changes if line.client_id}
    tellings = outbox.of_person(db, person_id=person_id, event=events.EVENT, client_ids=told)
    by_line = {telling.detail["line"]: telling for telling in tellings}
    known = {client_id: streams.find(db, client_id) for client_id in told}
    found = {}
    for line in changes:
        heard = heard_of(by_line.get(line.seq), known.get(line.client_id or ""), tellings)
        if heard:
            found[line.seq] = heard
    return found


def is_told(line: Line) -> bool:
    if line.action == "right_answered":
        return line.detail.get("outcome") == "withdrawn"
    if line.action == "changed":
        return any(name in line.detail for name in TOLD)
    return line.action in {"revoked", "right_asked", "right_reminded", "fired"}


def heard_of(telling: Telling | None, stream: Stream | None, tellings: Iterable[Telling]) -> Heard | None:
    """None for what was changed before the vendor began to listen, or more than a year ago."""
    if telling is None:
        deaf = stream is None or stream.status == "disabled"
        return Heard("deaf", _("The vendor takes no notices; it finds this when it next looks.")) if deaf else None
    if telling.confirmed_at is not None:
        return Heard("confirmed", _("Confirmed by the vendor on %(moment)s", moment=moment(telling.confirmed_at)))
    if telling.due_at is None:
        times = ngettext("Never confirmed, tried once", "Never confirmed, tried %(num)s times", telling.tries)
        return Heard("lost", times)
    return Heard("waiting", still_waiting(telling, stream, tellings))


def still_waiting(telling: Telling, stream: Stream | None, tellings: Iterable[Telling]) -> str:
    if stream is not None and stream.status == "paused":
        return _("Not confirmed yet: the vendor takes no notices for the moment")
    if any(is_before(other, telling) for other in tellings):
        return _("Not confirmed yet: it follows as soon as the vendor has confirmed what was before")
    if stream is not None and stream.method == POLL:
        return (
            ngettext(
                "Not confirmed yet: the vendor has fetched it once",
                "Not confirmed yet: the vendor has fetched it %(num)s times",
                telling.tries,
            )
            if telling.tries
            else _("Not confirmed yet: the vendor comes for it by itself")
        )
    if not telling.tries:
        return _("Being told now")
    again = {"moment": moment(telling.due_at or 0)}
    return ngettext(
        "Not confirmed yet, tried once; next on %(moment)s",
        "Not confirmed yet, tried %(num)s times; next on %(moment)s",
        telling.tries,
        **again,
    )


def is_before(other: Telling, telling: Telling) -> bool:
    same = (other.client_id, other.lane) == (telling.client_id, telling.lane)
    return same and other.due_at is not None and (other.position or 0) < (telling.position or 0)


def health(db: Connection, client_id: str, *, person_id: str) -> Health:
    """How this vendor hears of what this person changes."""
    stream = streams.find(db, client_id)
    mine = outbox.of_person(db, person_id=person_id, event=events.EVENT, client_ids=(client_id,))
    waiting = [telling for telling in mine if telling.due_at is not None]
    return Health(
        listens=stream is not None and stream.status != "disabled",
        last_confirmed=max((telling.confirmed_at for telling in mine if telling.confirmed_at), default=None),
        waiting=len(waiting),
        since=min((telling.created_at for telling in waiting), default=None),
        last_error=next((went_wrong(telling.error) for telling in waiting if telling.error), None),
        polls=stream is not None and stream.method == POLL,
        paused=stream is not None and stream.status == "paused",
    )


def went_wrong(error: str) -> str:
    """What happened at the last try, in words."""
    kind = error.partition(":")[0]
    if kind == NO_ANSWER:
        return _("At the last try it did not answer.")
    return _("At the last try it answered with an error (%(kind)s).", kind=kind)
