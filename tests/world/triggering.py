"""A person with a meter and a trigger on it, and a vendor that may be told."""

from collections.abc import Collection
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from actors import PersonActor, VendorActor
from journeys import tokens_for

from consent import grants
from consent.model import Grant
from wallet.house import House
from wallet.records import engine as records
from wallet.records import rows
from wallet.records.model import Column, DataSet, Shape
from wallet.triggers import engine, evaluation
from wallet.triggers.dates import Every
from wallet.triggers.model import Condition, Draft, Reach, Trigger

TOPICS = {"contact_topics": {"tariff": "New tariffs", "outage": "Outages and repairs"}}
SHAPE = Shape((Column("day", "date", is_key=True), Column("used", "number", "kWh")), 0, "Europe/Berlin")
YEAR = Every("year")


def at(year: int, month: int = 1, day: int = 1, hour: int = 12, minute: int = 0) -> int:
    return int(datetime(year, month, day, hour, minute, tzinfo=UTC).timestamp())


def may_speak(person: PersonActor, vendor: VendorActor, asking: Collection[str] = ("email",)) -> dict[str, Any]:
    """The vendor's tokens, for a grant with the topic tariff in it."""
    wanted = [*asking, "contact:tariff"]
    vendor.tokens = tokens_for(person, vendor, list(wanted), scope="openid contact:tariff")  # type: ignore[attr-defined]
    return vendor.tokens  # type: ignore[attr-defined,no-any-return]


def grant_of(house: House, person: PersonActor, grant_id: str) -> Grant:
    return house.database.read(grants.find, grant_id, person_id=person.person.person_id)


def has_meter(house: House, person: PersonActor, shape: Shape = SHAPE) -> DataSet:
    place = {"person_id": person.person.person_id, "persona_id": person.person.persona_id}
    return house.database.write(records.create, house.secrets, **place, name="Meter", shape=shape, now=house.clock())


def used(house: House, meter: DataSet, day: str | date, amount: str) -> None:
    house.database.write(rows.add, house.secrets, meter, [str(day), amount], now=house.clock())


def reaches(meter: DataSet, amount: str = "2500", unit: str = "kWh", **other: Any) -> Reach:
    said = {"measure": "total", "comparison": ">=", "every": YEAR} | other
    return Reach(meter.data_set_id, "used", amount=Decimal(amount), unit=unit, **said)


def draft(condition: Condition, **other: Any) -> Draft:
    said = {"name": "Too much", "topic": "tariff", "channel": "", "days": 14} | other
    return Draft(condition=condition, **said)


def makes(house: House, person: PersonActor, condition: Condition, grant_id: str, **other: Any) -> Trigger:
    grant = grant_of(house, person, grant_id)
    return house.database.write(engine.make, house.secrets, grant, draft(condition, **other), now=house.clock())


def looks(house: House) -> int:
    """What goes on beside the requests, once; how many fired."""
    return evaluation.look_at_all(house)


def fired(house: House, trigger: Trigger) -> list[Any]:
    """The oldest first."""
    return list(reversed(house.database.read(engine.firings_of, trigger)))
