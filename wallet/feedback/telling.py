"""Tell a vendor something: as a persona it may know already, or under a number that leads to nobody."""

from dataclasses import dataclass, field
from secrets import token_urlsafe
from typing import Any, Final
from urllib.parse import urlsplit

from sqlalchemy import Connection

from consent import grants
from consent.model import Grant
from keys.secrets import HostSecrets
from vendor_api.desk.wording import WORD, lexicons
from vendor_api.model import Attachment
from vendor_api.vendors import registry
from vendor_api.vendors.model import Vendor
from wallet.dialogue import engine as dialogue
from wallet.dialogue import kept, saying
from wallet.dialogue.model import PERSON, Thread
from wallet.feedback.errors import TooMuchToday, UnknownAddressee
from wallet.people.personas import face

DAY: Final = 24 * 3600
MOST_A_DAY: Final = 20
LONGEST_SUBJECT: Final = 80
BYTES: Final = 32  # as long as a pairwise subject: nothing tells the two apart


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be told to whom. `hidden`: the vendor may answer, and learns nothing of who it is."""

    client_id: str
    kind: str
    text: str = field(repr=False)
    hidden: bool
    attachments: tuple[Attachment, ...] = field(default=(), repr=False)


def tell(
    db: Connection, secrets: HostSecrets, draft: Draft, *, person_id: str, persona_id: str, language: str, now: int
) -> Thread:
    """A thread of its own. Raises UnknownAddressee, TooMuchToday, EmptyMessage, BeingErased."""
    vendor = registry.find(db, draft.client_id)
    if vendor is None:
        raise UnknownAddressee
    place: dict[str, Any] = {"person_id": person_id, "persona_id": persona_id}
    face(db, secrets, **place)  # not while it is being erased
    if kept.told_since(db, **place, client_id=draft.client_id, since=now - DAY) >= MOST_A_DAY:
        raise TooMuchToday
    text = saying.checked(draft.text)
    grant = None if draft.hidden else live_grant(db, **place, client_id=draft.client_id, now=now)
    thread = dialogue.open_thread(
        db,
        secrets,
        **place,
        client_id=vendor.client_id,
        grant_id=grant.grant_id if grant else None,
        vendor=name_of(vendor, language),
        host=host_of(vendor),
        subject=text.strip().splitlines()[0][:LONGEST_SUBJECT],
        kind=draft.kind,
        topic=None,
        opened_by=PERSON,
        sub=token_urlsafe(BYTES) if draft.hidden else None,
        now=now,
    )
    answer(db, secrets, thread, text, language=language, attachments=draft.attachments, now=now)
    return thread


def answer(
    db: Connection,
    secrets: HostSecrets,
    thread: Thread,
    text: str,
    *,
    language: str,
    attachments: tuple[Attachment, ...] = (),
    now: int,
) -> None:
    """The person says more: it begins anew, under the same number. Raises ThreadClosed, EmptyMessage."""
    saying.say(db, secrets, thread, text, language=spoken_in(text, language), attachments=attachments, now=now)


def spoken_in(text: str, otherwise: str) -> str:
    """The language whose small words are in the text; that of the pages where it is not clear."""
    words = [match.group().casefold() for match in WORD.finditer(text)]
    found = {name: sum(word in one.function_words for word in words) for name, one in lexicons().items()}
    best = max(found, key=lambda name: found[name])
    return best if found[best] > found.get(otherwise, 0) else otherwise


def live_grant(db: Connection, *, person_id: str, persona_id: str, client_id: str, now: int) -> Grant | None:
    found = grants.find_current(db, person_id=person_id, persona_id=persona_id, client_id=client_id)
    return found[0] if found and found[0].is_live(now) else None


def host_of(vendor: Vendor) -> str:
    uris = vendor.redirect_uris
    return urlsplit(uris[0]).netloc if uris else ""


def name_of(vendor: Vendor, language: str) -> str:
    return registry.party(vendor, vendor.redirect_uris[0] if vendor.redirect_uris else "", language).name
