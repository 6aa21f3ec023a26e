"""A vendor asks for a call: that is a message in its thread, with times to choose from."""

from dataclasses import replace

from sqlalchemy import Connection, select

from consent.contact.model import CALLS, INBOX
from consent.contact.permission import Permission
from keys.secrets import HostSecrets
from vendor_api.model import Proposal, Spoken, Taken
from wallet.appointments import engine
from wallet.appointments.model import Appointment
from wallet.dialogue import engine as dialogue
from wallet.dialogue import hearing
from wallet.dialogue.tables import messages


def by_message(permission: Permission) -> Permission:
    """The question itself goes where the person reads, by the channel they like best of those."""
    reads = (kind for kind in permission.policy.channels if kind not in CALLS)
    return replace(permission, channel=next(reads, INBOX))


def ask(
    db: Connection, secrets: HostSecrets, permission: Permission, said: Spoken, proposal: Proposal, *, now: int
) -> tuple[Taken, Appointment]:
    """`permission` is that of the message. Raises what `hearing.say` raises."""
    taken, grant = hearing.say(db, secrets, permission, said, now=now), permission.grant
    whose = {"person_id": grant.person_id, "persona_id": grant.persona_id}
    its = {**whose, "client_id": grant.party.client_id, "public_id": taken.message_id}
    thread_id, message_id = db.execute(select(messages.c.thread_id, messages.c.message_id).filter_by(**its)).one()
    thread = dialogue.find(db, secrets, thread_id, **whose)
    message = dialogue.find_message(db, thread, message_id)
    return taken, engine.put(
        db, secrets, permission, thread=thread, message=message, said=said, proposal=proposal, now=now
    )
