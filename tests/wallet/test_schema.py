"""The schema a database is brought to, whichever engine it is on and whoever else is starting at the same moment."""

import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Inspector, create_engine, inspect, make_url, text

import wallet.migrations
from wallet.database import Database
from wallet.errors import SetupError
from wallet.migrations import HEAD, KNOWN, migrate, schema_version
from wallet.schema import metadata

ROOT = Path(wallet.migrations.__file__).parents[2]
STARTING = """
import sys
from wallet.database import Database
from wallet.migrations import migrate
import alembic.command
database = Database(sys.argv[1])
database.check()
print("ready", flush=True)
sys.stdin.readline()
migrate(database)
"""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], str]]:
    """Makes the URL of one more database with nothing in it, on each engine in turn."""
    names: list[str] = []
    if request.param == "sqlite":

        def make() -> str:
            names.append(uuid.uuid4().hex)
            return f"sqlite:///{tmp_path / names[-1]}.db"

        yield make
        return
    url = make_url(request.getfixturevalue("postgresql"))
    admin = create_engine(url, isolation_level="AUTOCOMMIT")

    def create() -> str:
        names.append(f"empty_{uuid.uuid4().hex}")
        with admin.connect() as db:
            db.exec_driver_sql(f"create database {names[-1]}")
        return url.set(database=names[-1]).render_as_string(hide_password=False)

    yield create
    with admin.connect() as db:
        for name in names:
            db.exec_driver_sql(f"drop database {name} with (force)")
    admin.dispose()


@pytest.fixture
def empty(empty_url: Callable[[], str]) -> Iterator[Database]:
    database = Database(empty_url())
    yield database
    database.close()


def difference(db: Connection) -> list[Any]:
    options = {"compare_type": True, "compare_server_default": True}
    return compare_metadata(MigrationContext.configure(db, opts=options), metadata)


def constraints(db: Connection) -> dict[str, list[Any]]:
    """Keys and checks of each table with their names and options, which Alembic's comparison leaves out."""
    inspector: Inspector = inspect(db)
    return {
        table: [
            inspector.get_pk_constraint(table),
            inspector.get_foreign_keys(table),
            inspector.get_check_constraints(table),
            sorted((index["name"], index["column_names"], index["unique"], condition(index)) for index in indexes),
        ]
        for table, indexes in ((table, inspector.get_indexes(table)) for table in metadata.tables)
    }


def condition(index: Mapping[str, Any]) -> str:
    """Which rows an index is about."""
    options = index.get("dialect_options", {})
    return str(options.get("sqlite_where", options.get("postgresql_where", "")))


def contents(db: Connection) -> list[Any]:
    """The version, and what the database itself keeps about its tables."""
    catalogue = "sqlite_master" if db.dialect.name == "sqlite" else "pg_class"
    return [schema_version(db), *map(tuple, db.execute(text(f"select * from {catalogue} order by 1, 2")))]  # noqa: S608


def test_migrating_an_empty_database_makes_exactly_the_tables_the_code_describes(empty: Database) -> None:
    assert empty.read(schema_version) is None

    migrate(empty)

    assert empty.read(difference) == []
    assert empty.read(schema_version) == HEAD


def test_keys_checks_and_indexes_are_called_and_do_what_the_code_describes(
    empty: Database, empty_url: Callable[[], str]
) -> None:
    described = Database(empty_url())
    described.write(metadata.create_all)

    migrate(empty)

    assert empty.read(constraints) == described.read(constraints)
    described.close()


def test_the_newest_revision_is_the_one_the_program_asks_for() -> None:
    revisions = ScriptDirectory(str(Path(wallet.migrations.__file__).parent))

    assert revisions.get_current_head() == HEAD
    assert {revision.revision for revision in revisions.walk_revisions()} == set(KNOWN)


def test_migrating_twice_changes_nothing(empty: Database) -> None:
    migrate(empty)
    before = empty.read(contents)

    migrate(empty)
    empty.write(wallet.migrations.upgrade)

    assert empty.read(contents) == before


def test_a_schema_from_a_newer_version_is_refused_and_left_alone(empty: Database) -> None:
    migrate(empty)
    empty.write(lambda db: db.execute(text("update alembic_version set version_num = '9999'")))
    before = empty.read(contents)

    with pytest.raises(SetupError) as refused:
        migrate(empty)

    assert str(refused.value) == (
        f"This database has schema 9999, which is newer than this program knows ({HEAD}); "
        "install the newer version or restore a backup."
    )
    assert empty.read(contents) == before


def test_two_processes_that_start_at_once_on_an_empty_database_both_succeed(empty: Database) -> None:
    url = empty.url.render_as_string(hide_password=False)
    starting = [
        subprocess.Popen(
            [sys.executable, "-c", STARTING, url],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    assert [process.stdout.readline() for process in starting] == ["ready\n", "ready\n"]

    for process in starting:
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [process.communicate(timeout=60)[1] for process in starting]

    assert [process.returncode for process in starting] == [0, 0], said
    assert empty.read(difference) == []
    assert empty.read(schema_version) == HEAD
