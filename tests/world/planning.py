"""How SQLite finds what it is asked for: by an index, or by looking at everything."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import event

from wallet.house import House


def plans(house: House, work: Callable[[], object]) -> dict[str, str]:
    """The plan of each statement that reads or changes rows while `work` is done."""
    told: list[tuple[str, Any]] = []

    def listen(*args: Any) -> None:
        told.append(args[2:4])

    event.listen(house.database.engine, "before_cursor_execute", listen)
    try:
        work()
    finally:
        event.remove(house.database.engine, "before_cursor_execute", listen)
    with house.database.engine.connect() as db:
        return {
            statement: "; ".join(row[3] for row in db.exec_driver_sql(f"explain query plan {statement}", given))
            for statement, given in told
            if statement.lstrip().partition(" ")[0].lower() in {"select", "update", "delete", "insert"}
        }
