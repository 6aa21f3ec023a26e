"""What a vendor promises: its hours, how soon it answers what, and what it lets weigh more."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any, Final

from sqlalchemy import Connection, delete, insert, select

from vendor_api.desk.hours import Hours, after
from vendor_api.desk.letters import MOST_ALIKE
from vendor_api.desk.tables import desks, service_levels

EVERY: Final = "*"


@dataclass(frozen=True, slots=True)
class Influence:
    """Whoever released this attribute with this value counts for so much more; the person is told."""

    attribute: str
    value: str | int | float | bool
    weight: int


@dataclass(frozen=True, slots=True)
class ServiceLevel:
    """How many hours of work the first answer may take, for a type and topic, or EVERY one."""

    type: str
    topic: str
    first_answer_hours: int
    escalate_to: str | None = None


@dataclass(frozen=True, slots=True)
class Service:
    hours: Hours
    most_alike: int
    influence: tuple[Influence, ...]
    levels: tuple[ServiceLevel, ...]

    def level(self, kind: str, topic: str | None) -> ServiceLevel:
        """The one that says it most exactly: first by type, then by topic."""
        by_name = {(one.type, one.topic): one for one in self.levels}
        about = topic or EVERY
        for name in ((kind, about), (kind, EVERY), (EVERY, about), (EVERY, EVERY)):
            if name in by_name:
                return by_name[name]
        return FIVE_DAYS

    def due_at(self, kind: str, topic: str | None, *, now: int) -> int:
        return after(self.hours, now, seconds=self.level(kind, topic).first_answer_hours * 3600)


# Where a vendor says nothing: five days of eight hours. Else nothing it never answers would ever be late.
FIVE_DAYS: Final = ServiceLevel(EVERY, EVERY, 40)
OFFICE_HOURS: Final = Hours("UTC", tuple((day, 9 * 60, 17 * 60) for day in range(5)))
SILENT: Final = Service(OFFICE_HOURS, MOST_ALIKE, (), ())


def service(db: Connection, *, client_id: str) -> Service:
    """What this vendor keeps to."""
    levels = db.execute(select(service_levels).filter_by(client_id=client_id).order_by("type", "topic")).all()
    promised = tuple(ServiceLevel(row.type, row.topic, row.first_answer_hours, row.escalate_to) for row in levels)
    said = db.execute(select(desks).filter_by(client_id=client_id)).first()
    if said is None:
        return Service(SILENT.hours, SILENT.most_alike, (), promised)
    hours = Hours(said.time_zone, tuple(tuple(one) for one in said.hours), tuple(said.holidays))
    return Service(hours, said.most_alike, tuple(Influence(**one) for one in said.influence), promised)


def keep(db: Connection, promised: Service, *, client_id: str) -> None:
    """In the place of what was; what is due already stays due when it was."""
    for table in (desks, service_levels):
        db.execute(delete(table).where(table.c.client_id == client_id))
    hours = promised.hours
    said: dict[str, Any] = {"time_zone": hours.time_zone, "hours": list(map(list, hours.windows))}
    said |= {"holidays": list(hours.holidays), "most_alike": promised.most_alike}
    influence = list(map(asdict, promised.influence))
    db.execute(insert(desks).values(client_id=client_id, **said, influence=influence))
    keep_levels(db, promised.levels, client_id=client_id)


def keep_levels(db: Connection, levels: Collection[ServiceLevel], *, client_id: str) -> None:
    for one in levels:
        db.execute(insert(service_levels).values(client_id=client_id, **asdict(one)))
