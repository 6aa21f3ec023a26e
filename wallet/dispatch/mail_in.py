"""Mail that comes in at an alias: an answer of the person's, or a message of the one vendor that knows the address.

Both are held to what holds elsewhere: an answer goes into a thread of this relationship, a message through the contact
policy. Whoever else writes is refused, and told so.
"""

from base64 import b64encode
from hashlib import sha256
from typing import Final

from sqlalchemy import Connection, select

from consent import failures, grants
from consent.contact import permission
from consent.contact.errors import NotPermitted
from consent.contact.permission import Wish
from consent.failures import Attempt
from consent.limits import count_named
from consent.model import Grant
from keys.errors import KeysError
from vendor_api import files
from vendor_api.contact import authors
from vendor_api.desk import engine as desk
from vendor_api.errors import VendorApiError
from vendor_api.model import Attachment, Spoken
from vendor_api.outbound.addresses import NONE
from vendor_api.vendors import registry
from wallet.channels import addresses, aliases, reaching
from wallet.channels.aliases import Relationship
from wallet.channels.deliveries import delivery_from
from wallet.channels.tables import deliveries
from wallet.dialogue import bringing, engine, hearing, saying
from wallet.dialogue.errors import BadFile, UnknownThread
from wallet.dispatch.mail_reading import Incoming, Refused, read
from wallet.dispatch.parcels import language_of, send_on
from wallet.errors import WalletError
from wallet.house import House

HOUR: Final = 3600
MOST_IN_AN_HOUR: Final = 30
NOBODY: Final = "there is no such address here"
NOT_PROVED: Final = "nothing proves who sent this: the domain in From needs DKIM or SPF, and DMARC"
WRONG_FILES: Final = "only PDF, PNG, JPEG, text and calendar files can come along: at most 3, of 256 kB together"
STRANGER: Final = "this address takes mail from its two sides alone"


def check_recipient(house: House, address: str) -> Relationship:
    """Raises Refused, also where the grant has ended."""
    local, _at, domain = address.strip("<>").rpartition("@")
    if house.settings.mail_domain == NONE or domain.lower() != house.settings.mail_domain:
        raise Refused(NOBODY)
    found = house.database.read(aliases.find, house.secrets, local.partition("+")[0])
    if found is None:
        raise Refused(NOBODY)
    return found


def receive(house: House, content: bytes, *, to: str) -> None:
    """Take one mail for one address, or raise Refused and change nothing but what counts attempts."""
    whose = check_recipient(house, to)
    mail = read(content, authserv=house.settings.mail_authserv)
    if not mail.vouched_for:
        raise Refused(NOT_PROVED)
    topic = to.strip("<>").rpartition("@")[0].partition("+")[2].lower()
    refusal = house.database.write(take, house, whose, mail, topic, now=house.clock())
    if refusal is not None:
        raise Refused(refusal)


def take(db: Connection, house: House, whose: Relationship, mail: Incoming, topic: str, *, now: int) -> str | None:
    """Why it is refused, if it is: that was counted, so it has to be kept."""
    grant = grants.find(db, whose.grant_id, person_id=whose.person_id)
    if not count_named(db, grant, "mail!", since=now - now % HOUR, most=MOST_IN_AN_HOUR):
        return "too many mails came to this address; try again in an hour"
    try:
        if mail.sender == own_address(db, house, whose):
            answer(db, house, grant, mail, now=now)
        elif is_of_vendor(db, grant, mail):
            return message(db, house, grant, mail, topic, now=now)
        else:
            return STRANGER
    except Refused as error:
        return str(error)
    except (WalletError, VendorApiError):
        return "this can not be taken here"
    return None


def own_address(db: Connection, house: House, whose: Relationship) -> str | None:
    """Where the person has proved to be reached by mail."""
    channel = reaching.installed()["email"]
    place = {"person_id": whose.person_id, "persona_id": whose.persona_id, "kind": channel.kind}
    try:
        found = addresses.usable(db, house.secrets, channel, **place)
    except KeysError:
        return None
    return found[0].address["email"].lower() if found else None


def answer(db: Connection, house: House, grant: Grant, mail: Incoming, *, now: int) -> None:
    """It belongs to the thread of the mail that it answers. Raises Refused."""
    mine = (deliveries.c.person_id == grant.person_id, deliveries.c.persona_id == grant.persona_id)
    of = (deliveries.c.client_id == grant.party.client_id, deliveries.c.delivery_id.in_(mail.references))
    row = db.execute(select(deliveries).where(*mine, *of).order_by(deliveries.c.created_at.desc())).first()
    if row is None:
        raise Refused("answer a mail of the wallet, so that it is clear what you answer")
    place = {"person_id": grant.person_id, "persona_id": grant.persona_id}
    try:
        thread = engine.find(db, house.secrets, delivery_from(row).thread_id, **place)
    except UnknownThread:
        raise Refused("this conversation is no more") from None
    language = language_of(db, house, grant.person_id)
    try:
        along = bringing.brought([(name, content) for name, _kind, content in mail.attachments])
    except BadFile:
        raise Refused(WRONG_FILES) from None
    saying.say(db, house.secrets, thread, mail.text, language=language, attachments=along, now=now)


def is_of_vendor(db: Connection, grant: Grant, mail: Incoming) -> bool:
    """From the host it is registered under, or from the very address it says that it is written to.

    Of that address no more than itself counts: it may lie with a provider where everybody can have one.
    """
    vendor = registry.find(db, grant.party.client_id)
    if vendor is None:
        return False
    contacts = {str(contact).lower() for contact in vendor.metadata.get("contacts") or ()}
    return mail.sender.lower() in contacts or mail.domain == grant.party.host.partition(":")[0].lower()


def message(db: Connection, house: House, grant: Grant, mail: Incoming, topic: str, *, now: int) -> str | None:
    """Like any other of this vendor's: asked of the contact policy, noted, and kept once. Raises Refused."""
    if not topic:
        if len(grant.topics) != 1:
            raise Refused("write what it is about behind a + in the address, such as r.abc+outage@wallet.example")
        topic = next(iter(grant.topics))
    said = spoken(mail)
    if hearing.said_before(db, grant, said.message_id) is not None:
        return None
    try:
        found = authors.permit(db, house.secrets, grant, Wish(topic), now=now)
    except NotPermitted as error:
        failures.note(db, house.secrets, Attempt(grant, "contact", error.reason, {"topic": topic}), now=now)
        return str(error)
    permission.note(db, found, now=now)
    taken = hearing.say(db, house.secrets, found, said, now=now)
    send_on(db, found, taken, now=now)
    kept = {"text": said.text, "message_id": taken.message_id, "digest": taken.digest, "topic": topic}
    whose = {"client_id": grant.party.client_id, "thread_id": taken.thread_id, "sub": grant.sub}
    desk.sent(db, house.secrets, **whose, **kept, attachments=said.attachments, now=now)
    return None


def spoken(mail: Incoming) -> Spoken:
    """Raises Refused, or InvalidRequest where an attachment is not what it says."""
    if len(mail.attachments) > files.MOST:
        raise Refused("the mail has too many attachments")
    given = [
        {"name": name, "media_type": kind, "content": b64encode(content).decode()}
        for name, kind, content in mail.attachments
    ]
    came: tuple[Attachment, ...] = files.attachments_of(given)
    digest = files.message_digest(mail.text, came)
    named = sha256(f"{mail.message_id}\n{digest}".encode()).hexdigest()
    return Spoken(
        message_id=f"mail-{named[:40]}",
        subject=mail.subject or "-",
        text=mail.text,
        reason="",
        thread_id=None,
        contact_person_id=None,
        attachments=came,
        digest=digest,
    )
