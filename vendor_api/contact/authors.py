"""With whom a person wants to speak: their contact person writes while there is one, and else who may stand in.

What counts of the person's own is in consent/contact; who works at a vendor, and who is away, only its directory knows.
"""

from sqlalchemy import Connection

from consent.contact import permission
from consent.contact.errors import OTHER_PERSON, NotPermitted
from consent.contact.model import SAME_SKILL
from consent.contact.permission import Permission, Wish
from consent.model import Grant
from keys.secrets import HostSecrets
from vendor_api.desk import directory
from vendor_api.desk.directory import ContactPerson
from vendor_api.desk.routing import is_absent


def permit(db: Connection, secrets: HostSecrets, grant: Grant, wish: Wish, *, now: int) -> Permission:
    """May it speak, and may this one speak for it? Raises NotPermitted, with the first reason there is."""
    found = permission.permit(db, secrets, grant, wish, now=now)
    wanted = found.policy.contact_person
    if not wanted or wish.contact_person == wanted:
        return found
    people = {one.contact_person_id: one for one in directory.directory(db, secrets, client_id=grant.party.client_id)}
    preferred, writes = people.get(wanted), people.get(wish.contact_person or "")
    if preferred is not None and not is_absent(preferred, now):
        raise NotPermitted(OTHER_PERSON)
    if found.policy.fallback == SAME_SKILL and not (preferred and writes and knows_the_same(preferred, writes)):
        raise NotPermitted(OTHER_PERSON)
    return found


def knows_the_same(one: ContactPerson, other: ContactPerson) -> bool:
    """Whether one may stand in for the other: named as that, or with a skill of theirs."""
    return one.substitute == other.contact_person_id or bool({*one.skills} & {*other.skills})
