"""The directory: the people who answer at a vendor, by ids that say nothing, with what they know and when they work."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, insert, select

from keys.secrets import HostSecrets
from vendor_api.desk.errors import UnknownContactPerson
from vendor_api.desk.hours import Hours
from vendor_api.desk.sealing import open_content, seal_content
from vendor_api.desk.tables import contact_persons

MOST_ENTRIES: Final = 500
ALWAYS: Final = Hours()


@dataclass(frozen=True, slots=True)
class Absence:
    """From and until, in epoch seconds; until is exclusive."""

    from_: int
    until: int


@dataclass(frozen=True, slots=True)
class ContactPerson:
    """A human being who answers for a vendor. `most_threads` is how many may wait for them at once, None any number."""

    contact_person_id: str
    name: str = field(repr=False)
    role: str | None = None
    skills: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    hours: Hours = ALWAYS
    channels: tuple[str, ...] = ()
    absences: tuple[Absence, ...] = ()
    substitute: str | None = None
    most_threads: int | None = None
    active: bool = True


def directory(
    db: Connection, secrets: HostSecrets, *, client_id: str, inactive: bool = False
) -> tuple[ContactPerson, ...]:
    """By name; those who are not active only where they are wanted."""
    entries = contact_persons.c
    found = select(contact_persons).where(entries.client_id == client_id)
    if not inactive:
        found = found.where(entries.active.is_(True))
    opened = (contact_person_from(secrets, row) for row in db.execute(found))
    return tuple(sorted(opened, key=lambda one: (one.name.casefold(), one.contact_person_id)))


def find(db: Connection, secrets: HostSecrets, *, client_id: str, contact_person_id: str) -> ContactPerson:
    """One who is active. Raises UnknownContactPerson."""
    wanted = {"client_id": client_id, "contact_person_id": contact_person_id, "active": True}
    row = db.execute(select(contact_persons).filter_by(**wanted)).first()
    if row is None:
        raise UnknownContactPerson
    return contact_person_from(secrets, row)


def replace(
    db: Connection, secrets: HostSecrets, entries: Collection[ContactPerson], *, client_id: str, now: int
) -> None:
    """Put these in the place of all; who is left out stays known by name under old answers, and is not active."""
    kept = {one.contact_person_id: one for one in directory(db, secrets, client_id=client_id, inactive=True)}
    kept = {name: ContactPerson(name, one.name, one.role, active=False) for name, one in kept.items()}
    kept |= {one.contact_person_id: one for one in entries}
    db.execute(delete(contact_persons).where(contact_persons.c.client_id == client_id))
    for one in kept.values():
        db.execute(insert(contact_persons).values(**row_of(secrets, one, client_id=client_id), changed_at=now))


def row_of(secrets: HostSecrets, one: ContactPerson, *, client_id: str) -> dict[str, Any]:
    content = {name: value for name, value in asdict(one).items() if name not in {"contact_person_id", "active"}}
    sealed = seal_content(secrets, content, "contact_person", one.contact_person_id, client_id=client_id)
    ids = {"client_id": client_id, "contact_person_id": one.contact_person_id}
    return {**ids, "active": one.active, "entry_sealed": sealed}


def contact_person_from(secrets: HostSecrets, row: Row[Any]) -> ContactPerson:
    place = ("contact_person", row.contact_person_id)
    content: Mapping[str, Any] = open_content(secrets, row.entry_sealed, *place, client_id=row.client_id)
    hours = content["hours"]
    read: dict[str, Any] = {name: content[name] for name in ("name", "role", "substitute", "most_threads")}
    read |= {name: tuple(content[name]) for name in ("skills", "topics", "languages", "channels")}
    return ContactPerson(
        contact_person_id=row.contact_person_id,
        active=row.active,
        hours=Hours(hours["time_zone"], tuple(tuple(window) for window in hours["windows"]), tuple(hours["holidays"])),
        absences=tuple(Absence(**one) for one in content["absences"]),
        **read,
    )
