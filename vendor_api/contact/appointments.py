"""POST /contact/appointments and /contact/appointments/<id>: may I call then, and where, now that it is time?

A question for a call is a message, checked as any other, with times that lie inside the person's. The number is
shown from ten minutes before the time agreed on until it ends, by the host's clock, and at no other time.
"""

from dataclasses import replace
from itertools import pairwise
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy import Connection

from consent import failures
from consent.canonical import canonical, digest
from consent.contact import permission, slots
from consent.contact.errors import OUTSIDE, NotPermitted
from consent.contact.model import CALLS
from consent.contact.slots import Slot
from consent.failures import Attempt
from consent.limits import count_named
from vendor_api.call import Call, from_json
from vendor_api.contact.calls import (
    ASKED,
    MOST_IN_AN_HOUR,
    Case,
    allowed,
    case_of,
    grant_of,
    keep_copy,
    refusal,
)
from vendor_api.contact.errors import HOUR, TooManyTries
from vendor_api.contact.speaking import is_line
from vendor_api.desk.errors import OtherMessage
from vendor_api.errors import InvalidRequest
from vendor_api.host import Host, Proposal, Spoken, Taken
from vendor_api.oauth.answers import Answer, as_json, problem
from vendor_api.oauth.framework.client_assertion import received
from vendor_api.oauth.framework.gate import proven
from vendor_api.oauth.framework.shapes import Request

PATH: Final = "/contact/appointments"
ACTIONS: Final = ("read", "accept", "cancel", "missed")
MEMBERS: Final = frozenset({"slots", "link"})
MOST_SLOTS: Final = 5
SHORTEST: Final = 5 * 60
LONGEST: Final = 4 * 3600
FARTHEST: Final = 60 * 24 * 3600
LONGEST_LINK: Final = 500


def asked(host: Host, call: Call) -> Answer:
    """201 for a question that was taken, 200 for the very same again."""
    now = host.now()
    sent = received(host, call, now=now)
    case = host.read(case_of, host, sent, says=True, now=now)
    if case.wish.channel not in CALLS:
        raise InvalidRequest(f"channel must be one of: {', '.join(CALLS)}")
    proposal = proposed(sent.form.get("appointment", ""), case.wish.channel, now=now)
    return host.write(take, host, case, proposal, now=now)


def take(db: Connection, host: Host, case: Case, proposal: Proposal, *, now: int) -> Answer:
    """In one transaction: whether it may, that it did, and what it asked for."""
    if case.said is None:
        raise InvalidRequest("message is missing")
    said = with_slots(case.said, proposal)
    try:
        grant = grant_of(db, host, case)
        before = host.said_before(db, grant, said.message_id)
        if before is not None:
            is_same = before.digest == said.digest
            return as_json(host.asked_for(db, grant, said.message_id, now=now)) if is_same else problem(OtherMessage())
        if not count_named(db, grant, ASKED, since=now - now % HOUR, most=MOST_IN_AN_HOUR):
            return problem(TooManyTries("this vendor has asked this person very much; try again in an hour"))
        found = allowed(db, host, grant, case, now=now)
    except NotPermitted as error:
        return refusal(error)
    outside = slots.misfits(found.policy, proposal.slots, now=now)
    if outside:
        more = {"topic": case.wish.topic}
        failures.note(db, host.secrets, Attempt(grant, "contact", OUTSIDE, more), now=now)
        return refusal(NotPermitted(OUTSIDE), slots=[misfit(one, next_at) for one, next_at in outside])
    permission.note(db, found, now=now)
    answer = host.appoint(db, found, said, proposal, now=now)
    kept = Taken(said.message_id, answer["thread_id"], found.channel, said.digest, now)
    keep_copy(db, host, grant, replace(case, said=said), kept)
    return as_json(answer, status=201)


def misfit(slot: Slot, next_at: int | None) -> dict[str, int]:
    return {"start": slot.start, "end": slot.end} | ({"next_allowed_at": next_at} if next_at else {})


def with_slots(said: Spoken, proposal: Proposal) -> Spoken:
    """One digest over what was said and what was proposed, so that the same id never means something else."""
    asked = {"slots": [[one.start, one.end] for one in proposal.slots], "link": proposal.link, "kind": proposal.kind}
    return replace(said, digest=digest(canonical({"appointment": asked, "message": said.digest})))


def proposed(given: str, kind: str, *, now: int) -> Proposal:
    """From the JSON of an appointment. Raises InvalidRequest."""
    try:
        said = from_json(given)
    except ValueError:
        raise InvalidRequest("appointment is not JSON, or nested too deeply") from None
    if not isinstance(said, dict) or not said.keys() <= MEMBERS:
        raise InvalidRequest(f"appointment must be an object with no other members than {', '.join(sorted(MEMBERS))}")
    return Proposal(kind, slots_of(said.get("slots"), now=now), link_of(said.get("link", ""), kind))


def slots_of(given: object, *, now: int) -> tuple[Slot, ...]:
    """Raises InvalidRequest."""
    if not isinstance(given, list) or not 1 <= len(given) <= MOST_SLOTS:
        raise InvalidRequest(f"slots must be a list of 1 to {MOST_SLOTS}")
    found = sorted(map(slot_of, given), key=lambda one: one.start)
    if found[0].start <= now or found[-1].start > now + FARTHEST:
        raise InvalidRequest(f"each slot must begin in the future, within {FARTHEST // 86400} days")
    if any(before.end > after.start for before, after in pairwise(found)):
        raise InvalidRequest("slots must not overlap")
    return tuple(found)


def slot_of(given: object) -> Slot:
    """Raises InvalidRequest."""
    if isinstance(given, dict) and given.keys() == {"start", "end"}:
        start, end = given["start"], given["end"]
        if type(start) is int and type(end) is int and SHORTEST <= end - start <= LONGEST:
            return Slot(start, end)
    raise InvalidRequest(
        f"each slot needs start and end, in seconds, {SHORTEST // 60} to {LONGEST // 60} minutes apart"
    )


def link_of(given: object, kind: str) -> str:
    """Where a video call takes place: at the vendor's, over https. Raises InvalidRequest."""
    if given == "":
        return ""
    sentence = f"link must be an https address of at most {LONGEST_LINK} characters, for video alone"
    if kind != "video" or not isinstance(given, str) or not is_line(given, LONGEST_LINK) or " " in given:
        raise InvalidRequest(sentence)
    try:
        parts = urlsplit(given)
        is_plain = parts.scheme == "https" and parts.hostname and "@" not in parts.netloc and (parts.port or True)
    except ValueError:
        is_plain = False
    if not is_plain or not given.isascii() or "\\" in given:
        raise InvalidRequest(sentence)
    return given


def seen(host: Host, call: Call) -> Answer:
    """How it stands, after what the vendor does about it, and the number while it is time for it."""
    now = host.now()
    return host.write(look, host, received(host, call, now=now), call.rest, now=now)


def look(db: Connection, host: Host, sent: Request, appointment_id: str, *, now: int) -> Answer:
    vendor = proven(db, host, sent, "contact", now=now)
    action = sent.form.get("action", ACTIONS[0])
    if action not in ACTIONS:
        raise InvalidRequest(f"action must be one of: {', '.join(ACTIONS)}")
    return as_json(host.appointment(db, vendor.client_id, vendor.sector, appointment_id, action, now=now))
