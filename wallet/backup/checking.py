"""Open a backup right after it was made, as a restore would: what was never opened is no backup."""

import re
import sqlite3
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import Connection, create_engine, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from keys.errors import KeysError
from keys.persons import unwrap_data_key
from keys.signing import load_signing_keys
from keys.tables import metadata, person_keys
from wallet.backup import keyring, postgresql, sqlite
from wallet.backup.errors import BackupDamaged
from wallet.data.engine import current_values
from wallet.database import reason
from wallet.house import House
from wallet.people import personas
from wallet.people.engine import unseal_login
from wallet.people.tables import people

SAMPLE = 25
RESTORED, LISTED = "restored", "listed"


def check(house: House, file: Path, keys: Path, counts: Mapping[str, int]) -> str:
    """How far it was tried: RESTORED, or LISTED where no scratch database may be made. Raises BackupDamaged."""
    keyring.check(keys, house.secrets)
    try:
        return (
            check_sqlite(house, file, keys, counts)
            if house.database.is_sqlite
            else check_dump(house, file, keys, counts)
        )
    except (sqlite3.Error, KeysError) as error:
        raise unusable(str(error)) from error
    except DBAPIError as error:
        raise unusable(reason(error)) from error


def unusable(why: str) -> BackupDamaged:
    return BackupDamaged(f"The backup was made, but does not open ({why.rstrip('.')}); it was thrown away.")


def check_sqlite(house: House, file: Path, keys: Path, counts: Mapping[str, int]) -> str:
    engine = create_engine("sqlite://", creator=lambda: sqlite.opened(file), poolclass=NullPool)
    with engine.connect() as db:
        found = db.exec_driver_sql("pragma integrity_check").scalar()
        if found != "ok":
            raise unusable(str(found))
        compare(db, counts)
        # Temporary tables stand before the empty ones of the same name, in memory.
        db.exec_driver_sql("pragma temp_store = memory")
        for table in keyring.TABLES:
            db.exec_driver_sql(f"create temp table {table.name} as select * from main.{table.name} where 0")  # noqa: S608 - our own names
        look_inside(db, house, keys)
    return RESTORED


def check_dump(house: House, file: Path, keys: Path, counts: Mapping[str, int]) -> str:
    listing = postgresql.listed(house.settings, file)
    there = set(re.findall(r" TABLE DATA \S+ (\S+) ", listing))
    missing = [name for name, count in counts.items() if count and name not in there]
    if missing:
        raise unusable(f"without the table {missing[0]}")
    with postgresql.scratch(house.database.url) as url:
        if url is None:
            return LISTED
        postgresql.restore(house.settings, file, url)
        engine = create_engine(url)
        try:
            with engine.begin() as db:
                compare(db, counts)
                look_inside(db, house, keys)
        finally:
            engine.dispose()
    return RESTORED


def compare(db: Connection, counts: Mapping[str, int]) -> None:
    for name, count in counts.items():
        table = metadata.tables.get(name)
        if table is not None and db.execute(select(func.count()).select_from(table)).scalar_one() != count:
            raise unusable(f"another number of rows in {name}")


def look_inside(db: Connection, house: House, keys: Path) -> None:
    """Unseal the host's keys and what some people have: of the oldest and of the newest."""
    keyring.put_into(db, keys)
    load_signing_keys(db, house.secrets, now=house.clock())
    columns = (people.c.person_id, people.c.login_sealed, person_keys.c.data_key_sealed)
    found = select(*columns).join(person_keys, person_keys.c.person_id == people.c.person_id).limit(SAMPLE)
    for order in (people.c.person_id, people.c.person_id.desc()):
        for row in db.execute(found.order_by(order)).all():
            look_at_person(db, house, row.person_id, row.login_sealed, row.data_key_sealed)


def look_at_person(db: Connection, house: House, person_id: str, login_sealed: bytes, data_key_sealed: bytes) -> None:
    unwrap_data_key(house.secrets, data_key_sealed, person_id=person_id)
    unseal_login(house.secrets, login_sealed, data_key_sealed, person_id=person_id)
    for persona in personas.of_person(db, house.secrets, person_id=person_id):
        current_values(db, house.secrets, person_id=person_id, persona_id=persona.persona_id)
