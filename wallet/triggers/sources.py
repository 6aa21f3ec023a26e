"""What triggers look at, of one persona: each data set and the values are opened once, however many look at them.

Of a data set only the summaries of its blocks are opened, never its rows.
"""

from collections.abc import Mapping
from datetime import UTC, date, tzinfo
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from keys.secrets import HostSecrets
from wallet.data.engine import current_values
from wallet.data.model import Value
from wallet.data.predicates import ZONE
from wallet.records import blocks, engine
from wallet.records.errors import UnknownDataSet
from wallet.records.model import DataSet
from wallet.records.summaries import UNDATED, Summary
from wallet.records.totals import Series


class Sources:
    """`zone` is where the person lives; days of a data set are days of the zone that it says."""

    def __init__(self, db: Connection, secrets: HostSecrets, *, person_id: str, persona_id: str) -> None:
        self._db, self._secrets = db, secrets
        self._place = {"person_id": person_id, "persona_id": persona_id}
        self._values: Mapping[str, Value] | None = None
        self._sets: dict[str, tuple[DataSet, list[Summary]] | None] = {}
        self._series: dict[tuple[str, str], Series | None] = {}

    def value(self, attribute: str) -> Value | None:
        """Closed where it is locked."""
        if self._values is None:
            self._values = current_values(self._db, self._secrets, **self._place, attributes=None, lock_key=None)
        return self._values.get(attribute)

    @property
    def zone(self) -> tzinfo:
        found = self.value(ZONE)
        return ZoneInfo(str(found.value)) if found and found.value else UTC

    def data_set(self, data_set_id: str) -> DataSet | None:
        found = self._opened(data_set_id)
        return found[0] if found else None

    def series(self, data_set_id: str, column: str) -> Series | None:
        """The figures of a numeric column; None where there is no such one any more."""
        if (data_set_id, column) not in self._series:
            self._series[data_set_id, column] = self._figures(data_set_id, column)
        return self._series[data_set_id, column]

    def days(self, data_set_id: str) -> list[date]:
        """On which there are rows, in their order."""
        found = self._opened(data_set_id)
        days = {day for summary in found[1] for day in summary.days} if found else set()
        return [date.fromisoformat(day) for day in sorted(days - {UNDATED})]

    def _figures(self, data_set_id: str, column: str) -> Series | None:
        found = self._opened(data_set_id)
        place = found[0].shape.place(column) if found else None
        if found is None or place is None or place not in found[0].shape.numeric:
            return None
        return Series(found[1], found[0].shape, place)

    def _opened(self, data_set_id: str) -> tuple[DataSet, list[Summary]] | None:
        if data_set_id not in self._sets:
            try:
                found = engine.find(self._db, self._secrets, **self._place, data_set_id=data_set_id)
                self._sets[data_set_id] = found, [head.summary for head in blocks.heads(self._db, found)]
            except UnknownDataSet:
                self._sets[data_set_id] = None
        return self._sets[data_set_id]
