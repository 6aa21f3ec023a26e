"""What the overview says of a room: one sentence each, from one read."""

from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import Connection

from vendor_api.console import staff
from vendor_api.console.model import Member
from vendor_api.desk import threads
from vendor_api.events import health, streams
from vendor_api.host import Host
from vendor_api.intents import engine as intents


@dataclass(frozen=True, slots=True)
class Note:
    """`is_alarm`: somebody has to do something."""

    sentence: str
    is_alarm: bool = False


def of_webhooks(db: Connection, _host: Host, member: Member) -> Note:
    stream = streams.find(db, member.client_id)
    if stream is None:
        return Note(_("You have no stream: you are not told when somebody changes or ends what they allowed."))
    found = health.of(db, stream)
    if found.last_error:
        return Note(_("The last try failed: %(why)s", why=found.last_error), is_alarm=True)
    if stream.status != "enabled":
        return Note(_("Paused. What happens meanwhile is kept and told later."), is_alarm=True)
    if found.waiting:
        return Note(ngettext("One telling waits.", "%(num)s tellings wait.", found.waiting))
    return Note(_("Nothing waits."))


def of_desk(db: Connection, host: Host, member: Member) -> Note:
    waiting, late = threads.waiting(db, client_id=member.client_id, now=host.now())
    if not waiting:
        return Note(_("Nothing waits."))
    said = ngettext("One thread waits for an answer.", "%(num)s threads wait for an answer.", waiting)
    if not late:
        return Note(said)
    return Note(said + " " + ngettext("One is late.", "%(num)s are late.", late), is_alarm=True)


def of_intents(db: Connection, host: Host, member: Member) -> Note:
    if not intents.followed(db, client_id=member.client_id):
        return Note(_("You follow no branch: you do not hear what people look for."))
    page = intents.listed(db, host.secrets, client_id=member.client_id)
    waiting = sum(one.offer is None and one.takes_offers(host.now()) for one in page.intents)
    if waiting:
        return Note(ngettext("Somebody looks for something.", "%(num)s people look for something.", waiting))
    return Note(_("Nothing waits."))


def of_staff(db: Connection, host: Host, member: Member) -> Note:
    everyone = staff.everyone(db, host.secrets, client_id=member.client_id)
    invited = sum(one.is_invited for one in everyone)
    if invited:
        return Note(ngettext("One invitation is not used yet.", "%(num)s invitations are not used yet.", invited))
    return Note(_("Everybody who was invited has come."))
