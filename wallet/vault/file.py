"""The vault as a file: SQLite, with a table for each table of the person's, and views for who looks at it."""

import hashlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import orjson
from sqlalchemy import Connection, exists, select
from sqlite_utils import Database

from keys.secrets import HostSecrets
from wallet.people.tables import erasures
from wallet.vault.declared import BY_NAME
from wallet.vault.declaring import Portable
from wallet.vault.errors import IsBeingErased
from wallet.vault.rows import AT_ONCE, Keyring, Plain, kind_in_file, line, plain_rows
from wallet.vault.vendors import COLUMNS as OF_VENDORS
from wallet.vault.vendors import vendor_rows

VERSION: Final = 1
APPLICATION_ID: Final = 0x48525631  # "HRV1", for `file` and its like
# Nothing beside the file itself: no journal, no temporary files.
QUIETLY: Final = (
    "journal_mode = off",
    "synchronous = off",
    "temp_store = memory",
    f"application_id = {APPLICATION_ID}",
)
OF_VAULT: Final[dict[str, type]] = {
    "version": int,
    "issuer": str,
    "person_id": str,
    "made_at": int,
    "content_hash": str,
}
OF_TABLES: Final[dict[str, type]] = {"name": str, "about": str, "primary_key": str, "hashed": int}
VIEWS: Final = {
    "values_now": """
        select personas.name as persona, attribute, json_extract(iif(locked, 'null', value), '$') as value, locked,
               datetime(set_at, 'unixepoch') as since, source
        from attribute_values join personas using (persona_id)
        where replaced_at is null order by persona, attribute
    """,
    "grants_read": """
        select json_extract(party, '$.name') as vendor, personas.name as persona,
               (select group_concat(json_extract(value, '$.attribute'), ', ') from json_each(items)) as attributes,
               datetime(granted_at, 'unixepoch') as granted, datetime(expires_at, 'unixepoch') as until,
               datetime(ended_at, 'unixepoch') as ended
        from grants join personas using (persona_id) order by granted_at
    """,
    "records_read": """
        select json_extract(about, '$.name') as data_set, personas.name as persona,
               (select json_group_object(
                    json_extract(one.value, '$.name'), json_extract(line.value, '$[' || one.key || ']')
                ) from json_each(about, '$.columns') as one) as record
        from record_blocks
        join data_sets using (person_id, data_set_id) join personas using (person_id, persona_id),
             json_each(rows) as line
        where part = 'rows' and line.value is not null
    """,
    "ledger_read": """
        select seq as line, datetime(at, 'unixepoch') as time, action,
               coalesce(json_extract(detail, '$.vendor'), client_id) as vendor, detail
        from ledger order by seq
    """,
}


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: how many rows, and their content hash."""

    rows: int
    content_hash: str


def export(
    db: Connection, secrets: HostSecrets, into: sqlite3.Connection, *, person_id: str, issuer: str, now: int
) -> Exported:
    """Write everything of this person into an empty SQLite database. Raises IsBeingErased, keys.errors.KeysError."""
    check_stays(db, person_id=person_id)
    for pragma in QUIETLY:
        into.execute(f"pragma {pragma}")
    vault = Database(into)
    lay_out(vault)
    count = 0
    found = hashlib.sha256()

    def counted(kind: Portable) -> Iterator[dict[str, Plain]]:
        nonlocal count
        for row in plain_rows(db, keyring, kind, person_id=person_id):
            count += 1
            if kind.hashed:
                found.update(line(kind.name, row))
            yield row

    keyring = Keyring(db, secrets, person_id=person_id)
    for kind in BY_NAME.values():
        vault.table(kind.name).insert_all(counted(kind), batch_size=AT_ONCE)
    vault.table("vendors").insert_all(vendor_rows(db, person_id=person_id))
    exported = Exported(count, f"sha-256:{found.hexdigest()}")
    vault.table("vault").insert(
        {
            "version": VERSION,
            "issuer": issuer,
            "person_id": person_id,
            "made_at": now,
            "content_hash": exported.content_hash,
        }
    )
    return exported


def check_stays(db: Connection, *, person_id: str) -> None:
    """Raises IsBeingErased, also where it is but a persona."""
    if db.execute(select(exists().where(erasures.c.person_id == person_id))).scalar():
        raise IsBeingErased


def content_hash(db: Connection, secrets: HostSecrets, *, person_id: str) -> str:
    """The hash of what an export would hold now."""
    found, keyring = hashlib.sha256(), Keyring(db, secrets, person_id=person_id)
    for kind in BY_NAME.values():
        for row in plain_rows(db, keyring, kind, person_id=person_id) if kind.hashed else ():
            found.update(line(kind.name, row))
    return f"sha-256:{found.hexdigest()}"


def lay_out(vault: Database) -> None:
    """The tables, empty; strict, so that SQLite keeps to their types."""
    for name, columns in layout().items():
        kind = BY_NAME.get(name)
        key: tuple[str, ...] = kind.key if kind else KEYS[name]
        vault.table(name).create(columns, pk=key, not_null={*key}, strict=True)
    for name, query in VIEWS.items():
        vault.create_view(name, query)
    said = [
        {"name": one.name, "about": one.about, "primary_key": orjson.dumps(one.key).decode(), "hashed": int(one.hashed)}
        for one in BY_NAME.values()
    ]
    vault.table("vault_tables").insert_all(said)


KEYS: Final = {"vault": ("version",), "vault_tables": ("name",), "vendors": ("client_id",)}


def layout() -> dict[str, dict[str, Any]]:
    """All tables of a vault, with their columns."""
    mine = {
        one.name: {one.named(column.name): kind_in_file(one, column) for column in one.columns}
        for one in BY_NAME.values()
    }
    return {"vault": OF_VAULT, "vault_tables": OF_TABLES, **mine, "vendors": OF_VENDORS}
