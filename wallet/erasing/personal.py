"""Which tables hold what belongs to people, and what becomes of each when a persona or a person is erased.

A table of which nothing is said here goes: whoever makes one that has to outlive what is erased says so.
"""

from typing import Final

from sqlalchemy import Table

from keys.tables import metadata

# What is proof towards vendors, and what the account needs. It stays when a persona is erased, or all data.
PROOF: Final = frozenset(
    {
        *("ledger", "stamps", "receipts", "grants", "grant_items", "relationships", "statuses", "failures"),
        *("rights", "rights_answers", "agreements", "negotiations"),
    }
)
ACCOUNT: Final = frozenset(
    {
        *("people", "person_keys", "personas", "sessions", "browsers", "sign_ins", "outbox"),
        *("ways_back", "lock_keys", "recovery_news", "pairings"),
    }
)
# Of a persona by its grants, and dead with them.
BY_GRANT: Final = frozenset({"codes", "tokens", "uses"})
# Keys are destroyed by name, and what is under way is noted here.
BY_HAND: Final = frozenset({"data_keys", "erasures"})
STAYS: Final = PROOF | ACCOUNT | BY_GRANT | BY_HAND
# Not sharded by person, but naming one for some minutes.
NAMING: Final = frozenset({"asks", "device_codes"})


def personal_tables() -> list[Table]:
    """What depends on others comes before them, so that it can be deleted in this order."""
    return [table for table in reversed(metadata.sorted_tables) if first_key(table) == "person_id"]


def first_key(table: Table) -> str:
    return next(iter(table.primary_key.columns)).name


def of_personas() -> list[Table]:
    """What goes with a persona."""
    return [table for table in personal_tables() if table.name not in STAYS and "persona_id" in table.c]


def of_data() -> list[Table]:
    """What goes with all data of a person, and belongs to no one persona."""
    return [table for table in personal_tables() if table.name not in STAYS and "persona_id" not in table.c]
