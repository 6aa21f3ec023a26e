"""What many tests begin with: worked out once in a test run, and put in as the same rows from then on."""

from collections.abc import Callable, Hashable
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, insert, select

from keys.tables import metadata
from wallet.house import House

Made = TypeVar("Made")
Rows = dict[str, list[dict[str, Any]]]

KNOWN: Final[dict[Hashable, tuple[Any, Rows]]] = {}


def once(house: House, what: Hashable, make: Callable[[], Made]) -> Made:
    """What `make` gives. It may only add rows, and `what` names all they come from but the time and the host's keys."""
    key = (what, house.clock(), house.secrets)
    if key in KNOWN:
        made, rows = KNOWN[key]
        house.database.write(put, rows)
        return made  # type: ignore[no-any-return] # it is what this same key was made with
    before = house.database.read(everything)
    made = make()
    after = house.database.read(everything)
    assert all(row in after[table] for table, rows in before.items() for row in rows), "rows were changed"
    added = {table: [row for row in rows if row not in before[table]] for table, rows in after.items()}
    KNOWN[key] = made, {table: rows for table, rows in added.items() if rows}
    return made


def everything(db: Connection) -> Rows:
    return {table.name: [dict(row) for row in db.execute(select(table)).mappings()] for table in metadata.sorted_tables}


def put(db: Connection, rows: Rows) -> None:
    for table, added in rows.items():
        db.execute(insert(metadata.tables[table]), added)
