"""A database on PostgreSQL for one test after another: emptying it is many times quicker than making the next."""

from typing import Final

from sqlalchemy import MetaData, create_engine, delete, insert, make_url, select
from sqlalchemy.exc import SQLAlchemyError

LEAVE: Final = """
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()
"""


class Lent:
    """A copy of the database `furnished` of this server."""

    def __init__(self, server: str) -> None:
        self.server = make_url(server)
        self.engine = create_engine(self.server.set(database="lent"))
        self.make()
        self.metadata = MetaData()
        self.metadata.reflect(self.engine)
        with self.engine.connect() as db:
            found = {table: db.execute(select(table)).mappings().all() for table in self.metadata.sorted_tables}
        # In one go: there are many tables, and many tests.
        self.emptied = "; ".join(str(delete(table)) for table in reversed(self.metadata.sorted_tables))
        self.furniture = {table: [dict(row) for row in rows] for table, rows in found.items() if rows}

    @property
    def url(self) -> str:
        return self.engine.url.render_as_string(hide_password=False)

    def make(self) -> None:
        admin = create_engine(self.server, isolation_level="AUTOCOMMIT")
        with admin.connect() as db:
            db.exec_driver_sql("drop database if exists lent with (force)")
            db.exec_driver_sql("create database lent template furnished strategy file_copy")
        admin.dispose()

    def take_back(self) -> None:
        """As furnished again, whoever is still in it; made anew where a test has broken it."""
        try:
            with self.engine.begin() as db:
                db.exec_driver_sql(LEAVE)
                db.exec_driver_sql(self.emptied)
                for table, rows in self.furniture.items():
                    db.execute(insert(table), rows)
        except SQLAlchemyError:
            self.engine.dispose()
            self.make()

    def close(self) -> None:
        self.engine.dispose()
