"""Bring a database to the schema this version needs, and refuse one that is newer."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError

from wallet.database import Database
from wallet.errors import SetupError

HEAD = "0001"
KNOWN = ("0001",)


def migrate(database: Database) -> None:
    """Upgrade to HEAD if needed. Raises SetupError if the schema comes from a newer version."""
    found = database.read(schema_version)
    if found == HEAD:
        return
    if found is not None and found not in KNOWN:
        raise SetupError(
            f"This database has schema {found}, which is newer than this program knows ({HEAD}); "
            "install the newer version or restore a backup."
        )
    try:
        database.write(upgrade)
    except DBAPIError:
        # On PostgreSQL two processes can begin on an empty database; the later one waits, then finds the tables made.
        if database.read(schema_version) != HEAD:
            raise


def schema_version(db: Connection) -> str | None:
    """The stored schema revision, or None for an empty database."""
    if not inspect(db).has_table("alembic_version"):
        return None
    return db.execute(text("select version_num from alembic_version")).scalar()


def upgrade(db: Connection) -> None:
    """Run the missing revisions in the caller's transaction."""
    # Alembic takes a fifth of a second to import, and an ordinary start does not need it.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = db
    command.upgrade(config, "head")
