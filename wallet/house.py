"""Everything one running wallet consists of, put together once at the start (see wallet.opening)."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Protocol

from sqlalchemy import Connection

from keys.secrets import HostSecrets
from vendor_api.outbound.client import Outbound
from wallet.database import Database
from wallet.settings import Settings


class Totals(Protocol):
    """The sum of a column over the days from `since` until before `until`; None where there is nothing to sum up."""

    def __call__(
        self,
        db: Connection,
        secrets: HostSecrets,
        /,
        *,
        person_id: str,
        persona_id: str,
        data_set_id: str,
        column: str,
        since: date,
        until: date,
    ) -> Decimal | None: ...


def no_totals(
    _db: Connection,
    _secrets: HostSecrets,
    *,
    person_id: str,
    persona_id: str,
    data_set_id: str,
    column: str,
    since: date,
    until: date,
) -> Decimal | None:
    """Where no records are kept."""
    return None


@dataclass(frozen=True, slots=True)
class Summed:
    """A column that can be summed up, as pages speak of it: the name of its data set, and its unit."""

    data_set: str = field(repr=False)
    unit: str = field(default="", repr=False)


class Called(Protocol):
    """What a column of a data set is called; None where this persona has none that could be summed up."""

    def __call__(
        self,
        db: Connection,
        secrets: HostSecrets,
        /,
        *,
        person_id: str,
        persona_id: str,
        data_set_id: str,
        column: str,
    ) -> Summed | None: ...


def not_called(
    _db: Connection, _secrets: HostSecrets, *, person_id: str, persona_id: str, data_set_id: str, column: str
) -> Summed | None:
    """Where no records are kept."""
    return None


def clock() -> int:
    return int(time.time())


@dataclass(frozen=True, slots=True)
class House:
    settings: Settings
    database: Database
    secrets: HostSecrets = field(repr=False)
    clock: Callable[[], int] = clock
    totals: Totals = no_totals  # where predicates about records are worked out
    called: Called = not_called  # and what they are about
    outbound: Outbound = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """The one way out is as wide as the settings say."""
        way_out = Outbound(allow=self.settings.outbound_allow, ca_file=self.settings.outbound_ca_file)
        object.__setattr__(self, "outbound", way_out)
