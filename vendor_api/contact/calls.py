"""POST /contact/permission and POST /contact/messages: may I speak, and: this I have to say.

The vendor proves itself as at the token endpoint; what it is allowed follows from the grant and from what the person
said of being spoken to (consent/contact/permission.py). Who has no permission learns nothing more, not even whether
there is such a grant.
"""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection

from consent import failures, grants
from consent.contact import permission
from consent.contact.errors import NOT_PERMITTED, NotPermitted
from consent.contact.permission import Permission, Wish
from consent.errors import UnknownGrant
from consent.failures import Attempt
from consent.limits import count_named
from consent.model import Grant
from consent.moving import homes
from keys.errors import BadToken
from vendor_api.call import Call
from vendor_api.contact import authors
from vendor_api.contact.errors import HOUR, Refused, TooManyTries
from vendor_api.contact.speaking import LONGEST_ID, spoken
from vendor_api.desk import engine as desk
from vendor_api.desk.errors import OtherMessage
from vendor_api.errors import InvalidRequest
from vendor_api.host import Host
from vendor_api.model import Spoken, Taken
from vendor_api.oauth.answers import Answer, as_json, problem
from vendor_api.oauth.framework.client_assertion import received
from vendor_api.oauth.framework.gate import proven
from vendor_api.oauth.framework.shapes import Request
from vendor_api.texts import is_line
from vendor_api.vendors.model import Vendor

PERMISSION: Final = "/contact/permission"
MESSAGES: Final = "/contact/messages"
MOST_IN_AN_HOUR: Final = 60  # questions, and as many messages, of one vendor to one person
ASKED: Final = "contact:"  # where they are counted, beside the reads; no value can be called so


@dataclass(frozen=True, slots=True)
class Case:
    """What was sent: by whom, to whom, about what."""

    vendor: Vendor
    grant_id: str
    wish: Wish
    said: Spoken | None = None


def asked(host: Host, call: Call) -> Answer:
    """Whether a message would be taken now. It promises nothing: what counts is what counts when it comes."""
    now = host.now()
    case = host.read(case_of, host, received(host, call, now=now), now=now)
    return host.write(answer_to_question, host, case, now=now)


def answer_to_question(db: Connection, host: Host, case: Case, *, now: int) -> Answer:
    try:
        grant = grant_of(db, host, case)
        if not count_named(db, grant, f"{ASKED}?", since=now - now % HOUR, most=MOST_IN_AN_HOUR):
            return problem(TooManyTries("ask again in an hour"))
        found = authors.permit(db, host.secrets, grant, case.wish, now=now)
    except NotPermitted as error:
        return as_json({"allowed": False, **said_of(error)})
    return as_json({"allowed": True, "channel": found.channel})


def messages(host: Host, call: Call) -> Answer:
    """201 for a message that was taken, 200 for the very same again."""
    now = host.now()
    case = host.read(case_of, host, received(host, call, now=now), says=True, now=now)
    return host.write(take, host, case, now=now)


def take(db: Connection, host: Host, case: Case, *, now: int) -> Answer:
    """In one transaction: whether it may, that it did, and what it said."""
    if case.said is None:
        raise InvalidRequest("message is missing")
    try:
        grant = grant_of(db, host, case)
        before = host.said_before(db, grant, case.said.message_id)
        if before is not None:
            return same_again(before, case.said)
        if not count_named(db, grant, ASKED, since=now - now % HOUR, most=MOST_IN_AN_HOUR):
            return problem(TooManyTries("this vendor has sent very much to this person; try again in an hour"))
        kept = host.say(db, permitted(db, host, grant, case, now=now), case.said, now=now)
        keep_copy(db, host, grant, case, kept)
        return taken(kept)
    except NotPermitted as error:
        return refusal(error)


def refusal(error: NotPermitted, **more: Any) -> Answer:
    said = {"error": Refused.error, "error_description": str(error), **said_of(error), **more}
    return as_json(said, status=403)


def keep_copy(db: Connection, host: Host, grant: Grant, case: Case, kept: Taken) -> None:
    """The vendor finds what it said at its desk, too."""
    if case.said is not None:
        said = {"text": case.said.text, "message_id": kept.message_id, "digest": kept.digest}
        whose = {"client_id": case.vendor.client_id, "thread_id": kept.thread_id, "sub": grant.sub}
        author = case.said.contact_person_id
        desk.sent(
            db,
            host.secrets,
            **whose,
            **said,
            topic=case.wish.topic,
            author=author,
            attachments=case.said.attachments,
            now=kept.at,
        )


def permitted(db: Connection, host: Host, grant: Grant, case: Case, *, now: int) -> Permission:
    """It speaks now. Raises NotPermitted."""
    found = allowed(db, host, grant, case, now=now)
    permission.note(db, found, now=now)
    return found


def allowed(db: Connection, host: Host, grant: Grant, case: Case, *, now: int) -> Permission:
    """What is refused is counted, and told to the person. Raises NotPermitted."""
    try:
        return authors.permit(db, host.secrets, grant, case.wish, now=now)
    except NotPermitted as error:
        more = {"topic": case.wish.topic}
        failures.note(db, host.secrets, Attempt(grant, "contact", error.reason, more), now=now)
        raise


def same_again(before: Taken, said: Spoken) -> Answer:
    if before.digest != said.digest:
        return problem(OtherMessage())
    return taken(before)


def taken(kept: Taken) -> Answer:
    said = {"message_id": kept.message_id, "thread_id": kept.thread_id, "channel": kept.channel}
    return as_json({**said, "digest": kept.digest, "at": kept.at}, status=201 if kept.is_new else 200)


def case_of(db: Connection, host: Host, sent: Request, *, says: bool = False, now: int) -> Case:
    """Raises InvalidRequest, and whatever a vendor that does not prove itself gets."""
    vendor = proven(db, host, sent, "contact", now=now)
    grant_id, topic = (sent.form.get(name, "") for name in ("grant_id", "topic"))
    if not grant_id or not is_line(topic, LONGEST_ID):
        raise InvalidRequest("grant_id and topic are needed")
    said = spoken(sent.form.get("message", "")) if says else None
    person = said.contact_person_id if said else sent.form.get("contact_person_id")
    wish = Wish(topic, sent.form.get("channel"), sent.form.get("opening_id"), person)
    return Case(vendor, grant_id, wish, said)


def grant_of(db: Connection, host: Host, case: Case) -> Grant:
    """Raises NotPermitted, whatever is wrong with it."""
    try:
        person_id = homes.owner(db, host.secrets, "grant", case.grant_id)
        grant = grants.find(db, case.grant_id, person_id=person_id)
    except (BadToken, UnknownGrant):
        raise NotPermitted(NOT_PERMITTED) from None
    if (grant.party.client_id, grant.party.sector) != (case.vendor.client_id, case.vendor.sector):
        raise NotPermitted(NOT_PERMITTED)
    return grant


def said_of(error: NotPermitted) -> dict[str, Any]:
    return {"reason": error.reason} | ({"next_allowed_at": error.next_at} if error.next_at else {})
