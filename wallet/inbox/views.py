"""What the pages of the inbox show, gathered from threads, grants and vendors."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection

from consent import grants
from consent.contact import openings, policies
from consent.contact.policies import Scope
from consent.errors import UnknownGrant
from consent.model import Grant
from vendor_api.vendors import registry, topics
from wallet.appointments import engine as appointments
from wallet.contact import relevance
from wallet.dialogue import engine
from wallet.dialogue.model import NOTE, PERSON, VIOLATED, Message, Thread, Wanted
from wallet.dialogue.text import Text, as_text, one_line
from wallet.house import House
from wallet.inbox import ways
from wallet.inbox.words import channel_name, occasion
from wallet.languages import language
from wallet.people.model import Visitor

ON_A_PAGE = 20
SAID_ON_A_PAGE = 30

Place = tuple[int, str]


@dataclass(frozen=True, slots=True)
class File:
    """What came along, by number."""

    number: int
    name: str = field(repr=False)
    size: int


@dataclass(frozen=True, slots=True)
class SaidView:
    """One message as the page shows it."""

    message_id: str
    by: str
    at: int
    channel: str
    author: str = field(repr=False)
    topic: str
    reason: str = field(repr=False)
    occasion: str
    text: Text = field(repr=False)
    files: tuple[File, ...] = field(repr=False)
    is_new: bool
    is_form_letter: bool
    is_violation: bool
    rating: str | None
    digest: str


def inbox(db: Connection, house: House, who: Visitor, wanted: Wanted, before: Place | None) -> dict[str, object]:
    place = {"person_id": who.person_id, "persona_id": who.persona_id}
    found = engine.latest(db, house.secrets, **place, wanted=wanted, before=before, limit=ON_A_PAGE + 1)
    shown = found[:ON_A_PAGE]
    return {
        "threads": shown,
        "older": place_of(shown[-1].last_at, shown[-1].thread_id) if len(found) > ON_A_PAGE else None,
        "vendor": vendor_name(db, who, wanted.client_id, shown),
    }


def vendor_name(db: Connection, who: Visitor, client_id: str | None, shown: tuple[Thread, ...]) -> str | None:
    if client_id is None:
        return None
    if shown:
        return shown[0].vendor
    current = current_grant(db, who, client_id)
    return current.party.name if current else client_id


def conversation(db: Connection, house: House, who: Visitor, thread_id: str, before: Place | None) -> dict[str, object]:
    """Raises UnknownThread."""
    thread = own_thread(db, house, who, thread_id)
    found = engine.said_in(db, thread, before=before, limit=SAID_ON_A_PAGE + 1)
    shown, grant = found[:SAID_ON_A_PAGE], grant_of(db, thread)
    current, now = current_grant(db, who, thread.client_id), house.clock()
    live = current if current and current.is_live(now) else None
    names = topic_names(db, thread.client_id, {thread.topic, *(one.topic for one in shown)})
    return {
        "thread": thread,
        "host": thread.host or (grant.party.host if grant else ""),
        "is_verified": grant.party.verified if grant else False,
        "grant": live,
        "grant_id": live.grant_id if live else thread.grant_id,
        "said": [said_view(db, grant, one, names) for one in reversed(shown)],
        "appointments": appointments.of_messages(db, [one.message_id for one in shown], person_id=who.person_id),
        "only_notes": all(one.said_by == NOTE for one in shown),
        "ways": ways.ways(db, [one.message_id for one in shown], person_id=who.person_id),
        "earlier": place_of(shown[-1].at, shown[-1].message_id) if len(found) > SAID_ON_A_PAGE else None,
        "is_newest": before is None,
        "names": names,
        "may_be_taken": [topic for topic in names if live and topic in live.topics],
        "quiet": quiet(db, house, thread, [topic for topic in names if live and topic in live.topics]),
        "record": engine.record(db, thread),
    }


def said_view(db: Connection, grant: Grant | None, one: Message, names: Mapping[str, str]) -> SaidView:
    found = openings.find(db, grant, one.opening_id) if grant and one.opening_id else None
    return SaidView(
        message_id=one.message_id,
        by=one.said_by,
        at=one.at,
        channel=channel_name(one.channel),
        author=one_line(one.author),
        topic=names.get(one.topic or "", ""),
        reason=one_line(one.reason),
        occasion=occasion(found.kind) if found else "",
        text=as_text(one.text),
        files=tuple(File(number, one_line(name), size) for number, (name, _type, size) in enumerate(one.attachments)),
        is_new=one.read_at is None and one.said_by not in {PERSON, NOTE},
        is_form_letter=one.form_letter,
        is_violation=one.said_by == NOTE and one.reason == VIOLATED,
        rating=one.rating,
        digest=one.digest,
    )


def quiet(db: Connection, house: House, thread: Thread, allowed: list[str]) -> dict[str, relevance.Step]:
    """Of what it may write about: topics that need an occasion, or are paused until the person says otherwise."""
    place = {"person_id": thread.person_id, "persona_id": thread.persona_id}
    found = {
        topic: relevance.step_at(policies.find(db, house.secrets, Scope(thread.client_id, topic), **place))
        for topic in allowed
    }
    return {topic: step for topic, step in found.items() if step}


def topic_names(db: Connection, client_id: str, used: set[str | None]) -> dict[str, str]:
    vendor = registry.find(db, client_id)
    metadata = vendor.metadata if vendor else {}
    return {topic: topics.name_of(metadata, topic, language()) for topic in sorted(filter(None, used))}


def own_thread(db: Connection, house: House, who: Visitor, thread_id: str) -> Thread:
    """Raises UnknownThread, also for another persona's."""
    return engine.find(db, house.secrets, thread_id, person_id=who.person_id, persona_id=who.persona_id)


def grant_of(db: Connection, thread: Thread) -> Grant | None:
    """Under which the thread was begun, whatever became of it."""
    try:
        return grants.find(db, thread.grant_id or "", person_id=thread.person_id)
    except UnknownGrant:
        return None


def current_grant(db: Connection, who: Visitor, client_id: str) -> Grant | None:
    place = {"person_id": who.person_id, "persona_id": who.persona_id}
    found = grants.find_current(db, **place, client_id=client_id)
    return found[0] if found else None


def how_many_unread(house: House, who: Visitor) -> int:
    place = {"person_id": who.person_id, "persona_id": who.persona_id}
    return house.database.read(engine.how_many_unread, **place)


def place_of(at: int, name: str) -> str:
    """Where a page begins, as an address says it."""
    return f"{at}.{name}"


def place_from(given: str | None) -> Place | None:
    """What is none begins with the newest."""
    at, _dot, name = (given or "").partition(".")
    return (int(at), name[:64]) if at.isascii() and at.isdigit() and len(at) < 16 else None
